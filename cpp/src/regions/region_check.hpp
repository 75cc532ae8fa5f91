// Do regions fit a network and an analysis region? The guard of everything that reads regions from
// outside: what passes keeps all that is computed from it within its arrays.
#pragma once

#include <vector>

#include "facetry/geometry/free_space.hpp"
#include "facetry/network/normal_form.hpp"
#include "facetry/regions/region_view.hpp"
#include "facetry/state/activation_state.hpp"

namespace facetry {

// All members throw InvalidInput that says what does not fit. Immutable, so that threads may share
// it.
class RegionCheck {
 public:
  RegionCheck(const NormalForm& form, const FreeSpace& space);

  // The lengths of the arrays, the undecided cuts, and the first and last facet offset. Cost:
  // constant.
  void sizes(const RegionView& regions) const;
  // Pieces that the units have, and no bits beside them. REQUIRES sizes().
  void states(const RegionView& regions, RegionRange range) const;
  // States that ascend strictly within the range, and from the region before it.
  void order(const RegionView& regions, RegionRange range) const;
  // Facet offsets that ascend within the array of facets. REQUIRES sizes().
  void offsets(const RegionView& regions, RegionRange range) const;
  // Interior points that are finite; facets on sides of the analysis region, or on boundaries of
  // their unit's piece. REQUIRES states() and offsets().
  void facets(const RegionView& regions, RegionRange range) const;
  // All of these but the order.
  void everything(const RegionView& regions) const;

 private:
  struct UnitPieces {
    Index count = 0;
    bool maximum = false;
  };
  [[nodiscard]] bool bounds_piece(const Boundary& boundary, Index piece) const;

  StateLayout layout_;
  BoundaryIds ids_;
  Index dimension_;
  std::vector<UnitPieces> units_;
  std::vector<Index> partial_;        // units with fewer pieces than their bits can say
  std::vector<StateWord> unit_bits_;  // the bits of all units
  std::vector<Index> sides_;          // ascending
};

}  // namespace facetry
