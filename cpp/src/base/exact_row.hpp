// Affine functions without rounding: the numbers of a network are binary, so sums and products of
// them are integers times a power of two. For the few questions that double precision leaves open.
#pragma once

#include <bit>
#include <boost/multiprecision/cpp_int.hpp>
#include <vector>

#include "facetry/base/index.hpp"

namespace facetry {

using Integer = boost::multiprecision::number<boost::multiprecision::cpp_int_backend<>,
                                              boost::multiprecision::et_off>;

// The bits of its magnitude; 0 for 0.
[[nodiscard]] inline std::size_t bit_length(const Integer& number) {
  const auto& parts = number.backend();
  const std::size_t last = parts.size() - 1;
  return last * (8 * sizeof(parts.limbs()[0])) +
         static_cast<std::size_t>(std::bit_width(parts.limbs()[last]));
}

// Entry c is entries[c] * 2^exponent. As a constraint (>= 0) the exponent does not matter.
struct ExactRow {
  std::vector<Integer> entries;
  int exponent = 0;

  // `length` zeros.
  static ExactRow zero(Index length);
  // The doubles as they are. REQUIRES they are finite.
  static ExactRow of(const double* numbers, Index length);

  // *this += factor * row. REQUIRES: factor is finite, the lengths are the same. Cost: one product
  // of integers per entry.
  void add(double factor, const ExactRow& row);
  // Adds a number to the last entry, the offset.
  void add_to_offset(double number);
  void negate();
  [[nodiscard]] ExactRow times(const Integer& factor) const;
  // Divides the entries by the powers of two that they share.
  void reduce();

  // Are all entries but the last zero?
  [[nodiscard]] bool is_constant() const;
  // Is the other one this times a number, and with which sign? 0: no. REQUIRES that neither is
  // constant, and one length.
  [[nodiscard]] int sign_of_quotient(const ExactRow& other) const;
  // -1, 0 or 1: the sign of the offset.
  [[nodiscard]] int offset_sign() const { return entries.back().sign(); }

  // The largest magnitude of an entry divided by this number, rounded up. REQUIRES denominator > 0.
  [[nodiscard]] double largest_over(const Integer& denominator) const;

  // Has no row entry but one, and the offset? Then it bounds one variable.
  [[nodiscard]] bool bounds_one_variable() const;

  // The entries as doubles, all multiplied by one power of two such that the largest is about 1:
  // each rounded once. The factor is positive, so it is the same constraint.
  void scaled(double* out) const;
};

// The quotient numerator / denominator * 2^exponent as a double: up to one unit in the last place
// away, and not below it, one more at most. REQUIRES denominator > 0.
[[nodiscard]] double quotient_of(const Integer& numerator, const Integer& denominator,
                                 int exponent = 0);
[[nodiscard]] double quotient_above(const Integer& numerator, const Integer& denominator,
                                    int exponent = 0);

}  // namespace facetry
