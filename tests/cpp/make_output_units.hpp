// Output units for tests: rankings of outputs and conditions on them.
#pragma once

#include <utility>
#include <vector>

#include "network/output_units.hpp"

namespace facetry::testing {

// Ranks outputs: its pieces are the largest of them, or with sign -1 the smallest.
inline OutputUnit ranking(std::vector<Index> outputs, double sign = 1.0) {
  OutputUnit unit;
  unit.outputs = std::move(outputs);
  unit.sign = sign;
  return unit;
}

// Asks whether weights @ outputs reaches the threshold.
inline OutputUnit condition(const Vector& weights, double threshold) {
  OutputUnit unit;
  unit.kind = UnitKind::piecewise;
  unit.weights = weights;
  unit.threshold = threshold;
  return unit;
}

}  // namespace facetry::testing
