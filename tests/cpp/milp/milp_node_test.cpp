// The tree of nodes, expanded with an exact solver, against the regions of a subdivision.
#include "milp/milp_node.hpp"

#include <doctest/doctest.h>

#include <functional>

#include "make_output_units.hpp"
#include "milp/workbench.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

const ExactSolver kSolver;

struct Tree {
  RegionList regions;
  double share = 0.0;  // of all regions together
  Index solves = 0, rejected = 0;
  int most_children = 0;
};

// All regions, depth first: ascending, as the children of every node are.
Tree expand_all(const NormalForm& form, const FreeSpace& space, const MilpOptions& options) {
  Tree tree;
  const StateLayout layout(form);
  MilpCounts counts;
  MilpExpansion expansion(form, space, layout, kSolver, options, counts);
  StopSignal signal{Control{}};
  tree.regions.words = layout.words();
  tree.regions.dimension = space.dimension();
  const std::function<void(const MilpNode&)> visit = [&](const MilpNode& node) {
    if (node.is_region) {
      expansion.list(node, tree.regions);
      tree.share += node.share;
      return;
    }
    const std::vector<MilpNode> children = expansion.expand(node, signal);
    tree.most_children = std::max(tree.most_children, static_cast<int>(children.size()));
    for (std::size_t i = 0; i < children.size(); ++i) {
      const MilpNode& child = children[i];
      REQUIRE(child.rows.size() ==
              child.origins.size() * static_cast<std::size_t>(space.dimension() + 1));
      if (i > 0) REQUIRE(layout.compare(children[i - 1].state.data(), child.state.data()) < 0);
      const Index first = node.stage < size_of(form.stages())
                              ? form.stages()[node.stage].first_unit + node.unit
                              : layout.units();
      for (Index u = 0; u < first; ++u) {
        REQUIRE(layout.get(child.state.data(), u) == layout.get(node.state.data(), u));
      }
      if (child.stage < size_of(form.stages())) {
        const Index open = form.stages()[child.stage].first_unit + child.unit;
        for (Index u = open; u < layout.units(); ++u) {
          REQUIRE(layout.get(child.state.data(), u) == 0);
        }
      }
      visit(child);
    }
  };
  MilpNode root;
  root.state.assign(static_cast<std::size_t>(layout.words()), 0);
  visit(root);
  tree.solves = counts.solves;
  tree.rejected = counts.rejected;
  return tree;
}

void compare(const RegionList& found, const RegionList& expected) {
  REQUIRE(found.count == expected.count);
  REQUIRE(found.states == expected.states);
  REQUIRE(found.facets == expected.facets);
}

MilpOptions with(Index window, Index samples) {
  MilpOptions options;
  options.window = window;
  options.samples = samples;
  return options;
}

}  // namespace

TEST_CASE("The same regions and facets as a subdivision, whatever the window and the samples") {
  Random random(741);
  for (const Kind kind : kKinds) {
    for (const Index k : {1, 2}) {
      const Matrix oblique = Matrix::Constant(1, k, 0.5);
      const FreeSpace space(
          {Vector::Constant(k, -1.0), Vector::Ones(k), oblique, Vector::Constant(1, 0.3)});
      const NormalForm form =
          random_network(random, {k, 3, 2, 1, false, false}, {kind, Kind::relu});
      const RegionList expected = subdivide(form, space).regions;
      CAPTURE(static_cast<int>(kind));
      for (const MilpOptions& options : {with(1, 0), with(1, 50), with(2, 50), with(3, 200)}) {
        const Tree tree = expand_all(form, space, options);
        compare(tree.regions, expected);
        CHECK(tree.rejected == 0);
        CHECK(tree.share == doctest::Approx(1.0));
        // The solver finds all states or proves that there are no more.
        if (options.samples == 0 && expected.count > 1) CHECK(tree.solves >= expected.count - 1);
      }
    }
  }
}

