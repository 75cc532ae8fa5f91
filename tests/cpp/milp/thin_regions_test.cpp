// Regions taken out of a complete list are found again behind the facets of the others.
#include "milp/thin_regions.hpp"

#include <doctest/doctest.h>

#include "make_output_units.hpp"
#include "networks.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

template <class Keep>
RegionList part_of(const RegionList& list, Keep&& keep) {
  RegionList part = list.empty_copy();
  for (Index i = 0; i < list.count; ++i) {
    if (keep(i)) part.add(list.state(i), list.interior_point(i), facets_of(list, i));
  }
  return part;
}

// Points differ, as another cell finds others: each must have the state of its region.
void check_same(const NormalForm& form, const FreeSpace& space, const RegionList& found,
                const RegionList& expected) {
  REQUIRE(found.states == expected.states);
  REQUIRE(found.facets == expected.facets);
  const StateLayout layout(form);
  for (Index i = 0; i < found.count; ++i) {
    const Eigen::Map<const Vector> u(found.interior_point(i), found.dimension);
    const auto states = form.states(space.to_input(u).transpose());
    for (Index unit = 0; unit < layout.units(); ++unit) {
      REQUIRE(states(0, unit) == layout.get(found.state(i), unit));
    }
  }
}

// A strip of this width between relu(x) and relu(x - width).
NormalForm strip(double width) {
  NeuralGraph graph(1);
  const Ids pre = dense(graph, {0}, Matrix{{1.0}, {1.0}}, Vector{{0.0, -width}});
  return NormalForm(graph, apply(graph, pre, PiecewiseFunction::relu()));
}

}  // namespace

TEST_CASE("What is missing is found from any region, however much it is") {
  Random random(751);
  Index added = 0;
  for (const Kind kind : kKinds) {
    for (int round = 0; round < 6; ++round) {
      const Index k = 1 + round % 3;
      const FreeSpace space(cube(k));
      const NormalForm form =
          random_network(random, {k, 3, 2, 1, false, round % 2 == 1}, {kind, Kind::relu});
      const RegionList all = subdivide(form, space).regions;
      const Index start = random.below(all.count);
      const double share = round < 2 ? 0.0 : 0.7;  // of those that are kept beside it
      RegionList list = part_of(all, [&](Index i) { return i == start || random.chance(share); });
      const Index missing = all.count - list.count;
      add_thin_regions(form, space, {}, {}, list);
      CHECK(list.below_resolution == missing);
      check_same(form, space, list, all);
      added += missing;
    }
  }
  CHECK(added > 200);
}

TEST_CASE("The same in integer networks, where units share hyperplanes") {
  Random random(752);
  Index added = 0;
  for (int round = 0; round < 20; ++round) {
    const FreeSpace space(cube(2));
    const NormalForm form =
        random_network(random, {2, 3, 2, 1, true, false}, {kKinds[round % 7], Kind::relu});
    const RegionList all = subdivide(form, space).regions;
    const Index start = random.below(all.count);
    RegionList list = part_of(all, [&](Index i) { return i == start; });
    add_thin_regions(form, space, {}, {}, list);
    CHECK(list.below_resolution == all.count - 1);
    check_same(form, space, list, all);
    added += list.below_resolution;
  }
  CHECK(added > 60);
}

TEST_CASE("A complete list stays as it is") {
  Random random(753);
  const FreeSpace space(cube(2));
  const NormalForm form = random_network(random, {2, 4, 2, 1, false, false}, {Kind::clip});
  const RegionList all = subdivide(form, space).regions;
  RegionList list = all;
  add_thin_regions(form, space, {}, {}, list);
  CHECK(list.below_resolution == 0);
  CHECK(list.states == all.states);
  CHECK(list.interior == all.interior);
}

TEST_CASE("Thicker than the cut tolerance is a region, thinner is none") {
  for (const double widths : {0.5, 4.0}) {
    const NormalForm form = strip(widths * Tolerances{}.cut);
    const FreeSpace space(cube(1));
    RegionList list = subdivide(strip(0.5), space).regions;  // the same states, and the strip
    REQUIRE(list.count == 3);
    list = part_of(list, [](Index i) { return i != 1; });
    add_thin_regions(form, space, {}, {}, list);
    CHECK(list.below_resolution == (widths > 2.0 ? 1 : 0));
    CHECK(list.count == (widths > 2.0 ? 3 : 2));
    CHECK(list.ascending());
  }
}

TEST_CASE("Only wanted regions are added, and the walk goes through wanted regions only") {
  // On a line the regions are intervals, so what lies behind what is their order.
  Random random(754);
  Index added = 0, unreached = 0;
  for (int round = 0; round < 30; ++round) {
    const FreeSpace space(cube(1));
    const NormalForm form = with_output_units(
        random_network(random, {1, 6, 1, 2, false, false}, {kKinds[round % 7]}), {ranking({0, 1})});
    const StateLayout layout(form);
    const SearchGoal goal{{round % 2}};
    const RegionList all = subdivide(form, space).regions;
    std::vector<Index> along = range(0, all.count);
    std::sort(along.begin(), along.end(),
              [&](Index a, Index b) { return *all.interior_point(a) < *all.interior_point(b); });
    std::vector<char> wanted(static_cast<std::size_t>(all.count)), kept = wanted;
    for (Index i = 0; i < all.count; ++i) {
      wanted[i] = goal.wants(form, layout, all.state(i)) ? 1 : 0;
      kept[i] = wanted[i] && random.chance(0.3) ? 1 : 0;
    }
    RegionList list = part_of(all, [&](Index i) { return kept[i]; });
    const Index before = list.count;
    // Next to one that is held, step by step in both directions.
    for (int pass = 0; pass < 2; ++pass) {
      for (std::size_t i = 1; i < along.size(); ++i) {
        if (kept[along[i - 1]] && wanted[along[i]]) kept[along[i]] = 1;
      }
      std::reverse(along.begin(), along.end());
    }
    const RegionList expected = part_of(all, [&](Index i) { return kept[i]; });
    add_thin_regions(form, space, {}, goal, list);
    REQUIRE(list.states == expected.states);
    REQUIRE(list.below_resolution == expected.count - before);
    added += list.below_resolution;
    for (Index i = 0; i < all.count; ++i) unreached += wanted[i] && !kept[i] ? 1 : 0;
  }
  CHECK(added > 20);
  CHECK(unreached > 5);
}
