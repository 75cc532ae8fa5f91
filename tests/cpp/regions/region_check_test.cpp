// What is checked of regions from outside: sound ones pass, every kind of damage is told.
#include "regions/region_check.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "facetry/base/error.hpp"
#include "networks.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

// A ReLU, a clip (3 pieces in 2 bits) and a maximum of three; the third input is fixed.
struct Fixture {
  Fixture() : form(make_form()), space(make_region()), list(subdivide(form, space).regions) {}

  static NormalForm make_form() {
    NeuralGraph graph(3);
    const Ids one = apply(graph, {0}, PiecewiseFunction::relu());
    const Ids two = apply(graph, {1}, PiecewiseFunction::clip(-0.5, 0.5));
    return NormalForm(graph, joined(joined(one, two), maximum(graph, {0, 1, 2}, 3)));
  }
  static InputPolytope make_region() {
    InputPolytope polytope = cube(3);
    polytope.low[2] = polytope.high[2] = 0.1;
    return polytope;
  }
  [[nodiscard]] RegionView view() const { return RegionView(list); }
  [[nodiscard]] RegionRange all() const { return {0, list.count}; }
  // A facet of region 0 on a boundary of a unit.
  Origin& unit_facet() {
    for (Index f = 0; f < list.facet_offsets[1]; ++f) {
      if (!list.facets[f].is_side()) return list.facets[f];
    }
    FAIL("no such facet");
    return list.facets.front();
  }

  NormalForm form;
  FreeSpace space;
  RegionList list;
  RegionCheck check{form, space};
  StateLayout layout{form};
  BoundaryIds ids{form};
};

}  // namespace

TEST_CASE("A list that a search has made passes everything, and so does an empty one") {
  const Fixture f;
  REQUIRE(f.list.count > 5);
  f.check.everything(f.view());
  f.check.order(f.view(), f.all());
  const RegionList empty = f.list.empty_copy();
  f.check.everything(RegionView(empty));
  f.check.order(RegionView(empty), {0, 0});
}

TEST_CASE("Sizes: every array, the offsets' ends, the undecided cuts") {
  Fixture f;
  const RegionList sound = f.list;
  const auto damaged = [&](auto&& damage) {
    f.list = sound;
    damage(f.list);
    CHECK_THROWS_AS(f.check.sizes(f.view()), InvalidInput);
    CHECK_THROWS_AS(f.check.everything(f.view()), InvalidInput);
  };
  damaged([](RegionList& list) { ++list.words; });
  damaged([](RegionList& list) { ++list.dimension; });
  damaged([](RegionList& list) { --list.count; });
  damaged([](RegionList& list) { list.states.pop_back(); });
  damaged([](RegionList& list) { list.interior.push_back(0.0); });
  damaged([](RegionList& list) { list.facets.pop_back(); });
  damaged([](RegionList& list) { list.facet_offsets[0] = 1; });
  damaged([](RegionList& list) { list.facet_offsets.clear(); });
  const auto note = [&](Origin origin, std::size_t length) {
    return [=](RegionList& list) {
      list.undecided = {{origin, 1e-12, std::vector<double>(length)}};
      list.undecided_count = 1;
    };
  };
  damaged(note(Origin::side(0), 2));
  damaged(note(Origin::cut(f.ids.count()), 2));
  damaged(note(Origin::cut(0), 3));
  damaged([&](RegionList& list) {
    note(Origin::cut(0), 2)(list);
    list.undecided_count = 0;
  });
  f.list = sound;
  note(Origin::cut(0), 2)(f.list);
  f.check.sizes(f.view());
}

TEST_CASE("States: bits of no unit, and pieces that a unit has not") {
  Fixture f;
  f.check.states(f.view(), f.all());
  const Index i = 2;
  StateWord& word = f.list.states[i * f.list.words];
  const StateWord sound = word;
  word |= 1;  // behind the last unit
  CHECK_THROWS_AS(f.check.states(f.view(), f.all()), InvalidInput);
  f.check.states(f.view(), {0, i});  // only the range is looked at
  f.check.states(f.view(), {i + 1, f.list.count});
  for (const Index unit : {1, 2}) {  // 3 pieces each, in 2 bits
    word = sound;
    f.layout.set(&word, unit, 3);
    CHECK_THROWS_AS(f.check.states(f.view(), {i, i + 1}), InvalidInput);
  }
}

TEST_CASE("Order: ascending and no state twice, the one before the range counts") {
  Fixture f;
  f.list.states[3] = f.list.states[2];
  CHECK_THROWS_AS(f.check.order(f.view(), f.all()), InvalidInput);
  CHECK_THROWS_AS(f.check.order(f.view(), {3, 4}), InvalidInput);
  f.check.order(f.view(), {0, 3});
  f.check.order(f.view(), {4, f.list.count});
  std::swap(f.list.states[0], f.list.states[1]);
  CHECK_THROWS_AS(f.check.order(f.view(), {0, 2}), InvalidInput);
}

TEST_CASE("Offsets ascend and stay in the array") {
  for (const Index value : {Index{-1}, Index{1} << 40}) {
    Fixture f;
    f.list.facet_offsets[2] = value;
    CHECK_THROWS_AS(f.check.offsets(f.view(), f.all()), InvalidInput);
    CHECK_THROWS_AS(f.check.offsets(f.view(), {2, 3}), InvalidInput);
    f.check.offsets(f.view(), {3, f.list.count});
  }
}

TEST_CASE("Facets: sides that the region has, boundaries that bound the piece; finite points") {
  Fixture f;
  for (const Origin wrong :
       {Origin::side(2), Origin::side(-1), Origin::side(99), Origin::cut(f.ids.count())}) {
    Fixture own;
    own.unit_facet() = wrong;
    CHECK_THROWS_AS(own.check.facets(own.view(), own.all()), InvalidInput);
    own.check.facets(own.view(), {1, own.list.count});
  }
  // Every boundary, in a region of every state: only those that bound the piece pass.
  for (Index i = 0; i < f.list.count; ++i) {
    for (Index number = 0; number < f.ids.count(); ++number) {
      Fixture own;
      own.list.facets[own.list.facet_offsets[i]] = Origin::cut(number);
      const Boundary boundary = f.ids.at(Origin::cut(number));
      const Index piece = f.layout.get(f.list.state(i), boundary.unit);
      const bool maximum = boundary.unit == 2;
      const bool fits = maximum ? boundary.boundary != piece
                                : boundary.boundary == piece || boundary.boundary == piece - 1;
      if (fits) {
        own.check.facets(own.view(), {i, i + 1});
      } else {
        CHECK_THROWS_AS(own.check.facets(own.view(), {i, i + 1}), InvalidInput);
      }
    }
  }
  f.list.interior[3] = std::numeric_limits<double>::infinity();
  CHECK_THROWS_AS(f.check.facets(f.view(), {1, 2}), InvalidInput);
  f.check.facets(f.view(), {0, 1});
}
