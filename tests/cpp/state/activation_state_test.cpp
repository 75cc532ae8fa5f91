#include "facetry/state/activation_state.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "networks.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

// A network of one layer whose units have the given numbers of states.
NormalForm form_of(const Ids& pieces) {
  NeuralGraph graph(20);
  Ids units;
  for (const Index count : pieces) {
    if (count <= 4 && count != 2) {  // stairs up to 4 pieces
      std::vector<double> breakpoints, slopes{0.0}, intercepts{0.0};
      for (Index i = 1; i < count; ++i) {
        const double t = static_cast<double>(i);
        breakpoints.push_back(t);
        intercepts.push_back(i % 2 == 1 ? intercepts.back() - t : intercepts.back() + t);
        slopes.push_back(i % 2 == 1 ? 1.0 : 0.0);
      }
      units.push_back(apply(graph, {0}, {breakpoints, slopes, intercepts})[0]);
    } else {
      units.push_back(maximum(graph, range(0, count), count)[0]);
    }
  }
  return NormalForm(graph, units);
}

Ids random_pieces(Random& random, Index units) {
  Ids pieces;
  for (Index u = 0; u < units; ++u)
    pieces.push_back(random.between(2, random.chance(0.3) ? 19 : 4));
  return pieces;
}

int sign(int value) { return value < 0 ? -1 : value > 0 ? 1 : 0; }

}  // namespace

TEST_CASE("What is set is what is read, and nothing else changes") {
  Random random(81);
  for (const Index units : {1, 5, 31, 64, 65, 130}) {
    const Ids pieces = random_pieces(random, units);
    const StateLayout layout(form_of(pieces));
    REQUIRE(layout.units() == units);
    std::vector<StateWord> state(static_cast<std::size_t>(layout.words()), 0);
    Ids truth(static_cast<std::size_t>(units), 0);
    for (int step = 0; step < 500; ++step) {
      const Index unit = random.below(units);
      truth[unit] = random.below(pieces[unit]);
      layout.set(state.data(), unit, truth[unit]);
      REQUIRE(state_of(layout, state.data()) == truth);
    }
  }
}

TEST_CASE("The order of states is lexicographic, across word borders too") {
  Random random(82);
  for (const Index units : {3, 40, 64, 65, 100, 129}) {
    const Ids pieces = random_pieces(random, units);
    const StateLayout layout(form_of(pieces));
    if (units >= 40) REQUIRE(layout.words() > 1);
    const auto pack = [&](const Ids& state) {
      std::vector<StateWord> words(static_cast<std::size_t>(layout.words()), 0);
      for (Index u = 0; u < units; ++u) layout.set(words.data(), u, state[u]);
      return words;
    };
    Ids a(static_cast<std::size_t>(units), 0);
    for (int round = 0; round < 1000; ++round) {
      Ids b = a;
      const Index first = random.below(units);  // the first unit that may differ
      for (Index u = first; u < units; ++u) b[u] = random.below(pieces[u]);
      const int expected = a < b ? -1 : a > b ? 1 : 0;
      REQUIRE(sign(layout.compare(pack(a).data(), pack(b).data())) == expected);
      REQUIRE(sign(layout.compare(pack(b).data(), pack(a).data())) == -expected);
      a = b;
    }
  }
}

TEST_CASE("Words are filled as far as whole units fit") {
  CHECK(StateLayout(form_of(Ids(64, 2))).words() == 1);
  CHECK(StateLayout(form_of(Ids(65, 2))).words() == 2);
  CHECK(StateLayout(form_of(Ids(32, 3))).words() == 1);
  CHECK(StateLayout(form_of(Ids(33, 4))).words() == 2);
  CHECK(StateLayout(form_of(Ids(22, 8))).words() == 2);  // 21 units of 3 bits in a word
}

TEST_CASE("A network without units has an empty state") {
  NeuralGraph graph(2);
  const StateLayout layout(NormalForm(graph, {0, 1}));
  CHECK(layout.words() == 0);
  CHECK(layout.units() == 0);
  CHECK(layout.compare(nullptr, nullptr) == 0);
}
