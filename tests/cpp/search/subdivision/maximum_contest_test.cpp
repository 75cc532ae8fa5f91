// The contest of a maximum against its arguments' values at points of the cell.
#include "search/subdivision/maximum_contest.hpp"

#include <doctest/doctest.h>

#include "network/output_units.hpp"
#include "search/subdivision/workbench.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

// The largest of `arguments` random affine functions of m inputs.
NormalForm random_maximum(Random& random, Index m, Index arguments) {
  NeuralGraph graph(m);
  const Ids outputs = dense(graph, range(0, m), random_weights(random, arguments, m, false),
                            random_bias(random, arguments, false));
  OutputUnit unit;
  unit.outputs = range(0, arguments);
  return with_output_units(NormalForm(graph, outputs), {unit});
}

SearchGoal wants(Index argument) {
  SearchGoal goal;
  goal.required = {argument};
  return goal;
}

class Nobody : public SearchRecorder {
  void begin_part(Origin, bool) override {}
  void end_part() override {}
  void fixed(Origin, bool, std::span<const Origin>) override {}
  void leaf(const StateWord*, const double*) override {}
};

template <class F>
void measure(Workbench<F>& bench, const typename F::Cell& cell) {
  const MapColumns& into = *bench.plan.stage(0).into;
  bench.cells.ranges(cell, {bench.plan.first_sums(), into.rows(), into.stride()},
                     bench.ranges.low.data(), bench.ranges.high.data());
}

}  // namespace

TEST_CASE(
    "Guarantees 1 and 2: who is out is behind a contender everywhere, and a winner is ahead of "
    "all") {
  Random random(221);
  int out = 0;
  int won = 0;
  for (int round = 0; round < 240; ++round) {
    const Index k = 1 + round % 3;
    const Index n = 2 + random.below(11);
    const NormalForm form = random_maximum(random, k, n);
    const FreeSpace space(cube(k));
    const Exactness exactness = round % 2 == 0 ? Exactness::safe : Exactness::floating;
    with_families(k, [&](auto family) {
      using F = typename decltype(family)::type;
      Workbench<F> bench(form, space, exactness);
      bench.write_first_rows();
      const auto cell =
          bench.part_of(random, bench.cells.root(), static_cast<int>(random.below(6)));
      const bool by_ranges = random.chance(0.7);
      if (by_ranges) measure(bench, cell);
      const Index winner = bench.contest.winner(cell, {}, 0, 0, by_ranges);
      Ids in;
      for (Index a = 0; a < n; ++a) {
        if (bench.contest.contends(0, 0, a)) in.push_back(a);
        REQUIRE(bench.contest.may_win(0, 0, a) == bench.contest.contends(0, 0, a));
      }
      REQUIRE(!in.empty());
      REQUIRE((winner >= 0) == (size_of(in) == 1));
      if (winner >= 0) REQUIRE(winner == in[0]);
      out += static_cast<int>(n - size_of(in));
      won += winner >= 0 ? 1 : 0;
      // What an argument is ahead of all others by, over the points.
      Vector ahead = Vector::Constant(n, 1e300);
      for (const Vector& u : bench.points_of(random, cell, 12)) {
        Vector values(n);
        for (Index a = 0; a < n; ++a) values[a] = bench.pre_at(0, a, u);
        double most = -1e300;
        for (const Index a : in) most = std::max(most, values[a]);
        for (Index a = 0; a < n; ++a) {
          if (!bench.contest.contends(0, 0, a)) REQUIRE(values[a] < most);
          for (Index b = 0; b < n; ++b) {
            if (b != a) ahead[a] = std::min(ahead[a], values[a] - values[b]);
          }
        }
      }
      // It is seen where few contend and ranges are exact at corners.
      if constexpr (kExactRanges<F>) {
        if (k == 1 && n <= MaximumContest<F>::kMostCompared && ahead.maxCoeff() > 1e-9)
          REQUIRE(winner >= 0);
      }
    });
  }
  CHECK(out > 1000);
  CHECK(won > 100);
}

TEST_CASE(
    "Guarantee 3: a wanted argument is the only winner, and what is certain is not compared") {
  Random random(222);
  int won = 0;
  for (int round = 0; round < 60; ++round) {
    const Index n = 3 + random.below(4);
    const NormalForm form = random_maximum(random, 2, n);
    const FreeSpace space(cube(2));
    const Index wanted = random.below(n);
    Workbench<PolygonCells> bench(form, space, Exactness::floating, wants(wanted));
    REQUIRE(bench.contest.compares_only(0));
    REQUIRE(bench.contest.wanted(0, 0) == wanted);
    bench.write_first_rows();
    const auto cell = bench.part_of(random, bench.cells.root(), 5);
    const Index winner = bench.contest.winner(cell, {}, 0, 0, false);
    const bool is_winner = winner == wanted;
    REQUIRE((is_winner || winner == -1));
    won += is_winner ? 1 : 0;
    for (Index a = 0; a < n; ++a)
      CHECK(bench.contest.may_win(0, 0, a) == (a == wanted && bench.contest.contends(0, 0, a)));
    // Behind for certain: all others are out without a look.
    CertainTargets certain;
    for (Index f = 0; f < n - 1; ++f) certain.add(f);
    CHECK(bench.contest.winner(bench.cells.root(), certain, 0, 0, false) == wanted);
  }
  CHECK(won > 3);
}

TEST_CASE("For a recorder nobody is left out unless one wins") {
  Random random(223);
  const NormalForm form = random_maximum(random, 2, 6);
  const FreeSpace space(cube(2));
  Nobody recorder;
  Workbench<PolygonCells> bench(form, space, Exactness::safe, {}, &recorder);
  bench.write_first_rows();
  measure(bench, bench.cells.root());
  REQUIRE(bench.contest.winner(bench.cells.root(), {}, 0, 0, true) == -1);
  for (Index a = 0; a < 6; ++a) CHECK(bench.contest.contends(0, 0, a));
}
