// What a node promises of an objective, against its values at points of the cell; and what a dive
// is told.
#include "search/subdivision/objective_guide.hpp"

#include <doctest/doctest.h>

#include "network/output_units.hpp"
#include "search/subdivision/workbench.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

constexpr double kNothing = -std::numeric_limits<double>::infinity();

class FirstOutput : public ValueObjective {
 public:
  explicit FirstOutput(const NormalForm& form)
      : form_(form), weights_(Vector::Unit(form.output_size(), 0)) {}
  const Vector& weights() const override { return weights_; }
  double value(const Vector& point) const override {
    return form_.evaluate(point.transpose())(0, 0);
  }

 private:
  const NormalForm& form_;
  Vector weights_;
};

// The first free coordinate: the sides and cuts bound it.
class FirstCoordinate : public CellObjective {
 public:
  double promise(const CellRows& cell, double) const override {
    ++promises;
    Rows rows;
    for (Index r = 0; r < cell.count; ++r) {
      Vector row(cell.dimension + 1);
      cell.row(r, row.data());
      row[cell.dimension] += cell.errors[r];
      rows.push_back(row);
    }
    return brute_force_maximum(rows, Vector::Unit(cell.dimension, 0));
  }
  Find best_of(const CellRows& region, const StateWord*, const double* inside,
               double enough) const override {
    Find find;
    find.point = Eigen::Map<const Vector>(inside, region.dimension);
    find.value = inside[0];
    find.bound = promise(region, enough);
    return find;
  }
  mutable int promises = 0;
};

GoalTargets first_output(const NormalForm& form) {
  GoalTargets targets;
  targets.map = size_of(form.stages());
  targets.coefficients = Vector::Unit(form.output_size(), 0).transpose();
  targets.offset = Vector::Zero(1);
  return targets;
}

}  // namespace

TEST_CASE("An objective of values: promises bound it, and a region tells its largest value") {
  Random random(301);
  int leaves = 0;
  for (int round = 0; round < 60; ++round) {
    const Index k = 1 + round % 3;
    const NormalForm form =
        random_network(random, {k, 6, 1, 2, false, round % 2 == 0}, {kKinds[round % 7]});
    const FreeSpace space(cube(k));
    const FirstOutput objective(form);
    with_families(k, [&](auto family) {
      using F = typename decltype(family)::type;
      Workbench<F> bench(form, space, round % 2 == 0 ? Exactness::safe : Exactness::floating);
      const GoalPlan goal(bench.plan, first_output(form), {});
      GoalWatch<F> watch(bench.plan, bench.rows, bench.cells, bench.ranges, bench.sums, &goal);
      BestFirstOptions options;
      Dive dive(options, bench.plan.layout().words());
      ValueGuide<F> guide(objective, bench.plan, bench.rows, dive, watch, bench.exact);
      auto node = bench.root();
      node.cell = bench.part_of(random, node.cell, static_cast<int>(random.below(8)));
      bench.entry.enter(node, 0);
      double most = kNothing;
      for (const Vector& u : bench.points_of(random, node.cell, 10)) {
        most = std::max(most, objective.value(space.to_input(u)));
      }
      // Guarantee 2: known to be no better than what is found.
      Catch caught;
      dive.start(most + 100.0, caught);
      auto hopeless = node;
      REQUIRE(guide.promises_little(hopeless, true));
      REQUIRE(caught.bound >= most - 1e-12);
      dive.start(kNothing, caught);
      auto open = node;
      REQUIRE(!guide.promises_little(open, true));
      // Guarantee 1.
      auto part = node;
      REQUIRE(guide.promise_of(part) >= most - 1e-12);
      REQUIRE(part.promised);
      REQUIRE(!guide.promises_little(part, true));  // it was asked, and nothing has changed
      // Guarantee 3: with all units decided as at a point.
      if (node.open.count > 0) return;
      ++leaves;
      Catch leaf;
      dive.start(kNothing, leaf);
      guide.report(node);
      REQUIRE(leaf.regions == 1);
      REQUIRE(leaf.value >= most - 1e-9);
      REQUIRE(leaf.bound >= leaf.value);
      REQUIRE(leaf.bound <= leaf.value + 1e-9);
      REQUIRE(leaf.state == bench.rows.state());
      REQUIRE(leaf.value == objective.value(leaf.point));
    });
  }
  CHECK(leaves > 5);
}

TEST_CASE("An objective of cells: promises are those of the part that the goal's targets leave") {
  Random random(302);
  int narrower = 0;
  for (int round = 0; round < 160; ++round) {
    OutputUnit choice;
    choice.outputs = {0, 1, 2};
    const NormalForm form = with_output_units(
        random_network(random, {2, 6, 1, 3, false, false}, {kKinds[round % 7]}), {choice});
    const FreeSpace space(cube(2));
    SearchGoal wanted;
    wanted.required = {round % 2 == 0 ? random.below(3) : SearchGoal::any_but(random.below(3))};
    const FirstCoordinate objective;
    Workbench<PolygonCells> bench(form, space, Exactness::safe, wanted);
    BestFirstOptions options;
    Dive dive(options, bench.plan.layout().words());
    CellGuide<PolygonCells> guide(objective, bench.plan, bench.rows, bench.cells, dive, bench.watch,
                                  bench.exact);
    Catch caught;
    dive.start(kNothing, caught);
    auto node = bench.root();
    bench.entry.enter(node, 0);
    const double bound = guide.promise_of(node);
    for (const Vector& u : bench.points_of(random, node.cell, 60)) {
      const Index winner = states_at(form, space.to_input(u)).back();
      if (SearchGoal::meets(winner, wanted.required[0])) REQUIRE(bound >= u[0] - 1e-9);
    }
    narrower += bound < 0.999 ? 1 : 0;
    // Behind the targets the cell itself is all there is to ask.
    node.stage = 1;
    const int before = objective.promises;
    REQUIRE(guide.promise_of(node) == doctest::Approx(1.0));
    REQUIRE(objective.promises == before + 1);
    guide.report(node);
    REQUIRE(caught.regions == 1);
    REQUIRE(caught.bound == doctest::Approx(1.0));
    REQUIRE(caught.value == caught.point[0]);
  }
  CHECK(narrower > 5);
}
