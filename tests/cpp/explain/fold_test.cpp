// The guarantees of fold_regions(), numbered as in its header: against partitions, and by the
// integrals of outputs over the sides of a box.
#include "facetry/explain/fold.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <map>

#include "facetry/base/error.hpp"
#include "facetry/partition/partition.hpp"
#include "networks.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

NormalForm network(std::uint64_t seed, Index m, Index n, Kind kind = Kind::relu) {
  Random random(seed);
  const Style style{m, 6, 2, n, false, false};
  return random_network(random, style, {kind});
}

struct Truth {
  Index regions = 0;
  double volume = 0.0;
  Matrix weights, absolute, lowest, highest;
};

// From a partition's models and volumes; of a box, whose free inputs are the inputs.
std::map<Index, Truth> truth(const NormalForm& form, const FreeSpace& space, bool by_feature) {
  const auto partition =
      find_partition(std::make_shared<NormalForm>(form), std::make_shared<FreeSpace>(space));
  const Index count = partition->size(), n = form.output_size(), m = form.input_size();
  std::vector<double> coef(static_cast<std::size_t>(count * n * m)),
      intercept(static_cast<std::size_t>(count * n)), volumes(static_cast<std::size_t>(count));
  partition->models({0, count}, 1, coef.data(), intercept.data());
  partition->volumes({0, count}, 1, volumes.data());
  std::map<Index, Truth> groups;
  for (Index i = 0; i < count; ++i) {
    Matrix w = Eigen::Map<const Matrix>(coef.data() + i * n * m, n, m);
    for (Index j = 0; j < m; ++j) {
      if (space.polytope().low[j] == space.polytope().high[j]) w.col(j).setZero();
    }
    Index key = 0;
    if (by_feature) {
      key = space.free_features().front();
      for (Index j = key; j < m; ++j) {
        if (std::abs(w(0, j)) > std::abs(w(0, key))) key = j;
      }
    }
    Truth& group = groups[key];
    if (group.regions == 0) {
      group.weights = group.absolute = Matrix::Zero(n, m);
      group.lowest = group.highest = w;
    }
    ++group.regions;
    group.volume += volumes[i];
    group.weights += volumes[i] * w;
    group.absolute += volumes[i] * w.cwiseAbs();
    group.lowest = group.lowest.cwiseMin(w);
    group.highest = group.highest.cwiseMax(w);
  }
  return groups;
}

bool close(const Matrix& a, const Matrix& b, double scale) {
  return (a - b).cwiseAbs().maxCoeff() <= 1e-10 * scale;
}

// The integral of each output over the region.
Vector integrals(const NormalForm& form, const InputPolytope& region) {
  FoldOptions options;
  options.integrals = true;
  return fold_regions(form, FreeSpace(region), options).groups.at(0).outputs;
}

}  // namespace

TEST_CASE("1. Sums are those of the partition's volumes and models, also by key") {
  for (const Index m : {1, 2, 3, 4}) {
    for (const bool fixed : {false, true}) {
      const NormalForm form = network(static_cast<std::uint64_t>(m), m + (fixed ? 1 : 0), 2);
      InputPolytope region =
          box(Vector::Constant(form.input_size(), -1.0), Vector::Constant(form.input_size(), 2.0));
      if (fixed) region.low[0] = region.high[0] = 0.25;
      const FreeSpace space(region);
      for (const bool by_feature : {false, true}) {
        FoldOptions options;
        options.key = by_feature ? FoldKey::top_feature : FoldKey::none;
        const FoldResult found = fold_regions(form, space, options);
        const std::map<Index, Truth> expected = truth(form, space, by_feature);
        REQUIRE(found.groups.size() == expected.size());
        auto next = expected.begin();
        for (const FoldSums& group : found.groups) {
          const auto& [key, own] = *next++;
          CHECK(group.key == key);
          CHECK(group.regions == own.regions);
          CHECK(group.volume == doctest::Approx(own.volume).epsilon(1e-11));
          CHECK(close(group.weights, own.weights, own.volume));
          CHECK(close(group.absolute_weights, own.absolute, own.volume));
          CHECK(close(group.lowest_weights, own.lowest, 1.0));
          CHECK(close(group.highest_weights, own.highest, 1.0));
        }
      }
    }
  }
}

