#include "geometry/convex_hull.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "facetry/base/error.hpp"
#include "geometry/vertex_cell.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

// The hull as an analysis region whose every bound comes from the halfspaces.
FreeSpace region_of(const Matrix& points) {
  const Halfspaces hull = convex_hull(points);
  const Vector far = Vector::Constant(points.cols(), HUGE_VAL);
  return FreeSpace({-far, far, hull.A, hull.b});
}

Matrix random_points(Random& random, Index count, Index m) {
  return Matrix::NullaryExpr(count, m, [&] { return random.normal(); });
}

// Every vertex of the hull is one of the points, and every point is in the hull.
void check_hull(const Matrix& points) {
  const FreeSpace space = region_of(points);
  const double scale = 1.0 + points.cwiseAbs().maxCoeff();
  for (Index i = 0; i < points.rows(); ++i) REQUIRE(space.contains(points.row(i).transpose()));
  const VertexCell cell(space);
  for (Index v = 0; v < cell.vertex_count(); ++v) {
    const Vector x = space.to_input(Eigen::Map<const Vector>(cell.vertex(v), space.dimension()));
    const double nearest = (points.rowwise() - x.transpose()).rowwise().norm().minCoeff();
    REQUIRE(nearest < 1e-6 * scale);
  }
}

}  // namespace

TEST_CASE("The hull of random points has its vertices among them") {
  Random random(151);
  for (Index m = 1; m <= 4; ++m) {
    for (const Index count : {m + 1, m + 3, Index{25}}) check_hull(random_points(random, count, m));
  }
}

TEST_CASE("Integer points: many on one facet, many repeated") {
  Random random(152);
  for (Index m = 1; m <= 3; ++m) {
    for (int round = 0; round < 10; ++round) {
      Matrix points(30, m);
      for (Index i = 0; i < 30; ++i) points.row(i) = random.integers(m, 2).transpose();
      check_hull(points);
    }
  }
}

TEST_CASE("The hull of a cube's corners has its volume") {
  for (Index m = 1; m <= 5; ++m) {
    Matrix corners(Index{1} << m, m);
    for (Index c = 0; c < corners.rows(); ++c) {
      for (Index i = 0; i < m; ++i) corners(c, i) = ((c >> i) & 1) != 0 ? 3.0 : 1.0;
    }
    CHECK(convex_hull(corners).A.rows() == 2 * m);
    CHECK(region_volume(region_of(corners)) == doctest::Approx(std::pow(2.0, m)));
  }
}

TEST_CASE("A flat cloud has the dimension it extends in") {
  Random random(153);
  const Matrix spread = random_points(random, 20, 2);
  const Matrix plane = spread * random_points(random, 2, 4);
  CHECK(region_of(plane).dimension() == 2);
  Matrix fixed = random_points(random, 20, 3);
  fixed.col(1).setConstant(0.1);
  const FreeSpace space = region_of(fixed);
  CHECK(space.dimension() == 2);
  CHECK(space.free_features() == std::vector<Index>{0, 2});
  CHECK(space.to_input(Vector{{0.1, 0.2}})[1] == doctest::Approx(0.1).epsilon(1e-15));
  CHECK(region_of(Matrix{{1.0, 2.0}}).dimension() == 0);
  CHECK(region_of(Matrix{{1.0, 2.0}, {1.0, 2.0}, {3.0, 2.5}}).dimension() == 1);
}

TEST_CASE("Clouds that no hull is found for are refused") {
  Random random(154);
  CHECK_THROWS_AS((void)convex_hull(Matrix(0, 2)), InvalidInput);
  CHECK_THROWS_AS((void)convex_hull(Matrix(2, 0)), InvalidInput);
  CHECK_THROWS_AS((void)convex_hull(Matrix{{NAN, 0.0}}), InvalidInput);
  CHECK_THROWS_AS((void)convex_hull(random_points(random, 20, kMostHullDimensions + 1)),
                  InvalidInput);
}
