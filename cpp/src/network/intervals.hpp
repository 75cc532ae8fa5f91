// Intervals of vectors of values, and interval arithmetic that is rounded outwards: every sum is
// widened by an a-priori bound of its roundings (base/rounding.hpp).
#pragma once

#include "facetry/geometry/free_space.hpp"
#include "facetry/network/normal_form.hpp"

namespace facetry {

struct Intervals {
  Vector low;
  Vector high;

  // The largest magnitude of each value.
  [[nodiscard]] Vector magnitudes() const { return low.cwiseAbs().cwiseMax(high.cwiseAbs()); }
  // Keeps what both allow.
  void meet(const Intervals& other) {
    low = low.cwiseMax(other.low);
    high = high.cwiseMin(other.high);
  }
};

// The inputs on the analysis region, from the box around it in free coordinates.
[[nodiscard]] Intervals input_intervals(const FreeSpace& space);

[[nodiscard]] Intervals through_map(const AffineMap& map, const Intervals& values);

// The values of a stage from its pre-activations and the values before it.
[[nodiscard]] Intervals through_units(const NormalForm& form, const Stage& stage,
                                      const Intervals& pre, const Intervals& before);

}  // namespace facetry
