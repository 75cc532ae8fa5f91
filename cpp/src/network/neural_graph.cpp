// Checks of operations as they are added, and their evaluation one by one.
#include "facetry/network/neural_graph.hpp"

#include <algorithm>
#include <cmath>

#include "facetry/base/error.hpp"

namespace facetry {

namespace {

void require_offsets(const std::vector<Index>& offsets, Index total, const char* what) {
  const bool ascending = std::is_sorted(offsets.begin(), offsets.end());
  if (offsets.empty() || offsets.front() != 0 || offsets.back() != total || !ascending) {
    throw InvalidInput(std::string(what) + ": offsets must ascend from 0 to the number of entries");
  }
}

void require_finite(const std::vector<double>& values, const char* what) {
  for (const double value : values) {
    if (!std::isfinite(value)) throw InvalidInput(std::string(what) + " must be finite");
  }
}

// One operation at a time, for one sample; `values` holds all values of the graph.
struct Evaluate {
  std::vector<double>& values;
  Index first;

  void operator()(const AffineOperation& operation) const {
    for (Index i = 0; i < operation.rows.rows(); ++i) {
      double sum = operation.bias[i];
      for (Index e = operation.rows.offsets[i]; e < operation.rows.offsets[i + 1]; ++e) {
        sum += operation.rows.weights[e] * values[operation.rows.columns[e]];
      }
      values[first + i] = sum;
    }
  }
  void operator()(const PiecewiseOperation& operation) const {
    for (Index i = 0; i < size_of(operation.arguments); ++i) {
      values[first + i] = operation.functions[operation.which[i]](values[operation.arguments[i]]);
    }
  }
  void operator()(const MaximumOperation& operation) const {
    for (Index g = 0; g + 1 < size_of(operation.offsets); ++g) {
      double largest = values[operation.arguments[operation.offsets[g]]];
      for (Index e = operation.offsets[g] + 1; e < operation.offsets[g + 1]; ++e) {
        largest = std::max(largest, values[operation.arguments[e]]);
      }
      values[first + g] = largest;
    }
  }
};

}  // namespace

NeuralGraph::NeuralGraph(Index input_size) : input_size_(input_size), first_value_{input_size} {
  if (input_size < 1) throw InvalidInput("a neural graph needs at least one input");
}

void NeuralGraph::check_values(const std::vector<Index>& values) const {
  for (const Index value : values) {
    if (value < 0 || value >= size()) {
      throw InvalidInput("value number " + std::to_string(value) +
                         " does not exist; the graph has " + std::to_string(size()) + " values");
    }
  }
}

Index NeuralGraph::append(Operation operation, Index results) {
  operations_.push_back(std::move(operation));
  const Index first = size();
  first_value_.push_back(first + results);
  return first;
}

Index NeuralGraph::add(AffineOperation operation) {
  const Index rows = operation.rows.rows();
  require_offsets(operation.rows.offsets, size_of(operation.rows.columns), "affine operation");
  if (operation.rows.weights.size() != operation.rows.columns.size()) {
    throw InvalidInput("affine operation: one weight per value number is needed");
  }
  if (size_of(operation.bias) != rows) {
    throw InvalidInput("affine operation: one bias per row is needed");
  }
  require_finite(operation.rows.weights, "weights");
  require_finite(operation.bias, "bias");
  check_values(operation.rows.columns);
  return append(std::move(operation), rows);
}

Index NeuralGraph::add(PiecewiseOperation operation) {
  const Index count = size_of(operation.arguments);
  if (size_of(operation.which) != count) {
    throw InvalidInput("piecewise operation: one function number per argument is needed");
  }
  for (const Index function : operation.which) {
    if (function < 0 || function >= size_of(operation.functions)) {
      throw InvalidInput("piecewise operation: function number out of range");
    }
  }
  check_values(operation.arguments);
  return append(std::move(operation), count);
}

Index NeuralGraph::add(MaximumOperation operation) {
  require_offsets(operation.offsets, size_of(operation.arguments), "maximum operation");
  const auto& offsets = operation.offsets;
  if (std::adjacent_find(offsets.begin(), offsets.end()) != offsets.end()) {
    throw InvalidInput("maximum operation: a group without arguments");
  }
  check_values(operation.arguments);
  const Index groups = size_of(operation.offsets) - 1;
  return append(std::move(operation), groups);
}

Matrix NeuralGraph::evaluate(const MatrixView& X, const std::vector<Index>& values) const {
  if (X.cols() != input_size_) {
    throw InvalidInput("samples have " + std::to_string(X.cols()) + " features, the graph takes " +
                       std::to_string(input_size_));
  }
  check_values(values);
  Matrix result(X.rows(), size_of(values));
  std::vector<double> all(static_cast<std::size_t>(size()));
  for (Index n = 0; n < X.rows(); ++n) {
    for (Index j = 0; j < input_size_; ++j) all[j] = X(n, j);
    for (Index o = 0; o < size_of(operations_); ++o) {
      std::visit(Evaluate{all, first_value_[o]}, operations_[o]);
    }
    for (Index j = 0; j < size_of(values); ++j) result(n, j) = all[values[j]];
  }
  return result;
}

}  // namespace facetry
