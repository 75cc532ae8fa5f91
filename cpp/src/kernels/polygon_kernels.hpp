// The inner loops over small polygons: both parts of a cut, and what is written of a region. All
// tables compute the same, bit for bit; see kernels.hpp.
#pragma once

#include <cstdint>

#include "kernels/kernel_points.hpp"

namespace facetry {

struct PolygonKernels {
  using Index = std::int64_t;
  using Word = std::uint64_t;

  // Both parts of a polygon of at most kLanes - 1 corners: two planes of kLanes coordinates, beyond
  // the last corner those of the first, and kLanes numbers of edges, each between its corner and
  // the next. A part keeps its corners and their order; new ones are on the two edges that cross
  // the line, where the value is -shift (above) or +shift (below), and the edge between them is
  // `line`. False, and nothing is written, if a corner is within `room` of the line, or not just
  // two edges cross it.
  struct PolygonPart {
    double* points;
    std::int32_t* edges;
    Index count;  // written
  };
  struct PolygonCut {
    const double* points;
    const std::int32_t* edges;
    Index count;
    const double* row;
    double room;
    double shift;
    std::int32_t line;
    PolygonPart above, below;
  };
  bool (*cut_polygon)(PolygonCut* cut);

  // Of such a polygon: the numbers of its edges, ascending, then the largest number there is up to
  // kLanes, and the mean of its corners.
  void (*describe_polygon)(const double* points, const std::int32_t* edges, Index count,
                           std::int32_t* out_edges, double* out_mean);
};

// The fastest table that this machine can run. Immutable.
[[nodiscard]] const PolygonKernels& polygon_kernels();

}  // namespace facetry
