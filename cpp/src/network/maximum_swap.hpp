// Maxima of values that one non-decreasing function was applied to: the largest of f(a), f(b), ...
// is f of the largest of a, b, ..., exactly. So a MaxPool behind ReLUs becomes ReLUs behind a
// MaxPool: fewer units, and no ties of zeros, of which every point would have many.
#pragma once

#include <vector>

#include "facetry/network/neural_graph.hpp"

namespace facetry {

class MaximumSwap {
 public:
  // REQUIRES: `graph` outlives it; values of the graph as outputs.
  MaximumSwap(const NeuralGraph& graph, const std::vector<Index>& outputs);

  // Is this value a maximum whose function can be applied behind it? That is so where nothing but
  // such maxima reads its arguments.
  [[nodiscard]] bool swapped(Index value) const { return swapped_[value] != 0; }

  // What the function was applied to, for an argument of such a maximum, and where in the graph.
  struct Applied {
    Index argument = 0;  // a value
    Index operation = 0;
    Index position = 0;
    const PiecewiseFunction* function = nullptr;
  };
  [[nodiscard]] Applied applied(Index value) const;

 private:
  [[nodiscard]] bool is_candidate(const MaximumOperation& operation, Index group) const;
  [[nodiscard]] Index operation_of(Index value) const;

  const NeuralGraph& graph_;
  std::vector<char> swapped_;  // of each value
};

}  // namespace facetry
