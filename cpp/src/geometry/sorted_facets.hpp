// Origins of facets in ascending order. They mostly come in order already, and there are few.
#pragma once

#include <algorithm>
#include <vector>

#include "facetry/geometry/constraint.hpp"

namespace facetry {

inline void sort_facets(std::vector<Origin>& facets) {
  constexpr Index kFew = 24;
  if (size_of(facets) > kFew) {
    std::sort(facets.begin(), facets.end());
    return;
  }
  for (Index i = 1; i < size_of(facets); ++i) {
    const Origin facet = facets[i];
    Index at = i;
    for (; at > 0 && facet < facets[at - 1]; --at) facets[at] = facets[at - 1];
    facets[at] = facet;
  }
}

}  // namespace facetry
