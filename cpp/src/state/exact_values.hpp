// The values of a network at one point without rounding: what its stored numbers say, for the few
// questions about points that double precision leaves open.
#pragma once

#include <vector>

#include "base/exact_row.hpp"
#include "facetry/network/normal_form.hpp"

namespace facetry {

// Guarantee: pre-activations are exact. Made as far as they are asked for, stage by stage, and kept
// until the next point. One per thread. Cost: for the first question about a stage all values
// before it, each a sum of products of integers.
class ExactValues {
 public:
  // REQUIRES: `form` outlives it.
  explicit ExactValues(const NormalForm& form);

  // Begins with a point. REQUIRES: finite numbers, as many as the network has inputs.
  void start(const VectorView& x);

  // The sign of pre-activation `row` of a stage minus t, or minus another one of the stage's.
  [[nodiscard]] int compare_to(Index stage, Index row, double t);
  [[nodiscard]] int compare(Index stage, Index row, Index other);

  // Output number i minus output number j, by sign: which of them is ahead.
  [[nodiscard]] int compare_outputs(Index i, Index j);
  // weights . outputs minus a threshold, by sign. REQUIRES: a weight for each output.
  [[nodiscard]] int compare_outputs(const VectorView& weights, double threshold);

 private:
  using Number = ExactRow;  // of one entry

  struct Kept {
    std::vector<Number> numbers;
    std::vector<char> there;
  };

  [[nodiscard]] const AffineMap& map_into(Index stage) const;
  [[nodiscard]] const Number& pre(Index stage, Index row);
  [[nodiscard]] const Number& value(Index stage, Index number);
  [[nodiscard]] Number computed_value(Index stage, Index number);

  const NormalForm& form_;
  std::vector<Number> inputs_;
  std::vector<Kept> pre_;     // of each stage, and of the outputs
  std::vector<Kept> values_;  // that each stage's map reads; of the first one nothing is kept
};

}  // namespace facetry
