// Decisions about rows: zero gradients, equal rows, noise, and the piece of a constant.
#include "state/predicates.hpp"

#include <algorithm>
#include <cmath>

namespace facetry {

namespace {

double largest_entry(const double* row, Index length) {
  double largest = 0.0;
  for (Index i = 0; i < length; ++i) largest = std::max(largest, std::abs(row[i]));
  return largest;
}

}  // namespace

RowScale scale_of(const Matrix& values) {
  const Index k = values.cols() - 1;
  RowScale scale;
  if (values.rows() == 0) return scale;
  if (k > 0) scale.gradient = values.leftCols(k).cwiseAbs().maxCoeff();
  scale.offset = values.col(k).cwiseAbs().maxCoeff();
  return scale;
}

bool UnitPredicates::zero_gradient(const Stage& stage, Index row, const double* pre,
                                   const Matrix& values, const RowScale& scale) const {
  const Index k = values.cols() - 1;
  const double largest = largest_entry(pre, k);
  // Cheap bound first; the exact sum of magnitudes only where that one is not enough.
  if (largest > tolerances_.zero_gradient * stage.map.row_norms()[row] * scale.gradient)
    return false;
  double magnitude = 0.0;
  stage.map.for_row(row, [&](Index j, double weight) {
    magnitude += std::abs(weight) * largest_entry(values.data() + j * (k + 1), k);
  });
  return largest <= tolerances_.zero_gradient * magnitude;
}

bool UnitPredicates::zero_difference(const Stage& stage, Index row, Index other,
                                     const double* difference, const Matrix& values,
                                     const RowScale& scale) const {
  const Index k = values.cols() - 1;
  const double largest = largest_entry(difference, k);
  const double norms = stage.map.row_norms()[row] + stage.map.row_norms()[other];
  if (largest > tolerances_.zero_gradient * norms * scale.gradient) return false;
  double magnitude = 0.0;
  const auto add = [&](Index j, double weight) {
    magnitude += std::abs(weight) * largest_entry(values.data() + j * (k + 1), k);
  };
  stage.map.for_row(row, add);
  stage.map.for_row(other, add);
  return largest <= tolerances_.zero_gradient * magnitude;
}

double UnitPredicates::offset_noise(const Stage& stage, Index row, const RowScale& scale) const {
  const double inputs = stage.map.row_norms()[row] * (scale.offset + scale.gradient);
  return tolerances_.zero_gradient * (inputs + std::abs(stage.map.bias()[row]));
}

Index UnitPredicates::constant_piece(const Unit& unit, double q, double noise, bool* flat) const {
  const PiecewiseFunction& function = form_.function(unit);
  for (Index b = 0; b + 1 < function.pieces(); ++b) {
    const double t = function.breakpoints()[b];
    if (std::abs(q - t) <= breakpoint_noise(t, noise)) {
      if (flat != nullptr) *flat = true;
      return b;
    }
    if (q < t) return b;
  }
  return function.pieces() - 1;
}

}  // namespace facetry
