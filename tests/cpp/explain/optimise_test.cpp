// maximise() against the largest value over all regions of the partition, and its guarantees by
// number.
#include "facetry/explain/optimise.hpp"

#include <doctest/doctest.h>

#include "facetry/base/error.hpp"
#include "networks.hpp"
#include "polytopes.hpp"
#include "rationals.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

InputPolytope region(Index m, int which) {
  InputPolytope polytope = cube(m);
  if (which == 1) add_constraint(polytope, Vector::Ones(m), 0.5);
  if (which == 2 && m > 1) {
    add_constraint(polytope, Vector::Ones(m), 0.3);
    add_constraint(polytope, -Vector::Ones(m), -0.3);
  }
  return polytope;
}

// The slow truth: on each region the network is linear, so its vertices tell.
double largest(const NormalForm& form, const FreeSpace& space, const Vector& weights) {
  const Partition partition = partition_of(form, space);
  double most = -1e300;
  for (Index i = 0; i < partition.size(); ++i) {
    const Matrix values = form.evaluate(partition.vertices(i));
    most = std::max(most, (values * weights).maxCoeff());
  }
  return most;
}

Vector random_objective(Random& random, Index outputs) {
  Vector weights(outputs);
  for (Index i = 0; i < outputs; ++i) weights[i] = random.uniform(-1.0, 1.0);
  return weights;
}

}  // namespace

TEST_CASE("Guarantees 1 and 2: the optimum of every kind of unit and cell, with its bound") {
  Random random(141);
  for (int round = 0; round < 168; ++round) {
    const Index m = 1 + round % 4;
    const Style style{m, 5, 1 + round % 3, 2, round % 5 == 0, random.chance(0.5)};
    const NormalForm form =
        random_network(random, style, {kKinds[round % 7], kKinds[random.below(7)]});
    const FreeSpace space(region(m, round % 3));
    const Vector weights = random_objective(random, form.output_size());
    const double truth = largest(form, space, weights);
    OptimiseOptions options;
    for (const CellKind kind :
         {CellKind::automatic, CellKind::vertices, CellKind::linear_programs}) {
      options.cell = kind;
      options.exactness = round % 2 == 0 ? Exactness::safe : Exactness::floating;
      const Optimum found = maximise(form, space, weights, options);
      CAPTURE(round);
      CAPTURE(static_cast<int>(kind));
      REQUIRE(found.termination == Termination::complete);
      REQUIRE(found.found());
      REQUIRE(space.contains(found.point));
      REQUIRE(found.value == weights.dot(form.evaluate(found.point.transpose()).row(0)));
      REQUIRE(std::abs(found.value - truth) <= 2e-9 * (1.0 + std::abs(truth)));
      REQUIRE(found.bound >= truth - 1e-12 * (1.0 + std::abs(truth)));
      REQUIRE(found.bound <= found.value + 2e-9 * (1.0 + std::abs(truth)));
    }
  }
}

TEST_CASE("A fraction of the regions is enough") {
  Random random(142);
  Index visited = 0;
  Index all = 0;
  for (int round = 0; round < 5; ++round) {
    const NormalForm form = random_network(random, {3, 16, 2, 1, false, false}, {Kind::relu});
    const FreeSpace space(cube(3));
    visited += maximise(form, space, Vector::Ones(1)).cells;
    all += subdivide(form, space).cells;
  }
  CAPTURE(visited);
  CAPTURE(all);
  CHECK(5 * visited < all);
}

TEST_CASE("Guarantee 3: the same result for any number of threads") {
  Random random(143);
  for (int round = 0; round < 12; ++round) {
    const NormalForm form =
        random_network(random, {3, 10, 2, 2, round % 3 == 0, true}, {kKinds[round % 7]});
    const Vector weights = random_objective(random, 2);
    OptimiseOptions options;
    const Optimum one = maximise(form, FreeSpace(cube(3)), weights, options);
    for (const int threads : {2, 4}) {
      options.control.threads = threads;
      const Optimum other = maximise(form, FreeSpace(cube(3)), weights, options);
      CHECK(other.value == one.value);
      CHECK(other.bound == one.bound);
      CHECK(other.point == one.point);
      CHECK(other.cells == one.cells);
    }
  }
}

TEST_CASE("A search that is stopped has a bound that holds, and what it found") {
  Random random(144);
  const NormalForm form = random_network(random, {4, 24, 3, 1, false, false}, {Kind::relu});
  const FreeSpace space(cube(4));
  OptimiseOptions options;
  options.control.deadline = Control::Clock::now() - std::chrono::seconds(1);
  const Optimum none = maximise(form, space, Vector::Ones(1), options);
  CHECK(none.termination == Termination::time_limit);
  CHECK(!none.found());
  CHECK(none.bound > 1e300);
  options.control.deadline = {};
  options.control.keep_going = [](const Progress&) { return false; };
  CHECK(maximise(form, space, Vector::Ones(1), options).termination != Termination::time_limit);
}

