// Finding the region of a point among regions sorted by state.
#pragma once

#include <vector>

#include "facetry/network/normal_form.hpp"
#include "facetry/partition/activation_state.hpp"
#include "facetry/partition/region_list.hpp"

namespace facetry {

// Sorted states are the leaves of the search's decision tree: a range of regions that agree on all
// units before u splits at u into one range per piece. Descending that tree asks only about units
// that differ within the range, so flat units never mislead; where a point is on a boundary, the
// lower piece is tried first, so the lowest region is found.
class Locator {
 public:
  // Keeps references. `complete`: every point of the analysis region is in some region, so units
  // on which a whole range agrees need no check. One per thread.
  Locator(const NormalForm& form, const StateLayout& layout, const RegionList& regions,
          bool complete);

  // The lowest region that holds x, or -1. Cost: one forward pass, and a binary search per unit.
  [[nodiscard]] Index find(const VectorView& x);

 private:
  void enter_stage(Index s);
  [[nodiscard]] Index descend(Index begin, Index end, Index stage, Index unit);
  [[nodiscard]] bool holds(Index stage, Index unit, Index piece) const;
  void decide(Index stage, Index unit, Index piece);
  [[nodiscard]] Index end_of_piece(Index begin, Index end, Index unit, Index piece) const;

  const NormalForm& form_;
  const StateLayout& layout_;
  const RegionList& regions_;
  bool complete_;
  Tolerances tolerances_;
  std::vector<Matrix> pre_;
  std::vector<Matrix> values_;
  std::vector<double> scale_;
};

}  // namespace facetry
