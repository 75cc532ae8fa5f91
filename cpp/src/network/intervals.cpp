// Interval arithmetic through affine maps and units, rounded outwards.
#include "network/intervals.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/rounding.hpp"
#include "facetry/base/error.hpp"
#include "facetry/network/linear_bounds.hpp"

namespace facetry {

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

Intervals through_units(const NormalForm& form, const Stage& stage, const Intervals& pre,
                        const Intervals& before) {
  Intervals next{Vector(stage.width()), Vector(stage.width())};
  const Index units = size_of(stage.units);
  for (Index u = 0; u < units; ++u) {
    const ValueBounds bounds = unit_bounds(form, stage.units[u], pre.low, pre.high);
    next.low[u] = bounds.low;
    next.high[u] = bounds.high;
  }
  for (Index c = 0; c < size_of(stage.carried); ++c) {
    next.low[units + c] = before.low[stage.carried[c]];
    next.high[units + c] = before.high[stage.carried[c]];
  }
  return next;
}

}  // namespace facetry