TEST_CASE("A target is reached, or proven to be out of reach") {
  Random random(146);
  for (int round = 0; round < 40; ++round) {
    const NormalForm form =
        random_network(random, {3, 8, 2, 1, round % 4 == 0, false}, {kKinds[round % 7]});
    const FreeSpace space(cube(3));
    const double most = maximise(form, space, Vector::Ones(1)).value;
    OptimiseOptions options;
    options.target = most - 0.01 * std::abs(most) - 1e-6;
    const Optimum reached = maximise(form, space, Vector::Ones(1), options);
    CHECK(reached.value >= *options.target);
    options.target = most + 1e-6 * (1.0 + std::abs(most));
    const Optimum beyond = maximise(form, space, Vector::Ones(1), options);
    CHECK(beyond.termination == Termination::complete);
    CHECK(beyond.bound < *options.target);
    CHECK(beyond.bound >= most);
  }
}

TEST_CASE("Points, networks without units, and objectives that do not fit") {
  Random random(145);
  const NormalForm form = random_network(random, {2, 4, 2, 2, false, false}, {Kind::relu});
  const Vector x{{0.25, -0.5}};
  const Optimum at_point = maximise(form, FreeSpace(box(x, x)), Vector{{1.0, -2.0}});
  CHECK(at_point.point == x);
  CHECK(at_point.bound >= at_point.value);
  CHECK(at_point.bound <= at_point.value + 1e-12);
  NeuralGraph graph(2);
  const NormalForm plain(graph, dense(graph, {0, 1}, Matrix{{1.0, -2.0}}, Vector{{0.5}}));
  const Optimum linear = maximise(plain, FreeSpace(cube(2)), Vector::Ones(1));
  CHECK(linear.value == doctest::Approx(3.5));
  CHECK(linear.bound >= 3.5);
  CHECK(linear.point == Vector{{1.0, -1.0}});
  CHECK_THROWS_AS((void)maximise(form, FreeSpace(cube(2)), Vector::Ones(3)), InvalidInput);
  CHECK_THROWS_AS((void)maximise(form, FreeSpace(cube(3)), Vector::Ones(2)), InvalidInput);
  CHECK_THROWS_AS((void)maximise(form, FreeSpace(cube(2)), Vector{{1.0, NAN}}), InvalidInput);
}

namespace {

// The largest value of a network without units on a box, exactly.
Rational exact_largest(const NormalForm& form, const InputPolytope& box, const Vector& weights) {
  Rational most(0);
  std::vector<Rational> slopes(static_cast<std::size_t>(form.input_size()), Rational(0));
  for (Index i = 0; i < form.output_size(); ++i) {
    most += Rational(weights[i]) * Rational(form.output().bias()[i]);
    form.output().for_row(
        i, [&](Index j, double w) { slopes[j] += Rational(weights[i]) * Rational(w); });
  }
  for (Index j = 0; j < form.input_size(); ++j)
    most += slopes[j] * Rational(slopes[j] > 0 ? box.high[j] : box.low[j]);
  return most;
}

}  // namespace

TEST_CASE("Guarantee 1 and 2: networks without units have bounds that are exact to one rounding") {
  Random random(145);
  for (int round = 0; round < 200; ++round) {
    const Index m = 1 + round % 5;
    NeuralGraph graph(m);
    const Index n = 1 + round % 3;
    Matrix W(n, m);
    Vector bias(n);
    for (Index i = 0; i < n; ++i) {
      for (Index j = 0; j < m; ++j) W(i, j) = random.normal();
      bias[i] = random.normal();
    }
    Ids inputs;
    for (Index j = 0; j < m; ++j) inputs.push_back(j);
    const NormalForm form(graph, dense(graph, inputs, W, bias));
    InputPolytope box = cube(m);
    for (Index j = 0; j < m; ++j) {
      const double centre = random.normal() * 1000.0;
      box.low[j] = centre - 1.0;
      box.high[j] = centre + 1.0;
    }
    const Vector weights = random_objective(random, n);
    const Rational truth = exact_largest(form, box, weights);
    OptimiseOptions options;
    options.gap = 0.0;
    const Optimum found = maximise(form, FreeSpace(box), weights, options);
    CHECK(found.termination == Termination::complete);
    CHECK(Rational(found.bound) >= truth);
    CHECK(found.bound - found.value <= 1e-12 * (1.0 + std::abs(found.value)));
  }
}

TEST_CASE("Guarantee 2 holds in any units: corners of cells are found exactly where they matter") {
  Random random(146);
  for (int round = 0; round < 24; ++round) {
    const double unit = round % 2 == 0 ? 1e5 : 1e-5;
    const NormalForm form = random_network(random, {2, 8, 2, 1, false, false}, {kKinds[round % 7]});
    InputPolytope box = cube(2, unit);
    box.high[0] = 1.0;
    box.low[0] = -1.0;
    const Optimum found = maximise(form, FreeSpace(box), Vector::Ones(1));
    CHECK(found.termination == Termination::complete);
    CHECK(found.bound - found.value <= 1.01e-9 * (1.0 + std::abs(found.value)));
    CHECK(found.value >=
          largest(form, FreeSpace(box), Vector::Ones(1)) - 2e-9 * (1.0 + std::abs(found.value)));
  }
}

TEST_CASE("Objectives that overflow are refused") {
  Random random(147);
  const NormalForm form = random_network(random, {2, 4, 1, 1, false, false}, {Kind::relu});
  CHECK_THROWS_AS(static_cast<void>(maximise(form, FreeSpace(cube(2)), Vector::Constant(1, 1e308))),
                  InvalidInput);
}
