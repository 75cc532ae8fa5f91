// Regions of given states against the lists that whole searches make.
#include "search/regions_of_states.hpp"

#include <doctest/doctest.h>

#include "facetry/base/error.hpp"
#include "networks.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

TEST_CASE("Each region of a partition again, bit for bit, whatever the cells and the level") {
  Random random(631);
  for (Index round = 0; round < 42; ++round) {
    const Index m = 1 + round % 4;
    const NormalForm form = random_network(random, {m, 4, 2, 1, round % 2 == 1, round % 3 == 0},
                                           {kKinds[round % 7], kKinds[random.below(7)]});
    InputPolytope polytope = cube(m);
    if (round % 5 == 0) add_constraint(polytope, Vector::Ones(m), 0.5);
    const FreeSpace space(polytope);
    SubdivisionOptions options;
    options.exactness = round % 2 == 0 ? Exactness::safe : Exactness::floating;
    options.cell = round % 3 == 0 ? CellKind::linear_programs : CellKind::automatic;
    const RegionList whole = subdivide(form, space, options).regions;
    std::vector<StateWord> backwards;
    for (Index i = whole.count - 1; i >= 0; --i)
      backwards.insert(backwards.end(), whole.state(i), whole.state(i) + whole.words);
    SearchOptions own;
    own.take(options);
    for (const int threads : {1, 2}) {
      own.control.threads = threads;
      const RegionList again = regions_of_states(form, space, backwards, whole.count, own);
      REQUIRE(again.count == whole.count);
      for (Index i = 0; i < whole.count; ++i) {
        const Index j = whole.count - 1 - i;
        REQUIRE(std::equal(whole.state(i), whole.state(i) + whole.words, again.state(j)));
        REQUIRE(facets_of(again, j) == facets_of(whole, i));
        for (Index c = 0; c < whole.dimension; ++c) {
          REQUIRE(again.interior[j * whole.dimension + c] ==
                  whole.interior[i * whole.dimension + c]);
        }
      }
    }
  }
}

TEST_CASE("States without a region, and points, are refused") {
  NeuralGraph graph(2);
  const NormalForm form(graph, apply(graph, {0, 1}, PiecewiseFunction::relu()));
  InputPolytope right = cube(2);
  right.low[0] = 0.5;
  const StateLayout layout(form);
  std::vector<StateWord> state(static_cast<std::size_t>(layout.words()), 0);
  layout.set(state.data(), 1, 1);  // the first unit is never off there
  CHECK_THROWS_AS((void)regions_of_states(form, FreeSpace(right), state, 1, {}), InvalidInput);
  InputPolytope point = cube(2);
  point.low = point.high;
  CHECK_THROWS_AS((void)regions_of_states(form, FreeSpace(point), state, 1, {}), InvalidInput);
  CHECK(regions_of_states(form, FreeSpace(right), {}, 0, {}).count == 0);
}

TEST_CASE("A network without units has one region, whatever is asked") {
  NeuralGraph graph(2);
  const NormalForm form(graph, dense(graph, {0, 1}, Matrix{{1.0, 2.0}}, Vector::Zero(1)));
  const RegionList regions = regions_of_states(form, FreeSpace(cube(2)), {}, 3, {});
  REQUIRE(regions.count == 3);
  for (Index i = 0; i < 3; ++i) CHECK(facets_of(regions, i).size() == 4);
}
