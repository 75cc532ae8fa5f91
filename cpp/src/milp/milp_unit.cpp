// Measures a unit on a cell: the boundaries that may cut it, as normalised rows, and the piece if
// none does.
#include "milp/milp_unit.hpp"

#include <algorithm>

namespace facetry {

UnitOnCell UnitMeasure::on_cell(const FixedStatePass& pass, Index s, Index u,
                                const LpCell& cell) const {
  const Stage& stage = form_.stages()[s];
  const Unit& unit = stage.units[u];
  UnitOnCell out;
  out.number = stage.first_unit + u;
  out.is_maximum = unit.kind == UnitKind::maximum;
  const View view{pass, cell, s, stage, unit};
  if (out.is_maximum) {
    measure_maximum(view, out);
  } else {
    measure_piecewise(view, out);
  }
  return out;
}

void UnitMeasure::measure_piecewise(const View& view, UnitOnCell& out) const {
  const double* row = view.pass.pre_row(view.s, view.unit.first_row);
  const Index k = view.pass.pre(view.s).cols() - 1;
  if (predicates_.zero_gradient(view.stage, view.unit.first_row, row, view.pass.inputs(view.s),
                                view.pass.scale(view.s))) {
    const double noise =
        predicates_.offset_noise(view.stage, view.unit.first_row, view.pass.scale(view.s));
    out.pieces = {predicates_.constant_piece(view.unit, row[k], noise)};
    return;
  }
  const PiecewiseFunction& function = form_.function(view.unit);
  const double length = gradient_length(row, k);
  std::vector<double> own(static_cast<std::size_t>(k + 1));
  normalise(row, k, 0.0, length, own.data());
  const Range range = view.cell.tight_range(own.data());
  Index lowest = 0;
  Index highest = 0;
  for (const double t : function.breakpoints()) {
    lowest += t / length - range.low <= margin_ ? 1 : 0;
    highest += range.high - t / length > margin_ ? 1 : 0;
  }
  if (lowest >= highest) {  // one piece, or a cell thinner than the margin around a breakpoint
    const double middle = 0.5 * (range.low + range.high) * length;
    out.pieces = {lowest == highest ? lowest : function.piece_at(middle)};
    return;
  }
  out.pieces.push_back(lowest);
  for (Index b = lowest; b < highest; ++b) {
    const double place = function.breakpoints()[b] / length;
    const Origin origin = ids_.of(out.number, b);
    OpenBoundary boundary{own, origin, origin, b + 1, b, {range.low - place, range.high - place}};
    normalise(row, k, function.breakpoints()[b], length, boundary.row.data());
    out.boundaries.push_back(std::move(boundary));
    out.pieces.push_back(b + 1);
  }
}

// 1: argument a wins on the whole cell (up to the margin), -1: b does, 0: both do somewhere, and
// `boundary` is between them.
int UnitMeasure::compare(const View& view, Index a, Index b, OpenBoundary& boundary) const {
  const Index k = view.pass.pre(view.s).cols() - 1;
  const Index first = view.unit.first_row + a;
  const Index second = view.unit.first_row + b;
  const RowVector row = view.pass.pre(view.s).row(first) - view.pass.pre(view.s).row(second);
  const RowScale& scale = view.pass.scale(view.s);
  if (predicates_.zero_difference(view.stage, first, second, row.data(), view.pass.inputs(view.s),
                                  scale)) {
    const double noise = predicates_.offset_noise(view.stage, first, scale) +
                         predicates_.offset_noise(view.stage, second, scale);
    return row[k] >= -noise ? 1 : -1;  // equal: the lower argument, a
  }
  boundary.row.resize(static_cast<std::size_t>(k + 1));
  normalise(row.data(), k, 0.0, gradient_length(row.data(), k), boundary.row.data());
  boundary.range = view.cell.tight_range(boundary.row.data());
  boundary.above = a;
  boundary.below = b;
  const bool wins = boundary.range.high > margin_;
  const bool loses = boundary.range.low < -margin_;
  if (wins && loses) return 0;
  return boundary.range.high >= -boundary.range.low ? 1 : -1;
}

void UnitMeasure::measure_maximum(const View& view, UnitOnCell& out) const {
  std::vector<char> beaten(static_cast<std::size_t>(view.unit.row_count), 0);
  for (Index a = 0; a < view.unit.row_count; ++a) {
    for (Index b = a + 1; b < view.unit.row_count && !beaten[a]; ++b) {
      if (beaten[b]) continue;
      OpenBoundary boundary;
      const int winner = compare(view, a, b, boundary);
      if (winner != 0) {
        beaten[winner > 0 ? b : a] = 1;
        continue;
      }
      boundary.from_above = ids_.of(out.number, b);  // the argument that loses
      boundary.from_below = ids_.of(out.number, a);
      out.boundaries.push_back(std::move(boundary));
    }
  }
  std::erase_if(out.boundaries, [&](const OpenBoundary& boundary) {
    return beaten[boundary.above] || beaten[boundary.below];
  });
  for (Index a = 0; a < view.unit.row_count; ++a) {
    if (!beaten[a]) out.pieces.push_back(a);
  }
}

}  // namespace facetry
