// A-priori bounds of rounding, against sums in rational arithmetic.
#include "base/rounding.hpp"

#include <doctest/doctest.h>

#include <boost/multiprecision/cpp_int.hpp>
#include <set>

#include "facetry/base/tolerances.hpp"
#include "random.hpp"

using namespace facetry;
using facetry::testing::Random;

namespace {

using Rational = boost::multiprecision::cpp_rational;

// A row with a gradient of length about 1.
Vector row(Random& random, Index k) {
  Vector result(k + 1);
  result << random.direction(k), random.uniform(-3.0, 3.0);
  return result;
}

}  // namespace

TEST_CASE("n roundings in a row: (1 + u)^n - 1 is bounded, and closely") {
  const Rational u(kUnitRoundoff);
  CHECK(1.0 + kUnitRoundoff == 1.0);
  CHECK(1.0 + 2.0 * kUnitRoundoff > 1.0);
  CHECK(rounding_of(0) == 0.0);
  Rational product = 1;
  for (Index n = 1; n <= 40; ++n) {
    product *= 1 + u;
    CHECK(Rational(rounding_of(n)) >= product - 1);
    CHECK(Rational(rounding_of(n)) <= Rational(102, 100) * (product - 1));
  }
}

TEST_CASE("The value of a row, however it is added up, is off by no more than is said") {
  Random random(351);
  for (const Index k : {1, 2, 5, 40}) {
    double most = 0.0;
    for (int round = 0; round < 100; ++round) {
      const Vector own = row(random, k);
      Vector u(k);
      for (Index i = 0; i < k; ++i) u[i] = random.chance(0.5) ? 1.01 : random.uniform(-1.01, 1.01);
      double forward = own[k], backward = 0.0;
      Rational exact(own[k]);
      for (Index i = 0; i < k; ++i) {
        forward += own[i] * u[i];
        backward += own[k - 1 - i] * u[k - 1 - i];
        exact += Rational(own[i]) * Rational(u[i]);
      }
      backward += own[k];
      const Rational bound(value_rounding(own.data(), k));
      REQUIRE(abs(Rational(forward) - exact) <= bound);
      REQUIRE(abs(Rational(backward) - exact) <= bound);
      most = std::max(most, value_rounding(own.data(), k));
    }
    CHECK(most < 1e-12);
  }
}

TEST_CASE("Outward shifts: twice to four times what is needed, none without strays") {
  Random random(352);
  std::set<double> factors;
  for (Index number = 0; number < 200; ++number) {
    const Vector own = row(random, 3);
    const double error = random.uniform(0.0, 1e-12);
    const double stray = stray_after(number, 3);
    const double needed = error + value_rounding(own.data(), 3) + stray;
    const double shift = outward_shift(own.data(), 3, error, stray, number);
    CHECK(shift >= 2.0 * needed);
    CHECK(shift <= 4.0 * needed);
    CHECK(outward_shift(own.data(), 3, error, 0.0, number) == 0.0);
    factors.insert(std::floor(shift / needed * 1e5));
  }
  CHECK(factors.size() > 195);  // rows that meet in one point are shifted differently
}

TEST_CASE("Strays grow with every cut, and with the dimension") {
  CHECK(stray_after(0, 1) > kUnitRoundoff);
  for (Index cuts = 0; cuts < 50; ++cuts) {
    CHECK(stray_after(cuts + 1, 2) > stray_after(cuts, 2));
    CHECK(stray_after(cuts, 3) > stray_after(cuts, 2));
  }
  CHECK(stray_after(1000, 4) < Tolerances{}.on_hyperplane);
}
