// What is settled and what is open when a cell enters a stage, against states at points of the
// cell.
#include "search/subdivision/stage_entry.hpp"

#include <doctest/doctest.h>

#include "network/output_units.hpp"
#include "search/subdivision/workbench.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

// Stage 0 is entered on a cell: every point says what must hold.
template <class F>
void check(Random& random, const NormalForm& form, const FreeSpace& space, Exactness exactness,
           int& settled, int& open) {
  const Index k = space.dimension();
  Workbench<F> bench(form, space, exactness);
  auto node = bench.root();
  node.cell = bench.part_of(random, node.cell, static_cast<int>(random.below(7)));
  bench.entry.enter(node, 0);
  REQUIRE(node.stage == 0);
  REQUIRE(node.place == 0);
  REQUIRE(bench.ranges.measured);
  const StagePlan& stage = bench.plan.stage(0);
  settled += static_cast<int>(size_of(stage.units) - node.open.count);
  open += static_cast<int>(node.open.count);
  for (Index p = 0; p < node.open.count; ++p) {
    const OpenUnit& unit = node.open.units[p];
    if (p > 0) REQUIRE(unit.unit > node.open.units[p - 1].unit);
    const PlannedUnit& planned = stage.units[unit.unit];
    if (planned.function == nullptr) continue;
    Vector row(k + 1);
    bench.rows.row(0, planned.first_row, row.data());
    const Question question = bench.test.question_at(node.open, p);
    const double t = planned.function->breakpoints()[unit.boundary];
    REQUIRE(unit.length == doctest::Approx(row.head(k).norm()));
    for (Index c = 0; c <= k; ++c) {
      const double own = (row[c] - (c == k ? t : 0.0)) / row.head(k).norm();
      REQUIRE(question.row[c] == doctest::Approx(own));
    }
    Question again = question;
    REQUIRE(bench.test.cuts(node.cell, 0, again));  // it does cut, at the boundary that is named
    REQUIRE(again.boundary == unit.boundary);
  }
  for (const Vector& u : bench.points_of(random, node.cell, 6)) {
    const Vector x = space.to_input(u);
    const Ids states = states_at(form, x);
    NextSums sums = node.sums;
    sums.own = false;
    const std::vector<StateWord> kept = bench.rows.state();
    for (Index n = 0; n < size_of(stage.units); ++n) {
      const PlannedUnit& unit = stage.units[n];
      if (node.is_open(n)) {
        Question question{n};
        question.largest = 1e3;
        bench.sums.decide(sums, 0, question, states[unit.number]);
        continue;
      }
      const Index state = bench.plan.layout().get(bench.rows.state().data(), unit.number);
      if (state == states[unit.number]) continue;
      // Only on a boundary of the unit may a point say something else.
      if (unit.function != nullptr) {
        const double q = bench.pre_at(0, unit.first_row, u);
        const double t = unit.function->breakpoints()[std::min(state, states[unit.number])];
        REQUIRE(std::abs(q - t) <= 1e-8);
      } else {
        const double own = bench.pre_at(0, unit.first_row + state, u);
        REQUIRE(own >= bench.pre_at(0, unit.first_row + states[unit.number], u) - 1e-8);
      }
    }
    bench.sums.add_pending(sums, 0);
    const Vector truth = behind(form, 0, x);
    REQUIRE((values_of(*stage.next, sums.planes, u) - truth).cwiseAbs().maxCoeff() <= 1e-7);
    bench.rows.state() = kept;
    for (Index r = 0; r < stage.into->rows(); ++r) {
      REQUIRE(bench.pre_at(0, r, u) >= bench.ranges.low[r] - 1e-9);
      REQUIRE(bench.pre_at(0, r, u) <= bench.ranges.high[r] + 1e-9);
    }
  }
}

}  // namespace

TEST_CASE(
    "Guarantees 1 to 3: settled units keep their piece, open ones cut, and sums are those of the "
    "settled") {
  Random random(261);
  int settled = 0;
  int open = 0;
  for (int round = 0; round < 140; ++round) {
    const Index k = 1 + round % 3;
    const Style style{k, 7, 2, 2, round % 5 == 0, round % 2 == 0};
    const NormalForm form = random_network(random, style, {kKinds[round % 7]});
    const FreeSpace space(cube(k));
    const Exactness exactness = round % 2 == 0 ? Exactness::safe : Exactness::floating;
    CAPTURE(round);
    with_families(k, [&](auto family) {
      check<typename decltype(family)::type>(random, form, space, exactness, settled, open);
    });
  }
  CHECK(settled > 300);
  CHECK(open > 300);
}

TEST_CASE(
    "Guarantee 1: a unit that depends on an open one is open, and one that is not asked has piece "
    "0") {
  NeuralGraph graph(1);  // x, -x, and of the others if the first is not the largest
  const Ids outputs = dense(graph, {0}, Matrix{{1.0}, {-1.0}, {0.5}}, Vector{{0.0, 0.0, -2.0}});
  OutputUnit first, second;
  first.outputs = {0, 1, 2};
  second.outputs = {1, 2};
  second.only_if = 0;
  second.only_state = 0;
  const NormalForm form = with_output_units(NormalForm(graph, outputs), {first, second});
  {
    const FreeSpace space(cube(1));
    Workbench<SegmentCells> bench(form, space, Exactness::safe);
    auto node = bench.root();
    bench.entry.enter(node, 0);
    CHECK(node.is_open(0));
    CHECK(node.is_open(1));
  }
  {
    const FreeSpace space(box(Vector{{-2.0}}, Vector{{-1.0}}));  // the second output is the largest
    Workbench<SegmentCells> bench(form, space, Exactness::safe);
    auto node = bench.root();
    bench.entry.enter(node, 0);
    CHECK(node.open.count == 0);
    CHECK(bench.plan.layout().get(bench.rows.state().data(), 0) == 1);
    CHECK(bench.plan.layout().get(bench.rows.state().data(), 1) == 0);
  }
}