TEST_CASE(
    "1. Signed totals: the integral of a derivative is a difference over two sides of the box") {
  for (const Index m : {2, 3, 4, 5}) {
    const NormalForm form = network(40 + static_cast<std::uint64_t>(m), m, 2, Kind::leaky);
    const InputPolytope region = box(Vector::Constant(m, -0.5), Vector::Constant(m, 1.0));
    const FoldSums sums = fold_regions(form, FreeSpace(region)).groups.at(0);
    for (Index i = 0; i < m; ++i) {
      InputPolytope low = region, high = region;
      low.high[i] = low.low[i];
      high.low[i] = high.high[i];
      const Vector expected = integrals(form, high) - integrals(form, low);
      for (Index o = 0; o < 2; ++o) {
        CHECK(std::abs(sums.weights(o, i) - expected[o]) <
              1e-12 * sums.absolute_weights(o, i) + 1e-14);
      }
    }
  }
}

TEST_CASE("1. Integrals of outputs and their products, of a function that is known") {
  // |x| on [-1, 2]: 1/2 + 2; squared: 1/3 + 8/3.
  NeuralGraph graph(1);
  PiecewiseOperation absolute{{0}, {PiecewiseFunction::absolute()}, {0}};
  const Index id = graph.add(std::move(absolute));
  const NormalForm form(graph, {id});
  FoldOptions options;
  options.integrals = true;
  options.edges = {-1.0, 0.0, 1.0};
  const FoldResult found = fold_regions(
      form, FreeSpace(box(Vector::Constant(1, -1.0), Vector::Constant(1, 2.0))), options);
  const FoldSums& sums = found.groups.at(0);
  CHECK(sums.regions == 2);
  CHECK(sums.volume == doctest::Approx(3.0).epsilon(1e-14));
  CHECK(sums.outputs[0] == doctest::Approx(2.5).epsilon(1e-14));
  CHECK(sums.products(0, 0) == doctest::Approx(3.0).epsilon(1e-14));
  CHECK(sums.weights(0, 0) == doctest::Approx(1.0).epsilon(1e-14));
  CHECK(sums.absolute_weights(0, 0) == doctest::Approx(3.0).epsilon(1e-14));
  // Slope -1 is the lower edge of the first bin, 1 the last edge.
  CHECK(sums.histograms == std::vector<double>{0.0, 1.0, 2.0, 0.0});
}

TEST_CASE("1. By choice: volumes are where each output is the highest, and the sums add up") {
  for (const Query::Decision decision : {Query::Decision::highest, Query::Decision::lowest}) {
    const NormalForm form = network(7, 2, 3);
    const FreeSpace space(cube(2));
    FoldOptions options;
    options.key = FoldKey::choice;
    options.decision = decision;
    options.integrals = true;
    const FoldResult found = fold_regions(form, space, options);
    FoldOptions plain;
    plain.integrals = true;
    const FoldSums all = fold_regions(form, space, plain).groups.at(0);
    Matrix weights = Matrix::Zero(3, 2), products = Matrix::Zero(3, 3);
    Vector outputs = Vector::Zero(3);
    double volume = 0.0;
    for (const FoldSums& group : found.groups) {
      weights += group.weights;
      outputs += group.outputs;
      products += group.products;
      volume += group.volume;
    }
    CHECK(volume == doctest::Approx(4.0).epsilon(1e-12));
    CHECK(close(weights, all.weights, 1.0));
    CHECK(close(outputs, all.outputs, 1.0));
    CHECK(close(products, all.products, 1.0));
    // A grid of points says the same volumes, coarsely.
    const Index side = 200;
    Matrix points(side * side, 2);
    for (Index i = 0; i < side * side; ++i) {
      points(i, 0) = -1.0 + 2.0 * (static_cast<double>(i % side) + 0.5) / static_cast<double>(side);
      points(i, 1) = -1.0 + 2.0 * (static_cast<double>(i / side) + 0.5) / static_cast<double>(side);
    }
    const Matrix values = form.evaluate(points);
    std::map<Index, double> counted;
    for (Index i = 0; i < side * side; ++i) {
      Index best = 0;
      (decision == Query::Decision::lowest ? Vector(-values.row(i)) : Vector(values.row(i)))
          .maxCoeff(&best);
      counted[best] += 4.0 / static_cast<double>(side * side);
    }
    for (const FoldSums& group : found.groups) {
      CHECK(std::abs(group.volume - counted[group.key]) < 0.05);
    }
  }
}

