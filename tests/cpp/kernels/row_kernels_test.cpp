// The kernels of rows: every table against plain loops, bit for bit.
#include "kernels/kernels.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "base/work_array.hpp"
#include "kernels/kernel_numbers.hpp"
#include "random.hpp"

using namespace facetry;
using namespace facetry::testing;

TEST_CASE("Ranges and values are the extremes over the points") {
  Random random(1);
  for (const Kernels* table : available_kernels()) {
    CAPTURE(table->name);
    for (Index k = 1; k <= 10; ++k) {
      const Index rows = random.between(1, 40);
      const Index stride = (rows + 7) / 8 * 8;
      const Index points = random.between(1, 30);
      const Index point_stride = (points + 7) / 8 * 8;
      const Numbers planes(random, (k + 1) * stride);
      Numbers coordinates(random, k * point_stride);
      for (Index c = 0; c < k; ++c) {
        for (Index v = points; v < point_stride; ++v) {
          coordinates[c * point_stride + v] = coordinates[c * point_stride];
        }
      }
      WorkArray<double> low(stride), high(stride), out(point_stride);
      table->rows.ranges(planes.data(), stride, rows, k,
                         {coordinates.data(), points, 1, point_stride}, low.data(), high.data());
      std::vector<double> row(static_cast<std::size_t>(k + 1));
      for (Index i = 0; i < rows; ++i) {
        double least = INFINITY, most = -INFINITY;
        for (Index v = 0; v < points; ++v) {
          const double x =
              value_at(planes.data() + i, stride, coordinates.data() + v, point_stride, k);
          least = std::min(least, x);
          most = std::max(most, x);
        }
        REQUIRE(low[i] == least);
        REQUIRE(high[i] == most);
        for (Index c = 0; c <= k; ++c) row[c] = planes[c * stride + i];
        double top = 0.0, bottom = 0.0;
        table->vertices.values(coordinates.data(), point_stride, k, row.data(), out.data(), &top,
                               &bottom);
        REQUIRE(top == most);
        REQUIRE(bottom == least);
        REQUIRE(out[points - 1] ==
                value_at(row.data(), 1, coordinates.data() + points - 1, point_stride, k));
      }
    }
  }
}

TEST_CASE("Sums of columns times values") {
  Random random(2);
  for (const Kernels* table : available_kernels()) {
    CAPTURE(table->name);
    for (Index width = 2; width <= 11; ++width) {
      const Index stride = 8 * random.between(1, 5);
      const Index count = random.between(0, 9);
      const Numbers columns(random, 12 * stride);
      const Numbers values(random, width * 16);
      const Numbers in(random, width * stride);
      WorkArray<double> expected(width * stride), one(width * stride), two(width * stride);
      std::vector<std::int32_t> index;
      std::vector<const double*> column_of, value_of;
      for (Index j = 0; j < count; ++j) {
        index.push_back(static_cast<std::int32_t>(random.below(12)));
        column_of.push_back(columns.data() + index.back() * stride);
        value_of.push_back(values.data() + index.back());
      }
      for (Index c = 0; c < width; ++c) {
        for (Index i = 0; i < stride; ++i) {
          double sum = in[c * stride + i];
          for (Index j = 0; j < count; ++j) sum += column_of[j][i] * value_of[j][c * 16];
          expected[c * stride + i] = sum;
        }
      }
      table->rows.accumulate(in.data(), one.data(), stride, width, column_of.data(),
                             value_of.data(), 16, count);
      table->rows.accumulate_rows(in.data(), two.data(), stride, width, columns.data(),
                                  values.data(), 16, index.data(), count);
      REQUIRE(same(one.data(), expected.data(), width * stride));
      REQUIRE(same(two.data(), expected.data(), width * stride));
    }
  }
}

