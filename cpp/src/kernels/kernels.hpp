// The inner loops of the search, compiled once for each instruction set and chosen at run time: one
// table for each subject. Every set of tables computes the same, bit for bit: sums run in one
// order, and no multiply is fused with an add. (Those over blocks of points have a table of their
// own, block_kernels.hpp.)
#pragma once

#include <span>

#include "kernels/polygon_kernels.hpp"
#include "kernels/row_kernels.hpp"
#include "kernels/vertex_kernels.hpp"

namespace facetry {

struct Kernels {
  const char* name;
  RowKernels rows;
  VertexKernels vertices;
  PolygonKernels polygons;
};

// The fastest set that this machine can run. Immutable.
[[nodiscard]] const Kernels& kernels();

// All sets that this machine can run, the plainest first.
[[nodiscard]] std::span<const Kernels* const> available_kernels();

}  // namespace facetry
