// Blocks of points against one point at a time: linear models, and where points are.
#include "facetry/partition/partition.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "facetry/base/error.hpp"
#include "networks.hpp"
#include "partition/locate.hpp"
#include "polytopes.hpp"
#include "state/linearise.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

struct Models {
  Index n, m;
  std::vector<double> coef, intercept;

  Models(const NormalForm& form, Index count)
      : n(form.output_size()),
        m(form.input_size()),
        coef(static_cast<std::size_t>(count * n * m)),
        intercept(static_cast<std::size_t>(count * n)) {}

  Matrix gradients(Index i) const {
    return Eigen::Map<const Matrix>(coef.data() + i * n * m, n, m);
  }
  Vector offsets(Index i) const { return Eigen::Map<const Vector>(intercept.data() + i * n, n); }
};

Models models_at(const NormalForm& form, const Matrix& X, int threads = 1) {
  Models result(form, X.rows());
  explain_points(form, X, threads, result.coef.data(), result.intercept.data());
  return result;
}

// The slow truth: one state at a time.
AffineFunctions model_of(const NormalForm& form, const Vector& x) {
  const StateLayout layout(form);
  std::vector<StateWord> state(static_cast<std::size_t>(layout.words()), 0);
  const auto pieces = form.states(x.transpose());
  for (Index u = 0; u < layout.units(); ++u) layout.set(state.data(), u, pieces(0, u));
  return Lineariser(form, layout).model(state.data());
}

double difference(const Models& models, Index i, const AffineFunctions& truth) {
  return std::max((models.gradients(i) - truth.gradients).cwiseAbs().maxCoeff(),
                  (models.offsets(i) - truth.offsets).cwiseAbs().maxCoeff());
}

// Every kind of unit, dense and sparse maps, skips, several depths, one and more words of state.
std::vector<NormalForm> networks(std::uint64_t seed, bool integer) {
  Random random(seed);
  std::vector<NormalForm> forms;
  for (const Kind kind : kKinds) {
    for (const bool skips : {false, true}) {
      const Index depth = random.between(1, 3);
      const Style style{
          random.between(1, 5), random.between(2, 9), depth, random.between(1, 3), integer, skips};
      forms.push_back(random_network(random, style, {kind, kKinds[random.below(7)]}));
    }
  }
  forms.push_back(
      random_network(random, {3, 40, 3, 2, integer, true}, {Kind::relu, Kind::maximum}));
  NeuralGraph affine(2);
  forms.emplace_back(affine, Ids{1, 0});
  return forms;
}

// A convolution: each unit reads three neighbours of many inputs, so its map is sparse.
NormalForm sparse_network(Random& random) {
  NeuralGraph graph(30);
  AffineOperation convolution;
  for (Index i = 0; i < 28; ++i) {
    for (Index j = i; j < i + 3; ++j) {
      convolution.rows.columns.push_back(j);
      convolution.rows.weights.push_back(random.normal());
    }
    convolution.rows.offsets.push_back(size_of(convolution.rows.columns));
    convolution.bias.push_back(0.1 * random.normal());
  }
  const Ids pre = range(graph.add(std::move(convolution)), 28);
  const Ids pooled = maximum(graph, apply(graph, pre, function_of(Kind::leaky)), 4);
  const Ids outputs =
      dense(graph, pooled, random_weights(random, 3, 7, false), random_bias(random, 3, false));
  return NormalForm(graph, outputs);
}

Matrix random_points(Random& random, Index count, Index m, bool on_a_grid) {
  Matrix X(count, m);
  for (Index i = 0; i < count; ++i) {
    for (Index j = 0; j < m; ++j) {
      X(i, j) =
          on_a_grid ? 0.5 * static_cast<double>(random.between(-3, 3)) : random.uniform(-1.5, 1.5);
    }
  }
  return X;
}

}  // namespace

TEST_CASE("Linear models of a block are those of its points, one at a time") {
  Random random(151);
  auto forms = networks(152, false);
  forms.push_back(sparse_network(random));
  for (const NormalForm& form : forms) {
    const Matrix X = random_points(random, random.between(1, 150), form.input_size(), false);
    const Models models = models_at(form, X);
    for (Index i = 0; i < X.rows(); ++i) {
      REQUIRE(difference(models, i, model_of(form, X.row(i).transpose())) < 1e-12);
    }
  }
}

TEST_CASE("On boundaries the lowest piece and the lowest argument are taken") {
  Random random(153);
  for (std::uint64_t seed = 154; seed < 160; ++seed) {
    for (const NormalForm& form : networks(seed, true)) {
      const Matrix X = random_points(random, 130, form.input_size(), true);
      const Models models = models_at(form, X);
      for (Index i = 0; i < X.rows(); ++i) {
        REQUIRE(difference(models, i, model_of(form, X.row(i).transpose())) == 0.0);
      }
    }
  }
}

