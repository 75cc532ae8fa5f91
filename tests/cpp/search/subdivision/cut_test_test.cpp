// Which boundaries cut a cell, against the extremes of their rows at its corners.
#include "search/subdivision/cut_test.hpp"

#include <doctest/doctest.h>

#include "search/subdivision/workbench.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

Question question_of(const SearchPlan& plan, const PathRows& rows, Index unit) {
  Vector row(plan.dimension() + 1);
  rows.row(0, plan.stage(0).units[unit].first_row, row.data());
  Question question{unit};
  question.length = row.head(plan.dimension()).norm();
  return question;
}

// One unit: weights . x + bias on [-1, 1]^m.
NormalForm one_unit(const Vector& weights, double bias, Kind kind) {
  NeuralGraph graph(weights.size());
  const Ids units =
      apply(graph, dense(graph, range(0, weights.size()), weights.transpose(), Vector{{bias}}),
            function_of(kind));
  return NormalForm(graph, dense(graph, units, Matrix{{1.0}}, Vector{{0.0}}));
}

}  // namespace

TEST_CASE(
    "Guarantees 1 to 3: a boundary cuts if values at corners are on both sides, else the piece is "
    "theirs") {
  Random random(231);
  int cut = 0;
  int whole = 0;
  for (int round = 0; round < 150; ++round) {
    const Index k = 1 + round % 3;
    const Kind kind = kKinds[round % 6];  // piecewise
    const NormalForm form = random_network(random, {k, 6, 1, 1, false, false}, {kind});
    const FreeSpace space(cube(k));
    const Exactness exactness = round % 2 == 0 ? Exactness::safe : Exactness::floating;
    with_families(k, [&](auto family) {
      using F = typename decltype(family)::type;
      Workbench<F> bench(form, space, exactness);
      bench.write_first_rows();
      const auto cell =
          bench.part_of(random, bench.cells.root(), static_cast<int>(random.below(8)));
      for (Index u = 0; u < size_of(bench.plan.stage(0).units); ++u) {
        const PlannedUnit& unit = bench.plan.stage(0).units[u];
        Vector row(k + 1);
        bench.rows.row(0, unit.first_row, row.data());
        const double high = bench.cells.most(cell, row.data(), 1e300, nullptr);
        row = -row;
        const double low = -bench.cells.most(cell, row.data(), 1e300, nullptr);
        Index first = 0;  // that is not below the cell
        while (first + 1 < unit.function->pieces() && unit.function->breakpoints()[first] < low)
          ++first;
        const bool is_cut =
            first + 1 < unit.function->pieces() && unit.function->breakpoints()[first] < high;
        Question question = question_of(bench.plan, bench.rows, u);
        CAPTURE(round);
        CAPTURE(u);
        REQUIRE(bench.test.cuts(cell, 0, question) == is_cut);
        REQUIRE(question.boundary == first);
        if (is_cut) {  // the row in question is the boundary's, and cells know of it
          REQUIRE(question.row != nullptr);
          typename F::Cell above, below;
          bench.cells.cut(cell, question.row, unit.origin(first), above, below,
                          bench.exact.shift_of(question, unit.origin(first)));
          for (const Vector& u_above : bench.points_of(random, above, 4)) {
            REQUIRE(bench.pre_at(0, unit.first_row, u_above) >=
                    unit.function->breakpoints()[first] - 1e-8);
          }
        }
        cut += is_cut ? 1 : 0;
        whole += is_cut ? 0 : 1;
      }
    });
  }
  CHECK(cut > 300);
  CHECK(whole > 300);
}

