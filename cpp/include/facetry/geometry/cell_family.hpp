// What the subdivision engine asks of its cells. A *family* makes and answers for all cells of one
// search, one thread: SegmentCells (k = 1), PolygonCells (k = 2), VertexCells (k >= 1, best up to
// 7) and LpCells (any k). A *cell* is a small handle; what it points to lies in the family's
// StackMemory, so that cells are made and dropped without touching the heap.
//
// Everything is in free coordinates. A *row* is k gradient entries and an offset, k+1 numbers; its
// positive side is where gradient . u + offset >= 0.
//
//   Cell root()                          the whole analysis region
//   void ranges(cell, rows, low, high)   bounds of many rows' values on the cell, any gradient
//                                        length; may be wider than the truth
//   Range range(cell, row)               the same for one row
//   Reach reach(cell, row)               how far the cell goes on both sides of a row with a gradient
//                                        of length 1; remembered for cut() and farthest()
//   void cut(cell, row, origin, above, below)
//                                        splits: `above` becomes the part on the positive side,
//                                        `below` the other; `cell` stays as it is
//   void facets(cell, out)               the origins of the minimal constraints, ascending
//   void interior_point(cell, out)       a point with every facet at a positive distance
//   void farthest(cell, above, out)      the point that the last reach() measured on that side
//   StackMemory& memory()                where cells live: release() to a mark drops what was made
//                                        since
//
// REQUIRES of cut and farthest: reach(cell, row) was the last call but for farthest, and for cut the
// cell reaches further than the cut tolerance on both sides.
#pragma once

#include <concepts>
#include <type_traits>
#include <vector>

#include "facetry/base/stack_memory.hpp"
#include "facetry/geometry/cell.hpp"

namespace facetry {

// Many rows, column by column: entry c of row i is data[c * stride + i]; c = k is the offset. The
// rows from `count` up to `stride`, a multiple of kRowBlock, hold finite numbers without a meaning.
struct RowPlanes {
  const double* data = nullptr;
  Index count = 0;
  Index stride = 0;
};

inline constexpr Index kRowBlock = 8;

// The smallest multiple of kRowBlock that holds n.
[[nodiscard]] constexpr Index padded(Index n) { return (n + kRowBlock - 1) / kRowBlock * kRowBlock; }

// Are ranges() exact up to rounding? Families say so with `static constexpr bool kExactRanges`.
template <class F>
inline constexpr bool kExactRanges = [] {
  if constexpr (requires { F::kExactRanges; }) return F::kExactRanges;
  return false;
}();

template <class F>
concept CellFamily =
    std::is_trivially_copyable_v<typename F::Cell> &&
    requires(F family, const F& fixed, typename F::Cell cell, const RowPlanes& rows,
             const double* row, Origin origin, std::vector<Origin>& origins, double* out) {
      { family.root() } -> std::same_as<typename F::Cell>;
      { family.ranges(cell, rows, out, out) };
      { family.range(cell, row) } -> std::same_as<Range>;
      { family.reach(cell, row) } -> std::same_as<Reach>;
      { family.cut(cell, row, origin, cell, cell) };
      { family.facets(cell, origins) };
      { family.interior_point(cell, out) };
      { family.farthest(cell, true, out) };
      { family.memory() } -> std::same_as<StackMemory&>;
    };

}  // namespace facetry
