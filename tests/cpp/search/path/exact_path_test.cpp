// Boundary functions without rounding against rational passes, and cells thinner than any double.
#include "search/path/exact_path.hpp"

#include <doctest/doctest.h>

#include "facetry/state/activation_state.hpp"
#include "networks.hpp"
#include "polytopes.hpp"
#include "rationals.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

std::vector<StateWord> packed(const StateLayout& layout, const Ids& pieces) {
  std::vector<StateWord> state(static_cast<std::size_t>(layout.words()), 0);
  for (Index u = 0; u < layout.units(); ++u) layout.set(state.data(), u, pieces[u]);
  return state;
}

// ReLUs on x + shift, one for each shift.
NormalForm steps(const std::vector<double>& shifts) {
  NeuralGraph graph(1);
  const Index count = size_of(shifts);
  const Vector bias = Eigen::Map<const Vector>(shifts.data(), count);
  return NormalForm(graph, apply(graph, dense(graph, {0}, Matrix::Ones(count, 1), bias),
                                 PiecewiseFunction::relu()));
}

PathCut cut(Index row, bool above) { return {{0, row, -1, 0.0}, Origin::cut(row), above}; }

constexpr double kThin = 0x1p-400;

}  // namespace

TEST_CASE("Functions of any state are those of a pass in rational arithmetic") {
  Random random(391);
  InputPolytope plane = cube(3);
  add_constraint(plane, Vector{{0.1, 0.2, 0.3}}, 0.07);
  add_constraint(plane, Vector{{-0.1, -0.2, -0.3}}, -0.07);
  for (const FreeSpace& space : {FreeSpace(cube(3, 0.7)), FreeSpace(plane)}) {
    const Index k = space.dimension();
    for (const Kind kind : kKinds) {
      const NormalForm form =
          random_network(random, {3, 4, 3, 1, false, true}, {kind, Kind::stairs, Kind::maximum});
      const SearchPlan plan(form, space, {}, Exactness::safe);
      ExactPath path(plan);
      for (int round = 0; round < 4; ++round) {
        Ids pieces;  // any, so that what was kept for other states must be forgotten
        for (const Index count : form.piece_counts()) pieces.push_back(random.below(count));
        const std::vector<StateWord> state = packed(plan.layout(), pieces);
        const Vector u = random.point_in(Vector::Constant(k, -1.0), Vector::Constant(k, 1.0));
        const Rational one = values(plan.exact_region().one()).back();
        Rationals x;
        for (const ExactRow& input : plan.exact_region().inputs()) {
          x.push_back(value_at(values(input), u) / one);
        }
        const std::vector<Rationals> pre = exact_pass(form, pieces, x);
        for (Index s = 0; s < plan.stage_count(); ++s) {
          const Index first = random.below(size_of(pre[s]));
          const Index second = random.below(size_of(pre[s]));
          const ExactRow& own = path.function({state.data(), {}}, {s, first, -1, 0.3});
          REQUIRE(value_at(values(own), u) == (pre[s][first] - Rational(0.3)) * one);
          const ExactRow& both = path.function({state.data(), {}}, {s, first, second, 9.0});
          REQUIRE(value_at(values(both), u) == (pre[s][first] - pre[s][second]) * one);
        }
      }
    }
  }
}

TEST_CASE("A cell between two boundaries that doubles cannot tell apart has interior") {
  // x + 0 and x - thin: the cell 0 < x < thin.
  const NormalForm form = steps({0.0, -kThin, kThin});
  const FreeSpace space(cube(1));
  const SearchPlan plan(form, space, {}, Exactness::safe);
  ExactPath path(plan);
  const std::vector<StateWord> state = packed(plan.layout(), {1, 0, 1});
  const std::vector<PathCut> between{cut(0, true), cut(1, false)};
  double point = 7.0;
  REQUIRE(path.has_interior({state.data(), between}, &point));
  CHECK(point > 0.0);
  CHECK(point < kThin);
  const std::vector<PathCut> crossed{cut(0, false), cut(1, true)};
  CHECK_FALSE(path.has_interior({state.data(), crossed}, &point));
  const std::vector<PathCut> twice{cut(0, true), cut(0, false)};  // a plane has no interior
  CHECK_FALSE(path.has_interior({state.data(), twice}, &point));
}

