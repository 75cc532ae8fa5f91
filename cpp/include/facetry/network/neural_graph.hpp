// The neural graph: the framework-neutral form of a model, as a loader builds it
// [CEE section II-1; METHOD section 1].
//
// Every scalar of the network is a *value* with a number: the inputs are values 0 .. m-1, and each
// operation appends a contiguous block. A loader may therefore hold a tensor as an array of value
// numbers, and reshape, slice, transpose or concatenate it without any operation here.
#pragma once

#include <variant>
#include <vector>

#include "facetry/base/linear_algebra.hpp"
#include "facetry/geometry/affine_map.hpp"
#include "facetry/network/piecewise_function.hpp"

namespace facetry {

// Result i = sum of weights times values, plus bias[i]; columns of `rows` are value numbers.
struct AffineOperation {
  SparseRows rows;
  std::vector<double> bias;
};

// Result i = functions[which[i]](value arguments[i]).
struct PiecewiseOperation {
  std::vector<Index> arguments;
  std::vector<PiecewiseFunction> functions;
  std::vector<Index> which;
};

// Result g = the largest of the values arguments[offsets[g] .. offsets[g+1]].
struct MaximumOperation {
  std::vector<Index> offsets;
  std::vector<Index> arguments;
};

using Operation = std::variant<AffineOperation, PiecewiseOperation, MaximumOperation>;

// Append-only. All methods that add an operation return the number of its first value and throw
// InvalidInput for value numbers that do not exist yet, NaN or infinite numbers, or sizes that do
// not fit; the graph is then unchanged.
class NeuralGraph {
 public:
  // REQUIRES: input_size >= 1.
  explicit NeuralGraph(Index input_size);

  Index add(AffineOperation operation);
  Index add(PiecewiseOperation operation);
  Index add(MaximumOperation operation);

  [[nodiscard]] Index input_size() const { return input_size_; }
  [[nodiscard]] Index size() const { return first_value_.back(); }  // number of values
  [[nodiscard]] const std::vector<Operation>& operations() const { return operations_; }
  [[nodiscard]] Index first_value(Index operation) const { return first_value_[operation]; }

  // Throws InvalidInput unless every number is that of a value.
  void check_values(const std::vector<Index>& values) const;

  // Reference evaluation, one operation after the other, nothing merged: the slow truth beside the
  // normal form. X holds one sample per row (N x m); the result is N x values.size().
  [[nodiscard]] Matrix evaluate(const MatrixView& X, const std::vector<Index>& values) const;

 private:
  Index append(Operation operation, Index results);

  Index input_size_;
  std::vector<Operation> operations_;
  std::vector<Index> first_value_;  // of each operation, and the total
};

}  // namespace facetry
