// The nearest other choice against all regions of a full query, and against samples.
#include "facetry/explain/boundary_distance.hpp"

#include <doctest/doctest.h>

#include "facetry/base/error.hpp"
#include "networks.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

TEST_CASE("Nothing sampled is nearer, and the point found is on the boundary") {
  Random random(171);
  int found_some = 0;
  for (int round = 0; round < 60; ++round) {
    const Index m = 2 + round % 2;
    const auto form = std::make_shared<NormalForm>(
        random_network(random, {m, 6, 2, 3, false, false}, {kKinds[round % 7]}));
    InputPolytope polytope = cube(m);
    if (round % 3 == 1) add_constraint(polytope, Vector::Ones(m), 0.5);
    if (round % 3 == 2) polytope.low[0] = polytope.high[0] = 0.25;
    const auto space = std::make_shared<FreeSpace>(polytope);
    Vector x = random.point_in(Vector::Constant(m, -0.5), Vector::Constant(m, 0.5));
    if (round % 3 == 2) x[0] = 0.25;
    if (!space->contains(x)) continue;
    Query query;
    query.decision = round % 2 == 0 ? Query::Decision::highest : Query::Decision::lowest;
    const double sign = round % 2 == 0 ? 1.0 : -1.0;
    BoundaryOptions options;
    options.scale = Vector::Ones(m);
    options.scale[m - 1] = 2.0;
    const BoundaryPoint nearest = boundary_distance(form, space, query, x, options);
    REQUIRE(nearest.termination == Termination::complete);
    double sampled = 1e300;
    for (int s = 0; s < 3000; ++s) {
      Vector z = random.point_in(polytope.low, polytope.high);
      if (!space->contains(z)) continue;
      Index top = 0;
      (sign * form->evaluate(z.transpose()).row(0)).maxCoeff(&top);
      if (top == nearest.from) continue;
      sampled = std::min(sampled, ((z - x).array() / options.scale.array()).matrix().norm());
    }
    CAPTURE(round);
    if (nearest.point.size() == 0) {
      REQUIRE(nearest.proven > 1e299);
      REQUIRE(sampled > 1e299);
      continue;
    }
    REQUIRE(sampled >= nearest.distance * (1.0 - 1e-9));
    ++found_some;
    REQUIRE(space->contains(nearest.point));
    REQUIRE(nearest.proven <= nearest.distance);
    REQUIRE(nearest.proven >= nearest.distance - 1e-9 * (1.0 + nearest.distance));
    const RowVector outputs = sign * form->evaluate(nearest.point.transpose()).row(0);
    REQUIRE(outputs[nearest.to] >= outputs[nearest.from] - 1e-7);
    const double distance = ((nearest.point - x).array() / options.scale.array()).matrix().norm();
    REQUIRE(distance == doctest::Approx(nearest.point_distance));
    REQUIRE(nearest.point_distance >= nearest.distance);
    REQUIRE(nearest.confirmed);
  }
  CHECK(found_some > 20);
}

TEST_CASE("By hand: a line in the plane, scales, inputs that cannot move") {
  NeuralGraph graph(2);  // y0 = x0 + x1, y1 = 1: equal on x0 + x1 = 1
  const auto form = std::make_shared<NormalForm>(
      graph, dense(graph, {0, 1}, Matrix{{1.0, 1.0}, {0.0, 0.0}}, Vector{{0.0, 1.0}}));
  const auto space = std::make_shared<FreeSpace>(cube(2, 4.0));
  Query query;
  query.decision = Query::Decision::highest;
  BoundaryOptions options;
  const Vector origin = Vector::Zero(2);
  const BoundaryPoint plain = boundary_distance(form, space, query, origin, options);
  CHECK(plain.distance == doctest::Approx(std::sqrt(0.5)));
  CHECK(plain.from == 1);
  CHECK(plain.to == 0);
  options.scale = Vector{{1.0, 0.0}};
  const BoundaryPoint fixed = boundary_distance(form, space, query, origin, options);
  CHECK(fixed.distance == doctest::Approx(1.0));
  CHECK(fixed.point[1] == 0.0);
  options.scale = Vector{{1.0, 3.0}};  // moving x1 costs a third
  CHECK(boundary_distance(form, space, query, origin, options).distance ==
        doctest::Approx(1.0 / std::sqrt(10.0)));
  const auto narrow = std::make_shared<FreeSpace>(cube(2, 0.25));
  const BoundaryPoint none = boundary_distance(form, narrow, query, origin, {});
  CHECK(none.point.size() == 0);
  CHECK(none.proven > 1e300);
  CHECK_THROWS_AS((void)boundary_distance(form, narrow, query, Vector::Ones(2), {}), RegionError);
  CHECK_THROWS_AS((void)boundary_distance(form, space, {}, origin, {}), InvalidInput);
  options.norm = Norm::one;
  CHECK_THROWS_AS((void)boundary_distance(form, space, query, origin, options), InvalidInput);
}
