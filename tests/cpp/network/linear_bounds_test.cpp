// Bounds by every method hold at points, hold exactly, and are as tight as the method promises.
#include "facetry/network/linear_bounds.hpp"

#include <doctest/doctest.h>

#include "facetry/base/error.hpp"
#include "network/relaxation.hpp"
#include "networks.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

constexpr BoundMethod kMethods[] = {BoundMethod::interval, BoundMethod::forward,
                                    BoundMethod::backward, BoundMethod::combined};

// A box, a cut, an oblique cut.
InputPolytope region(Random& random, int which) {
  InputPolytope polytope = cube(3, 0.5 + random.uniform(0.0, 2.0));
  if (which == 1) polytope.low[1] = polytope.high[1] = 0.25;
  if (which == 2) {
    add_constraint(polytope, Vector::Ones(3), 0.25);
    add_constraint(polytope, -Vector::Ones(3), -0.25);
  }
  return polytope;
}

// All pre-activations at a point, then the outputs.
std::vector<Vector> values_at(const NormalForm& form, const Vector& x) {
  std::vector<Vector> result;
  Vector values = x;
  for (const Stage& stage : form.stages()) {
    Matrix pre;
    stage.map.multiply(values, pre);
    pre.colwise() += stage.map.bias();
    Vector next(stage.width());
    const Index units = size_of(stage.units);
    for (Index u = 0; u < units; ++u) {
      const Unit& unit = stage.units[u];
      next[u] = unit.kind == UnitKind::maximum
                    ? pre.col(0).segment(unit.first_row, unit.row_count).maxCoeff()
                    : form.function(unit)(pre(unit.first_row, 0));
    }
    for (Index c = 0; c < size_of(stage.carried); ++c) next[units + c] = values[stage.carried[c]];
    result.push_back(pre.col(0));
    values = std::move(next);
  }
  result.push_back(form.evaluate(x.transpose()).transpose());
  return result;
}

void require_within(const Vector& value, const Vector& low, const Vector& high) {
  // The values are rounded; the bounds are not to be blamed for that.
  const double slack = 1e-12 * (1.0 + value.cwiseAbs().maxCoeff());
  REQUIRE((value.array() >= low.array() - slack).all());
  REQUIRE((value.array() <= high.array() + slack).all());
}

}  // namespace

TEST_CASE("Bounds hold at points of boxes, cuts and oblique cuts, for every unit") {
  Random random(41);
  Index points = 0;
  for (int round = 0; round < 210; ++round) {
    const FreeSpace space(region(random, round % 3));
    const NormalForm form = random_network(random, {3, 5, 1 + round % 3, 2, false, round % 2 == 0},
                                           {kKinds[round % 7], kKinds[random.below(7)]});
    for (const BoundMethod method : kMethods) {
      const NetworkBounds bounds = bound_network(form, space, method);
      for (int i = 0; i < 30; ++i) {
        const Vector u = random.point_in(space.constraints().low, space.constraints().high);
        const Vector x = space.to_input(u);
        if (!space.contains(x)) continue;
        ++points;
        const std::vector<Vector> values = values_at(form, x);
        for (std::size_t s = 0; s + 1 < values.size(); ++s) {
          require_within(values[s], bounds.pre_activations.low[s], bounds.pre_activations.high[s]);
        }
        require_within(values.back(), bounds.output_low, bounds.output_high);
      }
    }
  }
  CHECK(points > 10000);
}

TEST_CASE("No method is wider than intervals; linear bounds pay") {
  Random random(42);
  double width[4] = {};
  for (int round = 0; round < 60; ++round) {
    const FreeSpace space(region(random, round % 3));
    const NormalForm form = random_network(random, {3, 6, 1 + round % 3, 2, false, round % 2 == 0},
                                           {kKinds[round % 7]});
    const NetworkBounds plain = bound_network(form, space, BoundMethod::interval);
    for (int method = 0; method < 4; ++method) {
      const NetworkBounds other = bound_network(form, space, kMethods[method]);
      const double slack = 1e-12 * (1.0 + plain.output_high.cwiseAbs().maxCoeff());
      REQUIRE((other.output_high.array() <= plain.output_high.array() + slack).all());
      REQUIRE((other.output_low.array() >= plain.output_low.array() - slack).all());
      width[method] += (other.output_high - other.output_low).sum();
    }
  }
  CHECK(width[3] < width[1]);
  CHECK(width[3] < width[2]);
  CHECK(width[1] < 0.9 * width[0]);
  CHECK(width[2] < 0.9 * width[0]);
}

