// The one place that goes from a kind of cells to its family.
#pragma once

#include <utility>

#include "facetry/search/search_options.hpp"
#include "geometry/lp_cells.hpp"
#include "geometry/polygon_cells.hpp"
#include "geometry/segment_cells.hpp"
#include "geometry/vertex_cells.hpp"

namespace facetry {

// Calls visit.operator()<Family>() with the family that a kind means in so many dimensions, and
// returns what it returns.
// Throws what resolved_cell_kind() throws. REQUIRES dimension >= 1.
template <class Visit>
decltype(auto) with_cells(CellKind kind, Index dimension, Visit&& visit) {
  switch (resolved_cell_kind(kind, dimension)) {
    case CellKind::polygons:
      return dimension == 1 ? visit.template operator()<SegmentCells>()
                            : visit.template operator()<PolygonCells>();
    case CellKind::vertices: return visit.template operator()<VertexCells>();
    default: return visit.template operator()<LpCells>();
  }
}

}  // namespace facetry
