// Exact rows against rational arithmetic.
#include "base/exact_row.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "random.hpp"
#include "rationals.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

using Numbers = std::vector<double>;

Rationals rationals(const Numbers& numbers) { return {numbers.begin(), numbers.end()}; }

ExactRow of(const Numbers& numbers) { return ExactRow::of(numbers.data(), size_of(numbers)); }

// Of either sign and any size, often zero.
double number(Random& random) {
  if (random.chance(0.2)) return 0.0;
  return std::ldexp(random.uniform(-1.0, 1.0), static_cast<int>(random.between(-60, 60)));
}

Numbers numbers(Random& random, Index length) {
  Numbers result;
  for (Index i = 0; i < length; ++i) result.push_back(number(random));
  return result;
}

}  // namespace

TEST_CASE("Doubles are taken as they are, the smallest and the largest too") {
  Random random(341);
  for (int round = 0; round < 100; ++round) {
    const Numbers given = numbers(random, random.between(1, 5));
    REQUIRE(values(of(given)) == rationals(given));
  }
  const Numbers extremes{5e-324, -1.7976931348623157e308, 0.0, -0.0, 2.2250738585072014e-308};
  CHECK(values(of(extremes)) == rationals(extremes));
  CHECK(values(of({0.0, 0.0})) == rationals({0.0, 0.0}));
  CHECK(values(ExactRow::zero(3)) == rationals({0.0, 0.0, 0.0}));
}

TEST_CASE("Sums, products and signs are exact, however long the sum") {
  Random random(342);
  for (int round = 0; round < 50; ++round) {
    const Index length = random.between(1, 4);
    ExactRow row = ExactRow::zero(length);
    Rationals expected(static_cast<std::size_t>(length));
    for (int step = 0; step < 20; ++step) {
      const double factor = number(random);
      const Numbers other = numbers(random, length);
      row.add(factor, of(other));
      for (Index i = 0; i < length; ++i) expected[i] += Rational(factor) * Rational(other[i]);
      const double more = number(random);
      row.add_to_offset(more);
      expected.back() += Rational(more);
      if (random.chance(0.2)) {
        row.negate();
        for (Rational& entry : expected) entry = -entry;
      }
      if (random.chance(0.2)) row.reduce();
      REQUIRE(values(row) == expected);
      REQUIRE(row.offset_sign() == expected.back().sign());
      REQUIRE(row.is_constant() ==
              std::all_of(expected.begin(), expected.end() - 1,
                          [](const Rational& entry) { return entry.is_zero(); }));
    }
    const ExactRow product = row.times(Integer(-35));
    for (Rational& entry : expected) entry *= -35;
    REQUIRE(values(product) == expected);
  }
}

TEST_CASE("What cancels is zero, and the row can grow again from there") {
  ExactRow row = of({0.1, 1e-300});
  row.add(-1.0, of({0.1, 1e-300}));
  CHECK(row.is_constant());
  CHECK(row.offset_sign() == 0);
  row.add(3.0, of({1e300, -2.0}));
  CHECK(values(row) == Rationals{3 * Rational(1e300), -6});
  row.add(0.0, of({1.0, 1.0}));
  row.add(1.0, ExactRow::zero(2));
  row.add_to_offset(0.0);
  CHECK(values(row) == Rationals{3 * Rational(1e300), -6});
}

TEST_CASE("Reducing takes out exactly the powers of two that all entries share") {
  ExactRow row = of({12.0, -8.0, 0.0});
  row = row.times(Integer(16));
  row.reduce();
  CHECK(row.entries == std::vector<Integer>{3, -2, 0});
  CHECK(values(row) == Rationals{192, -128, 0});
  ExactRow zero = ExactRow::zero(2);
  zero.reduce();
  CHECK(values(zero) == Rationals{0, 0});
}

