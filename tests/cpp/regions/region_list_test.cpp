#include "regions/region_list.hpp"

#include <doctest/doctest.h>

#include "facetry/base/error.hpp"
#include "networks.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

// A relu, a clip and a maximum of three over a region with a fixed feature and a redundant row.
struct Fixture {
  Fixture() : form(make_form()), space(make_region()), list(subdivide(form, space).regions) {}

  static NormalForm make_form() {
    NeuralGraph graph(3);
    const Ids one = apply(graph, {0}, PiecewiseFunction::relu());
    const Ids two = apply(graph, {1}, PiecewiseFunction::clip(-0.5, 0.5));
    const Ids three = maximum(graph, {0, 1, 2}, 3);
    return NormalForm(graph, joined(joined(one, two), three));
  }
  static InputPolytope make_region() {
    InputPolytope polytope = cube(3);
    polytope.low[2] = polytope.high[2] = 0.1;
    add_constraint(polytope, Vector{{1.0, 1.0, 0.0}}, 50.0);
    return polytope;
  }

  // Some facet that satisfies the condition.
  template <class Condition>
  Origin& facet(Condition&& condition) {
    for (Origin& origin : list.facets) {
      if (condition(origin)) return origin;
    }
    FAIL("no such facet");
    return list.facets.front();
  }

  NormalForm form;
  BoundaryIds ids{form};
  FreeSpace space;
  RegionList list;
};

void check_damaged(Fixture& f) { CHECK_THROWS_AS(f.list.validate(f.form, f.space), InvalidInput); }

}  // namespace

TEST_CASE("add, append and truncate keep the arrays together") {
  Fixture f;
  const RegionList whole = f.list;
  REQUIRE(whole.count > 5);
  RegionList joined_list;
  joined_list.words = whole.words;
  joined_list.dimension = whole.dimension;
  RegionList rest = joined_list;
  for (Index i = 0; i < whole.count; ++i) {
    (i < 3 ? joined_list : rest).add(whole.state(i), whole.interior_point(i), facets_of(whole, i));
  }
  joined_list.append(rest);
  CHECK(joined_list.states == whole.states);
  CHECK(joined_list.interior == whole.interior);
  CHECK(joined_list.facets == whole.facets);
  CHECK(joined_list.facet_offsets == whole.facet_offsets);
  joined_list.states.resize(joined_list.states.size() + 1);  // an interrupted add
  joined_list.truncate(3);
  CHECK(joined_list.count == 3);
  CHECK_NOTHROW(joined_list.validate(f.form, f.space));
  joined_list.truncate(100);
  CHECK(joined_list.count == 3);
  joined_list.truncate(0);
  CHECK_NOTHROW(joined_list.validate(f.form, f.space));
}

TEST_CASE("Undecided cuts are counted, and the first thousand kept") {
  RegionList list;
  for (int i = 0; i < 1500; ++i) list.add_undecided({Origin::cut(i), 1e-10, {}});
  CHECK(list.undecided_count == 1500);
  CHECK(size_of(list.undecided) == RegionList::kStoredUndecided);
  RegionList other;
  other.add_undecided({Origin::cut(7), 1e-10, {}});
  other.append(list);
  CHECK(other.undecided_count == 1501);
  CHECK(size_of(other.undecided) == RegionList::kStoredUndecided);
  CHECK(other.undecided[1].boundary == Origin::cut(0));
}

TEST_CASE("What a search returns is valid") {
  Fixture f;
  CHECK_NOTHROW(f.list.validate(f.form, f.space));
}

TEST_CASE("Sizes that do not fit are refused") {
  const auto damaged = [](auto&& damage) {
    Fixture f;
    damage(f.list);
    check_damaged(f);
  };
  damaged([](RegionList& l) { l.words = 2; });
  damaged([](RegionList& l) { l.dimension = 3; });
  damaged([](RegionList& l) { l.count += 1; });
  damaged([](RegionList& l) { l.count = -1; });
  damaged([](RegionList& l) { l.states.pop_back(); });
  damaged([](RegionList& l) { l.interior.pop_back(); });
  damaged([](RegionList& l) { l.facets.pop_back(); });
  damaged([](RegionList& l) { l.facet_offsets.pop_back(); });
  damaged([](RegionList& l) { l.facet_offsets.front() = 1; });
  damaged([](RegionList& l) { std::swap(l.facet_offsets[1], l.facet_offsets[2]); });
  damaged([](RegionList& l) { l.facet_offsets.clear(); });
}

TEST_CASE("States and facets of no unit, no piece and no side are refused") {
  // Some facet of the unit becomes one with another boundary.
  const auto move_facet = [](Fixture& f, Index unit, Index boundary) {
    Origin& facet = f.facet([&](Origin o) { return f.ids.at(o).unit == unit; });
    facet = f.ids.of(unit, boundary);
  };
  const auto side = [](Origin o) { return o.is_side(); };
  SUBCASE("a piece beyond the last") {
    Fixture f;
    StateLayout(f.form).set(f.list.states.data(), 1, 3);
    check_damaged(f);
  }
  SUBCASE("bits of no unit") {
    Fixture f;
    f.list.states[0] |= 1;
    check_damaged(f);
  }
  SUBCASE("a boundary beyond the last") {
    Fixture f;
    move_facet(f, 2, 3);
    check_damaged(f);
  }
  SUBCASE("a breakpoint that does not bound the piece") {
    Fixture f;
    const StateLayout layout(f.form);
    for (Index i = 0; i < f.list.count; ++i) {
      const Index piece = layout.get(f.list.state(i), 1);
      for (Index g = f.list.facet_offsets[i]; g < f.list.facet_offsets[i + 1]; ++g) {
        const bool own = f.ids.at(f.list.facets[g]).unit == 1;
        if (own && piece == 0) f.list.facets[g] = f.ids.of(1, 1);
      }
    }
    check_damaged(f);
  }
  SUBCASE("a maximum that loses to itself") {
    Fixture f;
    const StateLayout layout(f.form);
    for (Index i = 0; i < f.list.count; ++i) {
      const Index winner = layout.get(f.list.state(i), 2);
      for (Index g = f.list.facet_offsets[i]; g < f.list.facet_offsets[i + 1]; ++g) {
        if (f.ids.at(f.list.facets[g]).unit == 2) f.list.facets[g] = f.ids.of(2, winner);
      }
    }
    check_damaged(f);
  }
  SUBCASE("a side beyond the last") {
    Fixture f;
    f.facet(side) = Origin::side(7);
    check_damaged(f);
  }
  SUBCASE("the artificial side") {
    Fixture f;
    f.facet(side) = Origin();
    check_damaged(f);
  }
  SUBCASE("a side of the fixed feature: no region ends there") {
    Fixture f;
    f.facet(side) = Origin::side(2);
    check_damaged(f);
  }
  SUBCASE("an interior point that is no number") {
    Fixture f;
    f.list.interior[0] = NAN;
    check_damaged(f);
  }
}
