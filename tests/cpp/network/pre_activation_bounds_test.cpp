#include "facetry/network/linear_bounds.hpp"

#include <doctest/doctest.h>

#include "facetry/base/error.hpp"
#include "networks.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

// All pre-activations at a point.
std::vector<Vector> pre_activations(const NormalForm& form, const Vector& x) {
  std::vector<Vector> result;
  Matrix values = x;
  for (const Stage& stage : form.stages()) {
    Matrix pre;
    stage.map.multiply(values, pre);
    pre.colwise() += stage.map.bias();
    Matrix next(stage.width(), 1);
    const Index units = size_of(stage.units);
    for (Index u = 0; u < units; ++u) {
      const Unit& unit = stage.units[u];
      next(u, 0) = unit.kind == UnitKind::maximum
                       ? pre.col(0).segment(unit.first_row, unit.row_count).maxCoeff()
                       : form.function(unit)(pre(unit.first_row, 0));
    }
    for (Index c = 0; c < size_of(stage.carried); ++c)
      next(units + c, 0) = values(stage.carried[c], 0);
    result.push_back(pre.col(0));
    values = std::move(next);
  }
  return result;
}

}  // namespace

TEST_CASE("Interval bounds hold at points of boxes, cuts and polytopes") {
  Random random(31);
  for (int round = 0; round < 140; ++round) {
    InputPolytope polytope = cube(3, 0.5 + random.uniform(0.0, 2.0));
    if (round % 3 == 1) polytope.low[1] = polytope.high[1] = 0.25;
    if (round % 3 == 2) add_constraint(polytope, Vector::Ones(3), 0.25);
    const FreeSpace space(polytope);
    const NormalForm form = random_network(random, {3, 5, 1 + round % 3, 2, false, round % 2 == 0},
                                           {kKinds[round % 7], kKinds[random.below(7)]});
    const PreActivationBounds bounds = interval_bounds(form, space);
    REQUIRE(bounds.low.size() == form.stages().size());
    for (int point = 0; point < 40; ++point) {
      const Vector x = random.point_in(polytope.low, polytope.high);
      if (!space.contains(x)) continue;
      const std::vector<Vector> pre = pre_activations(form, x);
      for (std::size_t s = 0; s < pre.size(); ++s) {
        // The values are rounded; the bounds are not to be blamed for that.
        const double slack = 1e-12 * (1.0 + pre[s].cwiseAbs().maxCoeff());
        REQUIRE((pre[s].array() >= bounds.low[s].array() - slack).all());
        REQUIRE((pre[s].array() <= bounds.high[s].array() + slack).all());
      }
    }
  }
}

TEST_CASE("Where nothing cancels, interval bounds are tight and rounded outwards") {
  NeuralGraph graph(2);
  const Ids hidden = dense(graph, {0, 1}, Matrix{{0.1, 0.2}}, Vector{{0.3}});
  const NormalForm form(graph, apply(graph, hidden, PiecewiseFunction::relu()));
  const PreActivationBounds bounds = interval_bounds(form, FreeSpace(cube(2)));
  CHECK(bounds.high[0][0] > 0.6);
  CHECK(bounds.high[0][0] < 0.6 + 1e-14);
  CHECK(bounds.low[0][0] < 1e-15);
  CHECK(bounds.low[0][0] > -1e-14);
  CHECK_THROWS_AS((void)interval_bounds(form, FreeSpace(cube(3))), InvalidInput);
}
