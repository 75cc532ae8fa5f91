// States of sampled points, against the depth of every combination of pieces in exact arithmetic.
#include "milp/milp_samples.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "milp/workbench.hpp"

using namespace facetry;
using namespace facetry::testing;

TEST_CASE("Every state is one that points of the cell have; deep ones are found") {
  Random random(711);
  int found = 0, impossible = 0;
  for (const Kind kind : kKinds) {
    for (const Index k : {1, 2, 3}) {
      const OpenCell cell(random, k, 3, kind, 1e-6);
      if (cell.open.empty()) continue;
      const auto states = sampled_states(cell.space, cell.rows, cell.open, cell.centre, 2000);
      REQUIRE(std::is_sorted(states.begin(), states.end()));
      REQUIRE(std::adjacent_find(states.begin(), states.end()) == states.end());
      const auto depths = cell.depths();
      for (const Ids& state : states) {
        REQUIRE(depths.contains(state));
        REQUIRE(depths.at(state) > 0.0);
      }
      for (const auto& [state, depth] : depths) {
        impossible += depth <= 0.0 ? 1 : 0;
        if (depth < 0.05) continue;
        REQUIRE(std::binary_search(states.begin(), states.end(), state));
        ++found;
      }
    }
  }
  CHECK(found > 50);
  CHECK(impossible > 10);
}

TEST_CASE("So many points, always the same") {
  Random random(712);
  const OpenCell cell(random, 2, 4, Kind::absolute, 1e-6);
  REQUIRE(cell.open.size() > 1);
  const auto of = [&](Index count) {
    return sampled_states(cell.space, cell.rows, cell.open, cell.centre, count);
  };
  CHECK(of(0).empty());
  CHECK(of(1).size() == 1);
  CHECK(of(100) == of(100));
  const auto few = of(5), many = of(200);
  CHECK(few.size() <= 5);
  CHECK(many.size() > few.size());
  // More points are the same walk, continued.
  CHECK(std::includes(many.begin(), many.end(), few.begin(), few.end()));
}

TEST_CASE("A walk stays between further sides of the region too") {
  // The part of the square where x + y <= 0; the unit says whether x + y > 0.1.
  InputPolytope half = cube(2);
  add_constraint(half, Vector{{1.0, 1.0}}, 0.0);
  const auto states_in = [](const InputPolytope& region) {
    NeuralGraph graph(2);
    const Ids pre = dense(graph, {0, 1}, Matrix{{1.0, 1.0}, {1.0, 0.0}}, Vector{{-0.1, 0.5}});
    const OpenCell whole(FreeSpace(cube(2)),
                         NormalForm(graph, apply(graph, pre, PiecewiseFunction::relu())), 1e-6);
    REQUIRE(whole.open.size() == 2);
    const FreeSpace space(region);
    const Vector start = space.to_free(Vector{{-0.5, -0.4}});
    return sampled_states(space, {}, whole.open, start, 500);
  };
  CHECK(states_in(cube(2)) == std::vector<Ids>{{0, 0}, {0, 1}, {1, 0}, {1, 1}});
  CHECK(states_in(half) == std::vector<Ids>{{0, 0}, {0, 1}});
}
