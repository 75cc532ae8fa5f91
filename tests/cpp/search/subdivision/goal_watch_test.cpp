// The watch over a goal against states and values at points of the cell.
#include "search/subdivision/goal_watch.hpp"

#include <doctest/doctest.h>

#include "network/output_units.hpp"
#include "search/subdivision/workbench.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

NormalForm with_choice(const NormalForm& form, Index outputs) {
  OutputUnit unit;
  unit.outputs = range(0, outputs);
  return with_output_units(form, {unit});
}

SearchGoal wants(Index requirement) {
  SearchGoal goal;
  goal.required = {requirement};
  return goal;
}

// A part of the region enters stage 0, and the watch is asked.
template <class F>
void check(Random& random, const NormalForm& form, const FreeSpace& space, Index requirement,
           Exactness exactness, int& left_out, int& certain) {
  Workbench<F> bench(form, space, exactness, wants(requirement));
  const GoalTargets& targets = bench.watch.targets();
  auto node = bench.root();
  node.cell = bench.part_of(random, node.cell, static_cast<int>(random.below(9)));
  const std::vector<Vector> points = bench.points_of(random, node.cell, 8);
  if (!bench.watch.sees_from(0)) return;
  bench.entry.enter(node, 0);
  const bool none = bench.watch.out_of_reach(node, true);
  left_out += none ? 1 : 0;
  for (const Vector& u : points) {
    const Vector x = space.to_input(u);
    const Index winner = states_at(form, x).back();
    if (none) REQUIRE(!SearchGoal::meets(winner, requirement));
    const Vector rows = form.head(targets.map).evaluate(x.transpose()).row(0).transpose();
    const Vector values = targets.coefficients * rows + targets.offset;
    for (Index f = 0; f < targets.count(); ++f) {
      if (!none && node.certain.has(f)) REQUIRE(values[f] >= -1e-12);
      if (node.goal != nullptr)
        REQUIRE(bench.watch.most_of_target(node, f, 1e300) >= values[f] - 1e-12);
    }
  }
  certain += static_cast<int>(node.certain.count());
}

}  // namespace

TEST_CASE(
    "Guarantees 2 to 4: nothing that is wanted is left out, and targets are bounded on the cell") {
  Random random(281);
  int left_out = 0;
  int certain = 0;
  for (int round = 0; round < 180; ++round) {
    const Index k = 1 + round % 3;
    const Style style{k, 6, 1 + round % 2, 3, round % 5 == 0, round % 2 == 0};
    const NormalForm form =
        with_choice(random_network(random, style, {kKinds[round % 7], kKinds[random.below(7)]}), 3);
    const FreeSpace space(cube(k));
    const Index requirement =
        round % 3 == 0 ? SearchGoal::any_but(random.below(3)) : random.below(3);
    CAPTURE(round);
    with_families(k, [&](auto family) {
      check<typename decltype(family)::type>(random, form, space, requirement,
                                             round % 2 == 0 ? Exactness::safe : Exactness::floating,
                                             left_out, certain);
    });
  }
  CHECK(left_out > 60);
  CHECK(certain > 10);
}

TEST_CASE("Guarantee 1: states of the last stage that are not wanted, once they are decided") {
  Random random(282);
  const NormalForm form =
      with_choice(random_network(random, {2, 4, 1, 3, false, false}, {Kind::relu}), 3);
  const FreeSpace space(cube(2));
  for (const Index requirement :
       {Index{1}, SearchGoal::any_but(1), SearchGoal::kAny, SearchGoal::kNone}) {
    Workbench<PolygonCells> bench(form, space, Exactness::floating, wants(requirement));
    auto node = bench.root();
    node.stage = 1;
    for (Index state = 0; state < 3; ++state) {
      bench.plan.layout().set(bench.rows.state().data(), 4, state);
      CHECK(bench.watch.contradicts(node) == !SearchGoal::meets(state, requirement));
    }
    OpenUnit open{0, 0, 0.0, 0.0, 0.0};
    node.open.units = &open;
    node.open.count = 1;
    CHECK(!bench.watch.contradicts(node));  // nothing is decided yet
    node.open.count = 0;
    node.stage = 0;
    CHECK(!bench.watch.contradicts(node));
  }
}

TEST_CASE("Guarantee 1: two units whose states must differ") {
  Random random(283);
  OutputUnit one, other;
  one.outputs = {0, 1};
  other.outputs = {2, 3};
  const NormalForm form = with_output_units(
      random_network(random, {2, 4, 1, 4, false, false}, {Kind::relu}), {one, other});
  SearchGoal goal;
  goal.required = {SearchGoal::kAny, SearchGoal::kAny};
  goal.differ_first = 0;
  goal.differ_second = 1;
  const FreeSpace space(cube(2));
  Workbench<PolygonCells> bench(form, space, Exactness::floating, goal);
  auto node = bench.root();
  node.stage = 1;
  for (Index a = 0; a < 2; ++a) {
    for (Index b = 0; b < 2; ++b) {
      bench.plan.layout().set(bench.rows.state().data(), 4, a);
      bench.plan.layout().set(bench.rows.state().data(), 5, b);
      CHECK(bench.watch.contradicts(node) == (a == b));
    }
  }
}

TEST_CASE("Who narrows the ranges is heard, and bounds become those of what is left") {
  class Half : public RangeFilter {
   public:
    void narrow(const RowPlanes& rows, double* low, double* high) const override {
      ++calls;
      for (Index r = 0; r < rows.count; ++r) high[r] = low[r] + 0.5 * (high[r] - low[r]);
    }
    mutable int calls = 0;
  };
  Random random(284);
  const NormalForm form =
      with_choice(random_network(random, {2, 6, 2, 3, false, false}, {Kind::relu}), 3);
  const FreeSpace space(cube(2));
  const auto bound = [&](const RangeFilter* filter) {
    Workbench<PolygonCells> bench(form, space, Exactness::floating, wants(0));
    if (filter != nullptr) bench.watch.narrow_by(*filter);
    auto node = bench.root();
    bench.entry.enter(node, 0);
    CHECK(bench.watch.look(node, true));
    CHECK(!bench.watch.look(node, true));  // nothing has changed
    return bench.watch.most_of_target(node, 0, 1e300);
  };
  const Half half;
  const double whole = bound(nullptr);
  CHECK(bound(&half) < whole);
  CHECK(half.calls > 1);
}
