// Origins of facets in ascending order. There are few.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>

#include "facetry/geometry/constraint.hpp"

namespace facetry {

// Where facets are sorted there must be room for this many.
inline constexpr Index kSortingRoom = 8;

// A sorting network: no branch depends on the facets, which would be hard to predict.
inline void sort_eight(Origin* facets, Index count) {
  for (Index i = count; i < kSortingRoom; ++i) {
    facets[i] = std::bit_cast<Origin>(std::numeric_limits<std::int32_t>::max());
  }
  std::int32_t key[kSortingRoom];
  for (Index i = 0; i < kSortingRoom; ++i) key[i] = std::bit_cast<std::int32_t>(facets[i]);
  const auto put_in_order = [&](int a, int b) {
    const std::int32_t low = key[a] < key[b] ? key[a] : key[b];
    key[b] = key[a] < key[b] ? key[b] : key[a];
    key[a] = low;
  };
  put_in_order(0, 2), put_in_order(1, 3), put_in_order(4, 6), put_in_order(5, 7);
  put_in_order(0, 4), put_in_order(1, 5), put_in_order(2, 6), put_in_order(3, 7);
  put_in_order(0, 1), put_in_order(2, 3), put_in_order(4, 5), put_in_order(6, 7);
  put_in_order(2, 4), put_in_order(3, 5);
  put_in_order(1, 4), put_in_order(3, 6);
  put_in_order(1, 2), put_in_order(3, 4), put_in_order(5, 6);
  for (Index i = 0; i < kSortingRoom; ++i) facets[i] = std::bit_cast<Origin>(key[i]);
}

// REQUIRES room for kSortingRoom facets.
inline void sort_facets(Origin* facets, Index count) {
  constexpr Index kFew = 24;
  if (count <= kSortingRoom) {
    sort_eight(facets, count);
  } else if (count > kFew) {
    std::sort(facets, facets + count);
  } else {
    for (Index i = 1; i < count; ++i) {  // they mostly come in order already
      const Origin facet = facets[i];
      Index at = i;
      for (; at > 0 && facet < facets[at - 1]; --at) facets[at] = facets[at - 1];
      facets[at] = facet;
    }
  }
}

}  // namespace facetry
