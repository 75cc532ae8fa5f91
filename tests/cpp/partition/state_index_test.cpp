// Regions by their states with one unit flipped, against a search of the list.
#include "partition/state_index.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "networks.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

TEST_CASE("1: every flip of every unit to every piece, of units with two pieces and more") {
  Random random(221);
  for (Index round = 0; round < 14; ++round) {
    const Style style{2, 5, 2, 1, round % 2 == 1, false};
    const NormalForm form =
        random_network(random, style, {kKinds[round % 7], kKinds[(round + 3) % 7]});
    const Partition partition = partition_of(form, FreeSpace(cube(2)));
    const RegionView& list = partition.regions();
    const StateLayout& layout = partition.layout();
    const StateIndex index(layout, list);
    const std::vector<Index> pieces = form.piece_counts();
    Index hits = 0;
    for (Index i = 0; i < list.count; ++i) {
      for (Index u = 0; u < layout.units(); ++u) {
        for (Index piece = 0; piece < pieces[u]; ++piece) {
          std::vector<StateWord> state(list.state(i), list.state(i) + list.words);
          layout.set(state.data(), u, piece);
          Index expected = -1;
          for (Index j = 0; j < list.count && expected < 0; ++j) {
            if (std::equal(state.begin(), state.end(), list.state(j))) expected = j;
          }
          index.prefetch(i, u, piece);
          REQUIRE(index.find_flipped(i, u, piece) == expected);
          hits += expected >= 0 && expected != i ? 1 : 0;
        }
      }
    }
    if (list.count > 10) CHECK(hits > 0);
  }
}
