// Finding the region of a point among regions sorted by state.
#pragma once

#include <vector>

#include "facetry/geometry/free_space.hpp"
#include "facetry/network/normal_form.hpp"
#include "facetry/regions/region_view.hpp"
#include "facetry/state/activation_state.hpp"
#include "state/block_network.hpp"

namespace facetry {

// Sorted states are the leaves of the search's decision tree: a range of regions that agree on all
// units before u splits at u into one range per piece. Descending that tree asks only about units
// that differ within the range, so flat units never mislead; where a point is on a boundary, the
// lower piece is tried first, so the lowest region is found.
class Locator {
 public:
  // Keeps references. `complete`: every point of the analysis region is in some region, so units
  // on which a whole range agrees need no check. One per thread.
  Locator(const NormalForm& form, const StateLayout& layout, const RegionView& regions,
          bool complete);

  // The lowest region that holds x, or -1. Cost: one forward pass, and a binary search per unit.
  [[nodiscard]] Index find(const VectorView& x);

 private:
  void enter_stage(Index s);
  [[nodiscard]] Index descend(Index begin, Index end, Index stage, Index unit);
  [[nodiscard]] bool holds(Index stage, Index unit, Index piece) const;
  void decide(Index stage, Index unit, Index piece);
  [[nodiscard]] Index piece_of(Index region, Index unit) const {
    regions_.require_state(region);
    return layout_.get(regions_.state(region), unit);
  }
  [[nodiscard]] Index end_of_piece(Index begin, Index end, Index unit, Index piece) const;

  const NormalForm& form_;
  const StateLayout& layout_;
  const RegionView& regions_;
  bool complete_;
  Tolerances tolerances_;
  std::vector<Matrix> pre_;
  std::vector<Matrix> values_;
  std::vector<double> scale_;
};

// The same for blocks of points. The descent tries at each unit the lowest piece that holds up to
// rounding; if these pieces together are a listed state, that is its answer, because no range on
// the way lacks them. So they are formed for a whole block at once and looked up; what is not
// certain up to rounding, or not listed, is left to the descent. One per thread.
class BlockLocator {
 public:
  // Keeps references; `complete` as for Locator.
  BlockLocator(const BlockNetwork& network, const FreeSpace& space, const RegionView& regions,
               bool complete);

  // out[p] = Locator::find of row begin + p of X, or -1 if that is not in the analysis region or
  // not finite. REQUIRES: 1 <= count <= BlockPass::kMost.
  void find(const MatrixView& X, Index begin, Index count, Index* out);

 private:
  [[nodiscard]] bool inside(const VectorView& x) const;
  void look_up(Index count, Index* out) const;
  [[nodiscard]] bool less_or_equal(Index region, Index p) const;
  [[nodiscard]] bool equal(Index region, Index p) const;

  const FreeSpace& space_;
  const RegionView& regions_;
  BlockPass pass_;
  Locator descent_;
};

}  // namespace facetry
