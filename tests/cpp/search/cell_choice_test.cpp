// Which family each kind of cells means, by dimension.
#include "search/cell_choice.hpp"

#include <doctest/doctest.h>

#include <type_traits>

#include "facetry/base/error.hpp"

using namespace facetry;

namespace {

int family(CellKind kind, Index dimension) {
  return with_cells(kind, dimension, []<class F>() {
    if (std::is_same_v<F, SegmentCells>) return 0;
    if (std::is_same_v<F, PolygonCells>) return 1;
    return std::is_same_v<F, VertexCells> ? 2 : 3;
  });
}

}  // namespace

TEST_CASE("Kinds and dimensions lead to families") {
  CHECK(family(CellKind::automatic, 1) == 0);
  CHECK(family(CellKind::automatic, 2) == 1);
  CHECK(family(CellKind::automatic, 3) == 2);
  CHECK(family(CellKind::automatic, SearchOptions::kMostVertexDimensions) == 2);
  CHECK(family(CellKind::automatic, SearchOptions::kMostVertexDimensions + 1) == 3);
  CHECK(family(CellKind::polygons, 1) == 0);
  CHECK(family(CellKind::vertices, 1) == 2);
  CHECK(family(CellKind::linear_programs, 2) == 3);
  CHECK_THROWS_AS((void)family(CellKind::polygons, 3), InvalidInput);
}
