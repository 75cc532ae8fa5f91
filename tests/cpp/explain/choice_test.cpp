// Choices at points: who wins, by how much, and whether it is more than a tie.
#include "explain/choice.hpp"

#include <doctest/doctest.h>

#include "facetry/base/error.hpp"
#include "networks.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

NormalForm linear(const Matrix& weights, const Vector& bias) {
  NeuralGraph graph(weights.cols());
  return NormalForm(graph, dense(graph, range(0, weights.cols()), weights, bias));
}

Query decided(Query::Decision decision, double threshold = 0.0) {
  Query query;
  query.decision = decision;
  query.threshold = threshold;
  return query;
}

}  // namespace

TEST_CASE("Highest and lowest: ties go to the first, and are no strict wins") {
  const NormalForm form = linear(Matrix{{1.0}, {-1.0}, {0.0}}, Vector{{0.0, 0.0, -1.0}});
  const Query highest = decided(Query::Decision::highest);
  const Query lowest = decided(Query::Decision::lowest);
  const Vector zero = Vector::Zero(1);
  CHECK(choice_at(form, highest, zero) == 0);
  CHECK(lead_at(form, highest, zero, 0) == 0.0);
  CHECK_FALSE(wins_strictly(form, highest, zero, 0));
  CHECK(choice_at(form, lowest, zero) == 2);
  CHECK(lead_at(form, lowest, zero, 2) == 1.0);
  CHECK(wins_strictly(form, lowest, zero, 2));
  const Vector tiny = Vector::Constant(1, 0x1p-1074);
  CHECK(wins_strictly(form, highest, tiny, 0));
  CHECK_FALSE(wins_strictly(form, highest, tiny, 1));
  CHECK(lead_at(form, highest, Vector::Ones(1), 1) == -2.0);
}

TEST_CASE("A threshold: above it, below it, on it") {
  const NormalForm form = linear(Matrix{{0.1}}, Vector{{0.0}});
  const Query query = decided(Query::Decision::threshold, 0.3);
  CHECK(choice_at(form, query, Vector::Constant(1, 4.0)) == 1);
  CHECK(wins_strictly(form, query, Vector::Constant(1, 4.0), 1));
  CHECK(wins_strictly(form, query, Vector::Constant(1, 2.0), 0));
  CHECK(lead_at(form, query, Vector::Constant(1, 2.0), 0) == doctest::Approx(0.1));
  // 3 x 0.1 is above 0.3 for the stored numbers, and rounds to more still.
  CHECK(wins_strictly(form, query, Vector::Constant(1, 3.0), 1));
  CHECK_FALSE(wins_strictly(form, query, Vector::Constant(1, 3.0), 0));
  CHECK_THROWS_AS((void)wins_strictly(form, query, Vector::Ones(2), 0), InvalidInput);
}