TEST_CASE("The largest magnitude over a number is rounded up, by a factor of 4 at most") {
  Random random(343);
  for (int round = 0; round < 200; ++round) {
    const Numbers given = numbers(random, 3);
    const Integer denominator = Integer(random.between(1, 1000)) << random.below(80);
    Rational most = 0;
    for (const double entry : given) most = std::max<Rational>(most, Rational(std::abs(entry)));
    most /= denominator;
    const Rational bound(of(given).largest_over(denominator));
    REQUIRE(bound >= most);
    REQUIRE(bound <= 4 * most);
  }
  CHECK(ExactRow::zero(2).largest_over(7) == 0.0);
}

TEST_CASE("Scaled entries are rounded once, all by one power of two, the largest to about 1") {
  Random random(344);
  for (int round = 0; round < 200; ++round) {
    ExactRow row = of(numbers(random, 3));
    for (int step = 0; step < 3; ++step) row.add(number(random), of(numbers(random, 3)));
    std::vector<double> out(3);
    row.scaled(out.data());
    const Rationals exact = values(row);
    Rational most = 0;
    for (const Rational& entry : exact) most = std::max<Rational>(most, abs(entry));
    if (most.is_zero()) continue;
    // The power of two that brings the largest to [1/2, 1).
    int power = 0;
    while (most * power_of_two(power) >= 1) --power;
    while (most * power_of_two(power) < Rational(1, 2)) ++power;
    for (std::size_t i = 0; i < 3; ++i) {
      const Rational wanted = exact[i] * power_of_two(power);
      const Rational off = abs(Rational(out[i]) - wanted);
      REQUIRE(off <= abs(Rational(std::nextafter(out[i], 2.0)) - wanted));
      REQUIRE(off <= abs(Rational(std::nextafter(out[i], -2.0)) - wanted));
    }
  }
  // Just above the middle of two doubles, by less than the bits that are looked at.
  ExactRow above = of({1.0});
  above.add_to_offset(0x1p-53);
  above.add_to_offset(0x1p-80);
  double up = 0.0;
  above.scaled(&up);
  CHECK(up == 0.5 * (1.0 + 0x1p-52));
  std::vector<double> zeros(2, 5.0);
  ExactRow::zero(2).scaled(zeros.data());
  CHECK(zeros == std::vector<double>{0.0, 0.0});
}

TEST_CASE("Bits of a number's magnitude") {
  CHECK(bit_length(Integer(0)) == 0);
  for (int bits = 1; bits < 200; ++bits) {
    const Integer power = Integer(1) << (bits - 1);
    for (const Integer& number : {power, Integer(2 * power - 1), Integer(-power)}) {
      REQUIRE(bit_length(number) == static_cast<std::size_t>(bits));
    }
  }
}

TEST_CASE("Is a row another one times a number, and of which sign?") {
  Random random(347);
  Index multiples = 0;
  for (int round = 0; round < 400; ++round) {
    const Index length = random.between(2, 4);
    const auto small = [&] {
      Numbers result;
      for (Index i = 0; i < length; ++i) result.push_back(random.between(-2, 2));
      return result;
    };
    const Numbers a = small();
    Numbers b = small();
    const double factor = std::vector<double>{0.0, 3.0, -0.75}[random.below(3)];
    for (Index i = 0; i < length && factor != 0.0; ++i) b[i] = factor * a[i];
    if (of(a).is_constant() || of(b).is_constant()) continue;
    const auto is_multiple = [&](int sign) {  // a_i b_j = a_j b_i, with one sign
      for (Index i = 0; i < length; ++i) {
        if (a[i] * sign * b[i] < 0.0 || (a[i] == 0.0) != (b[i] == 0.0)) return false;
        for (Index j = 0; j < length; ++j) {
          if (a[i] * b[j] != a[j] * b[i]) return false;
        }
      }
      return true;
    };
    const int expected = is_multiple(1) ? 1 : is_multiple(-1) ? -1 : 0;
    REQUIRE(of(a).sign_of_quotient(of(b)) == expected);
    multiples += expected != 0 ? 1 : 0;
  }
  CHECK(multiples > 100);
}
