// Units on outputs: rankings, conditions and dependent rankings against the outputs at points.
#include "network/output_units.hpp"

#include <doctest/doctest.h>

#include "facetry/base/error.hpp"
#include "make_output_units.hpp"
#include "networks.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

// The first of the largest.
Index winner(const Vector& outputs, const Ids& compared, double sign) {
  Index best = 0;
  for (Index a = 1; a < size_of(compared); ++a) {
    if (sign * outputs[compared[a]] > sign * outputs[compared[best]]) best = a;
  }
  return best;
}

std::vector<NormalForm> networks(Random& random) {
  std::vector<NormalForm> forms;
  for (const Kind kind : kKinds) {
    forms.push_back(random_network(random, {2, 4, 2, 4, false, true}, {kind}));
    forms.push_back(random_network(random, {2, 4, 2, 4, true, false}, {kind}));  // ties
  }
  NeuralGraph affine(4);
  forms.emplace_back(affine, Ids{2, 0, 1, 3});  // no units
  return forms;
}

}  // namespace

TEST_CASE("New units come last, and say what the outputs at a point are") {
  Random random(481);
  int ties = 0, asked = 0;
  for (const NormalForm& form : networks(random)) {
    const Vector weights = random.integers(4, 2);
    OutputUnit second = ranking({3, 1, 0}, 1.0);
    second.only_if = 0;
    second.only_state = 2;  // where output 2 wins
    const NormalForm longer =
        with_output_units(form, {ranking({0, 1, 2, 3}), ranking({3, 1}, -1.0), second,
                                 condition(weights, 0.5), condition(Vector::Unit(4, 1), 0.0)});
    REQUIRE(longer.unit_count() == form.unit_count() + 5);
    REQUIRE(longer.output_size() == 1);
    REQUIRE(longer.stages().size() == form.stages().size() + 1);
    const Unit& dependent = longer.stages().back().units[2];
    CHECK(dependent.only_if == 0);
    CHECK(dependent.only_state == 2);
    for (int i = 0; i < 40; ++i) {
      // Halves, so that integer networks have exact ties.
      Vector x(form.input_size());
      for (Index j = 0; j < x.size(); ++j) x[j] = 0.5 * static_cast<double>(random.between(-4, 4));
      const Vector outputs = form.evaluate(x.transpose()).row(0).transpose();
      const auto states = longer.states(x.transpose());
      const auto before = form.states(x.transpose());
      for (Index u = 0; u < form.unit_count(); ++u) REQUIRE(states(0, u) == before(0, u));
      const Index first = form.unit_count();
      const Index top = winner(outputs, {0, 1, 2, 3}, 1.0);
      REQUIRE(states(0, first) == top);
      REQUIRE(states(0, first + 1) == winner(outputs, {3, 1}, -1.0));
      if (top == 2) {
        ++asked;
        REQUIRE(states(0, first + 2) == winner(outputs, {3, 1, 0}, 1.0));
      }
      if (std::abs(weights.dot(outputs) - 0.5) > 1e-9) {
        REQUIRE(states(0, first + 3) == (weights.dot(outputs) > 0.5 ? 1 : 0));
      }
      REQUIRE(states(0, first + 4) == (outputs[1] > 0.0 ? 1 : 0));
      REQUIRE(longer.evaluate(x.transpose())(0, 0) == doctest::Approx(outputs.maxCoeff()));
      ties += outputs[3] == outputs[1] ? 1 : 0;
    }
  }
  CHECK(ties > 10);
  CHECK(asked > 10);
}

TEST_CASE("Rows of comparisons and of single outputs are the network's own numbers") {
  Random random(482);
  const NormalForm form = random_network(random, {2, 4, 1, 3, false, false}, {Kind::relu});
  const NormalForm longer =
      with_output_units(form, {ranking({2, 0}, -1.0), condition(Vector{{0.0, -1.0, 0.0}}, 0.25)});
  const Stage& stage = longer.stages().back();
  Matrix own, rows;
  form.output().multiply(Matrix::Identity(4, 4), own);
  stage.map.multiply(Matrix::Identity(4, 4), rows);
  CHECK(rows.row(0) == -own.row(2));
  CHECK(rows.row(1) == -own.row(0));
  CHECK(rows.row(2) == -own.row(1));
  CHECK(stage.map.bias()[2] == -form.output().bias()[1]);
}

TEST_CASE("The largest of weighted outputs is the only output") {
  Random random(483);
  for (const NormalForm& form : networks(random)) {
    const Matrix weights = random_weights(random, 3, 4, false);
    const Vector offsets = random_bias(random, 3, false);
    const NormalForm own = with_largest_of(form, weights, offsets);
    REQUIRE(own.unit_count() == form.unit_count() + 1);
    for (int i = 0; i < 20; ++i) {
      const Vector x = random.point_in(Vector::Constant(form.input_size(), -2.0),
                                       Vector::Constant(form.input_size(), 2.0));
      const Vector rows = weights * form.evaluate(x.transpose()).row(0).transpose() + offsets;
      Index largest = 0;
      const double most = rows.maxCoeff(&largest);
      REQUIRE(own.evaluate(x.transpose())(0, 0) == doctest::Approx(most));
      REQUIRE(own.states(x.transpose())(0, form.unit_count()) == largest);
    }
  }
}

TEST_CASE("Units that do not fit are refused") {
  Random random(484);
  const NormalForm form = random_network(random, {2, 3, 1, 3, false, false}, {Kind::relu});
  const auto refused = [&](const std::vector<OutputUnit>& units) {
    CHECK_THROWS_AS((void)with_output_units(form, units), InvalidInput);
  };
  refused({});
  refused({ranking({0})});
  refused({ranking({0, 0})});
  refused({ranking({0, 3})});
  refused({ranking({-1, 1})});
  refused({ranking({0, 1}, 2.0)});
  refused({condition(Vector::Zero(2), 0.0)});
  refused({condition(Vector::Constant(3, std::nan("")), 0.0)});
  refused({condition(Vector::Zero(3), std::numeric_limits<double>::infinity())});
  OutputUnit dependent = ranking({0, 1});
  for (const auto& [on, state] : {std::pair{0, 0}, {1, 0}, {-2, 0}}) {  // itself, later, none
    dependent.only_if = on;
    dependent.only_state = state;
    refused({dependent, ranking({1, 2})});
  }
  dependent.only_if = 0;
  for (const Index state : {-1, 2}) {
    dependent.only_state = state;
    refused({ranking({1, 2}), dependent});
  }
  dependent.only_state = 0;
  refused({condition(Vector::Ones(3), 0.0), dependent});
  const Matrix one = Matrix::Ones(1, 3), two = Matrix::Ones(2, 3), narrow = Matrix::Ones(2, 2);
  CHECK_THROWS_AS((void)with_largest_of(form, one, Vector::Zero(1)), InvalidInput);
  CHECK_THROWS_AS((void)with_largest_of(form, two, Vector::Zero(3)), InvalidInput);
  CHECK_THROWS_AS((void)with_largest_of(form, narrow, Vector::Zero(2)), InvalidInput);
  CHECK_THROWS_AS((void)with_largest_of(form, two, Vector::Constant(2, std::nan(""))),
                  InvalidInput);
}
