// Fans against triangulations and against the recursion over faces, for polygons of any size and
// place.
#include "geometry/polygon_measure.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "random.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

// Edges that touch a circle, in order around it.
struct Polygon {
  Polygon(Random& random, Index edges, double x, double y, double radius) : count(edges) {
    for (Index e = 0; e < edges; ++e) {
      const double angle = 6.283185307179586 * (static_cast<double>(e) + random.uniform(0.0, 0.9)) /
                           static_cast<double>(edges);
      rows[e] = -std::cos(angle);
      rows[64 + e] = -std::sin(angle);
      rows[128 + e] = radius + std::cos(angle) * x + std::sin(angle) * y;
    }
    near[0] = x;
    near[1] = y;
  }
  Index count;
  alignas(64) double rows[3 * 64] = {};
  double near[2];
};

}  // namespace

TEST_CASE("1. The recursion over faces says the same, and a circle is its limit") {
  Random random(4);
  for (Index edges = 5; edges <= PolygonMeasure::kMostEdges; edges += 3) {
    for (const double radius : {0.5, 1e-5, 1e-11}) {
      Polygon polygon(random, edges, 0.3, -0.7, radius);
      const double least = 0.6 / static_cast<double>(edges);  // angle between edges that meet
      double fan[6], faces[6], area = 0.0;
      REQUIRE(PolygonMeasure(true).measure(polygon.rows, edges, polygon.near, fan));
      REQUIRE(PolygonMeasure(false).measure(polygon.rows, edges, polygon.near, &area));
      CHECK(area == fan[0]);
      std::vector<BitWord> masks;
      for (Index e = 0; e < edges; ++e) {
        masks.push_back(BitWord{1} << e | BitWord{1} << (e == 0 ? edges - 1 : e - 1));
      }
      REQUIRE(
          FaceRecursion(2, true).measure({edges, polygon.near, masks.data(), polygon.rows}, faces));
      for (int i = 0; i < 6; ++i)
        CHECK(std::abs(fan[i] - faces[i]) <= (1e-14 + 4e-24 / radius) / least * faces[0]);
      CHECK(area > 3.14159 * radius * radius);
    }
  }
}

TEST_CASE("1. A triangle of any size: by its corners") {
  for (const double size : {1.0, 1e-6, 1e-13}) {
    // x >= 0.25, y >= 0.5, x + y <= 0.75 + size.
    const double half = std::sqrt(0.5);
    alignas(64) double rows[3 * 64] = {1.0, -half, 0.0};
    rows[64 + 1] = -half;
    rows[64 + 2] = 1.0;
    rows[128] = -0.25;
    rows[128 + 1] = (0.75 + size) * half;
    rows[128 + 2] = -0.5;
    const double near[] = {0.25, 0.5};
    double out[6];
    REQUIRE(PolygonMeasure(true).measure(rows, 3, near, out));
    const double side = (rows[128 + 1] - 0.75 * half) / half;  // as the rows say it
    const double area = 0.5 * side * side;
    CHECK(out[0] == doctest::Approx(area).epsilon(size > 1e-7 ? 1e-9 : 1e-2));
    CHECK(out[1] == doctest::Approx(out[0] * (0.25 + side / 3.0)).epsilon(1e-12));
    CHECK(out[2] == doctest::Approx(out[0] * (0.5 + side / 3.0)).epsilon(1e-12));
  }
}

TEST_CASE("Parallel neighbours, and too few or too many edges, are refused") {
  alignas(64) double rows[3 * 64] = {1.0, 1.0, -1.0};
  const double near[] = {0.0, 0.0};
  double out[6];
  CHECK_FALSE(PolygonMeasure(true).measure(rows, 3, near, out));
  CHECK_FALSE(PolygonMeasure(true).measure(rows, 2, near, out));
  CHECK_FALSE(PolygonMeasure(true).measure(rows, 64, near, out));
}
