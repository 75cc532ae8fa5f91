// The kernels of polygons: every table against plain loops, bit for bit.
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

TEST_CASE("Polygons are cut and described") {
  Random random(16);
  for (int round = 0; round < 300; ++round) {
    const Index count = random.between(3, 7);
    WorkArray<double> points(16);
    std::int32_t edges[8] = {};
    for (Index v = 0; v < 8; ++v) {
      const double angle =
          6.283185307179586 * static_cast<double>(v < count ? v : 0) / static_cast<double>(count);
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
      PolygonKernels::PolygonCut cut{points.data(),
                                     edges,
                                     count,
                                     row,
                                     1e-2,
                                     shift,
                                     50,
                                     {up.data(), up_edges, 0},
                                     {down.data(), down_edges, 0}};
      const bool done = table->polygons.cut_polygon(&cut);
      std::vector<double> all{done ? 1.0 : 0.0};
      if (done) {
        REQUIRE(cut.above.count + cut.below.count == count + 4);
        for (const PolygonKernels::PolygonPart* part : {&cut.above, &cut.below}) {
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
      table->polygons.describe_polygon(points.data(), edges, count, sorted, mean);
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
