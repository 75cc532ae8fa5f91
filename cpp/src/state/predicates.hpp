// The numerical decisions about one unit on one cell, each in one place. A *row* is an affine
// function in free coordinates: k gradient entries and an offset.
#pragma once

#include <algorithm>
#include <cmath>

#include "base/lengths.hpp"
#include "facetry/base/tolerances.hpp"
#include "facetry/network/normal_form.hpp"

namespace facetry {

// The magnitudes that the rows of a stage were added up from: what rounding is measured against.
struct RowScale {
  double gradient = 0.0;  // largest gradient entry among the stage's inputs
  double offset = 0.0;    // largest offset among them
  double error = 0.0;     // what entries and offsets may be off by; followed by safe searches only
};

[[nodiscard]] RowScale scale_of(const Matrix& values);

// Takes one more row (k gradient entries and an offset) into the magnitudes.
inline void grow(RowScale& scale, const double* row, Index k) {
  for (Index c = 0; c < k; ++c) scale.gradient = std::max(scale.gradient, std::abs(row[c]));
  scale.offset = std::max(scale.offset, std::abs(row[k]));
}

// out = (row - t) / length: the hyperplane where the row equals t, with a gradient of length 1.
inline void normalise(const double* row, Index k, double t, double length, double* out) {
  for (Index c = 0; c < k; ++c) out[c] = row[c] / length;
  out[k] = (row[k] - t) / length;
}

class UnitPredicates {
 public:
  UnitPredicates(const NormalForm& form, const Tolerances& tolerances)
      : form_(form), tolerances_(tolerances) {}

  // Is the gradient of pre-activation `row` of `stage` zero up to rounding? `values` are the
  // stage's inputs, `scale` their magnitudes.
  [[nodiscard]] bool zero_gradient(const Stage& stage, Index row, const double* pre,
                                   const Matrix& values, const RowScale& scale) const;

  // The same for the difference of two rows.
  [[nodiscard]] bool zero_difference(const Stage& stage, Index row, Index other,
                                     const double* difference, const Matrix& values,
                                     const RowScale& scale) const;

  // Rounding of a constant row's value.
  [[nodiscard]] double offset_noise(const Stage& stage, Index row, const RowScale& scale) const;

  // How close to a breakpoint t a value may be for the two to be the same, up to rounding.
  [[nodiscard]] double breakpoint_noise(double t, double noise) const {
    return noise + tolerances_.zero_gradient * std::abs(t);
  }

  // The piece of a constant pre-activation q: on a breakpoint (up to `noise`) the lower one, which
  // is the canonical state of a flat unit. `flat` (may be null) tells whether it was on one.
  [[nodiscard]] Index constant_piece(const Unit& unit, double q, double noise,
                                     bool* flat = nullptr) const;

 private:
  const NormalForm& form_;
  Tolerances tolerances_;
};

}  // namespace facetry
