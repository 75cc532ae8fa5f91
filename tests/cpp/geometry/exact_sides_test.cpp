// Sides of polytopes in exact arithmetic, by number of their guarantees.
#include "geometry/exact_sides.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "polytopes.hpp"
#include "rationals.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

// The numbers of all sides of a cube that a polytope was made from, and of its first rows.
std::vector<Index> sides(Index m, Index rows) {
  std::vector<Index> numbers;
  for (Index i = 0; i < 2 * m + rows; ++i) numbers.push_back(i);
  return numbers;
}

}  // namespace

TEST_CASE("Guarantee 1: the sign of the largest slack, where doubles see nothing") {
  // x + y <= 1 and x + y >= 1 + d in the unit square: a strip, a line or nothing.
  for (const double d : {-0x1p-52, 0.0, 0x1p-52}) {
    InputPolytope strip = cube(2);
    add_constraint(strip, Vector{{1.0, 1.0}}, 1.0);
    add_constraint(strip, Vector{{-1.0, -1.0}}, -(1.0 + d));
    ExactSides exact(strip);
    REQUIRE(exact.can_ask());
    const ExactSides::Slack slack = exact.slack_of(4);
    CHECK(slack.empty == (d > 0.0));
    if (d > 0.0) continue;
    CHECK(slack.sign == (d < 0.0 ? 1 : 0));
    CHECK(slack.value == -d);
  }
}

TEST_CASE("Guarantee 1: fixed inputs are put in, sides that are no bounds left out") {
  InputPolytope line = cube(3);
  line.low[1] = line.high[1] = 0.5;
  line.high[2] = std::numeric_limits<double>::infinity();
  add_constraint(line, Vector{{1.0, 2.0, 0.0}}, 1.75);  // x <= 0.75
  ExactSides exact(line);
  CHECK(exact.slack_of(6).value == 1.75);  // at x = -1
  CHECK(exact.slack_of(0).value == 1.75);
  CHECK(exact.slack_of(2).unbounded);
}

TEST_CASE("Guarantee 2: a side is needed if it cuts off anything at all") {
  for (const double room : {-0x1p-50, 0.0, 0x1p-50}) {
    InputPolytope square = cube(2);
    add_constraint(square, Vector{{1.0, 1.0}}, 2.0 - room);  // touches the corner, or cuts it off
    ExactSides exact(square);
    CHECK(exact.is_needed(4, sides(2, 0)) == (room > 0.0));
  }
  InputPolytope twice = cube(2);
  add_constraint(twice, Vector{{1.0, 3.0}}, 0.3);
  add_constraint(twice, Vector{{2.0, 6.0}}, 0.6);
  ExactSides exact(twice);
  CHECK(exact.is_needed(5, sides(2, 0)));
  CHECK_FALSE(exact.is_needed(5, sides(2, 1)));
}

TEST_CASE("Rows in other coordinates are rounded once") {
  Random random(77);
  for (int round = 0; round < 50; ++round) {
    InputPolytope polytope = cube(3);
    const Vector a = random.point_in(Vector::Constant(3, -1.0), Vector::Constant(3, 1.0));
    add_constraint(polytope, a, 0.5);
    const Vector origin =
        1e6 * random.point_in(Vector::Constant(3, -1.0), Vector::Constant(3, 1.0));
    Matrix basis(3, 2);
    for (Index i = 0; i < 3; ++i) {
      for (Index j = 0; j < 2; ++j) basis(i, j) = random.normal() * 1e-8;
    }
    const Vector row = ExactSides(polytope).row_in(6, origin, basis);
    CHECK(row.head(2).norm() == doctest::Approx(1.0).epsilon(1e-15));
    Rational offset(0.5), first(0), second(0);
    for (Index i = 0; i < 3; ++i) {
      offset -= Rational(a[i]) * Rational(origin[i]);
      first -= Rational(a[i]) * Rational(basis(i, 0));
      second -= Rational(a[i]) * Rational(basis(i, 1));
    }
    CHECK(row[2] / row[0] ==
          doctest::Approx(static_cast<double>(Rational(offset / first))).epsilon(1e-15));
    CHECK(row[1] / row[0] ==
          doctest::Approx(static_cast<double>(Rational(second / first))).epsilon(1e-15));
  }
}

TEST_CASE("Polytopes of many inputs are not asked") {
  CHECK(ExactSides(cube(ExactSides::kMostInputs)).can_ask());
  CHECK_FALSE(ExactSides(cube(ExactSides::kMostInputs + 1)).can_ask());
}
