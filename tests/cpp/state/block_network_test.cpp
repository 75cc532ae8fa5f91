// Blocks of points: states, doubts and linear models, whatever else is in the block.
#include "state/block_network.hpp"

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

TEST_CASE("Up to rounding: the lower piece on a boundary, a doubt only near the room's end") {
  NeuralGraph graph(1);
  const NormalForm form(graph, apply(graph, {0}, PiecewiseFunction::clip(0.0, 1.0)));
  const StateLayout layout(form);
  const BlockNetwork network(form, layout);
  BlockPass pass(network);
  // Values at the breakpoint 1 by multiples of the room, which is relative to the magnitude 1.
  const double room = Tolerances{}.on_boundary;
  const Matrix X{{1.0},
                 {1.0 + 0.01 * room},
                 {1.0 - 0.01 * room},
                 {1.0 + 100.0 * room},
                 {1.0 - 100.0 * room},
                 {1.0 + room},
                 {0.0},
                 {std::numeric_limits<double>::quiet_NaN()}};
  pass.find_states_up_to_rounding(X, 0, X.rows());
  const Ids pieces{1, 1, 1, 2, 1};
  for (Index p = 0; p < size_of(pieces); ++p) {
    CHECK_FALSE(pass.doubt(p));
    CHECK(state_of_point(pass, layout, p) == Ids{pieces[p]});
  }
  CHECK(pass.doubt(5));
  CHECK_FALSE(pass.doubt(6));
  CHECK(state_of_point(pass, layout, 6) == Ids{0});
  CHECK(pass.doubt(7));
  pass.find_states(X, 0, X.rows());
  CHECK(state_of_point(pass, layout, 1) == Ids{2});  // as computed, it is beyond
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
