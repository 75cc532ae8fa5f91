// What double precision can leave behind, as a-priori bounds [Higham 2002, chapter 3]. No
// tolerances: nothing here is a matter of choice, and everything is rounded up with room to spare.
#pragma once

#include <cmath>

#include "facetry/base/index.hpp"

namespace facetry {

inline constexpr double kUnitRoundoff = 0x1p-53;

// More than what underflow may leave in a sum of products of numbers whose largest are not below
// 2^-900 (network/input_check.hpp), however small the others are.
inline constexpr double kUnderflow = 0x1p-1000;

// Bounds the relative error of n roundings in a row. REQUIRES n < 2^40.
[[nodiscard]] constexpr double rounding_of(Index n) {
  return 1.01 * static_cast<double>(n) * kUnitRoundoff;
}

// Bounds the rounding of a row's value, gradient . u + offset, wherever |u_i| <= 1.01. REQUIRES a
// gradient of length about 1.
[[nodiscard]] inline double value_rounding(const double* row, Index k) {
  return rounding_of(2 * k + 8) * (1.02 * std::sqrt(static_cast<double>(k)) + std::abs(row[k]));
}

// How far an outer cell must go beyond a row that is off by at most `error` (as a value, wherever
// |u_i| <= 1.01): geometry/cell_family.hpp. Two to four times what is needed, more or less by the
// number of the row: so rows that meet in one point meet in none once they are shifted, also where
// they are as regular as can be, and which vertices there are is not left to rounding. 0 if stray
// is 0: no outer cells.
[[nodiscard]] inline double outward_shift(const double* row, Index k, double error, double stray,
                                          Index number) {
  if (stray == 0.0) return 0.0;
  const double spread =
      static_cast<double>(number + 1) * 0.6180339887498949;  // golden: spread evenly
  return (2.0 + 2.0 * (spread - std::floor(spread))) * (error + value_rounding(row, k) + stray);
}

// Bounds how far a vertex of an outer cell may stray from its constraints after so many cuts: each
// one makes new vertices of the old ones with a handful of roundings, in coordinates of at most
// 1.01.
[[nodiscard]] inline double stray_after(Index cuts, Index k) {
  return static_cast<double>(cuts + 1) * rounding_of(10) * std::sqrt(static_cast<double>(k));
}

}  // namespace facetry
