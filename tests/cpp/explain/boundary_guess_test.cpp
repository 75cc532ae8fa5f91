// Guesses of the distance to another choice: never nearer than one is, exact where all is linear.
#include "explain/boundary_guess.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "explain/choice.hpp"
#include "networks.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Query choice(Query::Decision decision, double threshold = 0.0) {
  Query query;
  query.decision = decision;
  query.threshold = threshold;
  return query;
}

double guess(const NormalForm& form, const FreeSpace& space, const Query& query, const Vector& x) {
  const DistanceFrom distance(space, x, Vector::Ones(x.size()), Norm::two, nullptr);
  return guess_distance(form, space, query, x, choice_at(form, query, x), distance);
}

}  // namespace

TEST_CASE("A linear network: the distance to the nearest plane of equal outputs") {
  Random random(561);
  const FreeSpace space(cube(2, 50.0));
  for (const auto decision : {Query::Decision::highest, Query::Decision::lowest}) {
    for (int round = 0; round < 30; ++round) {
      NeuralGraph graph(2);
      const Matrix weights = random_weights(random, 3, 2, false);
      const Vector bias = random_bias(random, 3, false);
      const NormalForm form(graph, dense(graph, {0, 1}, weights, bias));
      const Query query = choice(decision);
      const Vector x = random.point_in(Vector::Constant(2, -1.0), Vector::Ones(2));
      const Index from = choice_at(form, query, x);
      const Vector outputs = weights * x + bias;
      double expected = kInfinity;
      for (Index other = 0; other < 3; ++other) {
        if (other == from) continue;
        expected = std::min(expected, std::abs(outputs[other] - outputs[from]) /
                                          (weights.row(other) - weights.row(from)).norm());
      }
      if (expected > 40.0) continue;  // behind the region's sides
      CHECK(guess(form, space, query, x) == doctest::Approx(expected).epsilon(1e-6));
    }
  }
}

TEST_CASE("Some point at the guessed distance has another choice, no matter what the network is") {
  Random random(562);
  int found = 0, none = 0;
  for (int round = 0; round < 210; ++round) {
    const NormalForm form = random_network(random, {1, 6, 2, 3, false, false}, {kKinds[round % 7]});
    const FreeSpace space(cube(1));
    const Query query = choice(round % 2 == 0 ? Query::Decision::highest : Query::Decision::lowest);
    const Vector x = random.point_in(Vector::Constant(1, -0.9), Vector::Constant(1, 0.9));
    const Index from = choice_at(form, query, x);
    const double distance = guess(form, space, query, x);
    if (distance == kInfinity) {
      ++none;
      continue;
    }
    ++found;
    // In one dimension there are two points at this distance; those in the region count.
    bool changes = false;
    for (const double sign : {-1.0, 1.0}) {
      for (const double room : {-1e-12, 0.0, 1e-12}) {
        const Vector z{{x[0] + sign * distance + room}};
        if (std::abs(z[0]) > 1.0) continue;
        changes = changes || choice_at(form, query, z) != from;
      }
    }
    REQUIRE(changes);
  }
  CHECK(found > 50);
  CHECK(none > 5);
}

TEST_CASE("Thresholds from both sides, and nothing where no other choice is in the region") {
  NeuralGraph graph(2);
  const NormalForm form(graph, {0});
  const FreeSpace space(cube(2));
  const Query half = choice(Query::Decision::threshold, 0.5);
  CHECK(guess(form, space, half, Vector{{0.75, 0.3}}) == doctest::Approx(0.25));
  CHECK(guess(form, space, half, Vector{{-0.25, 0.3}}) == doctest::Approx(0.75));
  const Query far = choice(Query::Decision::threshold, 1.5);
  CHECK(guess(form, space, far, Vector{{0.75, 0.3}}) == kInfinity);
  // A constant output: no gradient to follow.
  NeuralGraph flat(2);
  const NormalForm constant(flat, dense(flat, {0, 1}, Matrix::Zero(1, 2), Vector{{1.0}}));
  CHECK(guess(constant, space, half, Vector{{0.0, 0.0}}) == kInfinity);
}
