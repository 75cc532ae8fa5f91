// Exact rows and exact linear programs, against rational arithmetic over all vertices.
#include "optimize/exact_program.hpp"

#include <doctest/doctest.h>

#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <limits>

#include "random.hpp"

namespace facetry {
namespace {

using testing::Random;
using Rational = boost::multiprecision::cpp_rational;
using Point = std::vector<Rational>;

ExactRow row_of(const std::vector<double>& numbers) {
  return ExactRow::of(numbers.data(), size_of(numbers));
}

Rational value(const ExactRow& row, const Point& point) {
  Rational sum = row.entries.back();
  for (std::size_t i = 0; i < point.size(); ++i) sum += row.entries[i] * point[i];
  return sum;
}

// The common point of k hyperplanes, if there is exactly one: Gauss-Jordan elimination.
bool intersection(std::vector<const ExactRow*> rows, Point& point) {
  const std::size_t k = rows.size();
  std::vector<std::vector<Rational>> table(k, std::vector<Rational>(k + 1));
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t c = 0; c <= k; ++c) table[i][c] = rows[i]->entries[c];
  }
  for (std::size_t c = 0; c < k; ++c) {
    std::size_t at = c;
    while (at < k && table[at][c] == 0) ++at;
    if (at == k) return false;
    std::swap(table[at], table[c]);
    for (std::size_t i = 0; i < k; ++i) {
      if (i == c) continue;
      const Rational share = table[i][c] / table[c][c];
      for (std::size_t j = c; j <= k; ++j) table[i][j] -= share * table[c][j];
    }
  }
  point.resize(k);
  for (std::size_t c = 0; c < k; ++c) point[c] = -table[c][k] / table[c][c];
  return true;
}

// Has a bounded polytope interior? If so, the mean of its vertices is inside all rows.
bool interior_by_vertices(const std::vector<ExactRow>& rows, std::size_t k) {
  std::vector<std::size_t> chosen(k);
  for (std::size_t i = 0; i < k; ++i) chosen[i] = i;
  Point sum(k);
  Index count = 0;
  while (true) {
    std::vector<const ExactRow*> some;
    for (const std::size_t i : chosen) some.push_back(&rows[i]);
    Point point;
    if (intersection(some, point)) {
      bool inside = true;
      for (const ExactRow& row : rows) inside = inside && value(row, point) >= 0;
      for (std::size_t c = 0; c < k && inside; ++c) sum[c] += point[c];
      count += inside ? 1 : 0;
    }
    std::size_t i = k;
    while (i > 0 && chosen[i - 1] == rows.size() - k + i - 1) --i;
    if (i == 0) break;
    ++chosen[i - 1];
    for (; i < k; ++i) chosen[i] = chosen[i - 1] + 1;
  }
  if (count == 0) return false;
  for (Rational& entry : sum) entry /= count;
  for (const ExactRow& row : rows) {
    if (value(row, sum) <= 0) return false;
  }
  return true;
}

std::vector<ExactRow> box(std::size_t k) {
  std::vector<ExactRow> rows;
  for (std::size_t i = 0; i < k; ++i) {
    for (const double sign : {1.0, -1.0}) {
      std::vector<double> row(k + 1, 0.0);
      row[i] = sign;
      row[k] = 1.0;
      rows.push_back(row_of(row));
    }
  }
  return rows;
}

TEST_CASE("Exact rows hold doubles, sums and products of them without rounding") {
  const double tiny = std::numeric_limits<double>::denorm_min();
  const double huge = std::numeric_limits<double>::max();
  ExactRow row = row_of({tiny, -huge, 0.1});
  row.add(3.0, row_of({tiny, huge, 0.2}));
  row.add(-2.0, row_of({2.0 * tiny, huge, 0.35}));
  CHECK(row.entries[0].is_zero());
  CHECK(row.entries[1].is_zero());
  // 0.1 + 3 x 0.2 - 2 x 0.35 is not 0 for the stored numbers.
  const Rational truth = Rational(0.1) + 3 * Rational(0.2) - 2 * Rational(0.35);
  CHECK(truth != 0);
  CHECK(row.offset_sign() == truth.sign());
  CHECK(row.is_constant());
  row.add_to_offset(-1e-30);
  row.reduce();
  row.negate();
  const Rational scale = row.exponent < 0 ? Rational(1, Integer(1) << -row.exponent)
                                          : Rational(Integer(1) << row.exponent);
  CHECK(Rational(row.entries[2]) * scale == -(truth + Rational(-1e-30)));
}

