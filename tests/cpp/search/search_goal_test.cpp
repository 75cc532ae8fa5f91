// A search with a goal returns exactly the wanted regions of the full search, and bounds are sound
// on every cell: nothing that can be reached is left out.
#include "facetry/state/search_goal.hpp"

#include <doctest/doctest.h>

#include "facetry/base/error.hpp"
#include "make_output_units.hpp"
#include "network/output_units.hpp"
#include "networks.hpp"
#include "polytopes.hpp"
#include "search/subdivision.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

InputPolytope region(Index m, int which) {
  InputPolytope polytope = cube(m);
  if (which == 1) add_constraint(polytope, Vector::Ones(m), 0.5);
  if (which == 2 && m > 1) polytope.low[0] = polytope.high[0] = 0.25;
  return polytope;
}

struct Wanted {
  std::vector<std::vector<StateWord>> states;
  Index regions = 0;  // of the full search
};

Wanted filtered(const SubdivisionResult& full, const NormalForm& form, const SearchGoal& goal) {
  const StateLayout layout(form);
  Wanted wanted;
  wanted.regions = full.regions.count;
  for (Index i = 0; i < full.regions.count; ++i) {
    const StateWord* state = full.regions.state(i);
    bool fits = true;
    for (Index u = 0; u < size_of(goal.required); ++u) {
      const Index piece = layout.get(state, form.stages().back().first_unit + u);
      fits = fits && (goal.required[u] == SearchGoal::kAny || goal.required[u] == piece);
    }
    if (fits) wanted.states.emplace_back(state, state + layout.words());
  }
  return wanted;
}

void require_same(const SubdivisionResult& found, const Wanted& wanted) {
  REQUIRE(found.termination == Termination::complete);
  REQUIRE(found.regions.count == size_of(wanted.states));
  for (Index i = 0; i < found.regions.count; ++i) {
    const StateWord* state = found.regions.state(i);
    REQUIRE(std::vector<StateWord>(state, state + found.regions.words) == wanted.states[i]);
  }
}

}  // namespace

TEST_CASE("What is found is what the full search finds and the goal wants") {
  Random random(131);
  Index wanted_regions = 0;
  Index all_regions = 0;
  for (int round = 0; round < 210; ++round) {
    const Index m = 1 + round % 4;
    const Style style{m, 5, 1 + round % 3, 3, round % 5 == 0, random.chance(0.5)};
    const NormalForm plain =
        random_network(random, style, {kKinds[round % 7], kKinds[random.below(7)]});
    Vector weights(3);
    for (Index i = 0; i < 3; ++i) weights[i] = random.uniform(-1.0, 1.0);
    const NormalForm form =
        with_output_units(plain, {ranking({0, 1, 2}, round % 2 == 0 ? 1.0 : -1.0), ranking({2, 0}),
                                  condition(Vector{{0.0, 1.0, 0.0}}, 0.125),
                                  condition(weights, random.uniform(-0.5, 0.5))});
    const FreeSpace space(region(m, round % 3));
    SubdivisionOptions options;
    options.exactness = round % 2 == 0 ? Exactness::safe : Exactness::floating;
    const SubdivisionResult full = subdivide(form, space, options);
    all_regions += full.regions.count;
    for (const std::vector<Index>& required : {std::vector<Index>{0, -1, -1, -1},
                                               {1, -1, 1, -1},
                                               {-1, 0, -1, 1},
                                               {2, 0, 0, 0},
                                               {-1, 1, 1, 1}}) {
      options.goal.required = required;
      const Wanted wanted = filtered(full, form, options.goal);
      wanted_regions += size_of(wanted.states);
      CAPTURE(round);
      for (const CellKind kind :
           {CellKind::automatic, CellKind::vertices, CellKind::linear_programs}) {
        options.cell = kind;
        options.control.threads = kind == CellKind::vertices ? 3 : 1;
        options.cells_before_sharing = 1;
        const SubdivisionResult found = subdivide(form, space, options);
        require_same(found, wanted);
        if (space.dimension() > 0) CHECK(found.cells >= found.regions.count);
      }
    }
  }
  CHECK(wanted_regions > 1000);
  CHECK(wanted_regions < 2 * all_regions);
}

TEST_CASE("The second highest output, asked of each winner in turn") {
  Random random(135);
  Index triplets = 0;
  for (int round = 0; round < 60; ++round) {
    const Index m = 1 + round % 3;
    const Style style{m, 6, 1 + round % 2, 3, round % 5 == 0, false};
    const NormalForm plain = random_network(random, style, {kKinds[round % 7]});
    std::vector<OutputUnit> units{ranking({0, 1, 2})};
    for (Index a = 0; a < 3; ++a) {
      units.push_back(ranking(a == 0 ? Ids{1, 2} : a == 1 ? Ids{0, 2} : Ids{0, 1}));
      units.back().only_if = 0;
      units.back().only_state = a;
    }
    const NormalForm form = with_output_units(plain, units);
    const FreeSpace space(cube(m));
    const SubdivisionResult full = subdivide(form, space);
    const StateLayout layout(form);
    const Index first = form.stages().back().first_unit;
    Matrix points(full.regions.count, m);
    for (Index i = 0; i < full.regions.count; ++i) {
      points.row(i) =
          space.to_input(Eigen::Map<const Vector>(full.regions.interior_point(i), m)).transpose();
    }
    const Matrix outputs = plain.evaluate(points);
    for (Index i = 0; i < full.regions.count; ++i) {
      const Index a = layout.get(full.regions.state(i), first);
      for (Index t = 0; t < 3; ++t) {
        if (t != a) REQUIRE(layout.get(full.regions.state(i), first + 1 + t) == 0);
      }
      const Index b = units[1 + a].outputs[layout.get(full.regions.state(i), first + 1 + a)];
      const Index c = 3 - a - b;
      REQUIRE(outputs(i, a) >= outputs(i, b) - 1e-12);
      REQUIRE(outputs(i, b) >= outputs(i, c) - 1e-12);
      ++triplets;
    }
    for (const std::vector<Index>& required :
         {std::vector<Index>{-1, 0, SearchGoal::kNone, 1}, {1, -1, 0, -1}, {2, 0, 0, 0}}) {
      SubdivisionOptions options;
      options.goal.required = required;
      Wanted wanted;
      for (Index i = 0; i < full.regions.count; ++i) {
        const StateWord* state = full.regions.state(i);
        const Index a = layout.get(state, first);
        const Index b = layout.get(state, first + 1 + a);
        const bool fits = (required[0] == -1 || required[0] == a) &&
                          (required[1 + a] == -1 || required[1 + a] == b);
        if (fits) wanted.states.emplace_back(state, state + layout.words());
      }
      require_same(subdivide(form, space, options), wanted);
    }
  }
  CHECK(triplets > 1000);
}

