#include "facetry/network/piecewise_function.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "facetry/base/error.hpp"
#include "random.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

template <class Reference>
void check_everywhere(const PiecewiseFunction& function, Reference&& reference) {
  Random random(61);
  std::vector<double> places = function.breakpoints();
  for (const double t : function.breakpoints()) {
    places.push_back(std::nextafter(t, -kInfinity));
    places.push_back(std::nextafter(t, kInfinity));
  }
  for (int i = 0; i < 100; ++i) places.push_back(random.uniform(-8.0, 8.0));
  for (const double q : places) {
    REQUIRE(function(q) == doctest::Approx(reference(q)).epsilon(1e-12));
  }
}

void check_refused(std::vector<double> breakpoints, std::vector<double> slopes,
                   std::vector<double> intercepts) {
  CHECK_THROWS_AS(PiecewiseFunction(breakpoints, slopes, intercepts), InvalidInput);
}

}  // namespace

TEST_CASE("Every maker gives its function") {
  check_everywhere(PiecewiseFunction::identity(), [](double q) { return q; });
  check_everywhere(PiecewiseFunction::relu(), [](double q) { return std::max(0.0, q); });
  for (const double alpha : {0.0, 0.1, 1.0, -0.5, 2.0}) {
    check_everywhere(PiecewiseFunction::leaky_relu(alpha),
                     [&](double q) { return q < 0 ? alpha * q : q; });
  }
  check_everywhere(PiecewiseFunction::absolute(), [](double q) { return std::abs(q); });
  for (const double low : {-kInfinity, -2.0, 0.0, 1.0}) {
    for (const double high : {1.0, 6.0, kInfinity}) {
      check_everywhere(PiecewiseFunction::clip(low, high),
                       [&](double q) { return std::min(std::max(q, low), high); });
    }
  }
  for (const double alpha : {0.2, -0.2, 1.0 / 6.0, 0.0, 30.0}) {
    for (const double beta : {0.5, 0.0, -3.0, 7.0}) {
      check_everywhere(PiecewiseFunction::hard_sigmoid(alpha, beta),
                       [&](double q) { return std::max(0.0, std::min(1.0, alpha * q + beta)); });
    }
  }
}

TEST_CASE("The makers give the fewest pieces") {
  CHECK(PiecewiseFunction::identity().pieces() == 1);
  CHECK(PiecewiseFunction::relu().pieces() == 2);
  CHECK(PiecewiseFunction::clip(-kInfinity, kInfinity).pieces() == 1);
  CHECK(PiecewiseFunction::clip(0.0, kInfinity).pieces() == 2);
  CHECK(PiecewiseFunction::clip(-kInfinity, 0.0).pieces() == 2);
  CHECK(PiecewiseFunction::clip(0.0, 6.0).pieces() == 3);
  CHECK(PiecewiseFunction::clip(3.0, 3.0).pieces() == 1);
  CHECK(PiecewiseFunction::hard_sigmoid(0.0, 0.5).pieces() == 1);
  CHECK(PiecewiseFunction::hard_sigmoid(-0.2, 0.5).pieces() == 3);
}

TEST_CASE("Makers refuse what is no function") {
  CHECK_THROWS_AS((void)PiecewiseFunction::clip(1.0, 0.0), InvalidInput);
  CHECK_THROWS_AS((void)PiecewiseFunction::clip(NAN, 0.0), InvalidInput);
  CHECK_THROWS_AS((void)PiecewiseFunction::clip(0.0, NAN), InvalidInput);
  CHECK_THROWS_AS((void)PiecewiseFunction::clip(kInfinity, kInfinity), InvalidInput);
  CHECK_THROWS_AS((void)PiecewiseFunction::leaky_relu(kInfinity), InvalidInput);
  CHECK_THROWS_AS((void)PiecewiseFunction::leaky_relu(NAN), InvalidInput);
  for (const double alpha : std::vector<double>{NAN, kInfinity, -kInfinity}) {
    CHECK_THROWS_AS((void)PiecewiseFunction::hard_sigmoid(alpha, 0.5), InvalidInput);
  }
  for (const double alpha : {0.0, 0.2}) {
    CHECK_THROWS_AS((void)PiecewiseFunction::hard_sigmoid(alpha, NAN), InvalidInput);
  }
}

TEST_CASE("A hard sigmoid with a large offset is continuous up to rounding") {
  Random random(62);
  for (int round = 0; round < 50; ++round) {
    const double alpha = random.uniform(0.1, 10.0);
    const double beta = random.uniform(1e10, 2e10);
    const PiecewiseFunction function = PiecewiseFunction::hard_sigmoid(alpha, beta);
    CHECK(function(-beta / alpha + 1e6) == 1.0);
    CHECK(function(-beta / alpha - 1e6) == 0.0);
  }
}

TEST_CASE("Sizes, finiteness, order and continuity are validated") {
  CHECK_NOTHROW(PiecewiseFunction({0.0}, {0.0, 1.0}, {0.0, 0.0}));
  check_refused({}, {}, {});
  check_refused({0.0}, {1.0}, {0.0});
  check_refused({}, {1.0, 2.0}, {0.0, 0.0});
  check_refused({0.0}, {0.0, 1.0}, {0.0});
  check_refused({NAN}, {0.0, 1.0}, {0.0, 0.0});
  check_refused({kInfinity}, {1.0, 1.0}, {0.0, 0.0});
  check_refused({0.0}, {0.0, kInfinity}, {0.0, 0.0});
  check_refused({0.0}, {0.0, 1.0}, {0.0, NAN});
  check_refused({1.0, 0.0}, {0.0, 0.0, 0.0}, {0.0, 0.0, 0.0});       // descending
  check_refused({1.0, 1.0}, {0.0, 0.0, 0.0}, {0.0, 0.0, 0.0});       // equal
  check_refused({0.0}, {0.0, 1.0}, {0.0, 1e-3});                     // a jump
  check_refused({1e6}, {0.0, 1.0}, {0.0, -1e6 + 1.0});               // a jump far out
  CHECK_NOTHROW(PiecewiseFunction({0.1}, {1.0, 3.0}, {0.0, -0.2}));  // rounding is no jump
}

TEST_CASE("piece_at takes the lowest piece whose closed interval holds the argument") {
  const PiecewiseFunction function({-1.0, 0.0, 2.0}, {0.0, 1.0, 0.0, 1.0}, {-1.0, 0.0, 0.0, -2.0});
  CHECK(function.piece_at(-5.0) == 0);
  CHECK(function.piece_at(-1.0) == 0);
  CHECK(function.piece_at(std::nextafter(-1.0, 0.0)) == 1);
  CHECK(function.piece_at(0.0) == 1);
  CHECK(function.piece_at(-0.0) == 1);
  CHECK(function.piece_at(1.0) == 2);
  CHECK(function.piece_at(2.0) == 2);
  CHECK(function.piece_at(2.5) == 3);
  CHECK(PiecewiseFunction::identity().piece_at(7.0) == 0);
}

TEST_CASE("simplified merges equal neighbours only, and keeps the function") {
  const PiecewiseFunction function({-1.0, 0.0, 1.0, 2.0}, {0.0, 0.0, 1.0, 1.0, 0.0},
                                   {0.0, 0.0, 0.0, 0.0, 2.0});
  const PiecewiseFunction simple = function.simplified();
  CHECK(simple == PiecewiseFunction::clip(0.0, 2.0));
  CHECK(simple.simplified() == simple);
  check_everywhere(simple, function);
  CHECK(PiecewiseFunction::leaky_relu(1.0).simplified() == PiecewiseFunction::identity());
}