TEST_CASE("Scaled rows are rounded once") {
  Random random(1);
  for (int round = 0; round < 200; ++round) {
    ExactRow row = row_of({random.normal(), random.normal(), random.normal() * 1e-200});
    row.add(random.normal(), row_of({random.normal(), 0.0, random.normal() * 1e90}));
    double scaled[3];
    row.scaled(scaled);
    double largest = 0.0;
    for (int i = 0; i < 3; ++i) largest = std::max(largest, std::abs(scaled[i]));
    CHECK(largest >= 0.5);
    CHECK(largest <= 1.0);
    std::size_t at = 0;
    while (std::abs(scaled[at]) != largest) ++at;
    for (std::size_t i = 0; i < 3; ++i) {
      const Rational share = Rational(row.entries[i]) / Rational(row.entries[at]);
      const double expected = static_cast<double>(share) * scaled[at];
      CHECK(std::abs(scaled[i] - expected) <= 1e-15 * std::abs(expected));
    }
  }
}

TEST_CASE("Interiors of random polytopes with many ties, against all their vertices") {
  Random random(2);
  Index with = 0;
  Index without = 0;
  for (int round = 0; round < 600; ++round) {
    const std::size_t k = static_cast<std::size_t>(random.between(1, 3));
    std::vector<ExactRow> rows = box(k);
    const Index more = random.between(0, 7);
    for (Index r = 0; r < more; ++r) {
      std::vector<double> row(k + 1);
      for (double& entry : row) entry = static_cast<double>(random.between(-2, 2));
      if (random.chance(0.3)) {
        rows.push_back(rows.back());
        if (random.chance(0.5)) rows.back().negate();
      }
      rows.push_back(row_of(row));
    }
    ExactProgram program(static_cast<Index>(k));
    for (const ExactRow& row : rows) program.add(row);
    const bool expected = interior_by_vertices(rows, k);
    ++(expected ? with : without);
    std::vector<Index> first;
    const Index hints = random.between(0, static_cast<Index>(k) + 1);
    for (Index h = 0; h < hints; ++h) first.push_back(random.below(size_of(rows)));
    CHECK(program.has_interior(first) == expected);
    std::vector<double> point(k);
    REQUIRE(program.has_interior({}, point.data()) == expected);
    if (!expected) continue;
    const Point exact(point.begin(), point.end());
    for (const ExactRow& row : rows) CHECK(value(row, exact) > 0);
  }
  CHECK(with > 100);
  CHECK(without > 100);
}

TEST_CASE(
    "Entries of every size, the largest there are of so many bits, on every kind of integer") {
  // From a few bits to thousands: 64 and 128 bits, fixed ones beyond, and those without end.
  Random random(14);
  Index with = 0;
  Index rounds = 0;
  for (const int bits : {1, 3, 4, 5, 9, 11, 12, 14, 15, 20, 24, 28, 40, 49, 53, 120, 600}) {
    for (int round = 0; round < 24; ++round, ++rounds) {
      const std::size_t k = static_cast<std::size_t>(random.between(1, 3));
      const Integer most = (Integer(1) << bits) - 1;
      std::vector<ExactRow> rows = box(k);
      for (ExactRow& row : rows) row = row.times(most);
      for (int r = 0; r < 5; ++r) {
        ExactRow row = ExactRow::zero(static_cast<Index>(k) + 1);
        for (Integer& entry : row.entries) {
          entry = random.chance(0.2) ? Integer(0) : Integer(most - random.below(2));
          if (random.chance(0.5)) entry = -entry;
        }
        rows.push_back(std::move(row));
      }
      ExactProgram program(static_cast<Index>(k));
      for (const ExactRow& row : rows) program.add(row);
      const bool expected = interior_by_vertices(rows, k);
      CAPTURE(bits);
      REQUIRE(program.has_interior({}) == expected);
      const Index first = random.below(size_of(rows));
      REQUIRE(program.has_interior({&first, 1}) == expected);
      with += expected ? 1 : 0;
    }
  }
  CHECK(with > rounds / 10);
  CHECK(with < rounds * 9 / 10);
}

// The largest value of a row over all vertices of a bounded polytope, if it has one.
bool largest_by_vertices(const std::vector<ExactRow>& rows, const ExactRow& objective,
                         std::size_t k, Rational& most) {
  bool found = false;
  std::vector<std::size_t> chosen(k);
  for (std::size_t i = 0; i < k; ++i) chosen[i] = i;
  while (true) {
    std::vector<const ExactRow*> some;
    for (const std::size_t i : chosen) some.push_back(&rows[i]);
    Point point;
    if (intersection(some, point)) {
      bool inside = true;
      for (const ExactRow& row : rows) inside = inside && value(row, point) >= 0;
      const Rational here = value(objective, point);
      if (inside && (!found || here > most)) most = here;
      found = found || inside;
    }
    std::size_t i = k;
    while (i > 0 && chosen[i - 1] == rows.size() - k + i - 1) --i;
    if (i == 0) return found;
    ++chosen[i - 1];
    for (; i < k; ++i) chosen[i] = chosen[i - 1] + 1;
  }
}