TEST_CASE("A window of one unit has a child per piece, and samples spare questions") {
  NeuralGraph graph(2);
  const Ids pre = dense(graph, {0, 1}, Matrix{{1.0, 0.0}, {0.0, 1.0}}, Vector::Zero(2));
  const NormalForm form(graph, apply(graph, pre, PiecewiseFunction::absolute()));
  const FreeSpace space(cube(2));
  const Tree single = expand_all(form, space, with(1, 0));
  CHECK(single.regions.count == 4);
  CHECK(single.most_children == 2);
  CHECK(single.solves == 6);  // two for each of three nodes, and then all is blocked
  const Tree pair = expand_all(form, space, with(2, 0));
  CHECK(pair.most_children == 4);
  CHECK(pair.solves == 4);
  CHECK(expand_all(form, space, with(2, 200)).solves == 0);
}

TEST_CASE("Facets and regions of integer networks: units on one hyperplane, flat ones") {
  Random random(742);
  Index regions = 0;
  for (int round = 0; round < 12; ++round) {
    const NormalForm form =
        random_network(random, {2, 3, 2, 1, true, round % 2 == 0}, {kKinds[round % 7], Kind::relu});
    const FreeSpace space(cube(2));
    const RegionList expected = subdivide(form, space).regions;
    const Tree tree = expand_all(form, space, with(2, 20));
    compare(tree.regions, expected);
    regions += expected.count;
  }
  CHECK(regions > 60);
}

TEST_CASE("With a goal only what is wanted, and the share of the rest is left out") {
  Random random(743);
  Index found = 0, left_out = 0;
  for (const Kind kind : kKinds) {
    const FreeSpace space(cube(2));
    const NormalForm form = with_output_units(
        random_network(random, {2, 3, 1, 3, false, false}, {kind}), {ranking({0, 1, 2})});
    const StateLayout layout(form);
    const RegionList all = subdivide(form, space).regions;
    for (const Index wanted : {Index{0}, Index{2}, SearchGoal::any_but(1)}) {
      MilpOptions options = with(2, 20);
      options.goal.required = {wanted};
      const RegionList regions = expand_all(form, space, options).regions;
      RegionList expected = all.empty_copy();
      for (Index i = 0; i < all.count; ++i) {
        if (!options.goal.wants(form, layout, all.state(i))) continue;
        expected.add(all.state(i), all.interior_point(i), facets_of(all, i));
      }
      compare(regions, expected);
      found += regions.count;
      left_out += all.count - regions.count;
    }
  }
  CHECK(found > 30);
  CHECK(left_out > 30);
}

TEST_CASE("What the solver says without room for a region is counted, and left out") {
  // relu(x) and relu(-x), with a solver that claims that both are off, which is so at 0 only.
  class Liar final : public MipSolver {
   public:
    [[nodiscard]] MipSolution solve(const MixedIntegerProgram& program) const override {
      MipSolution answer;
      answer.status = asked_++ == 0 ? SolveStatus::optimal : SolveStatus::infeasible;
      answer.values.assign(program.variables.size(), 0.0);
      return answer;
    }

   private:
    mutable int asked_ = 0;
  };
  NeuralGraph graph(1);
  const Ids pre = dense(graph, {0}, Matrix{{1.0}, {-1.0}}, Vector::Zero(2));
  const NormalForm form(graph, apply(graph, pre, PiecewiseFunction::relu()));
  const FreeSpace space(cube(1));
  const StateLayout layout(form);
  const Liar solver;
  const MilpOptions options = with(2, 0);
  MilpCounts counts;
  MilpExpansion expansion(form, space, layout, solver, options, counts);
  StopSignal signal{Control{}};
  MilpNode root;
  root.state = {0};
  CHECK(expansion.expand(root, signal).empty());
  CHECK(counts.rejected == 1);
  CHECK(counts.solves == 2);
}