TEST_CASE("Where no unit changes its piece, linear bounds are exact up to rounding") {
  NeuralGraph graph(2);
  const Ids hidden =
      apply(graph, dense(graph, {0, 1}, Matrix{{1.0, 1.0}, {1.0, -1.0}}, Vector{{3.0, 3.0}}),
            PiecewiseFunction::relu());
  const Ids out = dense(graph, hidden, Matrix{{1.0, -1.0}}, Vector{{0.1}});
  const NormalForm form(graph, out);  // 2 y + 0.1
  for (const BoundMethod method :
       {BoundMethod::forward, BoundMethod::backward, BoundMethod::combined}) {
    const NetworkBounds bounds = bound_network(form, FreeSpace(cube(2)), method);
    CHECK(bounds.output_high[0] >= 2.1);
    CHECK(bounds.output_high[0] < 2.1 + 1e-13);
    CHECK(bounds.output_low[0] <= -1.9);
    CHECK(bounds.output_low[0] > -1.9 - 1e-13);
  }
  CHECK(bound_network(form, FreeSpace(cube(2)), BoundMethod::interval).output_high[0] > 4.0);
}

TEST_CASE("The bounds of one ReLU by hand") {
  NeuralGraph graph(1);  // relu(x) on [-1, 3]: between x (larger half) and 3/4 (x + 1)
  const NormalForm form(graph, apply(graph, {0}, PiecewiseFunction::relu()));
  const Unit& unit = form.stages()[0].units[0];
  const Relaxation relaxation = relax(form, unit, Vector{{-1.0}}, Vector{{3.0}});
  CHECK(relaxation.low.slope == 1.0);
  CHECK(std::abs(relaxation.low.intercept) < 1e-14);
  CHECK(relaxation.high.slope == doctest::Approx(0.75));
  CHECK(relaxation.high.intercept == doctest::Approx(0.75));
}

TEST_CASE("Relaxations hold on a fine grid, ends and breakpoints included") {
  Random random(43);
  for (const Kind kind : kKinds) {
    if (kind == Kind::maximum) continue;
    NeuralGraph graph(1);
    const PiecewiseFunction g = function_of(kind);
    const NormalForm form(graph, apply(graph, {0}, g));
    for (int round = 0; round < 60; ++round) {
      double low = random.uniform(-3.0, 3.0);
      double high = round % 5 == 0 ? low : random.uniform(-3.0, 3.0);
      if (round % 7 == 0) low = g.breakpoints().front();
      if (low > high) std::swap(low, high);
      const Relaxation line = relax(form, form.stages()[0].units[0], Vector::Constant(1, low),
                                    Vector::Constant(1, high));
      const Band parallel = band(form, form.stages()[0].units[0], Vector::Constant(1, low),
                                 Vector::Constant(1, high));
      std::vector<double> at{low, high};
      for (const double t : g.breakpoints()) {
        if (low <= t && t <= high) at.push_back(t);
      }
      for (int i = 0; i < 50; ++i) at.push_back(low + (high - low) * i / 50.0);
      for (const double q : at) {
        REQUIRE(line.low.slope * q + line.low.intercept <= g(q) + 1e-14);
        REQUIRE(line.high.slope * q + line.high.intercept >= g(q) - 1e-14);
        REQUIRE(std::abs(parallel.slope * q + parallel.middle - g(q)) <= parallel.half + 1e-14);
      }
    }
  }
}

TEST_CASE("A point has bounds as narrow as rounding; other regions are refused") {
  Random random(44);
  const NormalForm form =
      random_network(random, {3, 5, 2, 2, false, true}, {Kind::relu, Kind::maximum});
  const Vector x = random.point_in(Vector::Constant(3, -1.0), Vector::Ones(3));
  for (const BoundMethod method : kMethods) {
    const NetworkBounds bounds = bound_network(form, FreeSpace(box(x, x)), method);
    CHECK((bounds.output_high - bounds.output_low).maxCoeff() < 1e-11);
    require_within(form.evaluate(x.transpose()).transpose(), bounds.output_low, bounds.output_high);
    CHECK_THROWS_AS((void)bound_network(form, FreeSpace(cube(2)), method), InvalidInput);
  }
}