TEST_CASE("2. The same bits for any number of threads") {
  const NormalForm form = network(3, 4, 2);
  const FreeSpace space(cube(4));
  FoldOptions options;
  options.key = FoldKey::top_feature;
  options.integrals = true;
  options.edges = {-1.0, -0.1, 0.0, 0.1, 1.0};
  const FoldResult one = fold_regions(form, space, options);
  for (const int threads : {2, 4}) {
    options.control.threads = threads;
    const FoldResult more = fold_regions(form, space, options);
    REQUIRE(more.groups.size() == one.groups.size());
    for (std::size_t g = 0; g < one.groups.size(); ++g) {
      CHECK(more.groups[g].volume == one.groups[g].volume);
      CHECK(more.groups[g].weights == one.groups[g].weights);
      CHECK(more.groups[g].outputs == one.groups[g].outputs);
      CHECK(more.groups[g].products == one.groups[g].products);
      CHECK(more.groups[g].histograms == one.groups[g].histograms);
    }
  }
}

TEST_CASE("3. A fold that is out of time has the sums of the regions before") {
  Random random(5);
  const Style style{5, 24, 2, 1, false, false};
  const NormalForm form = random_network(random, style, {Kind::relu});
  FoldOptions options;
  options.control.deadline = Control::Clock::now() + std::chrono::milliseconds(100);
  const FoldResult found = fold_regions(form, FreeSpace(cube(5)), options);
  REQUIRE(found.termination == Termination::time_limit);
  REQUIRE(found.groups.size() == 1);
  CHECK(found.groups[0].regions > 0);
  CHECK(found.groups[0].volume < 32.0);
}

TEST_CASE("A point; and what does not fit is said") {
  const NormalForm form = network(3, 8, 2);
  const Vector point = Vector::Constant(8, 0.5);
  FoldOptions options;
  options.integrals = true;
  const FoldSums sums = fold_regions(form, FreeSpace(box(point, point)), options).groups.at(0);
  CHECK(sums.volume == 1.0);
  CHECK(sums.weights.isZero());
  CHECK(sums.outputs[0] == doctest::Approx(form.evaluate(point.transpose())(0, 0)));
  CHECK_THROWS_AS((void)fold_regions(form, FreeSpace(cube(8))), InvalidInput);
  const FreeSpace space(box(point, point));
  FoldOptions bad;
  bad.output = 2;
  CHECK_THROWS_AS((void)fold_regions(form, space, bad), InvalidInput);
  bad = {};
  bad.edges = {0.0, 0.0};
  CHECK_THROWS_AS((void)fold_regions(form, space, bad), InvalidInput);
  bad = {};
  bad.scales = Vector::Ones(3);
  CHECK_THROWS_AS((void)fold_regions(form, space, bad), InvalidInput);
  bad = {};
  bad.key = FoldKey::choice;
  bad.decision = Query::Decision::threshold;
  CHECK_THROWS_AS((void)fold_regions(form, space, bad), InvalidInput);
}
