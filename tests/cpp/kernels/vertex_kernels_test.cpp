// The kernels of vertices: every table against plain loops, bit for bit.
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
        return table->vertices.pairs(left.data(), a, a_stride, right.data(), b, b_stride, words,
                                     most, out_a.data(), out_b.data(), room);
      };
      const Index count = found(1000);
      REQUIRE(count == static_cast<Index>(expected_a.size()));
      REQUIRE(std::equal(expected_a.begin(), expected_a.end(), out_a.begin()));
      REQUIRE(std::equal(expected_b.begin(), expected_b.end(), out_b.begin()));
      CHECK(found(4) == -1);
      const Index numbered = table->rows.bit_numbers(right.data(), 50, out_a.data());
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
      VertexKernels::SideLists out{
          lists[0].data(), lists[1].data(), lists[2].data(), lists[3].data(), 0, 0};
      table->vertices.sides(values.data(), count, 0.5, &out);
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
      : count(vertices),
        stride((vertices + 7) / 8 * 8),
        k(dimension),
        points(k * stride),
        values(stride),
        masks(stride) {
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
      auto crossing = std::make_unique<VertexKernels::Crossing>();
      const Index edges = table->vertices.find_crossing(list.values.data(), list.masks.data(),
                                                        count, 0.01, k - 1, crossing.get());
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
        REQUIRE(size_of(pairs) + size_of(below) + 16 > VertexKernels::Crossing::kMostEdges);
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
      REQUIRE(table->vertices.find_crossing(list.values.data(), list.masks.data(), count,
                                            std::abs(list.values[count - 1]), k - 1,
                                            crossing.get()) == -1);
      REQUIRE(table->vertices.find_crossing(list.values.data(), list.masks.data(), count, 0.01,
                                            k - 1, crossing.get()) == edges);
      const double shift = round % 3 == 0 ? 0.0 : 1e-3;
      const std::uint64_t mark = std::uint64_t{1} << 63;
      struct Side {
        Index count, stride;
        WorkArray<double> points;
        WorkArray<std::uint64_t> masks;
        Side(Index n, Index dimension)
            : count(n),
              stride((n + 7) / 8 * 8),
              points(dimension * stride + 8),
              masks(stride + 8) {}
        VertexKernels::VertexPart part() { return {points.data(), masks.data(), stride}; }
      };
      Side up(size_of(above) + edges, k), down(size_of(below) + edges, k);
      if (above.empty() || below.empty()) continue;
      table->vertices.cut_vertices({list.points.data(), list.masks.data(), list.values.data(),
                                    count, list.stride, k, crossing.get(), edges, shift, mark,
                                    up.part(), down.part()});
      for (const bool upper : {true, false}) {
        const Side& side = upper ? up : down;
        const std::vector<Index>& own = upper ? above : below;
        for (Index v = 0; v < side.stride; ++v) {
          const bool kept = v < size_of(own);
          const Index e = v - size_of(own);
          std::uint64_t mask = 0;
          if (kept) mask = list.masks[own[v]];
          else if (e < edges)
            mask = (list.masks[pairs[e].first] & list.masks[pairs[e].second]) | mark;
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
      table->vertices.plane_sums(planes.data(), stride, count, sums.data());
      REQUIRE(sums == expected);
    }
  }
}