TEST_CASE("Rows are classified by their ranges") {
  Random random(3);
  for (const Kernels* table : available_kernels()) {
    CAPTURE(table->name);
    for (int round = 0; round < 20; ++round) {
      const Index k = random.between(1, 6);
      const Index stride = 8 * random.between(1, 20);
      const Index words = (stride + 63) / 64;
      const bool whole = random.chance(0.5);
      const Numbers rows(random, (k + 1) * stride, whole);
      Numbers low(random, stride, whole), high(random, stride, whole);
      const Numbers breakpoint(random, stride, whole), base(random, stride, whole);
      Numbers slope(random, stride, whole);
      for (Index i = 0; i < stride; ++i) slope[i] = std::abs(slope[i]);
      WorkArray<std::uint64_t> bits(3 * words);
      WorkArray<double> largest(stride);
      double most_gradient = -1.0, most_offset = -1.0;
      table->rows.classify(
          rows.data(), stride, k,
          {low.data(), high.data(), breakpoint.data(), slope.data(), base.data(), 0.5, 2.0},
          {bits.data(), bits.data() + words, bits.data() + 2 * words, largest.data(),
           &most_gradient, &most_offset});
      double gradient = 0.0, offset = 0.0;
      for (Index i = 0; i < stride; ++i) {
        const auto bit = [&](Index part) {
          return ((bits[part * words + i / 64] >> (i % 64)) & 1) != 0;
        };
        double top = 0.0;
        for (Index c = 0; c < k; ++c) top = std::max(top, std::abs(rows[c * stride + i]));
        const double room = slope[i] * 0.5 + base[i];
        const bool above = low[i] > breakpoint[i] + room;
        REQUIRE(largest[i] == top);
        REQUIRE(bit(0) == above);
        REQUIRE(bit(1) == (high[i] < breakpoint[i] - room));
        REQUIRE(bit(2) == (top <= slope[i] * 2.0));
        if (!above) continue;
        gradient = std::max(gradient, top);
        offset = std::max(offset, std::abs(rows[k * stride + i]));
      }
      REQUIRE(most_gradient == gradient);
      REQUIRE(most_offset == offset);
    }
  }
}

TEST_CASE("Ranges are sorted by their side of zero") {
  Random random(4);
  for (const Kernels* table : available_kernels()) {
    CAPTURE(table->name);
    for (int round = 0; round < 20; ++round) {
      const Index count = random.between(1, 150);
      const Index words = (count + 63) / 64;
      Numbers low(random, (count + 7) / 8 * 8, true), high(random, (count + 7) / 8 * 8, true);
      WorkArray<std::uint64_t> bits(3 * words);
      const double sure = round % 2 == 0 ? 0.0 : 0.25;
      table->rows.sort_ranges(low.data(), high.data(), count, sure, 1.0, bits.data(),
                              bits.data() + words, bits.data() + 2 * words);
      for (Index i = 0; i < 64 * words; ++i) {
        const auto bit = [&](Index part) {
          return ((bits[part * words + i / 64] >> (i % 64)) & 1) != 0;
        };
        REQUIRE(bit(0) == (i < count && low[i] >= sure));
        REQUIRE(bit(1) == (i < count && low[i] < sure && high[i] <= -sure));
        REQUIRE(bit(2) == (i < count && low[i] < -1.0 && high[i] > 1.0));
      }
    }
  }
}

TEST_CASE("Rows at points are classified and sorted as their ranges are") {
  Random random(14);
  for (const Kernels* table : available_kernels()) {
    CAPTURE(table->name);
    for (int round = 0; round < 40; ++round) {
      const Index k = random.between(1, 9);
      const Index stride = 8 * random.between(1, 20);
      const Index words = (stride + 63) / 64;
      const bool whole = random.chance(0.5);
      const Numbers rows(random, (k + 1) * stride, whole), points(random, 8 * k, whole);
      const Numbers ones(random, stride, whole);
      const KernelPoints at{points.data(), random.between(1, 8), 1, 8};
      Numbers low(random, stride), high(random, stride), low_too(random, stride),
          high_too(random, stride);
      table->rows.ranges(rows.data(), stride, stride, k, at, low.data(), high.data());

      WorkArray<std::uint64_t> bits(3 * words), bits_too(3 * words);
      WorkArray<double> largest(stride), largest_too(stride);
      double scales[4];
      table->rows.classify(
          rows.data(), stride, k,
          {low.data(), high.data(), ones.data(), ones.data(), ones.data(), 0.5, 2.0},
          {bits.data(), bits.data() + words, bits.data() + 2 * words, largest.data(), scales,
           scales + 1});
      table->rows.classify(
          rows.data(), stride, k,
          {low_too.data(), high_too.data(), ones.data(), ones.data(), ones.data(), 0.5, 2.0, at},
          {bits_too.data(), bits_too.data() + words, bits_too.data() + 2 * words,
           largest_too.data(), scales + 2, scales + 3});
      REQUIRE(same(low.data(), low_too.data(), stride));
      REQUIRE(same(high.data(), high_too.data(), stride));
      REQUIRE(same(largest.data(), largest_too.data(), stride));
      REQUIRE(same(scales, scales + 2, 2));
      REQUIRE(std::equal(bits.data(), bits.data() + 3 * words, bits_too.data()));

      const Index count = random.between(1, stride);
      const Index used = (count + 63) / 64;
      table->rows.sort_ranges(low.data(), high.data(), count, 0.25, 1.0, bits.data(),
                              bits.data() + used, bits.data() + 2 * used);
      table->rows.sort_rows(rows.data(), stride, count, k, at, 0.25, 1.0, bits_too.data(),
                            bits_too.data() + used, bits_too.data() + 2 * used);
      REQUIRE(std::equal(bits.data(), bits.data() + 3 * used, bits_too.data()));
    }
  }
}