TEST_CASE(
    "Guarantee 1: what reaches into a cell by less than the tolerance is undecided, and noted once "
    "with its place") {
  const FreeSpace space(cube(2));
  const NormalForm thin = one_unit(Vector{{1.0, 0.0}}, -1.0 + 5e-10, Kind::relu);
  Workbench<PolygonCells> bench(thin, space);
  bench.write_first_rows();
  Question question = question_of(bench.plan, bench.rows, 0);
  CHECK(!bench.test.cuts(bench.cells.root(), 0, question));
  CHECK(question.boundary == 0);  // nearly all of the cell lies below
  REQUIRE(bench.found.undecided_count == 1);
  CHECK(bench.found.undecided[0].reach == doctest::Approx(5e-10));
  CHECK(bench.found.undecided[0].place[0] == 1.0);
  // Safe: it is a cut, proven so.
  Workbench<PolygonCells> safe(thin, space, Exactness::safe);
  safe.write_first_rows();
  question = question_of(safe.plan, safe.rows, 0);
  CHECK(safe.test.cuts(safe.cells.root(), 0, question));
  CHECK(safe.found.undecided_count == 0);
  // Exactly along a side: no cut in either, and nothing to note.
  const NormalForm side = one_unit(Vector{{1.0, 0.0}}, -1.0, Kind::relu);
  for (const Exactness exactness : {Exactness::floating, Exactness::safe}) {
    Workbench<PolygonCells> along(side, space, exactness);
    along.write_first_rows();
    question = question_of(along.plan, along.rows, 0);
    CHECK(!along.test.cuts(along.cells.root(), 0, question));
    CHECK(question.boundary == 0);
    CHECK(along.found.undecided_count == 0);
  }
}

TEST_CASE("The first boundary of an open unit: the quick answer is the careful one") {
  Random random(232);
  for (int round = 0; round < 60; ++round) {
    const NormalForm form =
        random_network(random, {2, 8, 1, 1, round % 3 == 0, false}, {kKinds[round % 3]});
    const FreeSpace space(cube(2));
    Workbench<PolygonCells> bench(form, space,
                                  round % 2 == 0 ? Exactness::safe : Exactness::floating);
    auto node = bench.root();
    bench.entry.enter(node, 0);
    node.cell = bench.part_of(random, node.cell, 4);
    node.sure = false;
    for (Index p = 0; p < node.open.count; ++p) {
      Question quick = bench.test.question_at(node.open, p);
      CHECK(quick.unit == node.open.units[p].unit);
      const bool cuts = bench.test.cuts_open(node, quick);
      Question careful = bench.test.question_at(node.open, p);
      CHECK(bench.test.cuts(node.cell, 0, careful) == cuts);
      CHECK(careful.boundary == quick.boundary);
    }
    node.sure = true;  // known beforehand: it is not asked
    if (node.open.count > 0) {
      Question question = bench.test.question_at(node.open, 0);
      CHECK(bench.test.cuts_open(node, question));
    }
  }
}

TEST_CASE("Guarantee 4: of arguments that are the same everywhere the first is ahead") {
  NeuralGraph graph(2);  // x, x, y, x - 3
  const Ids arguments = dense(graph, {0, 1}, Matrix{{1.0, 0.0}, {1.0, 0.0}, {0.0, 1.0}, {1.0, 0.0}},
                              Vector{{0.0, 0.0, 0.0, -3.0}});
  const Ids most = facetry::testing::maximum(graph, joined(arguments, {}), 4);
  const NormalForm form(graph, dense(graph, most, Matrix{{1.0}}, Vector{{0.0}}));
  REQUIRE(form.stages()[0].units[0].row_count == 4);
  const FreeSpace space(cube(2));
  for (const Exactness exactness : {Exactness::floating, Exactness::safe}) {
    Workbench<PolygonCells> bench(form, space, exactness);
    bench.write_first_rows();
    const auto ask = [&](Index winner, Index loser) {
      Question question{0, loser};
      return bench.test.compare(bench.cells.root(), 0, winner, question);
    };
    CHECK(ask(0, 1) == Side::above);
    CHECK(ask(1, 0) == Side::below);
    CHECK(ask(0, 2) == Side::across);
    CHECK(ask(2, 0) == Side::across);
    CHECK(ask(0, 3) == Side::above);
    CHECK(ask(3, 1) == Side::below);
  }
}
