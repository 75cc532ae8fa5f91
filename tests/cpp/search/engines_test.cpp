// The kinds of cell in the same search: the same regions with the same facets.
#include <doctest/doctest.h>

#include <algorithm>

#include "networks.hpp"
#include "polytopes.hpp"
#include "search/subdivision.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

// Did a cut come so close to the tolerance that the kinds may differ?
bool unclear(const RegionList& list) {
  const double cut = Tolerances{}.cut;
  return std::any_of(list.undecided.begin(), list.undecided.end(),
                     [&](const UndecidedCut& c) { return c.reach > cut / 10; });
}

// Returns the number of regions, or 0 if the case was unclear.
Index compare(const NormalForm& form, const FreeSpace& space, Exactness exactness) {
  SubdivisionOptions options;
  options.exactness = exactness;
  options.cell = CellKind::automatic;  // polygons or segments, where there are few dimensions
  const RegionList usual = subdivide(form, space, options).regions;
  options.cell = CellKind::vertices;
  const RegionList one = subdivide(form, space, options).regions;
  options.cell = CellKind::linear_programs;
  const RegionList other = subdivide(form, space, options).regions;
  if (unclear(usual) || unclear(one) || unclear(other)) return 0;
  REQUIRE(usual.states == one.states);
  REQUIRE(usual.facets == one.facets);
  REQUIRE(one.states == other.states);
  for (Index i = 0; i < one.count; ++i) {
    CAPTURE(i);
    REQUIRE(facets_of(one, i) == facets_of(other, i));
  }
  return one.count;
}

// Both levels. Returns the number of regions in double precision.
Index compare(const NormalForm& form, const FreeSpace& space) {
  REQUIRE(compare(form, space, Exactness::safe) > 0);  // nothing is unclear
  return compare(form, space, Exactness::floating);
}

InputPolytope region(Index k, int which) {
  InputPolytope polytope = cube(k);
  if (which == 1) add_constraint(polytope, Vector::Ones(k), 0.25);
  if (which == 2) {  // an oblique cut through one dimension more
    polytope = cube(k + 1);
    Vector normal = Vector::Ones(k + 1);
    normal[0] = 2.0;
    add_constraint(polytope, normal, 0.5);
    add_constraint(polytope, -normal, -0.5);
  }
  return polytope;
}

}  // namespace

TEST_CASE("Every kind of unit, dimensions 1 to 5, integer ties included") {
  Random random(121);
  Index regions = 0;
  int unclear_cases = 0;
  int cases = 0;
  for (Index k = 1; k <= 5; ++k) {
    for (const Kind kind : kKinds) {
      for (int round = 0; round < 9; ++round) {
        const FreeSpace space(region(k, round % 3));
        const bool integer = round % 2 == 1;
        const Style style{
            space.input_size(), k < 5 ? 4 : 3, 1 + round % (k < 5 ? 3 : 2), 1, integer,
            random.chance(0.5)};
        const NormalForm form = random_network(random, style, {kind, kKinds[random.below(7)]});
        CAPTURE(k);
        CAPTURE(static_cast<int>(kind));
        CAPTURE(round);
        const Index count = compare(form, space);
        regions += count;
        unclear_cases += count == 0 ? 1 : 0;
        ++cases;
      }
    }
  }
  CHECK(cases >= 300);
  CHECK(unclear_cases < 10);
  MESSAGE("regions compared: " << regions << ", unclear cases: " << unclear_cases);
}

TEST_CASE("Units that repeat, mirror and scale each other") {
  Random random(122);
  for (int round = 0; round < 16; ++round) {
    const Index k = random.between(1, 4);
    NeuralGraph graph(k);
    Matrix weights = random_weights(random, 3, k, round % 2 == 0);
    Vector bias = random_bias(random, 3, round % 2 == 0);
    Matrix all(9, k);
    Vector all_bias(9);
    for (Index i = 0; i < 3; ++i) {
      double factor = 1.0;
      for (const Index copy : {i, i + 3, i + 6}) {
        all.row(copy) = factor * weights.row(i);
        all_bias[copy] = factor * bias[i];
        factor = copy == i ? -1.0 : 3.0;
      }
    }
    const Ids hidden =
        apply(graph, dense(graph, range(0, k), all, all_bias), PiecewiseFunction::relu());
    const Ids next =
        dense(graph, hidden, random_weights(random, 4, 9, true), random_bias(random, 4, true));
    const NormalForm form(
        graph, joined(apply(graph, next, PiecewiseFunction::absolute()), maximum(graph, next, 2)));
    CAPTURE(round);
    compare(form, FreeSpace(cube(k)));
  }
}

TEST_CASE("A plain count: lines in the plane") {
  // n lines in general position that all cross pairwise inside the square: 1 + n + n (n-1) / 2.
  NeuralGraph graph(2);
  Matrix weights(6, 2);
  Vector bias(6);
  for (Index i = 0; i < 6; ++i) {
    const double angle = 0.5 * static_cast<double>(i);
    weights.row(i) << std::cos(angle), std::sin(angle);
    bias[i] = 0.01 * static_cast<double>(i * i) - 0.1;
  }
  const NormalForm form(
      graph, apply(graph, dense(graph, {0, 1}, weights, bias), PiecewiseFunction::relu()));
  CHECK(subdivide(form, FreeSpace(cube(2, 4.0))).regions.count == 1 + 6 + 15);
  CHECK(compare(form, FreeSpace(cube(2, 4.0))) == 22);
}

TEST_CASE("A plain count: orthants, and the winners of a maximum") {
  for (Index k = 1; k <= 5; ++k) {
    NeuralGraph relus(k);
    const NormalForm orthants(relus, apply(relus, range(0, k), PiecewiseFunction::relu()));
    CHECK(compare(orthants, FreeSpace(cube(k))) == (Index{1} << k));
    NeuralGraph largest(k);
    const NormalForm winners(largest, maximum(largest, range(0, k), k));
    if (k > 1) CHECK(compare(winners, FreeSpace(cube(k))) == k);
  }
}
