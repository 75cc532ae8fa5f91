// The checks of inputs that everything which takes a network and a region, or points, goes through.
#include "network/input_check.hpp"

#include <doctest/doctest.h>

#include "facetry/base/error.hpp"
#include "networks.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

TEST_CASE("What fits passes, what does not says both numbers") {
  Random random(3);
  const NormalForm form = random_network(random, {2, 3, 1, 1, false, true}, {Kind::relu});
  require_same_inputs(form, FreeSpace(cube(2)));
  require_columns(Matrix::Zero(5, 2), 2);
  CHECK_THROWS_WITH_AS(require_same_inputs(form, FreeSpace(cube(3))),
                       "the analysis region has 3 features, the model takes 2", InvalidInput);
  CHECK_THROWS_WITH_AS(require_columns(Matrix::Zero(0, 1), 2),
                       "points have 1 features, the model takes 2", InvalidInput);
}

namespace {

// relu(scale x) times scale.
NormalForm scaled(double first, double second) {
  NeuralGraph graph(1);
  const Vector zero = Vector::Zero(1);
  return NormalForm(graph,
                    dense(graph,
                          apply(graph, dense(graph, {0}, Matrix::Constant(1, 1, first), zero),
                                PiecewiseFunction::relu()),
                          Matrix::Constant(1, 1, second), zero));
}

}  // namespace

TEST_CASE("Numbers whose roundings cannot be bounded any more are refused") {
  const FreeSpace space(cube(1));
  require_searchable(scaled(1e200, 1e-200), space);
  require_searchable(scaled(0.0, 1.0), space);  // zeros are exact
  CHECK_THROWS_AS(require_range(scaled(1e200, 1e100), space), InvalidInput);
  CHECK_THROWS_AS(require_range(scaled(1e-280, 1.0), space), InvalidInput);
  CHECK_THROWS_AS(require_range(scaled(1e-200, 1e-100), space), InvalidInput);
  CHECK_THROWS_AS(require_range(scaled(1e308, 1e308), space), InvalidInput);  // infinite
  const Vector huge = Vector::Constant(1, 1e290);
  CHECK_THROWS_AS(require_range(scaled(1.0, 1.0), space, huge), InvalidInput);
  require_range(scaled(1.0, 1.0), space, Vector::Ones(1));
}
