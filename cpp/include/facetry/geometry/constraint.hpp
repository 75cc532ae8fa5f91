// What a cell remembers about each of its sides.
#pragma once

#include <compare>
#include <cstdint>

#include "facetry/base/index.hpp"

namespace facetry {

// Where a halfspace comes from. Geometry only carries it along.
//   unit >= 0: a boundary of that unit. For a piecewise unit `boundary` is the breakpoint; for a
//              maximum it is the argument that loses on this side.
//   unit < 0:  a side of the analysis region; `boundary` is its number in FreeSpace, or -1 for the
//              artificial box around a region that is not a box.
struct Origin {
  std::int32_t unit = -1;
  std::int32_t boundary = -1;

  [[nodiscard]] bool is_side() const { return unit < 0; }
  auto operator<=>(const Origin&) const = default;
};

}  // namespace facetry
