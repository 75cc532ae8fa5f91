// Finding the region of a point among regions sorted by state.
#pragma once

#include <vector>

#include "facetry/geometry/free_space.hpp"
#include "facetry/network/normal_form.hpp"
#include "facetry/regions/region_view.hpp"
#include "facetry/state/activation_state.hpp"
#include "state/block_network.hpp"
#include "state/proven_pass.hpp"

namespace facetry {

// Sorted states are the leaves of the search's decision tree: a range of regions that agree on all
// units before u splits at u into one range per piece. Descending that tree asks only about units
// that differ within the range, so flat units never mislead; where a point is on a boundary, the
// lower piece is tried first, so the lowest region is found.
//
// Guarantee, of regions of a safe search: where the point lies in a listed region (its boundary
// included), by the stored numbers of the network and the point, the lowest such region is found.
// A point that lies in none, such as one outside the analysis region by a rounding, or in a gap
// that a search in double precision left, is looked up once more up to Tolerances::on_boundary.
class Locator {
 public:
  // Keeps references. `complete`: every point of the analysis region is in some region, so units
  // on which a whole range agrees need no check. One per thread.
  Locator(const NormalForm& form, const StateLayout& layout, const RegionView& regions,
          bool complete);

  // The lowest region that holds x, or -1. Cost: two forward passes, and a binary search per unit;
  // values in exact arithmetic as far as they are needed.
  [[nodiscard]] Index find(const VectorView& x);

 private:
  [[nodiscard]] Index descend(Index begin, Index end, Index stage, Index unit);
  [[nodiscard]] bool holds(Index stage, Index unit, Index piece);
  [[nodiscard]] int sign_to(Index stage, Index row, double t);
  [[nodiscard]] int sign_between(Index stage, Index row, Index other);
  [[nodiscard]] double room(Index stage, Index row) const;
  [[nodiscard]] Index piece_of(Index region, Index unit) const {
    regions_.require_state(region);
    return layout_.get(regions_.state(region), unit);
  }
  [[nodiscard]] Index end_of_piece(Index begin, Index end, Index unit, Index piece) const;

  const NormalForm& form_;
  const StateLayout& layout_;
  const RegionView& regions_;
  bool complete_;
  bool lenient_ = false;
  Tolerances tolerances_;
  ProvenPass pass_;
};

// The same for blocks of points. The lowest pieces that hold at a point are the lowest state that
// it may have; if they are listed, that is the answer. So states are formed for a whole block at
// once and looked up; what is not proven, or not listed, is left to the descent. One per thread.
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
