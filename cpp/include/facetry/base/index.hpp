// One signed integer type for sizes and positions, so that no comparison mixes signs.
#pragma once

#include <cstddef>
#include <cstdint>

namespace facetry {

using Index = std::int64_t;

// The size of a standard container as an Index.
template <class Container>
[[nodiscard]] constexpr Index size_of(const Container& container) {
  return static_cast<Index>(container.size());
}

}  // namespace facetry
