// The constraints on a search's way to a cell, as rows with what they may be off by: a point that is clear
// of all of them is proven to be inside the exact cell.
#pragma once

#include <vector>

#include "facetry/base/work_array.hpp"
#include "facetry/geometry/free_space.hpp"

namespace facetry {

class CutPlanes {
 public:
  // Begins with the sides of the region.
  explicit CutPlanes(const FreeSpace& space);

  // The side of a row: where it is more than its error (or, not above, less than minus that).
  void add(const double* row, double error, bool above);
  // The last row's other side.
  void turn_last();
  // Keeps the first `count` of those that were added.
  void keep(Index count);

  // The least distance from a row, what it may be off by taken away: if that is positive the point is
  // inside. Cost: the number of rows times k.
  [[nodiscard]] double clearance(const double* point);

 private:
  void ensure_room();

  Index k_;
  Index sides_ = 0;
  Index count_ = 0;
  Index stride_ = 0;
  WorkArray<double> rows_;  // k+1 planes of `stride_`
  std::vector<double> errors_;
  WorkArray<double> values_, unused_;
};

}  // namespace facetry
