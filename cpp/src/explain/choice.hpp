// The choice of a network's decision at a point.
#pragma once

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

}  // namespace facetry
