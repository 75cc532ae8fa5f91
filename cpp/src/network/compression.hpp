// Compression of a neural graph: every value becomes an affine function of *bases* (the inputs and
// the units that remain), so that consecutive affine steps merge by themselves.
#pragma once

#include <vector>

#include "facetry/network/neural_graph.hpp"
#include "facetry/network/normal_form.hpp"

namespace facetry {

// Affine functions of the bases, one per row, that share one pool of entries.
class AffineRows {
 public:
  struct Row {
    Index begin = 0;
    Index end = 0;
    double bias = 0.0;
    [[nodiscard]] bool constant() const { return begin == end; }
  };

  // The row `weight * base`.
  Row base(Index base);
  // The row a * row + b.
  Row scaled(const Row& row, double a, double b);
  // The sum of weights[e] * rows[values[e]] for e in [begin, end), plus bias.
  Row combined(const SparseRows& weights, Index row, const std::vector<Row>& rows, double bias,
               Index base_count);

  [[nodiscard]] Index column(Index entry) const { return columns_[entry]; }
  [[nodiscard]] double weight(Index entry) const { return weights_[entry]; }

 private:
  std::vector<Index> columns_;
  std::vector<double> weights_;
  std::vector<double> sums_;  // workspace of combined(), one per base
  std::vector<char> touched_;
  std::vector<Index> touched_list_;
};

// A unit that remains, before it is placed in a stage.
struct CompressedUnit {
  Unit unit;  // first_row is not set yet
  std::vector<AffineRows::Row> arguments;
  Index level = 0;  // 1 + the highest level among the bases it reads; inputs have level 0
};

struct CompressedGraph {
  Index input_size = 0;
  AffineRows pool;
  std::vector<CompressedUnit> units;  // unit u is base input_size + u
  std::vector<PiecewiseFunction> functions;
  std::vector<AffineRows::Row> outputs;
};

[[nodiscard]] CompressedGraph compress(const NeuralGraph& graph, const std::vector<Index>& outputs);

}  // namespace facetry
