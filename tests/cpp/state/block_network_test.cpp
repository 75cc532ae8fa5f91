// Blocks of points: states, doubts and linear models, whatever else is in the block.
#include "state/block_network.hpp"
#include "state/exact_values.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "networks.hpp"
#include "state/linearise.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

Ids state_of_point(const BlockPass& pass, const StateLayout& layout, Index p) {
  std::vector<StateWord> state;
  for (Index w = 0; w < layout.words(); ++w) state.push_back(pass.word(w, p));
  return state_of(layout, state.data());
}

Ids expected_state(const NormalForm& form, const Vector& x) {
  const auto states = form.states(x.transpose());
  return Ids(states.data(), states.data() + states.cols());
}

// Halves of integers: sums of them are exact, and many values lie on breakpoints.
Matrix points(Random& random, Index count, Index inputs, bool integer) {
  Matrix X(count, inputs);
  for (Index i = 0; i < X.size(); ++i) {
    X.data()[i] =
        integer ? 0.5 * static_cast<double>(random.between(-3, 3)) : random.uniform(-1.5, 1.5);
  }
  return X;
}

}  // namespace

TEST_CASE("States and models are those of single points, ties included") {
  Random random(321);
  for (const Kind kind : kKinds) {
    for (const bool integer : {false, true}) {
      const NormalForm form =
          random_network(random, {3, 6, 3, 2, integer, true}, {kind, Kind::maximum, Kind::relu});
      const StateLayout layout(form);
      const BlockNetwork network(form, layout);
      const Lineariser lineariser(form, layout);
      BlockPass pass(network);
      const bool exact = integer && (kind == Kind::relu || kind == Kind::maximum);
      const Matrix X = points(random, 70, 3, exact);
      for (const auto& [begin, count] : {std::pair{0, 64}, {3, 1}, {5, 7}, {9, 8}, {61, 9}}) {
        pass.find_states(X, begin, count);
        for (Index p = 0; p < count; ++p) {
          REQUIRE(state_of_point(pass, layout, p) == expected_state(form, X.row(begin + p)));
        }
        std::vector<double> coef(static_cast<std::size_t>(count * 2 * 3));
        std::vector<double> intercept(static_cast<std::size_t>(count * 2));
        pass.models(coef.data(), intercept.data());
        for (Index p = 0; p < count; ++p) {
          std::vector<StateWord> state;
          for (Index w = 0; w < layout.words(); ++w) state.push_back(pass.word(w, p));
          const AffineFunctions model = lineariser.model(state.data());
          const Matrix own = Eigen::Map<const Matrix>(coef.data() + p * 6, 2, 3);
          const Vector offsets = Eigen::Map<const Vector>(intercept.data() + p * 2, 2);
          REQUIRE((own - model.gradients).cwiseAbs().maxCoeff() < 1e-9);
          REQUIRE((offsets - model.offsets).cwiseAbs().maxCoeff() < 1e-9);
        }
      }
    }
  }
}

TEST_CASE("What a point gets does not depend on its block, bit for bit") {
  Random random(322);
  const NormalForm form =
      random_network(random, {4, 9, 3, 3, false, true}, {Kind::relu, Kind::stairs});
  const StateLayout layout(form);
  const BlockNetwork network(form, layout);
  BlockPass pass(network);
  const Matrix X = points(random, 64, 4, false);
  std::vector<double> coef(64 * 12), intercept(64 * 3), own(12), own_intercept(3);
  pass.find_states(X, 0, 64);
  pass.models(coef.data(), intercept.data());
  for (Index p = 0; p < 64; ++p) {
    pass.find_states(X, p, 1);
    pass.models(own.data(), own_intercept.data());
    REQUIRE(std::equal(own.begin(), own.end(), coef.begin() + p * 12));
    REQUIRE(std::equal(own_intercept.begin(), own_intercept.end(), intercept.begin() + p * 3));
  }
}

