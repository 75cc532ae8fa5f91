// Many rows (affine functions in free coordinates) column by column.
#pragma once

#include "facetry/base/index.hpp"

namespace facetry {

inline constexpr Index kRowBlock = 8;

// Many rows, column by column: entry c of row i is data[c * stride + i]; c = k is the offset. The
// rows from `count` up to `stride`, a multiple of kRowBlock, hold finite numbers without a meaning.
struct RowPlanes {
  const double* data = nullptr;
  Index count = 0;
  Index stride = 0;
};

}  // namespace facetry