TEST_CASE("A boundary reaches into a cell on a side, by as little as there is") {
  const NormalForm form = steps({0.0, -kThin, 1.0, 2.0});
  const FreeSpace space(cube(1));
  const SearchPlan plan(form, space, {}, Exactness::safe);
  ExactPath path(plan);
  const std::vector<StateWord> state = packed(plan.layout(), {1, 0, 0, 0});
  const std::vector<PathCut> positive{cut(0, true)};
  const std::vector<PathCut> negative{cut(0, false)};
  const Origin near[] = {Origin::cut(0)};
  for (const std::span<const Origin> hint : {std::span<const Origin>{}, {near, 1}}) {
    const ExactBoundary thin{0, 1, -1, 0.0};
    CHECK(path.reaches({state.data(), positive}, thin, true, hint));
    CHECK(path.reaches({state.data(), positive}, thin, false, hint));
    CHECK_FALSE(path.reaches({state.data(), negative}, thin, true, hint));
    CHECK(path.reaches({state.data(), negative}, thin, false, hint));
    // The same boundary again reaches to one side only; and one along a side of the region.
    CHECK_FALSE(path.reaches({state.data(), positive}, {0, 0, -1, 0.0}, false, hint));
    CHECK_FALSE(path.reaches({state.data(), {}}, {0, 2, -1, 0.0}, false, hint));
    CHECK_FALSE(path.reaches({state.data(), {}}, {0, 3, -1, 0.0}, false, hint));
    // Differences that are constant: their sign decides, a tie reaches nowhere.
    CHECK(path.reaches({state.data(), {}}, {0, 0, 1, 0.0}, true, hint));
    CHECK_FALSE(path.reaches({state.data(), {}}, {0, 0, 1, 0.0}, false, hint));
    CHECK_FALSE(path.reaches({state.data(), {}}, {0, 0, 0, 0.0}, true, hint));
    CHECK_FALSE(path.reaches({state.data(), {}}, {0, 0, 0, 0.0}, false, hint));
  }
}

TEST_CASE("Constraints are needed where they alone can be broken, and have the origins of cells") {
  const NormalForm form = steps({0.0, kThin});
  const FreeSpace space(cube(1));
  const SearchPlan plan(form, space, {}, Exactness::safe);
  ExactPath path(plan);
  const std::vector<StateWord> state = packed(plan.layout(), {1, 1});
  const std::vector<PathCut> cuts{cut(0, true), cut(1, true)};  // x > 0, x > -thin
  const ExactPath::Path own{state.data(), cuts};
  path.load(own);
  CHECK(path.origin_of(own, 0) == Origin::side(0));
  CHECK(path.origin_of(own, 1) == Origin::side(1));
  CHECK(path.origin_of(own, 2) == Origin::cut(0));
  CHECK(path.origin_of(own, 3) == Origin::cut(1));
  const Ids with_first{0, 1, 2}, with_second{0, 1, 3}, sides{0, 1}, high{1, 2};
  CHECK_FALSE(path.is_needed(3, with_first));
  CHECK(path.is_needed(2, with_second));
  CHECK(path.is_needed(3, sides));
  CHECK_FALSE(path.is_needed(0, high));
}

TEST_CASE("A question that may not go on ends in an interruption") {
  const NormalForm form = steps({0.0});
  const FreeSpace space(cube(1));
  const SearchPlan plan(form, space, {}, Exactness::safe);
  ExactPath path(plan, [] { return false; });
  const std::vector<StateWord> state = packed(plan.layout(), {1});
  const std::vector<PathCut> twice{cut(0, true), cut(0, false)};
  double point = 0.0;
  CHECK_THROWS_AS((void)path.has_interior({state.data(), twice}, &point),
                  ExactProgram::Interrupted);
}
