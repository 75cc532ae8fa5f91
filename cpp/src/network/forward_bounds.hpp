// Values between two affine functions in free coordinates, passed forward through a network.
#pragma once

#include "facetry/geometry/free_space.hpp"
#include "facetry/network/normal_form.hpp"
#include "network/intervals.hpp"

namespace facetry {

// Value i lies between low.row(i) . (u, 1) - error[i] and high.row(i) . (u, 1) + error[i].
struct AffineIntervals {
  Matrix low;  // k+1 columns, the offset last
  Matrix high;
  Vector error;
};

[[nodiscard]] AffineIntervals affine_inputs(const FreeSpace& space);

[[nodiscard]] AffineIntervals through_map(const AffineMap& map, const AffineIntervals& values);

// `bounds`: of the pre-activations, for the relaxations.
[[nodiscard]] AffineIntervals through_units(const NormalForm& form, const Stage& stage,
                                            const AffineIntervals& pre, const Intervals& bounds,
                                            const AffineIntervals& before);

// The least and largest values over the box around the region.
[[nodiscard]] Intervals on_box(const AffineIntervals& values, const FreeSpace& space);

}  // namespace facetry
