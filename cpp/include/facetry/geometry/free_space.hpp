// The analysis region in *free coordinates*: R = { x = origin + basis u }, where u runs over a
// full-dimensional polytope of dimension k that fits [-1, 1]^k [METHOD section 1, "free
// dimension"]. The search runs there; linear models are with respect to all inputs.
#pragma once

#include <vector>

#include "facetry/base/linear_algebra.hpp"
#include "facetry/base/tolerances.hpp"
#include "facetry/geometry/constraint.hpp"
#include "facetry/optimize/boxed_rows.hpp"

namespace facetry {

// How distances are measured.
enum class Norm { one, two, infinity };

// A bounded polytope in input space, as the user gives it: { low <= x <= high, A x <= b }. low and
// high may be infinite where A bounds the polytope. Its sides are numbered: 0..m-1 the lows,
// m..2m-1 the highs, 2m.. the rows of A.
struct InputPolytope {
  Vector low;
  Vector high;
  Matrix A;
  Vector b;

  [[nodiscard]] Index input_size() const { return low.size(); }
  // The constraint a . x <= b of a side. REQUIRES 0 <= number < 2m + rows of A.
  void side(Index number, RowVector& a, double& limit) const;
};

// Exact volumes are offered up to this many dimensions.
inline constexpr Index kMostVolumeDimensions = 6;

class FreeSpace {
 public:
  // Finds the affine hull (fixed inputs and implied equalities are taken out), a bounding box, and
  // coordinates in which it fits [-1, 1]^k. Axes of the inputs are kept wherever only inputs are
  // fixed; coordinates are scaled by powers of two there, so that scaling does not round.
  // Throws RegionError if the polytope is empty or unbounded, or for NaN, low > high or sizes that
  // do not fit. k = 0 is a single point. Cost: 2 k + rows small linear programs.
  explicit FreeSpace(const InputPolytope& polytope, const Tolerances& tolerances = {});

  [[nodiscard]] Index input_size() const { return origin_.size(); }
  [[nodiscard]] Index dimension() const { return basis_.cols(); }
  [[nodiscard]] const Vector& origin() const { return origin_; }
  [[nodiscard]] const Matrix& basis() const { return basis_; }  // m x k
  // k x m: u = inverse (x - origin) on the region.
  [[nodiscard]] const Matrix& inverse() const { return inverse_; }
  // k-dimensional volume in input space of a unit volume of free coordinates.
  [[nodiscard]] double volume_scale() const { return volume_scale_; }

  // The region's constraints in free coordinates, and the number of the side each one is: -1 for
  // an artificial one that no region ever touches.
  [[nodiscard]] const BoxedRows& constraints() const { return constraints_; }
  [[nodiscard]] const std::vector<Index>& sides() const { return sides_; }
  // Numbers of the sides that hold as equalities on the whole region (fixed inputs not counted):
  // what the origin and the basis follow from.
  [[nodiscard]] const std::vector<Index>& equalities() const { return equalities_; }
  [[nodiscard]] const InputPolytope& polytope() const { return polytope_; }

  // Length of the part of an input-space gradient that lies along the region's free directions.
  [[nodiscard]] double free_norm(const VectorView& gradient) const;

  // Inputs that vary on the region.
  [[nodiscard]] std::vector<Index> free_features() const;

  // A point inside the region, in input space: the centre of a largest ball in free coordinates.
  [[nodiscard]] Vector interior_point() const;

  [[nodiscard]] Vector to_input(const VectorView& u) const { return origin_ + basis_ * u; }
  [[nodiscard]] Vector to_free(const VectorView& x) const;
  // Is x in the region, up to a rounding of its sides relative to the magnitudes in the region?
  [[nodiscard]] bool contains(const VectorView& x) const;

 private:
  void reduce(const Tolerances& tolerances);

  InputPolytope polytope_;
  Vector origin_;
  Matrix basis_;
  Matrix inverse_;
  Matrix directions_;  // m x k, orthonormal, the span of the basis
  Vector magnitudes_;  // bounds of |x_i| on the region
  double volume_scale_ = 1.0;
  BoxedRows constraints_;
  std::vector<Index> sides_;
  std::vector<Index> equalities_;
};

}  // namespace facetry
