// Targets of a goal: below zero only where nothing is wanted; bounds that hold on the region.
#include "search/goal/goal_plan.hpp"

#include <doctest/doctest.h>

#include "make_output_units.hpp"
#include "network/output_units.hpp"
#include "networks.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

// A ranking of three outputs, of two where output 1 wins, and a condition.
NormalForm ranked(Random& random, Kind kind) {
  OutputUnit second = ranking({0, 2});
  second.only_if = 0;
  second.only_state = 1;
  OutputUnit condition;
  condition.kind = UnitKind::piecewise;
  condition.weights = Vector{{1.0, -1.0, 0.0}};
  condition.threshold = 0.1;
  return with_output_units(random_network(random, {2, 5, 2, 3, false, true}, {kind}),
                           {ranking({0, 1, 2}), second, condition});
}

Vector rows_at(const NormalForm& form, Index map, const Vector& x) {
  const bool outputs = map == size_of(form.stages());
  return (outputs ? form : form.head(map)).evaluate(x.transpose()).row(0).transpose();
}

const std::vector<SearchGoal>& goals() {
  constexpr Index any = SearchGoal::kAny, none = SearchGoal::kNone;
  static const std::vector<SearchGoal> result{
      {{1, any, any}},
      {{1, 0, 1}},
      {{any, 1, any}},
      {{2, none, 0}},
      {{SearchGoal::any_but(0), any, any}},
      {{SearchGoal::any_but(2), any, 1}},
      {{any, any, SearchGoal::any_but(1)}},
      {{1, SearchGoal::any_but(0), any}},
  };
  return result;
}

}  // namespace

TEST_CASE("Wherever a state is wanted no target is below zero (or not all, of a change)") {
  Random random(511);
  int wanted = 0, refuted = 0;
  for (const Kind kind : kKinds) {
    const NormalForm form = ranked(random, kind);
    const StateLayout layout(form);
    for (const SearchGoal& goal : goals()) {
      goal.validate(form);
      const GoalTargets targets = targets_of(form, goal);
      REQUIRE(targets.coefficients.rows() == targets.count());
      for (int i = 0; i < 60; ++i) {
        const Vector x = random.point_in(Vector::Constant(2, -1.5), Vector::Constant(2, 1.5));
        const auto pieces = form.states(x.transpose());
        std::vector<StateWord> state(static_cast<std::size_t>(layout.words()), 0);
        for (Index u = 0; u < layout.units(); ++u) layout.set(state.data(), u, pieces(0, u));
        const Vector values = targets.coefficients * rows_at(form, targets.map, x) + targets.offset;
        if (targets.count() == 0) continue;
        const double decisive = targets.any ? values.maxCoeff() : values.minCoeff();
        if (goal.wants(form, layout, state.data())) {
          ++wanted;
          REQUIRE(decisive >= -1e-12);
        } else {
          refuted += decisive < 0.0 ? 1 : 0;
        }
      }
    }
  }
  CHECK(wanted > 100);
  CHECK(refuted > 100);
}

TEST_CASE("A change alone has one target for each other output; another goal none of this kind") {
  Random random(512);
  const NormalForm form = ranked(random, Kind::relu);
  const GoalTargets change =
      targets_of(form, {{SearchGoal::any_but(0), SearchGoal::kAny, SearchGoal::kAny}});
  CHECK(change.any);
  CHECK(change.count() == 2);
  CHECK_FALSE(targets_of(form, {{0, SearchGoal::kAny, SearchGoal::kAny}}).any);
  CHECK_FALSE(targets_of(form, {{SearchGoal::any_but(0), SearchGoal::kAny, 1}}).any);
}

TEST_CASE("Bounds hold for all rows on the whole region, and are finite") {
  Random random(513);
  for (const Kind kind : kKinds) {
    const NormalForm form = ranked(random, kind);
    const FreeSpace space(cube(2, 1.3));
    const SearchPlan plan(form, space, {});
    const GoalPlan goal(plan, targets_of(form, goals().front()), goals().front());
    REQUIRE(goal.first_row(0) == 0);
    const Index maps = goal.targets().map;
    REQUIRE(goal.row_count() == goal.first_row(maps));
    for (int i = 0; i < 50; ++i) {
      const Vector x =
          space.to_input(random.point_in(space.constraints().low, space.constraints().high));
      for (Index t = 0; t < maps; ++t) {
        const Vector rows = rows_at(form, t, x);
        REQUIRE(goal.first_row(t + 1) - goal.first_row(t) == rows.size());
        for (Index r = 0; r < rows.size(); ++r) {
          REQUIRE(rows[r] >= goal.low()[goal.first_row(t) + r] - 1e-12);
          REQUIRE(rows[r] <= goal.high()[goal.first_row(t) + r] + 1e-12);
          REQUIRE(std::isfinite(goal.low()[goal.first_row(t) + r]));
        }
      }
    }
  }
}

TEST_CASE("As functions of the values before them, targets are what they are of rows") {
  Random random(514);
  const NormalForm form = ranked(random, Kind::stairs);
  const FreeSpace space(cube(2));
  const SearchPlan plan(form, space, {});
  const GoalPlan goal(plan, targets_of(form, goals()[1]), goals()[1]);
  const GoalTargets& targets = goal.targets();
  const AffineMap& map = goal.map(targets.map);
  CHECK(&goal.columns(targets.map) == plan.stage(targets.map).into);
  for (int i = 0; i < 20; ++i) {
    Vector values(map.columns());
    for (Index j = 0; j < values.size(); ++j) values[j] = random.uniform(-3.0, 3.0);
    Matrix rows;
    map.multiply(values, rows);
    const Vector by_rows = targets.coefficients * (rows.col(0) + map.bias()) + targets.offset;
    const GoalPlan::Last& last = goal.last();
    const Vector by_values = last.values * values + last.offset;
    for (Index f = 0; f < targets.count(); ++f) {
      const double error = 3.0 * last.error_share[f] + last.error_rest[f];
      CHECK(std::abs(by_values[f] - by_rows[f]) <= error + 1e-12);
      CHECK(error < 1e-10);
    }
  }
}

TEST_CASE("Which target compares with a row, of goals that only compare") {
  Random random(515);
  const FreeSpace space(cube(2));
  const NormalForm base = random_network(random, {2, 4, 1, 3, false, false}, {Kind::relu});
  const NormalForm form = with_output_units(base, {ranking({0, 1, 2})});
  const SearchPlan plan(form, space, {});
  const SearchGoal win{{1}};
  const GoalPlan goal(plan, targets_of(form, win), win);
  REQUIRE(goal.compares_only());
  for (Index a = 0; a < 3; ++a) {
    const Index target = goal.target_against(a);
    CHECK((target < 0) == (a == 1));
    if (target < 0) continue;
    const RowVector coefficients = goal.targets().coefficients.row(target);
    CHECK(coefficients[a] == -1.0);
    CHECK(coefficients[1] == 1.0);
    CHECK(coefficients.cwiseAbs().sum() == 2.0);
  }
  // A condition beside it, or a winner that is not asked for.
  const NormalForm mixed = ranked(random, Kind::relu);
  const SearchPlan mixed_plan(mixed, space, {});
  CHECK_FALSE(GoalPlan(mixed_plan, targets_of(mixed, goals()[1]), goals()[1]).compares_only());
  const SearchGoal other{{SearchGoal::any_but(1)}};
  CHECK_FALSE(GoalPlan(plan, targets_of(form, other), other).compares_only());
}