TEST_CASE("Largest values over random polytopes with many ties, against all their vertices") {
  Random random(12);
  using Kind = ExactProgram::Extreme::Kind;
  Index empty = 0;
  for (int round = 0; round < 400; ++round) {
    const std::size_t k = static_cast<std::size_t>(random.between(1, 3));
    std::vector<ExactRow> rows = box(k);
    const Index more = random.between(0, 6);
    std::vector<double> numbers(k + 1);
    for (Index r = 0; r < more; ++r) {
      for (double& entry : numbers) entry = static_cast<double>(random.between(-2, 2));
      rows.push_back(row_of(numbers));
    }
    for (double& entry : numbers) entry = static_cast<double>(random.between(-3, 3));
    const ExactRow objective = row_of(numbers);
    ExactProgram program(static_cast<Index>(k));
    for (const ExactRow& row : rows) program.add(row);
    std::vector<Index> first;
    for (Index h = random.between(0, static_cast<Index>(k)); h > 0; --h)
      first.push_back(random.below(size_of(rows)));
    Rational most;
    const bool expected = largest_by_vertices(rows, objective, k, most);
    std::vector<double> point(k);
    const ExactProgram::Extreme found = program.maximise(objective, first, point.data());
    REQUIRE((found.kind == Kind::found) == expected);
    if (!expected) {
      ++empty;
      CHECK(found.kind == Kind::infeasible);
      continue;
    }
    CHECK(Rational(found.numerator) / Rational(found.denominator) == most);
    const Point rounded(point.begin(), point.end());
    CHECK(abs(Rational(value(objective, rounded) - most)) < Rational(1e-14));
  }
  CHECK(empty > 40);
}

TEST_CASE("A program that its rows leave open has no largest value") {
  using Kind = ExactProgram::Extreme::Kind;
  ExactProgram program(2);
  CHECK(program.maximise(row_of({0.0, 0.0, 5.0}), {}).numerator == 5);
  CHECK(program.maximise(row_of({1.0, 0.0, 0.0}), {}).kind == Kind::unbounded);
  program.add(row_of({-1.0, 0.0, 3.0}));  // x <= 3
  CHECK(program.maximise(row_of({1.0, 0.0, 0.0}), {}).numerator == 3);
  CHECK(program.maximise(row_of({-1.0, 0.0, 0.0}), {}).kind == Kind::unbounded);
  CHECK(program.maximise(row_of({1.0, 1.0, 0.0}), {}).kind == Kind::unbounded);
}

TEST_CASE("Quotients are rounded to the nearest number or its neighbour, and upwards on demand") {
  Random random(13);
  for (int round = 0; round < 500; ++round) {
    const Integer top = Integer(random.below(1 << 30)) * random.below(1 << 30) - (1 << 29);
    const Integer below = Integer(1 + random.below(1 << 30)) * (1 + random.below(1 << 30));
    const int exponent = static_cast<int>(random.between(-60, 60));
    Rational truth(top, below);
    truth *= exponent < 0 ? Rational(1, Integer(1) << -exponent) : Rational(Integer(1) << exponent);
    const double near = quotient_of(top, below, exponent);
    const double above = quotient_above(top, below, exponent);
    CHECK(Rational(above) >= truth);
    CHECK(abs(Rational(Rational(near) - truth)) <= abs(truth) * Rational(0x1p-52));
    CHECK(above - near <= 0x1p-51 * std::abs(near));
  }
  CHECK(quotient_above(Integer(3), Integer(4)) == 0.75);
  CHECK(quotient_above(Integer(-3), Integer(4), 2) == -3.0);
  CHECK(quotient_above(Integer(0), Integer(4)) == 0.0);
}

TEST_CASE(
    "A sliver between two rounded copies of a hyperplane has interior, between exact ones not") {
  const std::vector<double> third = {1.0 / 3.0, 0.1};
  const std::vector<double> rounded = {1.1 / 3.0, 1.1 * 0.1};
  ExactProgram program(1);
  for (const ExactRow& side : box(1)) program.add(side);
  ExactRow other = row_of(rounded);
  other.negate();
  const bool apart =
      Rational(third[1]) / Rational(third[0]) != Rational(rounded[1]) / Rational(rounded[0]);
  const bool open =
      Rational(third[1]) / Rational(third[0]) > Rational(rounded[1]) / Rational(rounded[0]);
  REQUIRE(apart);
  program.add(row_of(third));
  program.add(other);
  CHECK(program.has_interior({}) == open);
  ExactRow same = row_of(third);
  same.negate();
  program.clear();
  for (const ExactRow& side : box(1)) program.add(side);
  program.add(row_of(third));
  program.add(same);
  CHECK_FALSE(program.has_interior({}));
}

TEST_CASE("Programs without rows, with empty rows, and unbounded ones") {
  ExactProgram program(2);
  CHECK(program.has_interior({}));
  program.add(row_of({0.0, 0.0, 1.0}));
  CHECK(program.has_interior({}));
  program.add(row_of({0.0, 1.0, 0.0}));
  CHECK(program.has_interior({}));
  program.add(row_of({0.0, 0.0, 0.0}));
  CHECK_FALSE(program.has_interior({}));
  program.clear();
  program.add(row_of({0.0, 0.0, -1.0}));
  CHECK_FALSE(program.has_interior({}));
}

}  // namespace
}  // namespace facetry
