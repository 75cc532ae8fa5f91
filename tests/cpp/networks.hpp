// Networks for tests: random neural graphs with every kind of unit.
#pragma once

#include <memory>
#include <numeric>
#include <vector>

#include "facetry/network/neural_graph.hpp"
#include "facetry/network/normal_form.hpp"
#include "facetry/partition/partition.hpp"
#include "partition/adjacency.hpp"
#include "random.hpp"
#include "search/subdivision.hpp"

namespace facetry::testing {

using Ids = std::vector<Index>;

inline Ids range(Index first, Index count) {
  Ids ids(static_cast<std::size_t>(count));
  std::iota(ids.begin(), ids.end(), first);
  return ids;
}

inline Ids joined(Ids a, const Ids& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// weights @ values[ids] + bias.
inline Ids dense(NeuralGraph& graph, const Ids& ids, const Matrix& weights, const Vector& bias) {
  AffineOperation operation;
  for (Index i = 0; i < weights.rows(); ++i) {
    for (Index j = 0; j < weights.cols(); ++j) {
      operation.rows.columns.push_back(ids[j]);
      operation.rows.weights.push_back(weights(i, j));
    }
    operation.rows.offsets.push_back(size_of(operation.rows.columns));
    operation.bias.push_back(bias[i]);
  }
  return range(graph.add(std::move(operation)), weights.rows());
}

inline Ids apply(NeuralGraph& graph, const Ids& ids, const PiecewiseFunction& function) {
  return range(graph.add(PiecewiseOperation{ids, {function}, Ids(ids.size(), 0)}), size_of(ids));
}

// One maximum per group of `size` neighbours.
inline Ids maximum(NeuralGraph& graph, const Ids& ids, Index size) {
  MaximumOperation operation{{0}, ids};
  for (Index end = size; end <= size_of(ids); end += size) operation.offsets.push_back(end);
  operation.arguments.resize(static_cast<std::size_t>(operation.offsets.back()));
  const Index groups = size_of(operation.offsets) - 1;
  return range(graph.add(std::move(operation)), groups);
}

enum class Kind { relu, leaky, absolute, clip, hard_sigmoid, stairs, maximum };
constexpr Kind kKinds[] = {Kind::relu,         Kind::leaky,  Kind::absolute, Kind::clip,
                           Kind::hard_sigmoid, Kind::stairs, Kind::maximum};

inline PiecewiseFunction function_of(Kind kind) {
  switch (kind) {
    case Kind::leaky: return PiecewiseFunction::leaky_relu(0.25);
    case Kind::absolute: return PiecewiseFunction::absolute();
    case Kind::clip: return PiecewiseFunction::clip(-0.5, 1.0);
    case Kind::hard_sigmoid: return PiecewiseFunction::hard_sigmoid(0.5, 0.5);
    case Kind::stairs: return {{-1.0, 0.0, 1.0}, {0.0, 1.0, -1.0, 0.5}, {-1.0, 0.0, 0.0, -1.5}};
    default: return PiecewiseFunction::relu();
  }
}

struct Style {
  Index inputs = 2;
  Index width = 4;
  Index depth = 2;
  Index outputs = 2;
  bool integer = false;  // small integer weights: many ties
  bool skips = false;    // each layer also reads the inputs
};

inline Matrix random_weights(Random& random, Index rows, Index columns, bool integer) {
  Matrix weights(rows, columns);
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < columns; ++j) {
      weights(i, j) = integer ? static_cast<double>(random.between(-1, 1))
                              : random.normal() * std::sqrt(2.0 / static_cast<double>(columns));
    }
  }
  return weights;
}

inline Vector random_bias(Random& random, Index size, bool integer) {
  Vector bias(size);
  for (Index i = 0; i < size; ++i) {
    bias[i] = integer ? 0.5 * static_cast<double>(random.between(-1, 1)) : 0.2 * random.normal();
  }
  return bias;
}

// A network whose hidden layers have units of the given kinds, one kind per layer in turn.
inline NormalForm random_network(Random& random, const Style& style,
                                 const std::vector<Kind>& kinds) {
  NeuralGraph graph(style.inputs);
  const Ids inputs = range(0, style.inputs);
  Ids values = inputs;
  for (Index layer = 0; layer < style.depth; ++layer) {
    const Kind kind = kinds[layer % size_of(kinds)];
    const Index group = kind == Kind::maximum ? random.between(2, 3) : 1;
    if (style.skips && layer > 0) values = joined(values, inputs);
    const Index rows = style.width * group;
    values = dense(graph, values, random_weights(random, rows, size_of(values), style.integer),
                   random_bias(random, rows, style.integer));
    values = kind == Kind::maximum ? maximum(graph, values, group)
                                   : apply(graph, values, function_of(kind));
  }
  const Ids outputs =
      dense(graph, values, random_weights(random, style.outputs, size_of(values), style.integer),
            random_bias(random, style.outputs, style.integer));
  return NormalForm(graph, outputs);
}

// A subdivision as a partition.
inline Partition partition_of(const NormalForm& form, const FreeSpace& space,
                              const SubdivisionOptions& options = {}) {
  return Partition(std::make_shared<NormalForm>(form), std::make_shared<FreeSpace>(space),
                   subdivide(form, space, options));
}

// Of a RegionList or a RegionView.
template <class Regions>
std::vector<Origin> facets_of(const Regions& list, Index i) {
  return {list.facets.begin() + list.facet_offsets[i],
          list.facets.begin() + list.facet_offsets[i + 1]};
}

inline Ids flat_units(const Partition& partition, Index i) {
  return Adjacency(partition.form(), partition.space(), partition.layout(),
                   partition.boundary_ids())
      .flat_units(partition.regions().state(i));
}

inline Ids state_of(const StateLayout& layout, const StateWord* state) {
  Ids pieces;
  for (Index u = 0; u < layout.units(); ++u) pieces.push_back(layout.get(state, u));
  return pieces;
}

}  // namespace facetry::testing
