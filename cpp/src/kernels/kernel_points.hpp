// How kernels read points and planes.
//
// Planes are matrices stored column by column: entry c of row i is planes[c * stride + i]. Strides
// are multiples of kLanes, pointers to planes are aligned to 64 bytes, and loops run over whole
// blocks, so what lies between the last row and the stride must be finite.
#pragma once

#include <cstdint>

namespace facetry {

inline constexpr std::int64_t kLanes = 8;

// Where points lie: coordinate c of point v is data[v * step + c * plane].
struct KernelPoints {
  const double* data;
  std::int64_t count;
  std::int64_t step;
  std::int64_t plane;
};

}  // namespace facetry
