// Bounds of a network's pre-activations and outputs on an analysis region: a tool of its own, and
// what engines prune with.
#pragma once

#include <vector>

#include "facetry/geometry/free_space.hpp"
#include "facetry/network/normal_form.hpp"

namespace facetry {

// Bounds of all pre-activations on an analysis region: what makes the constants of a MILP encoding
// small and tells units that never change their piece.

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

// Ever dearer and, as a rule, tighter. No method is wider than `interval`; which of the others is
// narrower for one number is not certain, because relaxations are chosen by the bounds at hand.
enum class BoundMethod {
  interval,  // interval arithmetic. Cost: one forward pass
  forward,   // every value between two affine functions in free coordinates (and its interval).
             // Cost: one pass in 2 (k+1) columns
  backward,  // linear functions of each stage's values, pulled back to the inputs (CROWN, as in
             // Zhang et al. 2018, for any unit); relaxations from the same bounds of the stages
             // before. Cost: for each stage, a product of its map with those of all stages before
  combined   // the best of all, each relaxation from the best known so far
};

// On the whole region, in exact arithmetic on the stored numbers:
struct NetworkBounds {
  PreActivationBounds pre_activations;
  Vector output_low;  // <= each output <= output_high
  Vector output_high;
};

// Bounds over the box around the region in free coordinates: constraints that are not sides of that
// box count only as far as the box does. Rounded outwards. Deterministic.
// REQUIRES: form.input_size() == space.input_size(), else InvalidInput. k = 0 is fine.
[[nodiscard]] NetworkBounds bound_network(const NormalForm& form, const FreeSpace& space,
                                          BoundMethod method);

}  // namespace facetry
