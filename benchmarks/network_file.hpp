// Reads the networks that engine.py writes. A file holds numbers as text: k, low, high, the number
// of layers; for each layer rows and columns, then the weights row by row, then the biases. ReLUs
// stand between the layers.
#pragma once

#include <fstream>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "facetry/facetry.hpp"

namespace benchmark {

struct Problem {
  std::shared_ptr<const facetry::NormalForm> form;
  std::shared_ptr<const facetry::FreeSpace> space;
};

inline facetry::AffineOperation read_layer(std::istream& in,
                                           const std::vector<facetry::Index>& ids) {
  facetry::Index rows = 0, columns = 0;
  in >> rows >> columns;
  facetry::AffineOperation layer;
  layer.rows.weights.resize(static_cast<std::size_t>(rows * columns));
  layer.bias.resize(static_cast<std::size_t>(rows));
  for (double& weight : layer.rows.weights) in >> weight;
  for (double& bias : layer.bias) in >> bias;
  for (facetry::Index i = 0; i < rows; ++i) {
    layer.rows.columns.insert(layer.rows.columns.end(), ids.begin(), ids.end());
    layer.rows.offsets.push_back(facetry::size_of(layer.rows.columns));
  }
  return layer;
}

// Throws InvalidInput if the file cannot be read.
inline Problem read_network(const std::string& path) {
  using namespace facetry;
  std::ifstream in(path);
  Index k = 0, layers = 0;
  double low = 0.0, high = 0.0;
  in >> k >> low >> high >> layers;
  NeuralGraph graph(k);
  std::vector<Index> ids(static_cast<std::size_t>(k));
  std::iota(ids.begin(), ids.end(), Index{0});
  for (Index l = 0; l < layers; ++l) {
    AffineOperation layer = read_layer(in, ids);
    ids.resize(layer.bias.size());
    std::iota(ids.begin(), ids.end(), graph.add(std::move(layer)));
    if (l + 1 == layers) break;
    PiecewiseOperation relu{ids, {PiecewiseFunction::relu()}, std::vector<Index>(ids.size(), 0)};
    std::iota(ids.begin(), ids.end(), graph.add(std::move(relu)));
  }
  if (!in) throw InvalidInput("cannot read " + path);
  const InputPolytope box{Vector::Constant(k, low), Vector::Constant(k, high), Matrix(0, k),
                          Vector(0)};
  return {std::make_shared<NormalForm>(graph, ids), std::make_shared<FreeSpace>(box)};
}

}  // namespace benchmark
