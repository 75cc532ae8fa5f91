// Every sum is widened by an a-priori bound of its roundings (base/rounding.hpp).
#include "facetry/network/pre_activation_bounds.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "facetry/base/error.hpp"
#include "facetry/base/rounding.hpp"

namespace facetry {

namespace {

struct Intervals {
  Vector low;
  Vector high;
};

// The inputs over the box around the region in free coordinates.
Intervals input_intervals(const FreeSpace& space) {
  const BoxedRows& box = space.constraints();
  const Index k = space.dimension();
  Intervals inputs{space.origin(), space.origin()};
  for (Index i = 0; i < space.input_size(); ++i) {
    double magnitude = std::abs(space.origin()[i]);
    for (Index j = 0; j < k; ++j) {
      const double at_low = space.basis()(i, j) * box.low[j];
      const double at_high = space.basis()(i, j) * box.high[j];
      inputs.low[i] += std::min(at_low, at_high);
      inputs.high[i] += std::max(at_low, at_high);
      magnitude += std::max(std::abs(at_low), std::abs(at_high));
    }
    if (k == 0) continue;
    inputs.low[i] -= rounding_of(k + 4) * magnitude;
    inputs.high[i] += rounding_of(k + 4) * magnitude;
  }
  return inputs;
}

Intervals through_map(const AffineMap& map, const Intervals& values) {
  Intervals result{map.bias(), map.bias()};
  for (Index r = 0; r < map.rows(); ++r) {
    double magnitude = std::abs(map.bias()[r]);
    Index terms = 4;
    map.for_row(r, [&](Index j, double weight) {
      const double at_low = weight * values.low[j];
      const double at_high = weight * values.high[j];
      result.low[r] += std::min(at_low, at_high);
      result.high[r] += std::max(at_low, at_high);
      magnitude += std::max(std::abs(at_low), std::abs(at_high));
      ++terms;
    });
    result.low[r] -= rounding_of(terms) * magnitude;
    result.high[r] += rounding_of(terms) * magnitude;
  }
  return result;
}

// One piece at q: rounded, with a bound of the rounding.
void take_in(const PiecewiseFunction& function, Index piece, double q, ValueBounds& bounds) {
  const double product = function.slope(piece) * q;
  const double value = product + function.intercept(piece);
  const double error = rounding_of(4) * (std::abs(product) + std::abs(function.intercept(piece)));
  bounds.low = std::min(bounds.low, value - error);
  bounds.high = std::max(bounds.high, value + error);
}

}  // namespace

// A piecewise-linear function has its extremes at the ends and at breakpoints. Adjacent pieces need not
// meet exactly there, so both are taken.
ValueBounds unit_bounds(const NormalForm& form, const Unit& unit, const Vector& low,
                        const Vector& high) {
  if (unit.kind == UnitKind::maximum) {
    return {low.segment(unit.first_row, unit.row_count).maxCoeff(),
            high.segment(unit.first_row, unit.row_count).maxCoeff()};
  }
  const PiecewiseFunction& function = form.function(unit);
  const double from = low[unit.first_row];
  const double to = high[unit.first_row];
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
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
  if (form.input_size() != space.input_size()) {
    throw InvalidInput("the analysis region has " + std::to_string(space.input_size()) +
                       " features, the model takes " + std::to_string(form.input_size()));
  }
  PreActivationBounds result;
  Intervals values = input_intervals(space);
  for (const Stage& stage : form.stages()) {
    Intervals pre = through_map(stage.map, values);
    Intervals next{Vector(stage.width()), Vector(stage.width())};
    const Index units = size_of(stage.units);
    for (Index u = 0; u < units; ++u) {
      const ValueBounds bounds = unit_bounds(form, stage.units[u], pre.low, pre.high);
      next.low[u] = bounds.low;
      next.high[u] = bounds.high;
    }
    for (Index c = 0; c < size_of(stage.carried); ++c) {
      next.low[units + c] = values.low[stage.carried[c]];
      next.high[units + c] = values.high[stage.carried[c]];
    }
    result.low.push_back(std::move(pre.low));
    result.high.push_back(std::move(pre.high));
    values = std::move(next);
  }
  return result;
}

}  // namespace facetry
