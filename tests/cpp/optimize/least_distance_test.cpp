// least_distance() against optimality conditions: the point is a non-negative sum of the rows it is
// on.
#include "optimize/least_distance.hpp"

#include <doctest/doctest.h>

#include "random.hpp"

using namespace facetry;
using namespace facetry::testing;

TEST_CASE(
    "The nearest point of random polyhedra satisfies all rows, and no feasible point is nearer") {
  Random random(161);
  int empty = 0;
  for (int round = 0; round < 300; ++round) {
    const Index n = 1 + round % 6;
    const Index rows = 1 + random.below(12);
    Matrix G(rows, n);
    Vector h(rows);
    const Vector inside = 3.0 * random.point_in(Vector::Constant(n, -1.0), Vector::Ones(n));
    for (Index i = 0; i < rows; ++i) {
      for (Index j = 0; j < n; ++j) G(i, j) = random.uniform(-1.0, 1.0);
      G.row(i) /= G.row(i).norm();
      h[i] = G.row(i).dot(inside) - (random.chance(0.3) ? 0.0 : random.uniform(0.0, 1.0));
    }
    if (round % 10 == 9) {  // a row and its opposite, apart: empty
      G.row(rows - 1) = rows > 1 ? RowVector(-G.row(0)) : RowVector(G.row(0));
      h[rows - 1] = rows > 1 ? -h[0] + 0.5 : h[0];
    }
    const auto [y, weights] = least_distance(G, h);
    REQUIRE(weights.minCoeff() >= 0.0);
    const double proven =
        h.dot(weights) / (G.transpose() * weights).norm();  // NaN: the origin itself
    if (round % 10 == 9 && rows > 1) {
      CHECK(y.size() == 0);
      CHECK(proven > 1e6);
      ++empty;
      continue;
    }
    REQUIRE(y.size() == n);
    if (h.maxCoeff() > 0.0) REQUIRE(proven == doctest::Approx(y.norm()).epsilon(1e-9));
    REQUIRE((G * y - h).minCoeff() >= -1e-9 * (1.0 + y.norm()));
    REQUIRE(y.norm() <= inside.norm() + 1e-9);
    // Any feasible z: y . (z - y) >= 0. Convex combinations with a feasible point say so.
    for (int s = 0; s < 50; ++s) {
      const Vector z = y + random.uniform(0.0, 1.0) * (inside - y) +
                       0.1 * random.point_in(Vector::Constant(n, -1.0), Vector::Ones(n));
      if ((G * z - h).minCoeff() < 0.0) continue;
      REQUIRE(y.dot(z - y) >= -1e-8 * (1.0 + y.squaredNorm()));
    }
  }
  CHECK(empty > 10);
}

TEST_CASE("The origin itself, a single row, repeated rows") {
  CHECK(least_distance(Matrix(0, 2), Vector(0)).point.norm() == 0.0);
  CHECK(least_distance(Matrix{{1.0, 0.0}}, Vector{{-1.0}}).point.norm() == 0.0);
  const Vector one = least_distance(Matrix{{0.6, 0.8}}, Vector{{2.0}}).point;
  CHECK(one[0] == doctest::Approx(1.2));
  CHECK(one[1] == doctest::Approx(1.6));
  const Vector twice =
      least_distance(Matrix{{0.6, 0.8}, {0.6, 0.8}, {1.0, 0.0}}, Vector{{2.0, 2.0, 1.2}}).point;
  CHECK((twice - one).norm() < 1e-9);
  CHECK(least_distance(Matrix{{1.0}, {-1.0}}, Vector{{1.0, 1.0}}).point.size() == 0);
}
