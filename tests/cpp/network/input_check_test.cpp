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