TEST_CASE("States from elsewhere give their models, wherever the points are") {
  Random random(323);
  const NormalForm form = random_network(random, {2, 40, 2, 1, false, false}, {Kind::relu});
  const StateLayout layout(form);
  REQUIRE(layout.words() == 2);
  std::vector<StateWord> states;
  for (Index p = 0; p < 11; ++p) {
    states.insert(states.end(), 2, 0);
    for (Index u = 0; u < 80; ++u) layout.set(states.data() + 2 * p, u, random.below(2));
  }
  const BlockNetwork network(form, layout);
  BlockPass pass(network);
  pass.set_states(states.data(), 11);
  std::vector<double> coef(22), intercept(11);
  pass.models(coef.data(), intercept.data());
  for (Index p = 0; p < 11; ++p) {
    CHECK(pass.word(0, p) == states[2 * p]);
    CHECK(pass.word(1, p) == states[2 * p + 1]);
    const AffineFunctions model = Lineariser(form, layout).model(states.data() + 2 * p);
    CHECK(coef[2 * p] == doctest::Approx(model.gradients(0, 0)));
    CHECK(coef[2 * p + 1] == doctest::Approx(model.gradients(0, 1)));
    CHECK(intercept[p] == doctest::Approx(model.offsets[0]));
  }
}

TEST_CASE("Proven states: a doubt within rounding of a boundary, and nowhere else") {
  NeuralGraph graph(1);
  const NormalForm form(graph, apply(graph, {0}, PiecewiseFunction::clip(0.0, 1.0)));
  const StateLayout layout(form);
  const BlockNetwork network(form, layout);
  BlockPass pass(network);
  const Matrix X{{1.0},  {1.0 + 1e-12}, {1.0 - 1e-12}, {0.5},
                 {-1.0}, {1e-300},      {-1e-300},     {std::numeric_limits<double>::quiet_NaN()}};
  pass.find_proven_states(X, 0, X.rows());
  CHECK(pass.doubt(0));
  const Ids pieces{1, 2, 1, 1, 0, 1, 0};
  for (Index p = 1; p < size_of(pieces); ++p) {
    CHECK_FALSE(pass.doubt(p));
    CHECK(state_of_point(pass, layout, p) == Ids{pieces[p]});
  }
  CHECK(pass.doubt(7));
}

TEST_CASE("What is not in doubt has the state that rational arithmetic says") {
  Random random(93);
  Index doubts = 0;
  for (Index round = 0; round < 60; ++round) {
    const NormalForm form = random_network(random, {2, 6, 3, 1, round % 2 == 1, round % 3 == 0},
                                           {kKinds[round % 7], Kind::relu});
    const StateLayout layout(form);
    const BlockNetwork network(form, layout);
    BlockPass pass(network);
    ExactValues exact(form);
    Matrix X(8, 2);
    for (Index p = 0; p < 8; ++p) {
      for (Index i = 0; i < 2; ++i)
        X(p, i) = p % 2 == 0 ? static_cast<double>(random.between(-2, 2)) : random.normal();
    }
    pass.find_proven_states(X, 0, 8);
    for (Index p = 0; p < 8; ++p) {
      doubts += pass.doubt(p) ? 1 : 0;
      if (pass.doubt(p)) continue;
      exact.start(X.row(p).transpose());
      const Ids pieces = state_of_point(pass, layout, p);
      for (Index s = 0; s < size_of(form.stages()); ++s) {
        const Stage& stage = form.stages()[s];
        for (Index u = 0; u < size_of(stage.units); ++u) {
          const Unit& unit = stage.units[u];
          const Index piece = pieces[stage.first_unit + u];
          if (unit.kind == UnitKind::maximum) {
            for (Index a = 0; a < unit.row_count; ++a) {
              const int ahead = exact.compare(s, unit.first_row + piece, unit.first_row + a);
              REQUIRE(ahead >= (a < piece ? 1 : 0));
            }
            continue;
          }
          const auto& t = form.function(unit).breakpoints();
          if (piece > 0) REQUIRE(exact.compare_to(s, unit.first_row, t[piece - 1]) > 0);
          // A row of which nothing was rounded may be on the boundary: then this is the lower
          // piece.
          if (piece < size_of(t)) REQUIRE(exact.compare_to(s, unit.first_row, t[piece]) <= 0);
        }
      }
    }
  }
  CHECK(doubts > 20);
  CHECK(doubts < 300);
}

TEST_CASE("One object for each thread, made once") {
  PerThread<int> numbers(2);
  int made = 0;
  const auto make = [&] { return std::make_unique<int>(++made); };
  CHECK(numbers.get(1, make) == 1);
  CHECK(numbers.get(0, make) == 2);
  CHECK(numbers.get(1, make) == 1);
  CHECK(made == 2);
}
