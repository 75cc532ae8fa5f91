// The states that a window finds with an exact solver, against the depth of every combination.
#include "milp/milp_window.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "facetry/base/error.hpp"
#include "milp/workbench.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

const ExactSolver kSolver;

// All that the solver is asked for; each state once.
std::vector<Ids> all_states(MilpWindow& window) {
  std::vector<Ids> found;
  while (!window.exhausted()) {
    Ids pieces = window.next(kSolver);
    if (pieces.empty()) break;
    REQUIRE(std::find(found.begin(), found.end(), pieces) == found.end());
    found.push_back(std::move(pieces));
  }
  std::sort(found.begin(), found.end());
  return found;
}

// The combinations with a ball of this radius, ascending.
std::vector<Ids> deeper_than(const OpenCell& cell, double radius) {
  std::vector<Ids> states;
  for (const auto& [state, depth] : cell.depths()) {
    if (depth > radius) states.push_back(state);
  }
  return states;
}

}  // namespace

TEST_CASE("A window finds the states with room for the margin, and no others") {
  Random random(721);
  int several = 0, missing = 0;
  for (const Kind kind : kKinds) {
    for (const Index k : {1, 2}) {
      for (const double margin : {5e-6, 0.004}) {
        const OpenCell cell(random, k, 2, kind, margin);
        if (cell.open.empty()) continue;
        Tolerances tolerances;
        tolerances.solver_margin = margin;
        MilpWindow window(cell.space, cell.rows, cell.open, tolerances);
        const std::vector<Ids> states = all_states(window);
        REQUIRE(states == deeper_than(cell, margin));
        const bool all = states.size() == cell.depths().size();
        REQUIRE(window.exhausted() == all);
        several += states.size() > 1 ? 1 : 0;
        missing += all ? 0 : 1;
      }
    }
  }
  CHECK(several > 10);
  CHECK(missing > 2);
}

TEST_CASE("A strip just wider than two margins is found, one just narrower is not") {
  for (const double share : {0.98, 1.02}) {
    const double width = 2.0 * share * Tolerances{}.solver_margin;
    NeuralGraph graph(2);  // the strip 0 < x < width
    const Ids pre = dense(graph, {0, 1}, Matrix{{1.0, 0.0}, {1.0, 0.0}}, Vector{{0.0, -width}});
    const OpenCell cell(FreeSpace(cube(2)),
                        NormalForm(graph, apply(graph, pre, PiecewiseFunction::relu())), 5e-6);
    REQUIRE(cell.open.size() == 2);
    MilpWindow window(cell.space, {}, cell.open, {});
    const std::vector<Ids> states = all_states(window);
    CHECK(std::binary_search(states.begin(), states.end(), Ids{1, 0}) == (share > 1.0));
    CHECK(states.size() == (share > 1.0 ? 3 : 2));
    CHECK_FALSE(window.exhausted());  // nothing is below 0 and above the width
  }
}

TEST_CASE("Blocked states are left out") {
  Random random(722);
  int blocked = 0;
  for (const Kind kind : {Kind::relu, Kind::stairs, Kind::maximum}) {
    for (int round = 0; round < 3; ++round) {
      const OpenCell cell(random, 2, 2, kind, 5e-6);
      if (cell.open.empty()) continue;
      std::vector<Ids> expected = deeper_than(cell, 5e-6);
      MilpWindow window(cell.space, cell.rows, cell.open, {});
      for (std::size_t i = 0; i < expected.size(); ++i) {
        window.block(expected[i]);
        expected.erase(expected.begin() + static_cast<std::ptrdiff_t>(i));
        ++blocked;
      }
      REQUIRE(all_states(window) == expected);
    }
  }
  CHECK(blocked > 10);
}

TEST_CASE("With all combinations blocked there is nothing to ask") {
  Random random(723);
  const OpenCell cell(random, 2, 3, Kind::absolute, 5e-6);
  REQUIRE(cell.open.size() > 1);
  MilpWindow window(cell.space, cell.rows, cell.open, {});
  const auto depths = cell.depths();
  for (const auto& [state, depth] : depths) {
    CHECK_FALSE(window.exhausted());
    window.block(state);
  }
  CHECK(window.exhausted());
  CHECK(window.next(kSolver).empty());
}

TEST_CASE("A solver that fails or repeats itself is an error that says so") {
  Random random(724);
  const OpenCell cell(random, 2, 2, Kind::absolute, 5e-6);
  REQUIRE(!cell.open.empty());
  const auto message_of = [&](const MipSolver& solver, int times) -> std::string {
    MilpWindow window(cell.space, cell.rows, cell.open, {});
    try {
      for (int i = 0; i < times; ++i) (void)window.next(solver);
    } catch (const SolverError& error) {
      return error.what();
    }
    return "";
  };
  MipSolution answer;
  answer.status = SolveStatus::infeasible;
  CHECK(message_of(StubbornSolver(answer), 2) == "");
  answer.detail = "out of luck";
  for (const SolveStatus status : {SolveStatus::undecided, SolveStatus::unbounded}) {
    answer.status = status;
    const std::string message = message_of(StubbornSolver(answer), 1);
    CHECK(message.find(name(status)) != std::string::npos);
    CHECK(message.find("out of luck") != std::string::npos);
  }
  answer.status = SolveStatus::feasible;
  answer.values.assign(100, 0.0);
  CHECK(message_of(StubbornSolver(answer), 1) == "");
  CHECK(message_of(StubbornSolver(answer), 2).find("told to leave out") != std::string::npos);
}
