// Short bit sets as arrays of words: incidence masks and sets of vertices.
#pragma once

#include <bit>
#include <cstdint>

#include "facetry/base/index.hpp"

namespace facetry {

using BitWord = std::uint64_t;
inline constexpr Index kWordBits = 64;

// The number of set bits. Written out, because portable builds call a library function for it.
[[nodiscard]] constexpr Index count_bits(BitWord word) {
  word -= (word >> 1) & 0x5555555555555555u;
  word = (word & 0x3333333333333333u) + ((word >> 2) & 0x3333333333333333u);
  word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0fu;
  return static_cast<Index>((word * 0x0101010101010101u) >> 56);
}

[[nodiscard]] constexpr Index count_bits(const BitWord* words, Index n) {
  Index bits = 0;
  for (Index w = 0; w < n; ++w) bits += count_bits(words[w]);
  return bits;
}

[[nodiscard]] constexpr bool is_subset(const BitWord* a, const BitWord* b, Index n) {
  BitWord outside = 0;
  for (Index w = 0; w < n; ++w) outside |= a[w] & ~b[w];
  return outside == 0;
}

constexpr void set_bit(BitWord* words, Index i) {
  words[i / kWordBits] |= BitWord{1} << (i % kWordBits);
}

[[nodiscard]] constexpr bool has_bit(const BitWord* words, Index i) {
  return ((words[i / kWordBits] >> (i % kWordBits)) & 1) != 0;
}

// Calls visit(i) for each set bit, ascending.
template <class Visit>
constexpr void for_bits(const BitWord* words, Index n, Visit&& visit) {
  for (Index w = 0; w < n; ++w) {
    for (BitWord rest = words[w]; rest != 0; rest &= rest - 1) {
      visit(w * kWordBits + std::countr_zero(rest));
    }
  }
}

}  // namespace facetry
