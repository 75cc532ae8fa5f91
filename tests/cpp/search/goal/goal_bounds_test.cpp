// Targets as affine functions on cells: above and below them at points, whatever is open.
#include "search/goal/goal_bounds.hpp"

#include <doctest/doctest.h>

#include "network/output_units.hpp"
#include "networks.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

// Bounds of rows on a box of free coordinates; moved away from the truth if a test wants that.
class BoxRanges final : public CellRanges {
 public:
  BoxRanges(Vector low, Vector high) : low_(std::move(low)), high_(std::move(high)) {}

  void ranges(const RowPlanes& rows, double* low, double* high) override {
    const Index k = low_.size();
    for (Index r = 0; r < rows.count; ++r) {
      low[r] = high[r] = rows.data[k * rows.stride + r];
      for (Index c = 0; c < k; ++c) {
        const double slope = rows.data[c * rows.stride + r];
        low[r] += std::min(slope * low_[c], slope * high_[c]);
        high[r] += std::max(slope * low_[c], slope * high_[c]);
      }
    }
  }
  [[nodiscard]] Vector point(Random& random) const { return random.point_in(low_, high_); }

 private:
  Vector low_, high_;
};

// Says of all rows that they are just beyond the bounds that hold on the whole region.
class BeyondRanges final : public CellRanges {
 public:
  explicit BeyondRanges(const double* high) : high_(high) {}
  void ranges(const RowPlanes& rows, double* low, double* high) override {
    for (Index r = 0; r < rows.count; ++r) low[r] = high[r] = high_[r] + 1e3;
  }

 private:
  const double* high_;
};

NormalForm ranked(const NormalForm& form) {
  OutputUnit unit;
  unit.outputs = range(0, form.output_size());
  return with_output_units(form, {unit});
}

// A box that has entered stage 0: units that keep their piece are decided, the others open.
struct Entered {
  Entered(const SearchPlan& plan, BoxRanges& ranges) : path(plan) {
    const Index k = plan.dimension();
    const StagePlan& own = plan.stage(0);
    path.stage(0).pre = plan.first_sums();
    path.stage(0).scale = plan.input_scale();
    for (const Index from : own.stage->carried) {
      carried.insert(carried.end(), plan.inputs() + from * (k + 1),
                     plan.inputs() + (from + 1) * (k + 1));
    }
    path.stage(0).carried = carried.data();
    if (plan.safe()) path.bound_rounding(0);
    low.resize(own.into->stride());
    high.resize(own.into->stride());
    ranges.ranges({plan.first_sums(), own.into->rows(), own.into->stride()}, low.data(),
                  high.data());
    for (Index u = 0; u < size_of(own.units); ++u) {
      const PlannedUnit& unit = own.units[u];
      const Index r = unit.first_row;
      const bool decided = unit.function != nullptr && unit.function->piece_at(low[r] - 1e-9) ==
                                                           unit.function->piece_at(high[r] + 1e-9);
      if (!decided) open.push_back(static_cast<std::int32_t>(u));
      if (!decided) continue;
      plan.layout().set(path.state().data(), unit.number, unit.function->piece_at(low[r]));
      which.push_back(u);
    }
    for (Index c = 0; c < size_of(own.stage->carried); ++c) {
      which.push_back(size_of(own.units) + c);
    }
    Matrix values(size_of(which), k + 1);
    std::vector<const double*> pointers, columns;
    for (Index i = 0; i < values.rows(); ++i) {
      path.decided_value(0, which[i], values.row(i).data());
      pointers.push_back(values.row(i).data());
    }
    sums.ensure(own.next->size());
    own.next->add(own.next->bias(), sums.data(), {which.data(), pointers.data(), 1, size_of(which)},
                  columns);
  }
  [[nodiscard]] GoalBounds::Cell cell() const {
    return {0, &path, sums.data(), low.data(), high.data(), open};
  }

  PathRows path;
  std::vector<double> carried;
  Vector low, high;
  std::vector<std::int32_t> open;
  Ids which;
  WorkArray<double> sums;
};

Vector rows_at(const NormalForm& form, Index map, const Vector& x) {
  return form.head(map).evaluate(x.transpose()).row(0).transpose();
}

}  // namespace

