// A unit between two linear functions of its pre-activations, where these are bounded: what linear
// bounds of networks are made of (Zhang et al. 2018, "CROWN", for any piecewise-linear unit).
#pragma once

#include "facetry/base/linear_algebra.hpp"
#include "facetry/network/normal_form.hpp"

namespace facetry {

// slope * (pre-activation `row` of the stage) + intercept; a constant has slope 0 and any row.
struct RowLine {
  Index row = 0;
  double slope = 0.0;
  double intercept = 0.0;
};

struct Relaxation {
  RowLine low;   // <= the unit's result
  RowLine high;  // >= it
};

// Holds in exact arithmetic wherever low[r] <= row r <= high[r], for the rows the unit reads (`low`
// and `high` are those of its stage, finite, low <= high). A unit that keeps one piece there is its
// own relaxation, but for rounding. Of the slopes that come into question (those of the pieces and
// the chord) each line takes the one that is closest in the mean. Cost: the square of the unit's
// pieces, or its arguments.
[[nodiscard]] Relaxation relax(const NormalForm& form, const Unit& unit, const Vector& low,
                               const Vector& high);

// slope * (pre-activation `row`) + middle, up to half on both sides.
struct Band {
  Index row = 0;
  double slope = 0.0;
  double middle = 0.0;
  double half = 0.0;
};

// The unit between two parallel lines, under the conditions of relax(): along the chord, or
// constants for a maximum without a certain winner.
[[nodiscard]] Band band(const NormalForm& form, const Unit& unit, const Vector& low,
                        const Vector& high);

}  // namespace facetry
