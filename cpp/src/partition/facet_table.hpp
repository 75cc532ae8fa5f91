// The table of facets and neighbours of a range of regions. Where it is known that no boundary
// touches a region but those that cut it out, each facet lies on the hyperplane of one unit alone,
// and the state behind it is the region's with that unit flipped.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "facetry/partition/partition.hpp"
#include "partition/adjacency.hpp"
#include "partition/state_index.hpp"

namespace facetry {

// Guarantees, numbered as the tests are:
//  1. table() is what an adjacency says of every region of the range, facet by facet.
//  2. It does not depend on the number of threads, nor on the range that a region is asked in.
// `touched`: regions of the range, ascending; on each of the others every facet lies on the
// hyperplane of one unit alone.
// REQUIRES: what is referred to outlives it; regions in ascending order of their states, sound in
// the range.
// Cost: of a large share of the list, a StateIndex of it and a question for each facet; of a few
// regions, a binary search for each facet.
class FacetTableMaker {
 public:
  // The region with a state, or -1. Thread-safe.
  using FindState = std::function<Index(const StateWord*)>;

  FacetTableMaker(const NormalForm& form, const StateLayout& layout, const BoundaryIds& ids,
                  const RegionView& list, RegionRange range, std::vector<Index> touched);

  // The regions of the range that an adjacency has to be asked about, ascending.
  [[nodiscard]] const std::vector<Index>& to_be_asked() const { return asked_; }

  // `across`: what it says of these, in the same order.
  [[nodiscard]] FacetTable table(std::span<const std::vector<FacetAcross>> across,
                                 const FindState& find, int threads) const;

 private:
  struct Place;
  using FindFlip = std::function<Index(const TightUnit&)>;

  template <class Visit>
  void for_chunk(Index chunk, const Visit& visit) const;
  [[nodiscard]] std::span<const Origin> facets_of(Index region) const {
    return {list_.facets.data() + list_.facet_offsets[region],
            list_.facets.data() + list_.facet_offsets[region + 1]};
  }
  [[nodiscard]] Place size_of_flips(Index region) const;
  [[nodiscard]] Place size_of_asked(Index region, const std::vector<FacetAcross>& across) const;
  [[nodiscard]] FacetTable empty_table(const Place& size) const;
  [[nodiscard]] TightUnit flip(Index region, Origin facet) const;
  void prefetch(const StateIndex& index, Index region) const;
  [[nodiscard]] FindFlip flip_and_find(Index region, const FindState& find) const;
  template <class FindFlipped>
  void write_flips(Index region, const FindFlipped& find, FacetTable& table, Place& at) const;
  void write_asked(Index region, const std::vector<FacetAcross>& across, const FindState& find,
                   FacetTable& table, Place& at) const;
  static void finish_facet(Origin facet, Index neighbor, FacetTable& table, Place& at);

  const StateLayout& layout_;
  const BoundaryIds& ids_;
  const RegionView& list_;
  RegionRange range_;
  std::vector<char> is_maximum_;  // by unit
  std::vector<Index> asked_;
};

}  // namespace facetry
