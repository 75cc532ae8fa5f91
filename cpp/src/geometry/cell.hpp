// What is asked of a convex cell that stands alone: VertexCell (vertex lists, low dimension) and
// LpCell (halfspaces and linear programs, any dimension) answer it. They serve what is computed on
// demand, and are the slow truth beside the families of cells that a search uses (cell_family.hpp).
// Both live in free coordinates; rows are (gradient of length 1, offset), k+1 numbers, and a row's
// positive side is where gradient . u + offset >= 0.
//
// clang-format off
//   Reach reach(row)                    how far the cell goes on both sides of the row
//   Range range(row)                    bounds of any row's value on the cell (no length needed); may
//                                       be wider than the truth; does not disturb reach()
//   void cut(row, origin, above, below) splits: writes the part on the positive side to `above`,
//   the
//                                       other to `below` (their old contents, not their memory, go)
//   void facets(out)                    the origins of the minimal constraints, ascending
//   void interior_point(out)            a point with every facet at a positive distance
//   void farthest(above, out)           the point that the last reach() measured on that side
// clang-format on
//
// REQUIRES of cut: reach(row) was the last call on this cell, and it went further than the cut
// tolerance on both sides.
#pragma once

#include <concepts>
#include <vector>

#include "facetry/base/linear_algebra.hpp"
#include "facetry/geometry/constraint.hpp"

namespace facetry {

// Largest signed distance on the positive side of a row, and on the negative side (both measured
// outwards, so a cell that stays on one side has a reach <= 0 on the other). A cell may stop
// measuring a side once it is beyond the cut tolerance.
struct Reach {
  double above = 0.0;
  double below = 0.0;
};

// Bounds of an affine function on a cell.
struct Range {
  double low = 0.0;
  double high = 0.0;
};

template <class C>
concept Cell = requires(C cell, const C& fixed, const double* row, Origin origin, C& other,
                        std::vector<Origin>& origins, double* point) {
  { cell.reach(row) } -> std::same_as<Reach>;
  { fixed.range(row) } -> std::same_as<Range>;
  { cell.cut(row, origin, other, other) };
  { cell.facets(origins) };
  { cell.interior_point(point) };
  { fixed.farthest(true, point) };
};

}  // namespace facetry
