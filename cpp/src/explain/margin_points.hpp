// Points that may fulfil conditions: samples of a box, and steps uphill from them. The margin of a
// conjunction at an input is by how much its least fulfilled condition is fulfilled.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "facetry/explain/verify.hpp"

namespace facetry {

struct Witness {
  Vector point;
  Vector outputs;
};

// How close to its threshold a condition counts as touched; see Tolerances::touching_margin.
[[nodiscard]] double touching(const Conjunction& conjunction, const Tolerances& tolerances);

// Points of a box, always the same: the middle, corners (all if they are few), and so many random
// ones. One row each.
[[nodiscard]] Matrix starting_points(const PropertyCase& box, Index samples);

// The margin of each row of outputs; infinite without conditions.
[[nodiscard]] Vector margins(const Conjunction& conjunction, const Matrix& outputs);

// The numbers of the largest margins, so many at most, the largest first; of equal ones the first.
[[nodiscard]] std::vector<Index> most_promising(const Vector& margins, Index count);

// Of the points whose margin is at least -touching(), put into the box, the first where the network
// fulfils all conditions without rounding, the largest margins first. REQUIRES: `outputs` are the
// network's at `points`, which lie in the box.
[[nodiscard]] std::optional<Witness> first_witness(const NormalForm& form,
                                                   const Conjunction& conjunction,
                                                   const Matrix& points, const Matrix& outputs,
                                                   const Tolerances& tolerances);

// Moves points of the box uphill in steps that get shorter, each along the signs of the gradient of
// the point's least condition, and keeps a step where the margin does not fall. A witness on the
// way ends it, and so does `go_on`, which is asked before every step.
[[nodiscard]] std::optional<Witness> climb(const NormalForm& form, const PropertyCase& box,
                                           const Conjunction& conjunction, Matrix points,
                                           int threads, const Tolerances& tolerances,
                                           const std::function<bool()>& go_on);

}  // namespace facetry
