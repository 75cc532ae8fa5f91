// The constraints on a search's way to a cell, as rows with what they may be off by: a point that
// is clear of all of them is proven to be inside the exact cell.
#pragma once

#include <vector>

#include "base/work_array.hpp"
#include "facetry/geometry/free_space.hpp"
#include "facetry/search/objective.hpp"

namespace facetry {

struct KernelPoints;
struct RowKernels;

class CutPlanes {
 public:
  // Begins with the sides of the region, which may be off by `side_error`.
  CutPlanes(const FreeSpace& space, double side_error);

  // The side of a row: where it is more than its error (or, not above, less than minus that).
  void add(const double* row, double error, bool above);
  // The last row's other side.
  void turn_last();
  // Keeps the first `count` of those that were added.
  void keep(Index count);

  [[nodiscard]] Index count() const { return count_; }
  // Row r, positive inside: the sides of the region first. Its entries are written `step` apart.
  void row(Index r, double* out, Index step = 1) const {
    for (Index c = 0; c <= k_; ++c) out[c * step] = rows_[c * stride_ + r];
  }

  // All of them, as objectives see them; valid until the next change.
  [[nodiscard]] CellRows rows() const {
    return {rows_.data(), errors_.data(), count_, stride_, k_};
  }

  [[nodiscard]] double value(Index r, const double* point) const {
    double sum = rows_[k_ * stride_ + r];
    for (Index c = 0; c < k_; ++c) sum += rows_[c * stride_ + r] * point[c];
    return sum;
  }
  // What the values of row r may be off by.
  [[nodiscard]] double error(Index r) const { return errors_[r]; }
  // The least value of each row at some points, into `out`, padded.
  void least_values(const KernelPoints& points, WorkArray<double>& out);

  // Is the point proven to break row r and no other one? Then that row is not implied by the
  // others.
  [[nodiscard]] bool only_breaks(Index r, const double* point);

  // Goes from a point inside straight across row r, about half way to the next row. False: another
  // row comes first.
  [[nodiscard]] bool step_across(Index r, const double* from, double* out) const;

  // The least distance from a row, what it may be off by taken away: if that is positive the point
  // is inside. Cost: the number of rows times k.
  [[nodiscard]] double clearance(const double* point);

 private:
  void ensure_room();

  const RowKernels& kernels_;
  Index k_;
  Index sides_ = 0;
  Index count_ = 0;
  Index stride_ = 0;
  WorkArray<double> rows_;  // k+1 planes of `stride_`
  WorkArray<double> errors_;
  WorkArray<double> values_, unused_;  // of only_breaks()
};

}  // namespace facetry
