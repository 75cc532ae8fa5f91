// The convex hull of a cloud of points as halfspaces.
#pragma once

#include "facetry/base/linear_algebra.hpp"

namespace facetry {

// { x : A x <= b }.
struct Halfspaces {
  Matrix A;
  Vector b;
};

// The hull of the rows of `points` (N x m). If the cloud lies in an affine subspace of dimension r
// < m, the subspace comes as pairs of opposite halfspaces; single features that do not vary come
// exactly. Every point satisfies the halfspaces up to rounding.
// Throws InvalidInput for no points, values that are not finite, or r > kMostHullDimensions (the
// number of halfspaces grows too fast); NumericalError if the hull is too thin for double
// precision.
// Cost: the double description method on the polar dual, one cut per extreme point.
[[nodiscard]] Halfspaces convex_hull(const MatrixView& points);

inline constexpr Index kMostHullDimensions = 6;

}  // namespace facetry
