// Lengths of vectors whose squares may leave the range of doubles: as quick as any other where they
// do not.
#pragma once

#include <cmath>

#include "facetry/base/linear_algebra.hpp"

namespace facetry {

// Sums of squares between these have lost nothing to underflow that counts.
[[nodiscard]] inline bool squares_in_range(double sum) { return sum > 0x1p-900 && sum < 0x1p+900; }

// The Euclidean length of a vector, right to a few roundings also where squares over- or underflow;
// 0 for zeros and for nothing. REQUIRES: finite elements.
template <class Expression>
[[nodiscard]] double length_of(const Eigen::MatrixBase<Expression>& vector) {
  const double sum = vector.squaredNorm();
  if (squares_in_range(sum)) return std::sqrt(sum);
  return vector.size() == 0 ? 0.0 : static_cast<double>(vector.eval().stableNorm());
}

// The same of k numbers: the gradient of a row.
[[nodiscard]] inline double gradient_length(const double* row, Index k) {
  double sum = 0.0;
  for (Index c = 0; c < k; ++c) sum += row[c] * row[c];
  if (squares_in_range(sum)) return std::sqrt(sum);
  return length_of(Eigen::Map<const Vector>(row, k));
}

}  // namespace facetry
