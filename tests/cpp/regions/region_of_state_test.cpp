// The region of a state against the network at points, and against a subdivision.
#include "regions/region_of_state.hpp"

#include <doctest/doctest.h>

#include "networks.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

TEST_CASE("Each region of a subdivision is found again, with its facets and an inner point") {
  Random random(491);
  for (const Kind kind : kKinds) {
    for (const Index m : {1, 2, 3}) {
      InputPolytope polytope = cube(m);
      if (m == 3) add_constraint(polytope, Vector{{1.0, 1.0, 0.5}}, 0.8);
      const FreeSpace space(polytope);
      const NormalForm form = random_network(random, {m, 3, 2, 1, false, true}, {kind, Kind::relu});
      const RegionList list = subdivide(form, space).regions;
      const StateLayout layout(form);
      RegionOfState regions(form, space, layout, {});
      REQUIRE(list.count > 1);
      for (Index i = 0; i < std::min<Index>(list.count, 40); ++i) {
        std::optional<LpCell> cell = regions.cell(list.state(i));
        REQUIRE(cell);
        std::vector<Origin> facets;
        cell->facets(facets);
        REQUIRE(facets == facets_of(list, i));
        Vector u(m);
        cell->interior_point(u.data());
        const auto states = form.states(space.to_input(u).transpose());
        for (Index unit = 0; unit < layout.units(); ++unit) {
          REQUIRE(states(0, unit) == layout.get(list.state(i), unit));
        }
      }
    }
  }
}

TEST_CASE("A state that no point has is no region, nor is one of a single point") {
  // relu(x), relu(x - 0.5), relu(-x).
  NeuralGraph graph(1);
  const Ids pre = dense(graph, {0}, Matrix{{1.0}, {1.0}, {-1.0}}, Vector{{0.0, -0.5, 0.0}});
  const NormalForm form(graph, apply(graph, pre, PiecewiseFunction::relu()));
  const FreeSpace space(cube(1));
  const StateLayout layout(form);
  RegionOfState regions(form, space, layout, {});
  int found = 0;
  for (Index number = 0; number < 8; ++number) {
    std::vector<StateWord> state(1, 0);
    const Ids pieces{number / 4, number / 2 % 2, number % 2};
    for (Index u = 0; u < 3; ++u) layout.set(state.data(), u, pieces[u]);
    // x < 0, 0 < x < 0.5, x > 0.5; (0, 0, 0) is the point 0 alone.
    const bool exists = pieces == Ids{0, 0, 1} || pieces == Ids{1, 0, 0} || pieces == Ids{1, 1, 0};
    CHECK(regions.cell(state.data()).has_value() == exists);
    found += exists ? 1 : 0;
  }
  CHECK(found == 3);
}

TEST_CASE("No thicker than the cut tolerance is no interior") {
  for (const double width : {0.5, 4.0}) {
    NeuralGraph graph(1);
    const double gap = width * Tolerances{}.cut;
    const Ids pre = dense(graph, {0}, Matrix{{1.0}, {1.0}}, Vector{{0.0, -gap}});
    const NormalForm form(graph, apply(graph, pre, PiecewiseFunction::relu()));
    const FreeSpace space(cube(1));
    const StateLayout layout(form);
    std::vector<StateWord> state(1, 0);
    layout.set(state.data(), 0, 1);  // 0 < x < gap: a ball of half of it
    CHECK(RegionOfState(form, space, layout, {}).cell(state.data()).has_value() == (width > 2.0));
  }
}

TEST_CASE(
    "Flat units and equal arguments have no boundary, a network without units no facet of one") {
  NeuralGraph graph(2);
  const Ids flat = dense(graph, {0, 1}, Matrix::Zero(1, 2), Vector{{0.0}});
  const Ids units =
      joined(apply(graph, flat, PiecewiseFunction::relu()), maximum(graph, joined(flat, flat), 2));
  const NormalForm form(graph, units);
  const FreeSpace space(cube(2));
  const StateLayout layout(form);
  std::vector<StateWord> state(static_cast<std::size_t>(layout.words()), 0);
  RegionOfState regions(form, space, layout, {});
  std::vector<Origin> facets;
  std::optional<LpCell> cell = regions.cell(state.data());
  REQUIRE(cell);
  cell->facets(facets);
  CHECK(facets == sides({0, 1, 2, 3}));
  NeuralGraph plain(2);
  const NormalForm affine(plain, {1});
  const StateLayout none(affine);
  std::optional<LpCell> whole = RegionOfState(affine, space, none, {}).cell(nullptr);
  REQUIRE(whole);
  whole->facets(facets);
  CHECK(facets == sides({0, 1, 2, 3}));
}
