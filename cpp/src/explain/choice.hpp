// The choice of a network's decision at a point, and how clear it is.
#pragma once

#include <algorithm>
#include <limits>

#include "facetry/explain/query.hpp"

namespace facetry {

// REQUIRES: a decision that fits the outputs.
[[nodiscard]] inline Index choice_at(const NormalForm& form, const Query& query, const Vector& x) {
  const RowVector outputs = form.evaluate(x.transpose()).row(0);
  Index choice = 0;
  switch (query.decision) {
    case Query::Decision::threshold: return outputs[0] > query.threshold ? 1 : 0;
    case Query::Decision::lowest: outputs.minCoeff(&choice); return choice;
    default: outputs.maxCoeff(&choice); return choice;
  }
}

// By how much a choice is ahead of every other at a point, as computed; below 0 if it is behind. Of
// a threshold, how far the output is on the choice's side.
// REQUIRES: a decision that fits the outputs, a choice of it.
[[nodiscard]] inline double lead_at(const NormalForm& form, const Query& query, const Vector& x,
                                    Index choice) {
  const RowVector outputs = form.evaluate(x.transpose()).row(0);
  if (query.decision == Query::Decision::threshold) {
    return (choice == 1 ? 1.0 : -1.0) * (outputs[0] - query.threshold);
  }
  const double sign = query.decision == Query::Decision::lowest ? -1.0 : 1.0;
  double lead = std::numeric_limits<double>::infinity();
  for (Index i = 0; i < outputs.size(); ++i) {
    if (i != choice) lead = std::min(lead, sign * (outputs[choice] - outputs[i]));
  }
  return lead;
}

}  // namespace facetry
