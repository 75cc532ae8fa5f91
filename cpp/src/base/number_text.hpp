// Numbers as text: what JSON holds, and as Python writes it.
#pragma once

#include <span>
#include <string>

#include "facetry/base/index.hpp"

namespace facetry {

// The most characters that a double is written with: "-2.2250738585072014e-308".
inline constexpr int kLongestDouble = 24;

// Writes a double to `at` and returns where its text ends: the fewest digits that are read back as
// the same double, and of such the nearest; laid out as Python's repr does: with an exponent below
// 1e-4 and from 1e16 on, and with ".0" behind what would look like an integer.
// REQUIRES a finite value and room for kLongestDouble characters.
char* write_double(double value, char* at);

// What becomes of NaN in JSON, which has no name for it.
enum class NanText { refused, null };

// The array of this shape, row-major, as nested JSON lists: "[[1.0, 2.5], [0.0, -1e-07]]", with
// Python's separators. REQUIRES one dimension or more.
// Throws InvalidInput if a number is infinite, or NaN where that is refused.
[[nodiscard]] std::string json_list(const double* values, std::span<const Index> shape,
                                    NanText nan = NanText::refused);
[[nodiscard]] std::string json_list(const Index* values, std::span<const Index> shape);

}  // namespace facetry
