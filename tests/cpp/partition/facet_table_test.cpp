// The table of facets by flipped states against the exact adjacency, asked about every region.
#include "partition/facet_table.hpp"

#include <doctest/doctest.h>

#include "networks.hpp"
#include "polytopes.hpp"
#include "regions/region_list.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

SubdivisionOptions safe() {
  SubdivisionOptions options;
  options.exactness = Exactness::safe;
  return options;
}

// The same regions, all of which may be touched; or of which nothing is known.
Partition all_touched(const NormalForm& form, const FreeSpace& space, const Partition& partition,
                      bool known) {
  auto list = std::make_shared<RegionList>();
  const RegionView& from = partition.regions();
  list->contacts_known = known;
  for (Index i = 0; known && i < from.count; ++i) list->touched.push_back(i);
  RegionView view = from;
  view.contacts_known = known;
  view.touched = ArrayView<Index>(list->touched);
  view.owner = list;
  return {std::make_shared<NormalForm>(form),
          std::make_shared<FreeSpace>(space),
          view,
          partition.termination(),
          true,
          partition.exactness()};
}

std::vector<std::array<Index, 3>> plain(const std::vector<TightUnit>& units) {
  std::vector<std::array<Index, 3>> result;
  for (const TightUnit& unit : units) result.push_back({unit.unit, unit.from, unit.to});
  return result;
}

void require_same(const FacetTable& a, const FacetTable& b) {
  REQUIRE(a.offsets == b.offsets);
  REQUIRE(a.origins == b.origins);
  REQUIRE(a.neighbors == b.neighbors);
  REQUIRE(a.tight_offsets == b.tight_offsets);
  REQUIRE(plain(a.tight) == plain(b.tight));
  REQUIRE(a.change_offsets == b.change_offsets);
  REQUIRE(a.changes == b.changes);
}

// Returns the share of the regions that needed no adjacency.
double check(const NormalForm& form, const FreeSpace& space, const SubdivisionOptions& options) {
  const Partition partition = partition_of(form, space, options);
  REQUIRE(partition.regions().contacts_known);
  const Partition slow = all_touched(form, space, partition, true);
  const Partition again = all_touched(form, space, partition, false);
  const RegionRange all{0, partition.size()};
  const FacetTable expected = slow.facet_table(all, 2);
  for (const int threads : {1, 2, 4}) require_same(partition.facet_table(all, threads), expected);
  for (const int threads : {1, 2}) require_same(again.facet_table(all, threads), expected);
  for (Index i = 0; i < partition.size(); i += 1 + partition.size() / 7) {
    require_same(partition.facet_table({i, i + 1}, 1), slow.facet_table({i, i + 1}, 1));
  }
  const auto touched = static_cast<double>(partition.regions().touched.size());
  return 1.0 - touched / static_cast<double>(partition.size());
}

}  // namespace

TEST_CASE("1: of random networks of every kind, the exact adjacency's table") {
  Random random(211);
  for (Index round = 0; round < 84; ++round) {
    const Index k = 1 + round % 4;
    const Style style{k, 4, 1 + round % 3, 2, round % 2 == 1, random.chance(0.5)};
    const NormalForm form =
        random_network(random, style, {kKinds[round % 7], kKinds[random.below(7)]});
    CAPTURE(round);
    check(form, FreeSpace(cube(k)), safe());
  }
}

TEST_CASE("1: on oblique cuts, where units may be flat") {
  Random random(212);
  for (Index round = 0; round < 28; ++round) {
    const Style style{3, 4, 2, 1, round % 2 == 0, true};
    const NormalForm form = random_network(random, style, {kKinds[round % 7], Kind::maximum});
    CAPTURE(round);
    check(form, FreeSpace(slanted(3)), safe());
  }
}

TEST_CASE("1: of part of the regions, where neighbours are missing") {
  Random random(213);
  for (Index round = 0; round < 8; ++round) {
    const NormalForm form =
        random_network(random, {3, 8, 2, 1, round % 2 == 1, false}, {kKinds[0]});
    SubdivisionOptions options = safe();
    options.max_regions = 20;
    check(form, FreeSpace(cube(3)), options);
  }
}

TEST_CASE("2: of larger networks; few regions need an adjacency") {
  Random random(214);
  for (const Index k : {2, 3, 4, 9}) {
    const Index width = k == 2 ? 24 : k == 9 ? 3 : 8;
    const NormalForm form = random_network(random, {k, width, 2, 1, false, false}, {Kind::relu});
    CAPTURE(k);
    CHECK(check(form, FreeSpace(cube(k)), safe()) > 0.99);
  }
}

TEST_CASE("1: a unit that only touches a facet is tight there and does not change") {
  // |x + y| is zero on the hyperplane of the first unit, and no unit after it changes.
  NeuralGraph graph(2);
  const Ids both = dense(graph, {0, 1}, Matrix{{1.0, 1.0}, {-1.0, -1.0}}, Vector::Zero(2));
  const Ids sides = apply(graph, both, PiecewiseFunction::relu());
  const Ids sum = dense(graph, sides, Matrix{{1.0, 1.0}}, Vector::Zero(1));
  const NormalForm form(graph, apply(graph, sum, PiecewiseFunction::relu()));
  CHECK(check(form, FreeSpace(cube(2)), safe()) == 0.0);
  const Partition partition = partition_of(form, FreeSpace(cube(2)), safe());
  const FacetTable table = partition.facet_table({0, partition.size()}, 1);
  for (Index facet = 0; facet < size_of(table.origins); ++facet) {
    if (table.origins[facet].is_side()) continue;
    CHECK(table.tight_offsets[facet + 1] - table.tight_offsets[facet] == 3);
    CHECK(table.change_offsets[facet + 1] - table.change_offsets[facet] == 2);
  }
}
