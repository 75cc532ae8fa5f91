// Segments against intervals in rational arithmetic. All families together: cell_families_test.cpp.
#include "geometry/segment_cells.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/work_array.hpp"
#include "polytopes.hpp"
#include "rationals.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

// An interval with the origins of its ends, as exact as can be.
struct Interval {
  Rational low = -1, high = 1;
  Origin low_end = Origin::side(0), high_end = Origin::side(1);
};

bool near(const Rational& exact, double value) { return abs(exact - Rational(value)) < 1e-15; }

void require_same(const SegmentCells::Cell& cell, const Interval& exact) {
  REQUIRE(near(exact.low, cell.low));
  REQUIRE(near(exact.high, cell.high));
  REQUIRE(cell.low_end == exact.low_end);
  REQUIRE(cell.high_end == exact.high_end);
}

// A row of gradient 1 or -1 that is zero within the cell, not close to its ends.
std::vector<double> row_through(Random& random, const SegmentCells::Cell& cell) {
  const double share = random.uniform(0.1, 0.9);
  const double sign = random.chance(0.5) ? 1.0 : -1.0;
  return {sign, -sign * (cell.low + share * (cell.high - cell.low))};
}

}  // namespace

TEST_CASE("A cut replaces one end of each part, whichever way the row rises") {
  Random random(831);
  const FreeSpace space(cube(1));
  SegmentCells family(space);
  int rising = 0;
  for (int round = 0; round < 50; ++round) {
    SegmentCells::Cell cell = family.root();
    Interval exact;
    require_same(cell, exact);
    for (Index n = 0; n < 15; ++n) {
      const std::vector<double> row = row_through(random, cell);
      const Rational at = -Rational(row[1]) / Rational(row[0]);
      const Reach reach = family.reach(cell, row.data());
      const bool rises = row[0] > 0.0;
      REQUIRE(near(rises ? exact.high - at : at - exact.low, reach.above));
      REQUIRE(near(rises ? at - exact.low : exact.high - at, reach.below));
      const Interval lower{exact.low, at, exact.low_end, Origin::cut(n)};
      const Interval upper{at, exact.high, Origin::cut(n), exact.high_end};
      SegmentCells::Cell above, below;
      family.cut(cell, row.data(), Origin::cut(n), above, below);
      require_same(above, rises ? upper : lower);
      require_same(below, rises ? lower : upper);
      // The cell itself may be the place for either part.
      SegmentCells::Cell own = cell, other;
      family.cut(own, row.data(), Origin::cut(n), own, other);
      require_same(own, rises ? upper : lower);
      require_same(other, rises ? lower : upper);
      own = cell;
      family.cut(own, row.data(), Origin::cut(n), other, own);
      require_same(own, rises ? lower : upper);
      rising += rises ? 1 : 0;
      const bool up = random.chance(0.5);
      exact = up == rises ? upper : lower;
      cell = up ? above : below;
      std::vector<Origin> facets, expected{exact.low_end, exact.high_end};
      std::sort(expected.begin(), expected.end());
      family.facets(cell, facets);
      REQUIRE(facets == expected);
      double middle = 0.0;
      family.interior_point(cell, &middle);
      REQUIRE(near((exact.low + exact.high) / 2, middle));
    }
  }
  CHECK(rising > 200);
  CHECK(rising < 550);
}

TEST_CASE("The farthest point, its constraint and largest values are those of one end") {
  Random random(832);
  const FreeSpace space(cube(1));
  SegmentCells family(space);
  for (int round = 0; round < 200; ++round) {
    SegmentCells::Cell cell = family.root();
    SegmentCells::Cell unused;
    const std::vector<double> low{1.0, 0.5 + random.uniform(-0.4, 0.4)};
    const std::vector<double> high{-1.0, 0.5 + random.uniform(-0.4, 0.4)};
    family.cut(cell, low.data(), Origin::cut(7), cell, unused);
    family.cut(cell, high.data(), Origin::cut(8), cell, unused);
    const std::vector<double> row = row_through(random, cell);
    (void)family.reach(cell, row.data());
    for (const bool above : {true, false}) {
      double point = 0.0;
      family.farthest(cell, above, &point);
      const bool at_high = above == (row[0] > 0.0);
      REQUIRE(point == (at_high ? cell.high : cell.low));
      std::vector<Origin> tight;
      family.tight(cell, above, tight);
      REQUIRE(tight == std::vector<Origin>{Origin::cut(at_high ? 8 : 7)});
    }
    // Any gradient length.
    const std::vector<double> steep{random.uniform(-5.0, 5.0), random.uniform(-1.0, 1.0)};
    double point = 0.0;
    const double most = family.most(cell, steep.data(), HUGE_VAL, &point);
    const Rational at_low = Rational(steep[0]) * Rational(cell.low) + Rational(steep[1]);
    const Rational at_high = Rational(steep[0]) * Rational(cell.high) + Rational(steep[1]);
    REQUIRE(near(std::max(at_low, at_high), most));
    REQUIRE(point == (at_high > at_low ? cell.high : cell.low));
  }
}