TEST_CASE("Targets are nowhere above their function on the cell, nor below the other one") {
  Random random(521);
  int exact = 0, open = 0, direct = 0;
  for (const Kind kind : kKinds) {
    for (const Index depth : {1, 2, 3}) {
      for (const Exactness exactness : {Exactness::floating, Exactness::safe}) {
        const NormalForm form =
            ranked(random_network(random, {2, 5, depth, 3, false, depth > 1}, {kind}));
        const FreeSpace space(cube(2));
        const SearchPlan plan(form, space, {}, exactness);
        const SearchGoal wanted{{1}};
        const GoalPlan goal(plan, targets_of(form, wanted), wanted);
        GoalBounds bounds(goal);
        StackMemory memory;
        const GoalView* around = nullptr;
        Vector low = space.constraints().low, high = space.constraints().high;
        for (int step = 0; step < 5; ++step) {  // smaller and smaller boxes
          BoxRanges box(low, high);
          const Entered entered(plan, box);
          open += static_cast<int>(entered.open.size());
          const GoalView* view = bounds.look(entered.cell(), around, box, memory);
          direct += bounds.reads_directly(0) ? 1 : 0;
          for (int i = 0; i < 30; ++i) {
            const Vector u = box.point(random);
            const Vector x = space.to_input(u);
            const GoalTargets& targets = goal.targets();
            const Vector truth =
                targets.coefficients * rows_at(form, targets.map, x) + targets.offset;
            for (Index f = 0; f < targets.count(); ++f) {
              Vector above(3), below(3);
              const bool both = bounds.reads_directly(0);
              const double error = bounds.target(*view, f, entered.cell(), above.data(),
                                                 both ? below.data() : nullptr);
              REQUIRE(value(above, u) + error >= truth[f] - 1e-13);
              if (both) REQUIRE(value(below, u) - error <= truth[f] + 1e-13);
              REQUIRE(error < 1e-9);
              exact += value(above, u) - truth[f] < 1e-9 ? 1 : 0;
            }
            for (Index t = 1; t < targets.map; ++t) {
              const Vector rows = rows_at(form, t, x);
              for (Index r = 0; r < rows.size(); ++r) {
                REQUIRE(rows[r] >= view->low[goal.first_row(t) + r] - 1e-13);
                REQUIRE(rows[r] <= view->high[goal.first_row(t) + r] + 1e-13);
              }
            }
          }
          around = view;
          const Vector middle = box.point(random);
          low = 0.5 * (low + middle);
          high = 0.5 * (high + middle);
        }
      }
    }
  }
  CHECK(exact > 1000);
  CHECK(open > 100);
  CHECK(direct > 0);
}

TEST_CASE("What is known around a cell holds in it: bounds only get narrower") {
  Random random(522);
  const NormalForm form = ranked(random_network(random, {2, 6, 3, 3, false, false}, {Kind::relu}));
  const FreeSpace space(cube(2));
  const SearchPlan plan(form, space, {});
  const SearchGoal wanted{{0}};
  const GoalPlan goal(plan, targets_of(form, wanted), wanted);
  GoalBounds bounds(goal);
  StackMemory memory;
  BoxRanges whole(Vector{{-1.0, -1.0}}, Vector{{1.0, 1.0}});
  BoxRanges part(Vector{{-0.2, 0.1}}, Vector{{0.1, 0.3}});
  const Entered outer(plan, whole), inner(plan, part);
  const GoalView* around = bounds.look(outer.cell(), nullptr, whole, memory);
  const GoalView* within = bounds.look(inner.cell(), around, part, memory);
  int narrower = 0;
  for (Index r = goal.first_row(1); r < goal.row_count(); ++r) {
    CHECK(around->low[r] >= goal.low()[r]);
    CHECK(around->high[r] <= goal.high()[r]);
    CHECK(within->low[r] >= around->low[r]);
    CHECK(within->high[r] <= around->high[r]);
    narrower += within->high[r] < around->high[r] ? 1 : 0;
  }
  CHECK(narrower > 0);
}

TEST_CASE("Bounds that contradict each other leave the older ones") {
  Random random(523);
  const NormalForm form = ranked(random_network(random, {2, 6, 2, 3, false, false}, {Kind::relu}));
  const FreeSpace space(cube(2));
  const SearchPlan plan(form, space, {});
  const SearchGoal wanted{{0}};
  const GoalPlan goal(plan, targets_of(form, wanted), wanted);
  REQUIRE(goal.targets().map == 2);
  GoalBounds bounds(goal);
  StackMemory memory;
  BoxRanges whole(Vector{{-1.0, -1.0}}, Vector{{1.0, 1.0}});
  const Entered entered(plan, whole);
  BeyondRanges beyond(goal.high() + goal.first_row(1));
  const GoalView* view = bounds.look(entered.cell(), nullptr, beyond, memory);
  for (Index r = goal.first_row(1); r < goal.row_count(); ++r) {
    CHECK(view->low[r] == goal.low()[r]);
    CHECK(view->high[r] == goal.high()[r]);
  }
}

TEST_CASE("A network without units: the first target is a sum of its outputs") {
  NeuralGraph graph(2);
  const NormalForm form(
      graph, dense(graph, {0, 1}, Matrix{{1.0, 2.0}, {-3.0, 0.5}}, Vector{{0.25, -1.0}}));
  const FreeSpace space(cube(2));
  const SearchPlan plan(form, space, {});
  const GoalPlan goal(plan, {0, Matrix{{2.0, -1.0}}, Vector{{0.5}}}, {});
  Vector out(3);
  GoalBounds(goal).target_of_inputs(plan.first_sums(), out.data());
  // 2 (x + 2 y + 0.25) - (-3 x + 0.5 y - 1) + 0.5
  CHECK(out == Vector{{5.0, 3.5, 2.0}});
}
