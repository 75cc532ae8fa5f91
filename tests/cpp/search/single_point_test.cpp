// Regions of dimension 0: one point with its canonical state.
#include "search/single_point.hpp"

#include <doctest/doctest.h>

#include "network/output_units.hpp"
#include "networks.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

FreeSpace at(const Vector& x) { return FreeSpace(box(x, x)); }

Ids state_at(const NormalForm& form, const Vector& x, Exactness exactness) {
  SubdivisionOptions options;
  options.exactness = exactness;
  const RegionList list = single_point(form, at(x), options);
  REQUIRE(list.count == 1);
  REQUIRE(list.dimension == 0);
  REQUIRE(list.facets.empty());
  return state_of(StateLayout(form), list.state(0));
}

}  // namespace

TEST_CASE("The state and the outputs are the network's at the point") {
  Random random(531);
  for (const Kind kind : kKinds) {
    const NormalForm form =
        random_network(random, {3, 5, 3, 2, false, true}, {kind, Kind::maximum, Kind::stairs});
    for (const Exactness exactness : {Exactness::floating, Exactness::safe}) {
      for (int i = 0; i < 10; ++i) {
        const Vector x = random.point_in(Vector::Constant(3, -2.0), Vector::Constant(3, 2.0));
        const auto states = form.states(x.transpose());
        REQUIRE(state_at(form, x, exactness) == Ids(states.data(), states.data() + states.cols()));
        SubdivisionOptions options;
        options.exactness = exactness;
        options.keep_outputs = true;
        const RegionList list = single_point(form, at(x), options);
        REQUIRE(list.outputs.size() == 2);
        const Matrix outputs = form.evaluate(x.transpose());
        CHECK(list.outputs[0] == doctest::Approx(outputs(0, 0)));
        CHECK(list.outputs[1] == doctest::Approx(outputs(0, 1)));
      }
    }
  }
}

TEST_CASE("On breakpoints the lower piece, of equal arguments the first") {
  NeuralGraph graph(2);
  const Ids stairs = apply(graph, {0}, function_of(Kind::stairs));
  const NormalForm form(graph, joined(stairs, maximum(graph, {1, 0}, 2)));
  for (const Exactness exactness : {Exactness::floating, Exactness::safe}) {
    CHECK(state_at(form, Vector{{-1.0, -1.0}}, exactness) == Ids{0, 0});
    CHECK(state_at(form, Vector{{0.0, -1.0}}, exactness) == Ids{1, 1});
    CHECK(state_at(form, Vector{{1.0, 1.0}}, exactness) == Ids{2, 0});
    CHECK(state_at(form, Vector{{1.5, 2.0}}, exactness) == Ids{3, 0});
  }
}

TEST_CASE("What is less than rounding counts for a safe search, and is a tie for doubles") {
  // 0.1 + 0.2 - 0.3 of the stored numbers is a positive number, about 2.8e-17.
  NeuralGraph graph(3);
  const Ids sum =
      dense(graph, {0, 1, 2}, Matrix{{1.0, 1.0, -1.0}, {0.0, 0.0, 0.0}}, Vector::Zero(2));
  const NormalForm form(graph, joined(apply(graph, {sum[0]}, PiecewiseFunction::relu()),
                                      maximum(graph, {sum[1], sum[0]}, 2)));
  const Vector x{{0.1, 0.2, 0.3}};
  CHECK(state_at(form, x, Exactness::floating) == Ids{0, 0});
  CHECK(state_at(form, x, Exactness::safe) == Ids{1, 1});
}

TEST_CASE("Units that are not asked have state 0, and a goal that is missed leaves nothing") {
  NeuralGraph graph(3);
  OutputUnit top, second;
  top.outputs = {0, 1, 2};
  second.outputs = {0, 2};
  second.only_if = 0;
  second.only_state = 1;
  const NormalForm form = with_output_units(NormalForm(graph, {0, 1, 2}), {top, second});
  for (const Exactness exactness : {Exactness::floating, Exactness::safe}) {
    CHECK(state_at(form, Vector{{1.0, 3.0, 2.0}}, exactness) == Ids{1, 1});
    CHECK(state_at(form, Vector{{1.0, 2.0, 3.0}}, exactness) == Ids{2, 0});
    SubdivisionOptions options;
    options.exactness = exactness;
    options.goal.required = {1, SearchGoal::kAny};
    CHECK(single_point(form, at(Vector{{1.0, 3.0, 2.0}}), options).count == 1);
    CHECK(single_point(form, at(Vector{{3.0, 1.0, 2.0}}), options).count == 0);
  }
}