TEST_CASE("Ranges of many rows at once are those of each") {
  Random random(833);
  const FreeSpace space(cube(1));
  SegmentCells family(space);
  SegmentCells::Cell cell = family.root(), unused;
  const std::vector<double> row{1.0, 0.3};
  family.cut(cell, row.data(), Origin::cut(0), cell, unused);
  for (const Index count : {1, 7, 8, 20}) {
    const Index stride = padded(count);
    WorkArray<double> planes(2 * stride);
    for (Index i = 0; i < 2 * stride; ++i) planes[i] = random.uniform(-3.0, 3.0);
    WorkArray<double> low(stride), high(stride);
    family.ranges(cell, {planes.data(), count, stride}, low.data(), high.data());
    for (Index i = 0; i < count; ++i) {
      const Rational at_low =
          Rational(planes[i]) * Rational(cell.low) + Rational(planes[stride + i]);
      const Rational at_high =
          Rational(planes[i]) * Rational(cell.high) + Rational(planes[stride + i]);
      REQUIRE(abs(std::min(at_low, at_high) - Rational(low[i])) < 1e-14);
      REQUIRE(abs(std::max(at_low, at_high) - Rational(high[i])) < 1e-14);
    }
  }
}

TEST_CASE("A shift moves the cut outwards on both parts, never beyond the cell") {
  const FreeSpace space(cube(1));
  SegmentCells family(space);
  const SegmentCells::Cell root = family.root();
  for (const double sign : {1.0, -1.0}) {
    for (const double at : {0.75, -0.75}) {
      const std::vector<double> row{sign, -sign * at};
      SegmentCells::Cell above, below;
      for (const double shift : {0.125, 0.5}) {
        family.cut(root, row.data(), Origin::cut(0), above, below, shift);
        const SegmentCells::Cell& upper = sign > 0.0 ? above : below;
        const SegmentCells::Cell& lower = sign > 0.0 ? below : above;
        CHECK(upper.low == std::max(at - shift, -1.0));
        CHECK(upper.high == 1.0);
        CHECK(lower.low == -1.0);
        CHECK(lower.high == std::min(at + shift, 1.0));
      }
    }
  }
}

TEST_CASE("Beyond a facet: the end that it is, and nothing for other constraints") {
  const FreeSpace space(cube(1));
  SegmentCells family(space);
  SegmentCells::Cell cell = family.root(), unused;
  const std::vector<double> row{1.0, -0.25};
  family.cut(cell, row.data(), Origin::cut(3), cell, unused);
  const double inside = 0.5;
  double out = 0.0;
  REQUIRE(family.beyond_facet(cell, Origin::cut(3), &inside, &out));
  CHECK(out == 0.25);
  REQUIRE(family.beyond_facet(cell, Origin::side(1), &inside, &out));
  CHECK(out == 1.0);
  CHECK_FALSE(family.beyond_facet(cell, Origin::side(0), &inside, &out));
  CHECK_FALSE(family.facets_are_doubtful(cell));
  CHECK(family.memory().held() == 0);
}

TEST_CASE("A line through three dimensions: its ends are the sides that it meets first") {
  InputPolytope line = cube(3);
  for (const double sign : {1.0, -1.0}) {
    add_constraint(line, Vector{{sign, -2.0 * sign, 0.0}}, 0.0);  // x = 2 y
    add_constraint(line, Vector{{0.0, sign, -4.0 * sign}}, 0.0);  // y = 4 z
  }
  add_constraint(line, Vector{{0.0, 0.0, 1.0}}, 0.0625);  // so x <= 0.5
  const FreeSpace space(line);
  REQUIRE(space.dimension() == 1);
  SegmentCells family(space);
  const SegmentCells::Cell cell = family.root();
  std::vector<Origin> facets;
  family.facets(cell, facets);
  // x >= -1 is number 0; the last row comes after 6 bounds and 4 rows.
  CHECK(facets == std::vector<Origin>{Origin::side(0), Origin::side(10)});
  Vector ends{{space.to_input(Vector{{cell.low}})[0], space.to_input(Vector{{cell.high}})[0]}};
  CHECK(ends.minCoeff() == doctest::Approx(-1.0).epsilon(1e-12));
  CHECK(ends.maxCoeff() == doctest::Approx(0.5).epsilon(1e-12));
}
