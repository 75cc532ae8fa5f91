// Linear functions of the values inside a network, pulled backward through its stages: each stays
// above what it was, wherever the values are within bounds that are given. The heart of backward
// bounds.
#pragma once

#include "facetry/base/linear_algebra.hpp"
#include "facetry/network/normal_form.hpp"

namespace facetry {

// One function per row: coefficients . values + offset, up to error, which bounds the rounding so
// far.
struct Functionals {
  Matrix coefficients;
  Vector offset;
  Vector error;

  [[nodiscard]] Index count() const { return offset.size(); }

  // The rows of a map, each times `sign` (1 or -1): functions of the values that the map reads.
  [[nodiscard]] static Functionals rows_of(const AffineMap& map, double sign);
  // The values themselves, each times `sign`.
  [[nodiscard]] static Functionals identity(Index count, double sign);
};

// What pulling through a stage needs to know. All bounds hold in exact arithmetic.
struct StageBounds {
  const Vector* pre_low;  // of the stage's pre-activations
  const Vector* pre_high;
  const Vector* before;  // the largest magnitudes of the values that the stage reads
};

// In: functions of the values of `stage`. Out: functions of the values before it, nowhere lower.
// Cost: one product with the stage's map per function.
void pull_through(const NormalForm& form, const Stage& stage, const StageBounds& bounds,
                  Functionals& functions);

// In: functions of the values of `stage`. Out: functions of its pre-activations, nowhere lower, in
// `functions`; what they are of carried values, by the number in the stage before, in `carried`.
void pull_through_units(const NormalForm& form, const Stage& stage, const Vector& pre_low,
                        const Vector& pre_high, const Vector& before, Functionals& functions,
                        Matrix& carried);

// Adds what pull_through_units() wrote to `carried` to functions of the same values.
void add_carried(const Matrix& carried, const Vector& magnitudes, Functionals& functions);

// In: functions of a map's rows. Out: of the values it reads (`magnitudes`: the largest).
void pull_through_map(const AffineMap& map, const Vector& magnitudes, Functionals& functions);

}  // namespace facetry
