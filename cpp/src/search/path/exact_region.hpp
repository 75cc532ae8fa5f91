// The analysis region without rounding: the inputs and the sides as functions of the free
// coordinates, on the affine hull that the given numbers say. FreeSpace's own basis is rounded
// where that hull is oblique.
#pragma once

#include <vector>

#include "base/exact_row.hpp"
#include "facetry/geometry/free_space.hpp"

namespace facetry {

class ExactRegion {
 public:
  // Inputs that the equalities determine are computed from the others, so that they hold; the
  // others are what FreeSpace says. Cost: an elimination over the equalities, in integers.
  explicit ExactRegion(const FreeSpace& space);

  // All functions are multiplied by one positive integer, so that they have no denominators;
  // constants are multiples of this function, which stands for 1.
  [[nodiscard]] const ExactRow& one() const { return one_; }
  // One per input.
  [[nodiscard]] const std::vector<ExactRow>& inputs() const { return inputs_; }
  // One per constraint of FreeSpace, in its order: >= 0 inside.
  [[nodiscard]] const std::vector<ExactRow>& sides() const { return sides_; }

  // What entries and offsets of FreeSpace's origin and basis may be off by.
  [[nodiscard]] double input_error() const { return input_error_; }
  // What the values of its constraints may be off by.
  [[nodiscard]] double side_error() const { return side_error_; }

 private:
  void solve_equalities(const FreeSpace& space);
  [[nodiscard]] ExactRow side(const FreeSpace& space, Index number) const;
  void measure_sides(const FreeSpace& space);

  Index width_;
  ExactRow one_;
  std::vector<ExactRow> inputs_, sides_;
  double input_error_ = 0.0;
  double side_error_ = 0.0;
};

}  // namespace facetry
