// Segments as a family of cells: a cut replaces one end.
#include "geometry/segment_cells.hpp"

#include <algorithm>

#include "base/rounding.hpp"
#include "facetry/base/error.hpp"
#include "geometry/sorted_facets.hpp"
#include "kernels/row_kernels.hpp"

namespace facetry {

static_assert(CellFamily<SegmentCells>);

SegmentCells::SegmentCells(const FreeSpace& space, const Tolerances& tolerances,
                           const Outward& outward)
    : space_(space), tolerances_(tolerances), outward_(outward) {
  if (space.dimension() != 1) throw InvalidInput("segments are cells of one dimension");
}

SegmentCells::Cell SegmentCells::root() {
  const BoxedRows& box = space_.constraints();
  const auto side = [&](Index number) { return Origin::side(space_.sides()[number]); };
  Cell cell{box.low[0] - box_shift(box.low[0], 1, outward_, 0),
            box.high[0] + box_shift(box.high[0], 1, outward_, 1), side(0), side(1)};
  for (Index r = 0; r < box.row_count(); ++r) {
    if (reach(cell, box.row(r)).below <= tolerances_.on_hyperplane) continue;
    Cell above, below;
    cut(cell, box.row(r), side(2 + r), above, below,
        outward_shift(box.row(r), 1, outward_.side_error, outward_.stray, r));
    cell = above;
  }
  return cell;
}

void SegmentCells::ranges(const Cell& cell, const RowPlanes& rows, double* low,
                          double* high) const {
  row_kernels().ranges(rows.data, rows.stride, rows.count, 1, {&cell.low, 2, 1, 1}, low, high);
}

Range SegmentCells::range(const Cell& cell, const double* row) const {
  const double at_low = row[1] + row[0] * cell.low;
  const double at_high = row[1] + row[0] * cell.high;
  return {std::min(at_low, at_high), std::max(at_low, at_high)};
}

Reach SegmentCells::reach(const Cell& cell, const double* row) {
  const Range values = range(cell, row);
  rises_ = row[0] > 0.0;
  return {values.high, -values.low};
}

void SegmentCells::cut(const Cell& cell, const double* row, Origin origin, Cell& above, Cell& below,
                       double shift) const {
  const double at = -row[1] / row[0];
  const Cell whole = cell;  // `above` or `below` may be `cell` itself
  Cell& upper = row[0] > 0.0 ? above : below;
  Cell& lower = row[0] > 0.0 ? below : above;
  upper = {std::max(at - shift, whole.low), whole.high, origin, whole.high_end};
  lower = {whole.low, std::min(at + shift, whole.high), whole.low_end, origin};
}

Index SegmentCells::facets(const Cell& cell, Origin* out) const {
  out[0] = cell.low_end;
  out[1] = cell.high_end;
  sort_facets(out, 2);
  return 2;
}

void SegmentCells::facets(const Cell& cell, std::vector<Origin>& out) const {
  out.resize(static_cast<std::size_t>(facet_room(cell)));
  out.resize(static_cast<std::size_t>(facets(cell, out.data())));
}

bool SegmentCells::beyond_facet(const Cell& cell, Origin origin, const double* /*inside*/,
                                double* out) const {
  if (origin != cell.low_end && origin != cell.high_end) return false;
  out[0] = origin == cell.low_end ? cell.low : cell.high;
  return true;
}

void SegmentCells::farthest(const Cell& cell, bool above, double* out) const {
  out[0] = above == rises_ ? cell.high : cell.low;
}

void SegmentCells::tight(const Cell& cell, bool above, std::vector<Origin>& out) const {
  out.assign({above == rises_ ? cell.high_end : cell.low_end});
}

}  // namespace facetry