TEST_CASE("Cells without an answer are not searched") {
  Random random(132);
  Index with_goal = 0;
  Index without = 0;
  for (int round = 0; round < 10; ++round) {
    const NormalForm form = with_output_units(
        random_network(random, {3, 12, 2, 4, false, false}, {Kind::relu}), {ranking({0, 1, 2, 3})});
    const FreeSpace space(cube(3));
    SubdivisionOptions options;
    const SubdivisionResult full = subdivide(form, space, options);
    without += full.cells;
    Index rarest = 0;
    Index fewest = full.regions.count + 1;
    for (Index a = 0; a < 4; ++a) {
      options.goal.required = {a};
      const Index count = size_of(filtered(full, form, options.goal).states);
      if (count >= fewest) continue;
      fewest = count;
      rarest = a;
    }
    options.goal.required = {rarest};
    with_goal += subdivide(form, space, options).cells;
  }
  CAPTURE(with_goal);
  CAPTURE(without);
  CHECK(3 * with_goal < without);
}

TEST_CASE("A stream with a goal stops and goes on without losing or repeating") {
  Random random(133);
  const NormalForm form = with_output_units(
      random_network(random, {3, 10, 2, 3, false, true}, {Kind::relu}), {ranking({0, 1, 2})});
  const FreeSpace space(cube(3));
  SubdivisionOptions search;
  search.goal.required = {1};
  const SubdivisionResult all = subdivide(form, space, search);
  REQUIRE(all.regions.count > 10);
  StreamOptions options;
  options.search = search;
  options.batch = 3;
  std::vector<StateWord> states;
  while (true) {
    int batches = 0;
    const StreamEnd end = enumerate(form, space, options, [&](RegionBatch&& batch) {
      states.insert(states.end(), batch.regions.states.begin(), batch.regions.states.end());
      return ++batches < 2;
    });
    if (end.frontier.empty()) break;
    options.start = end.frontier;
  }
  CHECK(states == std::vector<StateWord>(all.regions.states.begin(), all.regions.states.end()));
}

TEST_CASE("Winners of constant outputs, ties included") {
  NeuralGraph graph(1);  // y0 = relu(x), y1 = relu(x), y2 = -1: the first of equal outputs wins
  const Ids one = apply(graph, dense(graph, {0}, Matrix{{1.0}, {1.0}}, Vector{{0.0, 0.0}}),
                        PiecewiseFunction::relu());
  const Ids low = dense(graph, {0}, Matrix{{0.0}}, Vector{{-1.0}});
  const NormalForm form =
      with_output_units(NormalForm(graph, joined(one, low)), {ranking({0, 1, 2})});
  for (const Exactness exactness : {Exactness::floating, Exactness::safe}) {
    SubdivisionOptions options;
    options.exactness = exactness;
    for (Index a = 0; a < 3; ++a) {
      options.goal.required = {a};
      CHECK(subdivide(form, FreeSpace(cube(1)), options).regions.count == (a == 0 ? 2 : 0));
    }
  }
  SubdivisionOptions options;
  options.goal.required = {1};
  CHECK(subdivide(form, FreeSpace(box(Vector::Zero(1), Vector::Zero(1))), options).regions.count ==
        0);
}

TEST_CASE("Questions and goals that do not fit are refused") {
  Random random(134);
  const NormalForm plain = random_network(random, {2, 3, 1, 3, false, false}, {Kind::relu});
  CHECK_THROWS_AS((void)with_output_units(plain, {}), InvalidInput);
  CHECK_THROWS_AS((void)with_output_units(plain, {ranking({0})}), InvalidInput);
  CHECK_THROWS_AS((void)with_output_units(plain, {ranking({0, 3})}), InvalidInput);
  CHECK_THROWS_WITH_AS((void)with_output_units(plain, {ranking({1, 1})}),
                       "an output cannot be compared with itself", InvalidInput);
  CHECK_THROWS_AS((void)with_output_units(plain, {condition(Vector::Ones(2), 0.0)}), InvalidInput);
  CHECK_THROWS_AS((void)with_output_units(plain, {condition(Vector::Ones(3), NAN)}), InvalidInput);
  const NormalForm form = with_output_units(plain, {ranking({0, 1, 2})});
  SubdivisionOptions options;
  options.goal.required = {3};
  CHECK_THROWS_AS((void)subdivide(form, FreeSpace(cube(2)), options), InvalidInput);
  options.goal.required = {0, 0};
  CHECK_THROWS_AS((void)subdivide(form, FreeSpace(cube(2)), options), InvalidInput);
}
