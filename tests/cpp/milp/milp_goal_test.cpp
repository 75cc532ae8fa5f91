// Nodes without hope, against a list of all regions.
#include "milp/milp_goal.hpp"

#include <doctest/doctest.h>

#include <set>

#include "make_output_units.hpp"
#include "networks.hpp"
#include "polytopes.hpp"
#include "regions/region_of_state.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

struct Counts {
  int hopeless = 0, hopeful = 0, early = 0, in_vain = 0;
};

// Every prefix of states of whole stages is a node. With `exact` there is one target, which on the
// last stage says all that there is to say.
void check_nodes(const NormalForm& form, const FreeSpace& space, const SearchGoal& wanted,
                 bool exact, Counts& counts) {
  const MilpGoal goal(form, space, wanted);
  const StateLayout layout(form);
  const RegionList all = subdivide(form, space).regions;
  for (Index s = 0; s < size_of(form.stages()); ++s) {
    const NormalForm head = form.head(s);
    const StateLayout prefix(head);
    std::set<Ids> with_hope;
    for (Index i = 0; i < all.count; ++i) {
      if (!wanted.wants(form, layout, all.state(i))) continue;
      Ids pieces = state_of(layout, all.state(i));
      pieces.resize(static_cast<std::size_t>(prefix.units()));
      with_hope.insert(pieces);
    }
    const RegionList nodes = subdivide(head, space).regions;
    for (Index i = 0; i < nodes.count; ++i) {
      FixedStatePass pass(form);
      pass.start_in(space);
      for (Index t = 0; t < s; ++t) {
        pass.enter_stage(t);
        const Stage& stage = form.stages()[t];
        for (Index u = 0; u < size_of(stage.units); ++u) {
          pass.decide(t, u, prefix.get(nodes.state(i), stage.first_unit + u));
        }
        pass.finish_stage(t);
      }
      pass.enter_stage(s);
      std::optional<LpCell> cell = RegionOfState(head, space, prefix, {}).cell(nodes.state(i));
      REQUIRE(cell);
      const bool hopeless = goal.hopeless(pass, s, *cell);
      const bool holds_any = with_hope.contains(state_of(prefix, nodes.state(i)));
      REQUIRE(!(hopeless && holds_any));
      const bool last = s + 1 == size_of(form.stages());
      if (exact && last) REQUIRE(hopeless == !holds_any);
      counts.hopeless += hopeless ? 1 : 0;
      counts.early += hopeless && !last ? 1 : 0;
      counts.hopeful += holds_any ? 1 : 0;
      counts.in_vain += !hopeless && !holds_any ? 1 : 0;
    }
  }
}

// The network's outputs, ranked.
NormalForm ranked(Random& random, Index outputs, Kind kind, Index depth) {
  const NormalForm form = random_network(random, {2, 4, depth, outputs, false, depth > 1}, {kind});
  return with_output_units(form, {ranking(range(0, outputs))});
}

}  // namespace

TEST_CASE("Two outputs: never hopeless with a wanted region, and on the last stage always else") {
  Random random(731);
  Counts counts;
  const FreeSpace space(cube(2));
  for (const Kind kind : kKinds) {
    for (const Index depth : {1, 2}) {
      for (const Index winner : {0, 1}) {
        check_nodes(ranked(random, 2, kind, depth), space, {{winner}}, true, counts);
      }
    }
  }
  CHECK(counts.hopeless > 100);
  CHECK(counts.early > 0);
  CHECK(counts.hopeful > 100);
}

TEST_CASE("Several targets: one out of reach is enough, or all must be") {
  Random random(732);
  Counts one, all;
  const FreeSpace space(cube(2));
  for (const Kind kind : kKinds) {
    const NormalForm form = ranked(random, 4, kind, 2);
    for (const Index winner : {0, 1, 2, 3}) {
      check_nodes(form, space, {{winner}}, false, one);
      check_nodes(form, space, {{SearchGoal::any_but(winner)}}, false, all);
    }
  }
  CHECK(one.hopeless > 100);
  CHECK(one.hopeful > 100);
  CHECK(all.hopeless > 100);
  CHECK(all.hopeful > 100);
}

TEST_CASE("Inputs that are carried over several stages count in every one") {
  Random random(735);
  Counts counts;
  const FreeSpace space(cube(2));
  for (const Kind kind : {Kind::relu, Kind::absolute, Kind::clip}) {
    for (int round = 0; round < 4; ++round) {
      const NormalForm form = with_output_units(
          random_network(random, {2, 3, 3, 2, false, true}, {kind}), {ranking({0, 1})});
      REQUIRE(!form.stages()[1].carried.empty());
      for (const Index winner : {0, 1}) check_nodes(form, space, {{winner}}, true, counts);
    }
  }
  CHECK(counts.early > 10);
  CHECK(counts.hopeful > 50);
}

TEST_CASE("At the root too: only a carried input makes the wanted output win") {
  NeuralGraph graph(1);
  const Ids first =
      apply(graph, dense(graph, {0}, Matrix{{1.0}}, Vector{{0.0}}), PiecewiseFunction::relu());
  const Ids second =
      apply(graph, dense(graph, first, Matrix{{1.0}}, Vector{{-0.5}}), PiecewiseFunction::relu());
  for (const double sign : {1.0, -1.0}) {  // 5 x is ahead of 2 - second / 10 behind x = 0.4
    const Ids outputs = dense(graph, joined(second, {0}), Matrix{{0.1, sign * 5.0}, {0.0, 0.0}},
                              Vector{{-2.0, 0.0}});
    const NormalForm form = with_output_units(NormalForm(graph, outputs), {ranking({0, 1})});
    REQUIRE(form.stages().size() == 3);
    Counts counts;
    check_nodes(form, FreeSpace(cube(1)), {{0}}, true, counts);
    CHECK(counts.hopeful > 2);
    CHECK(counts.hopeless > 0);
  }
}

TEST_CASE("The pieces of conditions, each with a target of its own") {
  Random random(733);
  Counts counts;
  const FreeSpace space(cube(2));
  for (const Kind kind : kKinds) {
    const NormalForm form = with_output_units(
        random_network(random, {2, 4, 2, 2, false, false}, {kind}),
        {condition(Vector{{1.0, 0.5}}, 0.2), condition(Vector{{0.0, 1.0}}, -0.1)});
    for (const SearchGoal& wanted : {SearchGoal{{1, SearchGoal::kAny}}, SearchGoal{{0, 1}},
                                     SearchGoal{{SearchGoal::any_but(0), 0}}}) {
      const bool exact = wanted.required[1] == SearchGoal::kAny;
      check_nodes(form, space, wanted, exact, counts);
    }
  }
  CHECK(counts.hopeless > 50);
  CHECK(counts.hopeful > 50);
}

TEST_CASE("Without a goal nothing is hopeless") {
  Random random(734);
  Counts counts;
  check_nodes(ranked(random, 2, Kind::relu, 2), FreeSpace(cube(2)), {}, true, counts);
  CHECK(counts.hopeful > 10);
  CHECK(counts.hopeless == 0);
  CHECK(counts.in_vain == 0);
}
