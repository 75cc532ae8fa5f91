#include "facetry/state/activation_state.hpp"

#include <doctest/doctest.h>

#include "networks.hpp"

using namespace facetry;
using namespace facetry::testing;

TEST_CASE("Origins are numbers of four bytes: artificial, sides, cuts, in this order") {
  const std::vector<Origin> ascending{Origin(),         Origin::side(0), Origin::side(1),
                                      Origin::side(99), Origin::cut(0),  Origin::cut(2147483647)};
  CHECK(std::is_sorted(ascending.begin(), ascending.end()));
  CHECK(std::adjacent_find(ascending.begin(), ascending.end()) == ascending.end());
  CHECK(Origin::side(-1) == Origin());
  CHECK(Origin().is_artificial());
  CHECK(Origin().is_side());
  CHECK(Origin::side(99).is_side());
  CHECK(!Origin::side(0).is_artificial());
  CHECK(!Origin::cut(0).is_side());
  CHECK(Origin::side(99).number() == 99);
  CHECK(Origin::cut(2147483647).number() == 2147483647);
}

TEST_CASE("Numbers of boundaries go both ways, and ascend as the pairs of unit and boundary do") {
  NeuralGraph graph(3);
  const Ids one = apply(graph, {0}, PiecewiseFunction::relu());
  const Ids two = apply(graph, {1, 2}, PiecewiseFunction::clip(-0.5, 0.5));
  const Ids three = maximum(graph, joined(one, two), 3);
  const NormalForm form(graph, joined(joined(one, two), three));
  REQUIRE(form.unit_count() == 4);
  const BoundaryIds ids(form);
  const std::vector<Boundary> expected{{0, 0}, {1, 0}, {1, 1}, {2, 0},
                                       {2, 1}, {3, 0}, {3, 1}, {3, 2}};
  REQUIRE(ids.count() == size_of(expected));
  for (Index i = 0; i < ids.count(); ++i) {
    CHECK(ids.at(Origin::cut(i)) == expected[i]);
    CHECK(ids.of(expected[i].unit, expected[i].boundary) == Origin::cut(i));
  }
  CHECK(ids.at(Origin::side(4)) == Boundary{-1, 4});
  CHECK(ids.at(Origin::side(4)).is_side());
  CHECK(ids.at({Origin::side(2), Origin::cut(4)}) == std::vector<Boundary>{{-1, 2}, {2, 1}});
}
