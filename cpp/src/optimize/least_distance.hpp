// The point of a polyhedron that is closest to the origin.
#pragma once

#include "facetry/base/linear_algebra.hpp"
#include "facetry/base/tolerances.hpp"

namespace facetry {

// The point of least length in { y : G y >= h }, and what proves that nothing is shorter.
struct LeastDistance {
  // Empty if the set is empty (or so thin that rounding does not tell).
  Vector point;
  // One for each row, >= 0: all points of the set have (G^T weights) . y >= h . weights, whatever
  // was rounded on the way to these weights; so none is shorter than h . weights / |G^T weights|.
  // If the set is empty, that is large.
  Vector weights;
};

// Rows of G should have length about 1. Deterministic.
// Guarantee: the point breaks no row by more than Tolerances::least_distance (relative to 1 + its
// length), and is the closest one up to rounding.
// Cost: a least-squares problem of (columns + 1) x (rows that matter) for each row that is tried; a
// few for small polyhedra. Source: Lawson & Hanson 1974, chapter 23 (LDP, by non-negative least
// squares).
[[nodiscard]] LeastDistance least_distance(const MatrixView& G, const VectorView& h,
                                           const Tolerances& tolerances = {});

}  // namespace facetry
