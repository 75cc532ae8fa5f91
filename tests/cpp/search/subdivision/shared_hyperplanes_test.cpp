// What safe searches know of copies of a hyperplane and of a point that all boundaries share:
// against the same functions written so that they cannot know it, and against values.
#include <doctest/doctest.h>

#include "networks.hpp"
#include "polytopes.hpp"
#include "search/plan/search_plan.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

struct Layers {
  std::vector<Matrix> weights;
  std::vector<Vector> biases;
};

NormalForm form_of(const Layers& layers, PiecewiseFunction function) {
  NeuralGraph graph(layers.weights.front().cols());
  Ids ids;
  for (Index i = 0; i < layers.weights.front().cols(); ++i) ids.push_back(i);
  for (std::size_t l = 0; l < layers.weights.size(); ++l) {
    ids = dense(graph, ids, layers.weights[l], layers.biases[l]);
    if (l + 1 < layers.weights.size()) ids = apply(graph, ids, function);
  }
  return NormalForm(graph, ids);
}

Layers without_biases(Random& random, Index k, Index width, Index depth, bool integer) {
  Layers layers;
  for (Index l = 0; l <= depth; ++l) {
    const Index rows = l == depth ? 1 : width;
    layers.weights.push_back(random_weights(random, rows, l == 0 ? k : width, integer));
    layers.biases.emplace_back(Vector::Zero(rows));
  }
  return layers;
}

// Two units in front of the first layer that are on everywhere and add up to 200, which the next
// layer takes away again: the same functions, but not all boundaries pass through zero.
Layers with_bias_units(const Layers& layers) {
  Layers result = layers;
  const Matrix& first = layers.weights[0];
  result.weights[0] = Matrix::Zero(first.rows() + 2, first.cols());
  result.weights[0].bottomRows(first.rows()) = first;
  result.weights[0](0, 0) = 1.0;
  result.weights[0](1, 0) = -1.0;
  result.biases[0] = Vector::Zero(first.rows() + 2);
  result.biases[0].head(2).setConstant(100.0);
  const Matrix& second = layers.weights[1];
  result.weights[1] = Matrix::Constant(second.rows(), second.cols() + 2, 0.5);
  result.weights[1].rightCols(second.cols()) = second;
  result.biases[1].setConstant(-100.0);
  return result;
}

SubdivisionOptions safe() {
  SubdivisionOptions options;
  options.exactness = Exactness::safe;
  return options;
}

// The pieces of the last `count` units.
Ids last_pieces(const Partition& partition, Index i, Index count) {
  const Index units = partition.layout().units();
  Ids result;
  for (Index u = units - count; u < units; ++u) {
    result.push_back(partition.layout().get(partition.regions().state(i), u));
  }
  return result;
}

std::vector<Boundary> boundaries(const Partition& partition, Index i, Index shift) {
  std::vector<Boundary> result = partition.boundary_ids().at(facets_of(partition.regions(), i));
  for (Boundary& facet : result) {
    if (!facet.is_side()) facet.unit -= shift;
  }
  return result;
}

void check_same(const Partition& quick, const Partition& slow) {
  const Index shift = slow.layout().units() - quick.layout().units();
  REQUIRE(quick.size() == slow.size());
  for (Index i = 0; i < quick.size(); ++i) {
    CAPTURE(i);
    const Index units = quick.layout().units();
    REQUIRE(last_pieces(quick, i, units) == last_pieces(slow, i, units));
    REQUIRE(boundaries(quick, i, 0) == boundaries(slow, i, shift));
  }
}

}  // namespace

TEST_CASE("Networks without biases: what the common point says is what exact programs say") {
  Random random(401);
  Index quick_rounds = 0;
  for (Index round = 0; round < 24; ++round) {
    const Index k = 1 + round % 3;
    const Layers layers = without_biases(random, k, k == 3 ? 5 : 8, 1 + round % 2, round % 4 == 3);
    const PiecewiseFunction function = PiecewiseFunction::relu();
    InputPolytope region = cube(k);
    if (round % 5 == 1) region.low[0] = 0.0;        // the point is on a side,
    if (round % 5 == 2) region.low[0] = 0.25;       // outside,
    if (round % 5 == 3) region.low[k - 1] = -1e-4;  // too near to a side
    const FreeSpace space(region);
    const NormalForm quick = form_of(layers, function);
    const NormalForm slow = form_of(with_bias_units(layers), function);
    CAPTURE(round);
    const bool knows =
        SearchPlan(quick, space, Tolerances{}, Exactness::safe).common_point() != nullptr;
    CHECK(knows == (round % 5 != 2 && round % 5 != 3));
    CHECK(SearchPlan(slow, space, Tolerances{}, Exactness::safe).common_point() == nullptr);
    check_same(partition_of(quick, space, safe()), partition_of(slow, space, safe()));
    quick_rounds += knows ? 1 : 0;
  }
  CHECK(quick_rounds > 10);
}

TEST_CASE(
    "Units that stand there twice: regions fill the box, and their points have their states") {
  Random random(402);
  for (Index round = 0; round < 12; ++round) {
    const Index k = 1 + round % 3;
    const double factor = std::vector<double>{1.0, 2.0, -1.0, 0.75}[round % 4];
    const Index width = 4;
    Layers twice;
    for (Index l = 0; l < 3; ++l) {
      const Index rows = l == 2 ? 1 : width;
      const Index columns = l == 0 ? k : 2 * width;
      const Matrix W = random_weights(random, rows, columns, false);
      const Vector b = random_bias(random, rows, false);
      twice.weights.push_back(W);
      twice.biases.push_back(b);
      if (l == 2) break;
      // Rounded to few bits, so that 0.75 times it is exact.
      twice.weights[l] = (twice.weights[l].array() * 1024.0).round() / 1024.0;
      twice.biases[l] = (b.array() * 1024.0).round() / 1024.0;
      twice.weights[l].conservativeResize(2 * rows, columns);
      twice.biases[l].conservativeResize(2 * rows);
      twice.weights[l].bottomRows(rows) = factor * twice.weights[l].topRows(rows);
      twice.biases[l].tail(rows) = factor * twice.biases[l].head(rows);
    }
    const NormalForm form = form_of(twice, PiecewiseFunction::relu());
    const FreeSpace space(cube(k));
    CAPTURE(round);
    CHECK(SearchPlan(form, space, Tolerances{}, Exactness::safe).stage(0).copies.any());
    const Partition quick = partition_of(form, space, safe());
    const Index count = quick.size();
    std::vector<double> volumes(static_cast<std::size_t>(count));
    quick.volumes({0, count}, 1, volumes.data());
    double volume = 0.0;
    for (const double own : volumes) volume += own;
    CHECK(volume == doctest::Approx(std::pow(2.0, static_cast<double>(k))).epsilon(1e-12));
    Matrix points(count, k);
    quick.interior_points({0, count}, points.data());
    for (Index i = 0; i < count; ++i) {
      Vector value = points.row(i).transpose();
      Ids state;
      for (Index l = 0; l < 2; ++l) {
        const Vector pre = twice.weights[l] * value + twice.biases[l];
        for (const double number : pre) state.push_back(number > 0.0 ? 1 : 0);
        value = pre.cwiseMax(0.0);
      }
      REQUIRE(last_pieces(quick, i, size_of(state)) == state);
    }
  }
}