TEST_CASE("What a point gets depends neither on its block nor on the threads") {
  Random random(161);
  for (const NormalForm& form : networks(162, false)) {
    const Matrix X = random_points(random, 200, form.input_size(), false);
    const Models models = models_at(form, X);
    REQUIRE(models_at(form, X, 3).coef == models.coef);
    REQUIRE(models_at(form, X, 3).intercept == models.intercept);
    for (Index i = 0; i < X.rows(); i += 13) {
      const Models alone = models_at(form, X.row(i));
      REQUIRE(alone.gradients(0) == models.gradients(i));
      REQUIRE(alone.offsets(0) == models.offsets(i));
    }
  }
}

TEST_CASE("A NaN lies in the lowest piece and touches no other point") {
  Random random(163);
  for (const NormalForm& form : networks(164, false)) {
    Matrix X = random_points(random, 20, form.input_size(), false);
    const Models before = models_at(form, X);
    X(7, 0) = NAN;
    X(9, 0) = HUGE_VAL;
    const Models after = models_at(form, X);
    for (Index i = 0; i < X.rows(); ++i) {
      if (i == 7 || i == 9) {
        REQUIRE(difference(after, i, model_of(form, X.row(i).transpose())) < 1e-12);
      } else {
        REQUIRE(after.gradients(i) == before.gradients(i));
      }
    }
  }
}

TEST_CASE("Linear models of a range of regions are those of its states") {
  Random random(165);
  for (const NormalForm& form : networks(166, false)) {
    SubdivisionOptions options;
    options.max_regions = 400;
    const Partition partition = partition_of(form, FreeSpace(cube(form.input_size())), options);
    const Index begin = random.below(partition.size());
    const RegionRange range{begin, partition.size()};
    Models models(form, range.count());
    partition.models(range, 2, models.coef.data(), models.intercept.data());
    const Lineariser lineariser(form, partition.layout());
    for (Index i = 0; i < range.count(); ++i) {
      const AffineFunctions truth = lineariser.model(partition.regions().state(begin + i));
      REQUIRE(difference(models, i, truth) < 1e-12);
    }
  }
}

TEST_CASE("Points of another width are refused") {
  NeuralGraph graph(2);
  const NormalForm form(graph, apply(graph, {0, 1}, PiecewiseFunction::relu()));
  CHECK_THROWS_AS(explain_points(form, Matrix::Zero(1, 3), 1, nullptr, nullptr), InvalidInput);
  CHECK_NOTHROW(explain_points(form, Matrix(0, 2), 1, nullptr, nullptr));
}

namespace {

// Points inside, on facets and corners, and as close to them as rounding decides.
Matrix hard_points(Random& random, const Partition& partition) {
  const Index m = partition.space().input_size();
  std::vector<Vector> points;
  for (Index i = 0; i < std::min<Index>(partition.size(), 25); ++i) {
    const Matrix corners = partition.vertices(random.below(partition.size()));
    const Vector a = corners.row(random.below(corners.rows())).transpose();
    const Vector b = corners.row(random.below(corners.rows())).transpose();
    points.push_back(a);
    points.push_back(0.5 * (a + b));
    for (const double step : {1e-15, 1e-13, 3e-13, 1e-12, 3e-12, 1e-11, 1e-9}) {
      points.push_back(a + step * random.direction(m));
      points.push_back(0.5 * (a + b) + step * random.direction(m));
    }
    points.push_back(random.point_in(Vector::Constant(m, -1.1), Vector::Constant(m, 1.1)));
  }
  Matrix X(size_of(points), m);
  for (Index i = 0; i < X.rows(); ++i) X.row(i) = points[i].transpose();
  return X;
}

void check_against_descent(Random& random, const Partition& partition) {
  const Matrix X = hard_points(random, partition);
  std::vector<Index> found(static_cast<std::size_t>(X.rows()));
  partition.locate(X, 2, found.data());
  const bool complete = partition.termination() == Termination::complete;
  Locator descent(partition.form(), partition.layout(), partition.regions(), complete);
  for (Index i = 0; i < X.rows(); ++i) {
    const Vector x = X.row(i).transpose();
    REQUIRE(found[i] == (partition.space().contains(x) ? descent.find(x) : -1));
  }
}

InputPolytope slanted_off(Index m) {
  InputPolytope polytope = cube(m);
  add_constraint(polytope, Vector::Ones(m), 0.25);
  add_constraint(polytope, -Vector::Ones(m), -0.25);
  return polytope;
}

}  // namespace

TEST_CASE("locate is the descent, on and next to boundaries, for every kind of unit") {
  Random random(171);
  for (std::uint64_t seed = 172; seed < 176; ++seed) {
    for (const bool integer : {false, true}) {
      for (const NormalForm& form : networks(seed, integer)) {
        if (form.input_size() > 3) continue;
        for (const bool cut : {false, true}) {
          if (cut && form.input_size() == 1) continue;
          const FreeSpace space(cut ? slanted_off(form.input_size()) : cube(form.input_size()));
          SubdivisionOptions options;
          if (random.chance(0.3)) options.max_regions = 20;
          check_against_descent(random, partition_of(form, space, options));
        }
      }
    }
  }
}
