// Bounds of all pre-activations on an analysis region: what makes the constants of a MILP encoding
// small and tells units that never change their piece.
#pragma once

#include <vector>

#include "facetry/geometry/free_space.hpp"
#include "facetry/network/normal_form.hpp"

namespace facetry {

// low[s][r] <= pre-activation r of stage s <= high[s][r] on the whole region, in exact arithmetic
// on the stored numbers.
struct PreActivationBounds {
  std::vector<Vector> low;
  std::vector<Vector> high;
};

// By interval arithmetic, rounded outwards. Cost: one forward pass. The bounds get wide with depth.
// REQUIRES: form.input_size() == space.input_size(), else InvalidInput.
[[nodiscard]] PreActivationBounds interval_bounds(const NormalForm& form, const FreeSpace& space);

// The same for one unit's result, from bounds of the rows that it reads (`low` and `high` are those
// of its stage). Rounded outwards.
struct ValueBounds {
  double low = 0.0;
  double high = 0.0;
};
[[nodiscard]] ValueBounds unit_bounds(const NormalForm& form, const Unit& unit, const Vector& low,
                                      const Vector& high);

}  // namespace facetry
