// Exact rows: doubles taken apart into integers and powers of two, brought to one exponent before
// they are added.
#include "base/exact_row.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/infinity.hpp"

namespace facetry {

namespace {

constexpr int kDigits = 53;

// number = mantissa * 2^exponent.
struct Dyadic {
  std::int64_t mantissa = 0;
  int exponent = 0;
};

Dyadic dyadic(double number) {
  if (number == 0.0) return {};
  int exponent = 0;
  auto mantissa = static_cast<std::int64_t>(std::ldexp(std::frexp(number, &exponent), kDigits));
  exponent -= kDigits;
  const int zeros = std::countr_zero(static_cast<std::uint64_t>(mantissa));
  return {mantissa >> zeros, exponent + zeros};
}

bool all_zero(const ExactRow& row) {
  return std::all_of(row.entries.begin(), row.entries.end(),
                     [](const Integer& entry) { return entry.is_zero(); });
}

// Lowers the exponent; the numbers stay.
void lower_exponent(ExactRow& row, int exponent) {
  const int by = row.exponent - exponent;
  if (by <= 0) return;
  for (Integer& entry : row.entries) entry <<= by;
  row.exponent = exponent;
}

}  // namespace

ExactRow ExactRow::zero(Index length) {
  return {std::vector<Integer>(static_cast<std::size_t>(length)), 0};
}

ExactRow ExactRow::of(const double* numbers, Index length) {
  ExactRow row = zero(length);
  std::vector<Dyadic> parts;
  bool first = true;
  for (Index i = 0; i < length; ++i) {
    parts.push_back(dyadic(numbers[i]));
    if (parts.back().mantissa == 0) continue;
    row.exponent = first ? parts.back().exponent : std::min(row.exponent, parts.back().exponent);
    first = false;
  }
  for (Index i = 0; i < length; ++i) {
    row.entries[i] = parts[i].mantissa;
    if (parts[i].mantissa != 0) row.entries[i] <<= parts[i].exponent - row.exponent;
  }
  return row;
}

void ExactRow::add(double factor, const ExactRow& row) {
  const Dyadic by = dyadic(factor);
  if (by.mantissa == 0 || all_zero(row)) return;
  const int from = by.exponent + row.exponent;
  if (all_zero(*this)) exponent = from;
  lower_exponent(*this, from);
  const int up = from - exponent;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (row.entries[i].is_zero()) continue;
    Integer product = row.entries[i] * by.mantissa;
    if (up > 0) product <<= up;
    entries[i] += product;
  }
}

void ExactRow::add_to_offset(double number) {
  const Dyadic part = dyadic(number);
  if (part.mantissa == 0) return;
  if (all_zero(*this)) exponent = part.exponent;
  lower_exponent(*this, part.exponent);
  entries.back() += Integer(part.mantissa) << (part.exponent - exponent);
}

void ExactRow::negate() {
  for (Integer& entry : entries) entry = -entry;
}

ExactRow ExactRow::times(const Integer& factor) const {
  ExactRow row = *this;
  for (Integer& entry : row.entries) entry *= factor;
  return row;
}

double ExactRow::largest_over(const Integer& denominator) const {
  Integer most = 0;
  for (const Integer& entry : entries) most = std::max<Integer>(most, abs(entry));
  if (most.is_zero()) return 0.0;
  // 2^(bits of the numerator - bits of the denominator + 1) is not below the quotient.
  const int power = static_cast<int>(msb(most)) - static_cast<int>(msb(denominator)) + 1 + exponent;
  return std::ldexp(1.0, power);
}

void ExactRow::reduce() {
  std::size_t shared = 0;
  bool first = true;
  for (const Integer& entry : entries) {
    if (entry.is_zero()) continue;
    const std::size_t own = lsb(abs(entry));
    shared = first ? own : std::min(shared, own);
    first = false;
  }
  if (shared == 0) return;
  for (Integer& entry : entries) entry >>= shared;
  exponent += static_cast<int>(shared);
}

int ExactRow::sign_of_quotient(const ExactRow& other) const {
  std::size_t at = 0;
  while (entries[at].is_zero()) ++at;
  const int sign = entries[at].sign() * other.entries[at].sign();
  if (sign == 0) return 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].sign() * sign != other.entries[i].sign()) return 0;
  }
  for (std::size_t i = at + 1; i < entries.size(); ++i) {
    if (entries[i] * other.entries[at] != other.entries[i] * entries[at]) return 0;
  }
  return sign;
}

bool ExactRow::is_constant() const {
  return std::all_of(entries.begin(), entries.end() - 1,
                     [](const Integer& entry) { return entry.is_zero(); });
}

bool ExactRow::bounds_one_variable() const {
  return std::count_if(entries.begin(), entries.end() - 1,
                       [](const Integer& entry) { return !entry.is_zero(); }) == 1;
}

// The quotient with 64 bits, then as a double.
double quotient_of(const Integer& numerator, const Integer& denominator, int exponent) {
  if (numerator.is_zero()) return 0.0;
  const Integer top = abs(numerator);
  const int bits = 64 + static_cast<int>(msb(denominator)) - static_cast<int>(msb(top));
  const Integer quotient = bits > 0 ? (top << bits) / denominator : top / (denominator << -bits);
  const double size = std::ldexp(quotient.convert_to<double>(), exponent - bits);
  return numerator.sign() < 0 ? -size : size;
}

double quotient_above(const Integer& numerator, const Integer& denominator, int exponent) {
  double number = quotient_of(numerator, denominator, exponent);
  while (std::isfinite(number)) {
    const Dyadic own = dyadic(number);
    Integer left = denominator * own.mantissa;
    Integer right = numerator;
    const int by = own.mantissa == 0 ? 0 : own.exponent - exponent;
    (by > 0 ? left : right) <<= std::abs(by);
    if (left >= right) break;
    number = std::nextafter(number, kInfinity);
  }
  return number;
}

void ExactRow::scaled(double* out) const {
  std::size_t most = 0;
  for (const Integer& entry : entries) most = std::max(most, bit_length(entry));
  for (std::size_t i = 0; i < entries.size(); ++i) {
    // The 64 leading bits and a sticky one are enough to round once.
    const std::size_t own = bit_length(entries[i]);
    const std::size_t cut = own > 62 ? own - 62 : 0;
    const Integer size = abs(entries[i]);
    Integer head = size >> cut;
    if (cut > 0 && lsb(size) < cut) head |= 1;
    const double number = static_cast<double>(static_cast<std::int64_t>(head));
    const int power = static_cast<int>(cut) - static_cast<int>(most);
    out[i] = std::ldexp(entries[i].sign() < 0 ? -number : number, power);
  }
}

}  // namespace facetry
