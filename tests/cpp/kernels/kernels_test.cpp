// Every instruction set computes the same as plain loops, bit for bit.
#include "kernels/kernels.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "facetry/base/work_array.hpp"
#include "random.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

struct Numbers : WorkArray<double> {
  Numbers(Random& random, Index count, bool whole = false) : WorkArray<double>(count) {
    for (Index i = 0; i < count; ++i) {
      (*this)[i] = whole ? static_cast<double>(random.between(-2, 2)) : random.normal();
    }
  }
};

bool same(const double* a, const double* b, Index count) {
  return std::memcmp(a, b, static_cast<std::size_t>(count) * sizeof(double)) == 0;
}

double value_at(const double* row, Index step, const double* point, Index plane, Index k) {
  double sum = row[k * step];
  for (Index c = 0; c < k; ++c) sum += row[c * step] * point[c * plane];
  return sum;
}

}  // namespace

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
      table->ranges(planes.data(), stride, rows, k, {coordinates.data(), points, 1, point_stride},
                    low.data(), high.data());
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
        table->values(coordinates.data(), point_stride, k, row.data(), out.data(), &top, &bottom);
        REQUIRE(top == most);
        REQUIRE(bottom == least);
        REQUIRE(out[points - 1] == value_at(row.data(), 1, coordinates.data() + points - 1,
                                            point_stride, k));
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
      table->accumulate(in.data(), one.data(), stride, width, column_of.data(), value_of.data(), 16,
                        count);
      table->accumulate_rows(in.data(), two.data(), stride, width, columns.data(), values.data(), 16,
                             index.data(), count);
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
      table->classify(rows.data(), stride, k,
                      {low.data(), high.data(), breakpoint.data(), slope.data(), base.data(), 0.5, 2.0},
                      {bits.data(), bits.data() + words, bits.data() + 2 * words, largest.data(),
                       &most_gradient, &most_offset});
      double gradient = 0.0, offset = 0.0;
      for (Index i = 0; i < stride; ++i) {
        const auto bit = [&](Index part) { return ((bits[part * words + i / 64] >> (i % 64)) & 1) != 0; };
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
      table->sort_ranges(low.data(), high.data(), count, sure, 1.0, bits.data(), bits.data() + words,
                         bits.data() + 2 * words);
      for (Index i = 0; i < 64 * words; ++i) {
        const auto bit = [&](Index part) { return ((bits[part * words + i / 64] >> (i % 64)) & 1) != 0; };
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
      const Kernels::Points at{points.data(), random.between(1, 8), 1, 8};
      Numbers low(random, stride), high(random, stride), low_too(random, stride), high_too(random, stride);
      table->ranges(rows.data(), stride, stride, k, at, low.data(), high.data());

      WorkArray<std::uint64_t> bits(3 * words), bits_too(3 * words);
      WorkArray<double> largest(stride), largest_too(stride);
      double scales[4];
      table->classify(rows.data(), stride, k,
                      {low.data(), high.data(), ones.data(), ones.data(), ones.data(), 0.5, 2.0},
                      {bits.data(), bits.data() + words, bits.data() + 2 * words, largest.data(), scales,
                       scales + 1});
      table->classify(rows.data(), stride, k,
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
      table->sort_ranges(low.data(), high.data(), count, 0.25, 1.0, bits.data(), bits.data() + used,
                         bits.data() + 2 * used);
      table->sort_rows(rows.data(), stride, count, k, at, 0.25, 1.0, bits_too.data(),
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
      table->values(points.data(), stride, k, row.data(), out.data(), &most, &least);
      Kernels::Side side;
      table->side(points.data(), stride, k, row.data(), 2.0, 1.0, &side);
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
      REQUIRE(table->clearance(rows.data(), stride, count, k, point.data(), errors.data()) == least);
    }
  }
}

TEST_CASE("Polygons are cut and described") {
  Random random(16);
  for (int round = 0; round < 300; ++round) {
    const Index count = random.between(3, 7);
    WorkArray<double> points(16);
    std::int32_t edges[8] = {};
    for (Index v = 0; v < 8; ++v) {
      const double angle = 6.283185307179586 * static_cast<double>(v < count ? v : 0) / static_cast<double>(count);
      points[v] = std::cos(angle);
      points[8 + v] = std::sin(angle);
      edges[v] = static_cast<std::int32_t>(v < count ? (5 * v + round) % 11 : 99);
    }
    const double row[3] = {random.normal(), random.normal(), 0.3 * random.normal()};
    const double shift = random.chance(0.5) ? 0.0 : 1e-3;
    std::vector<double> first;
    for (const Kernels* table : available_kernels()) {
      CAPTURE(table->name);
      WorkArray<double> up(16), down(16);
      std::int32_t up_edges[8], down_edges[8];
      Kernels::PolygonCut cut{points.data(), edges, count, row, 1e-2, shift, 50,
                              {up.data(), up_edges, 0}, {down.data(), down_edges, 0}};
      const bool done = table->cut_polygon(&cut);
      std::vector<double> all{done ? 1.0 : 0.0};
      if (done) {
        REQUIRE(cut.above.count + cut.below.count == count + 4);
        for (const Kernels::PolygonPart* part : {&cut.above, &cut.below}) {
          const double sign = part == &cut.above ? 1.0 : -1.0;
          int on_line = 0;
          for (Index v = 0; v < 8; ++v) {
            const double value = row[2] + row[0] * part->points[v] + row[1] * part->points[8 + v];
            REQUIRE(sign * value >= -shift - 1e-12);
            all.push_back(part->points[v]);
            all.push_back(part->points[8 + v]);
            if (v >= part->count) continue;
            all.push_back(part->edges[v]);
            if (part->edges[v] != 50) continue;
            ++on_line;
            REQUIRE(std::abs(sign * value + shift) < 1e-12);
          }
          REQUIRE(on_line == 1);
        }
      }
      std::int32_t sorted[8];
      double mean[2];
      table->describe_polygon(points.data(), edges, count, sorted, mean);
      REQUIRE(std::is_sorted(sorted, sorted + 8));
      REQUIRE(std::is_permutation(sorted, sorted + count, edges));
      REQUIRE(std::abs(mean[0]) + std::abs(mean[1]) < 1e-12);
      all.insert(all.end(), mean, mean + 2);
      if (first.empty()) first = all;
      REQUIRE(all.size() == first.size());
      REQUIRE(same(all.data(), first.data(), static_cast<Index>(all.size())));
    }
  }
}

TEST_CASE("Sums over marked rows") {
  Random random(17);
  for (int round = 0; round < 50; ++round) {
    const Index rows = 8 * random.between(1, 20), width = random.between(1, 9);
    const Numbers planes(random, width * rows), weights(random, rows), in(random, 8 * width);
    WorkArray<std::uint64_t> bits((rows + 63) / 64);
    for (Index w = 0; w < (rows + 63) / 64; ++w) bits[w] = static_cast<std::uint64_t>(random.below(1 << 30)) * 0x40000001u;
    double first[9];
    for (const Kernels* table : available_kernels()) {
      CAPTURE(table->name);
      double out[9];
      table->marked_sums(in.data(), 8, planes.data(), rows, rows, width, weights.data(), bits.data(), out);
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

TEST_CASE("Pairs of masks, bits, sides, and moves") {
  Random random(5);
  for (const Kernels* table : available_kernels()) {
    CAPTURE(table->name);
    for (int round = 0; round < 40; ++round) {
      const Index words = random.between(1, 3);
      const Index a = random.between(1, 20), b = random.between(1, 20);
      const Index a_stride = (a + 7) / 8 * 8, b_stride = (b + 7) / 8 * 8;
      WorkArray<std::uint64_t> left(words * a_stride), right(words * b_stride);
      std::fill_n(left.data(), words * a_stride, 0u);
      std::fill_n(right.data(), words * b_stride, 0u);
      const auto mask = [&] { return std::uint64_t{1} << random.below(64) | std::uint64_t{3}; };
      for (Index w = 0; w < words; ++w) {
        for (Index i = 0; i < a; ++i) left[w * a_stride + i] = mask();
        for (Index i = 0; i < b; ++i) right[w * b_stride + i] = mask();
      }
      const Index most = random.between(1, 2 * words + 1);
      std::vector<std::int32_t> out_a(1000), out_b(1000), expected_a, expected_b;
      for (Index i = 0; i < a; ++i) {
        for (Index j = 0; j < b; ++j) {
          Index bits = 0;
          for (Index w = 0; w < words; ++w) {
            std::uint64_t common = left[w * a_stride + i] & right[w * b_stride + j];
            for (; common != 0; common &= common - 1) ++bits;
          }
          if (bits < most) continue;
          expected_a.push_back(static_cast<std::int32_t>(i));
          expected_b.push_back(static_cast<std::int32_t>(j));
        }
      }
      const auto found = [&](Index room) {
        return table->pairs(left.data(), a, a_stride, right.data(), b, b_stride, words, most,
                            out_a.data(), out_b.data(), room);
      };
      const Index count = found(1000);
      REQUIRE(count == static_cast<Index>(expected_a.size()));
      REQUIRE(std::equal(expected_a.begin(), expected_a.end(), out_a.begin()));
      REQUIRE(std::equal(expected_b.begin(), expected_b.end(), out_b.begin()));
      CHECK(found(4) == -1);
      const Index numbered = table->bit_numbers(right.data(), 50, out_a.data());
      Index next = 0;
      for (Index i = 0; i < 50 && b_stride * words * 64 >= 50; ++i) {
        if (((right[i / 64] >> (i % 64)) & 1) != 0) REQUIRE(out_a[next++] == i);
      }
      REQUIRE(numbered == next);
    }
  }
}

TEST_CASE("Sides of a row") {
  Random random(6);
  for (const Kernels* table : available_kernels()) {
    for (int round = 0; round < 20; ++round) {
      const Index count = random.between(1, 40);
      const Numbers values(random, (count + 7) / 8 * 8, true);
      std::vector<std::int32_t> lists[4];
      for (auto& list : lists) list.resize(60);
      Kernels::SideLists out{lists[0].data(), lists[1].data(), lists[2].data(), lists[3].data(), 0, 0};
      table->sides(values.data(), count, 0.5, &out);
      Index at[4] = {};
      for (Index v = 0; v < count; ++v) {
        const bool above = values[v] > 0.5, below = values[v] < -0.5;
        const bool in[4] = {above, below, !below, !above};
        for (int l = 0; l < 4; ++l) {
          if (in[l]) REQUIRE(lists[l][at[l]++] == v);
        }
      }
      REQUIRE(out.above_count == at[0]);
      REQUIRE(out.below_count == at[1]);
    }
  }
}

namespace {

// Vertices with k constraints each, that a row passes with some distance.
struct VertexList {
  Index count, stride, k;
  WorkArray<double> points, values;
  WorkArray<std::uint64_t> masks;

  VertexList(Random& random, Index vertices, Index dimension, Index constraints)
      : count(vertices), stride((vertices + 7) / 8 * 8), k(dimension), points(k * stride),
        values(stride), masks(stride) {
    for (Index v = 0; v < stride; ++v) {
      const Index from = v < count ? v : 0;
      for (Index c = 0; c < k; ++c) {
        points[c * stride + v] = v < count ? random.normal() : points[c * stride];
      }
      const double side = random.chance(0.5) ? 1.0 : -1.0;
      values[v] = v < count ? side * (0.01 + std::abs(random.normal())) : values[from];
      masks[v] = 0;
      if (v >= count) continue;
      while (bits_of(masks[v]) < k) masks[v] |= std::uint64_t{1} << (2 * random.below(constraints));
    }
  }
  static Index bits_of(std::uint64_t mask) {
    Index bits = 0;
    for (; mask != 0; mask &= mask - 1) ++bits;
    return bits;
  }
};

}  // namespace

TEST_CASE("Cells of vertices are cut: sides, edges across, both parts") {
  Random random(11);
  for (const Kernels* table : available_kernels()) {
    CAPTURE(table->name);
    for (int round = 0; round < 200; ++round) {
      const Index k = random.between(2, 7);
      const Index count = random.between(2, round % 4 == 0 ? 100 : 30);
      const VertexList list(random, count, k, round % 2 == 0 ? k + 4 : 32);
      auto crossing = std::make_unique<Kernels::Crossing>();
      const Index edges = table->find_crossing(list.values.data(), list.masks.data(), count, 0.01,
                                               k - 1, crossing.get());
      std::vector<Index> above, below;
      for (Index v = 0; v < count; ++v) (list.values[v] > 0.0 ? above : below).push_back(v);
      std::vector<std::pair<Index, Index>> pairs;
      bool repeated = false;
      for (const Index a : above) {
        for (const Index b : below) {
          const Index shared = VertexList::bits_of(list.masks[a] & list.masks[b]);
          if (shared >= k - 1) pairs.emplace_back(a, b);
          repeated = repeated || shared >= k;
        }
      }
      if (edges < 0) {
        REQUIRE(size_of(pairs) + size_of(below) + 16 > Kernels::Crossing::kMostEdges);
        continue;
      }
      REQUIRE(edges == size_of(pairs));
      REQUIRE(crossing->repeated == repeated);
      REQUIRE(crossing->above_count == size_of(above));
      REQUIRE(crossing->below_count == size_of(below));
      for (Index e = 0; e < edges; ++e) {
        REQUIRE(crossing->edge_above[e] == pairs[e].first);
        REQUIRE(crossing->edge_below[e] == pairs[e].second);
      }
      REQUIRE(table->find_crossing(list.values.data(), list.masks.data(), count,
                                   std::abs(list.values[count - 1]), k - 1, crossing.get()) == -1);
      REQUIRE(table->find_crossing(list.values.data(), list.masks.data(), count, 0.01, k - 1,
                                   crossing.get()) == edges);
      const double shift = round % 3 == 0 ? 0.0 : 1e-3;
      const std::uint64_t mark = std::uint64_t{1} << 63;
      struct Side {
        Index count, stride;
        WorkArray<double> points;
        WorkArray<std::uint64_t> masks;
        Side(Index n, Index dimension)
            : count(n), stride((n + 7) / 8 * 8), points(dimension * stride + 8), masks(stride + 8) {}
        Kernels::VertexPart part() { return {points.data(), masks.data(), stride}; }
      };
      Side up(size_of(above) + edges, k), down(size_of(below) + edges, k);
      if (above.empty() || below.empty()) continue;
      table->cut_vertices({list.points.data(), list.masks.data(), list.values.data(), count, list.stride,
                           k, crossing.get(), edges, shift, mark, up.part(), down.part()});
      for (const bool upper : {true, false}) {
        const Side& side = upper ? up : down;
        const std::vector<Index>& own = upper ? above : below;
        for (Index v = 0; v < side.stride; ++v) {
          const bool kept = v < size_of(own);
          const Index e = v - size_of(own);
          std::uint64_t mask = 0;
          if (kept) mask = list.masks[own[v]];
          else if (e < edges) mask = (list.masks[pairs[e].first] & list.masks[pairs[e].second]) | mark;
          REQUIRE(side.masks[v] == mask);
          for (Index c = 0; c < k; ++c) {
            const double* plane = list.points.data() + c * list.stride;
            double expected = side.points[c * side.stride];
            if (kept) {
              expected = plane[own[v]];
            } else if (e < edges) {
              const auto [a, b] = pairs[e];
              const double high = list.values[a];
              const double share = (upper ? high + shift : high - shift) / (high - list.values[b]);
              expected = plane[a] + share * (plane[b] - plane[a]);
            }
            REQUIRE(side.points[c * side.stride + v] == expected);
          }
        }
      }
    }
  }
}

TEST_CASE("Sums of planes are the same everywhere") {
  Random random(12);
  for (int round = 0; round < 20; ++round) {
    const Index stride = 8 * random.between(1, 6), count = random.between(1, 5);
    const Numbers planes(random, count * stride);
    std::vector<double> expected(static_cast<std::size_t>(count)), sums(expected);
    for (Index c = 0; c < count; ++c) {
      double lanes[8] = {};
      for (Index i = 0; i < stride; ++i) lanes[i % 8] += planes[c * stride + i];
      for (Index n = 4; n > 0; n /= 2) {
        for (Index i = 0; i < n; ++i) lanes[i] += lanes[i + n];
      }
      expected[c] = lanes[0];
    }
    for (const Kernels* table : available_kernels()) {
      table->plane_sums(planes.data(), stride, count, sums.data());
      REQUIRE(sums == expected);
    }
  }
}
