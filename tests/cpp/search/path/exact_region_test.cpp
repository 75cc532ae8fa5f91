// The region in exact arithmetic: inputs on its affine hull, sides, and what doubles are off by.
#include "search/path/exact_region.hpp"

#include <doctest/doctest.h>

#include "polytopes.hpp"
#include "rationals.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

void add_equality(InputPolytope& polytope, const Vector& a, double b) {
  add_constraint(polytope, a, b);
  add_constraint(polytope, -a, -b);
}

std::vector<InputPolytope> regions() {
  std::vector<InputPolytope> result{cube(3, 0.7), cube(1, 0.1)};
  result.push_back(box(Vector{{0.1, -0.3, 0.2}}, Vector{{0.7, -0.3, 0.9}}));  // one input fixed
  result.push_back(cube(3));
  add_constraint(result.back(), Vector{{0.3, -0.7, 0.1}}, 0.37);
  result.push_back(cube(3));
  add_equality(result.back(), Vector{{0.1, 0.2, 0.3}}, 0.07);
  result.push_back(cube(4));
  add_equality(result.back(), Vector{{0.1, 0.2, 0.3, -0.4}}, 0.07);
  add_equality(result.back(), Vector{{1.0, -1.0 / 3.0, 0.0, 0.6}}, -0.1);
  add_equality(result.back(), Vector{{0.2, 0.4, 0.6, -0.8}}, 0.14);  // the first one again
  add_constraint(result.back(), Vector{{0.9, 0.1, -0.4, 0.3}}, 0.5);
  return result;
}

Rational one_of(const ExactRegion& region) { return values(region.one()).back(); }

}  // namespace

TEST_CASE("The function that stands for 1 is a positive constant") {
  for (const InputPolytope& polytope : regions()) {
    const FreeSpace space(polytope);
    const ExactRegion region(space);
    CHECK(region.one().is_constant());
    CHECK(region.one().offset_sign() == 1);
    REQUIRE(size_of(region.inputs()) == space.input_size());
    REQUIRE(size_of(region.sides()) == space.constraints().constraint_count());
  }
}

TEST_CASE("Inputs lie on the affine hull, as functions, without any rounding") {
  int equalities = 0;
  for (const InputPolytope& polytope : regions()) {
    const FreeSpace space(polytope);
    const ExactRegion region(space);
    for (const Index number : space.equalities()) {
      RowVector a;
      double limit = 0.0;
      polytope.side(number, a, limit);
      ExactRow sum = ExactRow::zero(space.dimension() + 1);
      for (Index j = 0; j < a.size(); ++j) sum.add(a[j], region.inputs()[j]);
      sum.add(-limit, region.one());
      CHECK(sum.is_constant());
      CHECK(sum.offset_sign() == 0);
      ++equalities;
    }
    for (Index j = 0; j < polytope.input_size(); ++j) {
      if (polytope.low[j] < polytope.high[j]) continue;
      CHECK(region.inputs()[j].is_constant());
      CHECK(value_at(values(region.inputs()[j]), Vector::Zero(space.dimension())) ==
            Rational(polytope.low[j]) * one_of(region));
    }
  }
  CHECK(equalities >= 3);
}

TEST_CASE("What the origin and the basis are off by is bounded, and small") {
  for (const InputPolytope& polytope : regions()) {
    const FreeSpace space(polytope);
    const ExactRegion region(space);
    CHECK((region.input_error() == 0.0) == space.equalities().empty());
    CHECK(region.input_error() < 1e-14);
    for (Index j = 0; j < space.input_size(); ++j) {
      const Rationals exact = values(region.inputs()[j]);
      for (Index c = 0; c <= space.dimension(); ++c) {
        const double stored = c < space.dimension() ? space.basis()(j, c) : space.origin()[j];
        CHECK(abs(exact[c] / one_of(region) - Rational(stored)) <= Rational(region.input_error()));
      }
    }
  }
}

TEST_CASE("Sides are the user's numbers, and normalised doubles are near them") {
  Random random(381);
  for (const InputPolytope& polytope : regions()) {
    const FreeSpace space(polytope);
    const ExactRegion region(space);
    const Index k = space.dimension();
    CHECK(region.side_error() < 1e-13);
    for (int round = 0; round < 10; ++round) {
      const Vector u = random.point_in(Vector::Constant(k, -1.01), Vector::Constant(k, 1.01));
      Rationals x;
      for (const ExactRow& input : region.inputs()) x.push_back(value_at(values(input), u));
      for (Index c = 0; c < space.constraints().constraint_count(); ++c) {
        const Rationals side = values(region.sides()[c]);
        const Rational here = value_at(side, u);
        // The same up to a positive factor: the length of its gradient.
        double length = 0.0;
        for (Index i = 0; i < k; ++i) length = std::hypot(length, static_cast<double>(side[i]));
        const double normalised = static_cast<double>(here) / length;
        REQUIRE(std::abs(normalised - space.constraints().slack(c, u)) <=
                region.side_error() + 1e-15);
        if (space.sides()[c] < 0) continue;
        RowVector a;
        double limit = 0.0;
        polytope.side(space.sides()[c], a, limit);
        Rational slack = Rational(limit) * one_of(region);
        for (Index j = 0; j < a.size(); ++j) slack -= Rational(a[j]) * x[j];
        REQUIRE(here == slack);
      }
    }
  }
}
