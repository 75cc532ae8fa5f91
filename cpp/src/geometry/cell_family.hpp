// What the subdivision engine asks of its cells. A *family* makes and answers for all cells of one
// search, one thread: SegmentCells (k = 1), PolygonCells (k = 2), VertexCells (k >= 1, best up to
// 7) and LpCells (any k). A *cell* is a small handle; what it points to lies in the family's
// StackMemory, so that cells are made and dropped without touching the heap.
//
// Everything is in free coordinates. A *row* is k gradient entries and an offset, k+1 numbers; its
// positive side is where gradient . u + offset >= 0.
//
// clang-format off
//   Cell root()                          the whole analysis region
//   void ranges(cell, rows, low, high)   bounds of many rows' values on the cell, any gradient
//                                        length; may be wider than the truth
//   Range range(cell, row)               the same for one row
//   Reach reach(cell, row)               how far the cell goes on both sides of a row with a gradient
//                                        of length 1; remembered for cut() and farthest()
//   double most(cell, row, enough, out)  the largest value of a row, of any gradient length, on the
//   cell,
//                                        up to rounding; or some value above `enough`. `out`, if
//                                        not null, becomes the point that has it
//   void cut(cell, row, origin, above, below, shift)
//                                        splits: `above` becomes the part on the positive side,
//                                        `below` the other; `cell` stays as it is. `shift` >= 0:
//                                        both parts go that far beyond the row
//   Index facets(cell, out)              the origins of the minimal constraints, ascending, and how many;
//                                        `out` has room for facet_room(cell), or is a std::vector
//   bool beyond_facet(cell, origin, inside, out)
//                                        outer cells: a point that breaks this constraint alone if
//                                        it is a facet, most likely, given a point inside; if one
//                                        is at hand
//   bool facets_are_doubtful(cell)       outer cells: do vertices come so close to constraints that facets()
//                                        may say of rounding's vertices that they are a facet's?
//   void interior_point(cell, out)       a point with every facet at a positive distance
//   Index describe(cell, facets, point)  may be there: both at once
//   void farthest(cell, above, out)      the point that the last reach() measured on that side
//   void tight(cell, above, out)         the constraints that are tight at that point
//   StackMemory& memory()                where cells live: release() to a mark drops what was made
//                                        since
// clang-format on
//
// REQUIRES of cut and farthest: reach(cell, row) was the last call but for farthest, and for cut
// the cell reaches further than the cut tolerance (with a shift: than anything) on both sides.
//
// *Outer cells.* A family that is made with Outward::stray > 0 and cut with shifts only gives cells
// that are proven to hold the cells of exact arithmetic, whatever was rounded on the way, if every
// shift is more than `stray` plus what the row itself and its values are off by. So a row whose
// values at the vertices are all above what it may be off by is positive on the whole exact cell,
// and for LpCells so is one that reach() does not find below: that is the proof of "cannot cut
// here"; and most() is then nowhere too low by more than the rounding of a value at a point. Why it
// holds, for vertices:
//   - every vertex carries the set of exactly k constraints that it was made from, and it is off
//     them by no more than `stray`, because a new vertex is a point of an edge, computed in one
//     step;
//   - a set of k-1 constraints is shared by an even number of vertices. A cut keeps that, however
//     the signs at the vertices were rounded, because it puts a new vertex between every pair of an
//     upper and a lower vertex that share such a set. So the facets, each filled in from its
//     vertices, close up to a surface (a cycle modulo 2), and each facet stays within the hull of
//     its vertices;
//   - the facet of a constraint lies beyond the exact halfspace, because of the shift. So the
//     surface does not meet the inside of the exact cell: it winds around all of it as around one
//     of its points. That number is odd at the root, and a cut changes it only beyond the cutting
//     row;
//   - a point that the surface winds around lies in the hull of the vertices.
#pragma once

#include <concepts>
#include <type_traits>
#include <vector>

#include "base/rounding.hpp"
#include "base/stack_memory.hpp"
#include "facetry/geometry/constraint.hpp"
#include "geometry/cell.hpp"

namespace facetry {

// What a family needs to know to give outer cells; the default asks for none.
struct Outward {
  double stray = 0.0;       // what vertices may be off their constraints by: see stray_after()
  double side_error = 0.0;  // what the values of the region's constraints may be off by
};

// Room for that many facets, so that few can be sorted where they are written.
[[nodiscard]] constexpr Index room_for_facets(Index n) { return n < 8 ? 8 : n; }

// The points that a cell is the hull of: coordinate c of point v is data[v * step + c * plane].
struct PointList {
  const double* data = nullptr;
  Index count = 0;
  Index step = 0;
  Index plane = 0;
};

// The smallest multiple of kRowBlock that holds n.
[[nodiscard]] constexpr Index padded(Index n) {
  return (n + kRowBlock - 1) / kRowBlock * kRowBlock;
}

// outward_shift of a side of the box around the region, which is at this coordinate.
[[nodiscard]] inline double box_shift(double at, Index k, const Outward& outward, Index side) {
  if (outward.stray == 0.0) return 0.0;
  std::vector<double> row(static_cast<std::size_t>(k + 1), 0.0);
  row[k] = at;
  return outward_shift(row.data(), k, outward.side_error, outward.stray, side);
}

// Are ranges() exact up to rounding? Families say so with `static constexpr bool kExactRanges`.
template <class F>
inline constexpr bool kExactRanges = [] {
  if constexpr (requires { F::kExactRanges; }) return F::kExactRanges;
  return false;
}();

// Does cut() ask for what it needs itself, so that reach() need not come before it? Families say so
// with `static constexpr bool kCutAsks`.
template <class F>
inline constexpr bool kCutAsks = [] {
  if constexpr (requires { F::kCutAsks; }) return F::kCutAsks;
  return false;
}();

// Can a family tell the points that a cell is the hull of: points(cell)? Then ranges of rows are
// extremes at these points.
template <class F>
inline constexpr bool kListsPoints =
    requires(const F& family, const typename F::Cell& cell) { family.points(cell); };

template <class F>
concept CellFamily =
    std::is_trivially_copyable_v<typename F::Cell> &&
    requires(F family, const F& fixed, typename F::Cell cell, const RowPlanes& rows,
             const double* row, Origin origin, std::vector<Origin>& origins, double* out) {
      { family.root() } -> std::same_as<typename F::Cell>;
      { family.ranges(cell, rows, out, out) };
      { family.range(cell, row) } -> std::same_as<Range>;
      { family.reach(cell, row) } -> std::same_as<Reach>;
      { family.most(cell, row, *out, out) } -> std::same_as<double>;
      { family.cut(cell, row, origin, cell, cell, *out) };
      { family.facets(cell, origins) };
      { fixed.beyond_facet(cell, origin, row, out) } -> std::same_as<bool>;
      { family.facets(cell, &origin) } -> std::same_as<Index>;
      { fixed.facet_room(cell) } -> std::same_as<Index>;
      { fixed.facets_are_doubtful(cell) } -> std::same_as<bool>;
      { family.interior_point(cell, out) };
      { family.farthest(cell, true, out) };
      { family.tight(cell, true, origins) };
      { family.memory() } -> std::same_as<StackMemory&>;
    };

}  // namespace facetry