TEST_CASE("Which sides of a row points are on") {
  Random random(15);
  for (const Kernels* table : available_kernels()) {
    CAPTURE(table->name);
    for (int round = 0; round < 200; ++round) {
      const Index k = random.between(1, 9);
      const Index stride = 8 * random.between(1, 3);
      const bool whole = random.chance(0.7);
      const Numbers points(random, k * stride, whole), row(random, k + 1, whole);
      Numbers out(random, stride);
      double most = 0.0, least = 0.0;
      table->vertices.values(points.data(), stride, k, row.data(), out.data(), &most, &least);
      RowKernels::Side side;
      table->rows.side(points.data(), stride, k, row.data(), 2.0, 1.0, &side);
      REQUIRE(side.some_above == (most > 2.0));
      REQUIRE(side.some_below == (least < -2.0));
      REQUIRE(side.all_above == (least > 1.0));
      REQUIRE(side.all_below == (most < -1.0));
    }
  }
}

TEST_CASE("The least clearance of a point") {
  Random random(18);
  for (const Kernels* table : available_kernels()) {
    CAPTURE(table->name);
    for (int round = 0; round < 50; ++round) {
      const Index k = random.between(1, 9);
      const Index count = random.between(1, 60);
      const Index stride = (count + 7) / 8 * 8;
      const Numbers rows(random, (k + 1) * stride), point(random, k);
      Numbers errors(random, stride);
      for (Index i = count; i < stride; ++i) errors[i] = -1e300;
      double least = value_at(rows.data(), stride, point.data(), 1, k) - errors[0];
      for (Index i = 1; i < count; ++i) {
        least = std::min(least, value_at(rows.data() + i, stride, point.data(), 1, k) - errors[i]);
      }
      REQUIRE(table->rows.clearance(rows.data(), stride, count, k, point.data(), errors.data()) ==
              least);
    }
  }
}

TEST_CASE("Sums over marked rows") {
  Random random(17);
  for (int round = 0; round < 50; ++round) {
    const Index rows = 8 * random.between(1, 20), width = random.between(1, 9);
    const Numbers planes(random, width * rows), weights(random, rows), in(random, 8 * width);
    WorkArray<std::uint64_t> bits((rows + 63) / 64);
    for (Index w = 0; w < (rows + 63) / 64; ++w)
      bits[w] = static_cast<std::uint64_t>(random.below(1 << 30)) * 0x40000001u;
    double first[9];
    for (const Kernels* table : available_kernels()) {
      CAPTURE(table->name);
      double out[9];
      table->rows.marked_sums(in.data(), 8, planes.data(), rows, rows, width, weights.data(),
                              bits.data(), out);
      for (Index c = 0; c < width; ++c) {
        double sum = in[8 * c];
        for (Index i = 0; i < rows; ++i) {
          if (((bits[i / 64] >> (i % 64)) & 1) != 0) sum += weights[i] * planes[c * rows + i];
        }
        REQUIRE(std::abs(out[c] - sum) < 1e-10);
      }
      if (table == available_kernels().front()) std::copy_n(out, width, first);
      REQUIRE(same(out, first, width));
    }
  }
}
