// Interval bounds of every stage, from the inputs on.
#include "facetry/network/linear_bounds.hpp"

#include <algorithm>
#include <cmath>

#include "base/infinity.hpp"
#include "base/rounding.hpp"
#include "network/input_check.hpp"
#include "network/intervals.hpp"

namespace facetry {

namespace {

// One piece at q: rounded, with a bound of the rounding.
void take_in(const PiecewiseFunction& function, Index piece, double q, ValueBounds& bounds) {
  const double product = function.slope(piece) * q;
  const double value = product + function.intercept(piece);
  const double error = rounding_of(4) * (std::abs(product) + std::abs(function.intercept(piece)));
  bounds.low = std::min(bounds.low, value - error);
  bounds.high = std::max(bounds.high, value + error);
}

}  // namespace

// A piecewise-linear function has its extremes at the ends and at breakpoints. Adjacent pieces need
// not meet exactly there, so both are taken.
ValueBounds unit_bounds(const NormalForm& form, const Unit& unit, const Vector& low,
                        const Vector& high) {
  if (unit.kind == UnitKind::maximum) {
    return {low.segment(unit.first_row, unit.row_count).maxCoeff(),
            high.segment(unit.first_row, unit.row_count).maxCoeff()};
  }
  const PiecewiseFunction& function = form.function(unit);
  const double from = low[unit.first_row];
  const double to = high[unit.first_row];
  if (function.is_relu()) return {std::max(0.0, from), std::max(0.0, to)};
  ValueBounds bounds{kInfinity, -kInfinity};
  take_in(function, function.piece_at(from), from, bounds);
  take_in(function, function.piece_at(to), to, bounds);
  for (Index b = 0; b + 1 < function.pieces(); ++b) {
    const double t = function.breakpoints()[b];
    if (t < from || t > to) continue;
    take_in(function, b, t, bounds);
    take_in(function, b + 1, t, bounds);
  }
  return bounds;
}

PreActivationBounds interval_bounds(const NormalForm& form, const FreeSpace& space) {
  require_searchable(form, space);
  PreActivationBounds result;
  Intervals values = input_intervals(space);
  for (const Stage& stage : form.stages()) {
    Intervals pre = through_map(stage.map, values);
    values = through_units(form, stage, pre, values);
    result.low.push_back(std::move(pre.low));
    result.high.push_back(std::move(pre.high));
  }
  return result;
}

}  // namespace facetry
