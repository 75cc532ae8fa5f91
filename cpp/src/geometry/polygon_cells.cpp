// Clipping a convex polygon by a line, both sides in one walk around it [Sutherland & Hodgman 1974].
#include "facetry/geometry/polygon_cells.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/kernels.hpp"
#include "facetry/base/error.hpp"
#include "facetry/base/rounding.hpp"
#include "geometry/sorted_facets.hpp"

namespace facetry {

static_assert(sizeof(PolygonCells::Corner) == 3 * sizeof(double));
static_assert(CellFamily<PolygonCells>);

PolygonCells::PolygonCells(const FreeSpace& space, const Tolerances& tolerances, const Outward& outward)
    : space_(space), tolerances_(tolerances), outward_(outward), values_(64) {
  if (space.dimension() != 2) throw InvalidInput("polygons are cells of two dimensions");
}

PolygonCells::Cell PolygonCells::root() {
  const BoxedRows& box = space_.constraints();
  const auto side = [&](Index number) { return Origin::side(space_.sides()[number]); };
  const auto low = [&](Index i) { return box.low[i] - box_shift(box.low[i], 2, outward_, i); };
  const auto high = [&](Index i) { return box.high[i] + box_shift(box.high[i], 2, outward_, 2 + i); };
  Corner* corners = memory_.take<Corner>(4);
  corners[0] = {low(0), low(1), side(1)};
  corners[1] = {high(0), low(1), side(2)};
  corners[2] = {high(0), high(1), side(3)};
  corners[3] = {low(0), high(1), side(0)};
  Cell cell{corners, 4};
  for (Index r = 0; r < box.row_count(); ++r) {
    if (reach(cell, box.row(r)).below <= tolerances_.on_hyperplane) continue;
    Cell above, below;
    cut(cell, box.row(r), side(4 + r), above, below, outward_shift(box.row(r), 2, outward_.side_error, outward_.stray, r));
    cell = above;
  }
  return cell;
}

void PolygonCells::ranges(const Cell& cell, const RowPlanes& rows, double* low,
                          double* high) const {
  kernels().ranges(rows.data, rows.stride, rows.count, 2, {&cell.corners->x, cell.count, 3, 1}, low, high);
}

Range PolygonCells::range(const Cell& cell, const double* row) const {
  Range range;
  for (Index v = 0; v < cell.count; ++v) {
    const double value = row[2] + row[0] * cell.corners[v].x + row[1] * cell.corners[v].y;
    range.low = v == 0 ? value : std::min(range.low, value);
    range.high = v == 0 ? value : std::max(range.high, value);
  }
  return range;
}

Reach PolygonCells::reach(const Cell& cell, const double* row) {
  if (size_of(values_) < cell.count) values_.resize(static_cast<std::size_t>(2 * cell.count));
  double* values = values_.data();
  const double first = row[2] + row[0] * cell.corners[0].x + row[1] * cell.corners[0].y;
  double most = first;
  double least = first;
  values[0] = first;
  for (Index v = 1; v < cell.count; ++v) {
    const double value = row[2] + row[0] * cell.corners[v].x + row[1] * cell.corners[v].y;
    values[v] = value;
    most = value > most ? value : most;
    least = value < least ? value : least;
  }
  return {most, -least};
}

// The polygon that a walk leaves on one side of the line.
class PolygonCells::Part {
 public:
  Part(Corner* corners, double sign, double room, Origin line)
      : corners_(corners), sign_(sign), room_(room), line_(line) {}

  // A corner with its value, and the value of the next one. Where the walk leaves this side, the
  // edge that follows is the line.
  void visit(const Corner& corner, double value, double next) {
    const double own = sign_ * value;
    if (own < -room_) return;
    corners_[count_] = corner;
    const bool leaves = own <= room_ && sign_ * next < -room_;
    if (leaves) corners_[count_].edge = line_;
    ++count_;
  }
  // The point where an edge crosses the line; `corner.edge` is the edge's own origin.
  void visit_crossing(const Corner& corner, double value) {
    corners_[count_] = corner;
    if (sign_ * value > 0.0) corners_[count_].edge = line_;
    ++count_;
  }
  [[nodiscard]] Cell cell() const { return {corners_, count_}; }

 private:
  Corner* corners_;
  Index count_ = 0;
  double sign_;
  double room_;
  Origin line_;
};

PolygonCells::Corner PolygonCells::crossing(const Cell& cell, Index from, Index to,
                                            Origin edge) const {
  // From the higher to the lower end, so that neighbours compute the same point.
  const bool down = values_[from] > 0.0;
  const Index high = down ? from : to;
  const Index low = down ? to : from;
  const Corner& a = cell.corners[high];
  const Corner& b = cell.corners[low];
  const double share = values_[high] / (values_[high] - values_[low]);
  return {a.x + share * (b.x - a.x), a.y + share * (b.y - a.y), edge};
}

void PolygonCells::cut(const Cell& cell, const double* /*row*/, Origin origin, Cell& above,
                       Cell& below, double shift) {
  if (shift > 0.0) {
    cut_outward(cell, origin, shift, above, below);
    return;
  }
  const double room = tolerances_.on_hyperplane;
  const Cell whole = cell;  // `above` or `below` may be `cell` itself
  if (nearest_value(whole) > room) {
    clip_clear(whole, origin, above, below);
    return;
  }
  Part up(memory_.take<Corner>(cell.count + 2), 1.0, room, origin);
  Part down(memory_.take<Corner>(cell.count + 2), -1.0, room, origin);
  for (Index v = 0; v < cell.count; ++v) {
    const Index next = v + 1 < cell.count ? v + 1 : 0;
    const double value = values_[v];
    const double following = values_[next];
    up.visit(cell.corners[v], value, following);
    down.visit(cell.corners[v], value, following);
    const bool crosses =
        (value > room && following < -room) || (value < -room && following > room);
    if (!crosses) continue;
    const Corner corner = crossing(cell, v, next, cell.corners[v].edge);
    up.visit_crossing(corner, value);
    down.visit_crossing(corner, value);
  }
  above = up.cell();
  below = down.cell();
}

// The least distance of a corner from the line of the last reach().
double PolygonCells::nearest_value(const Cell& cell) const {
  double least = std::abs(values_[0]);
  for (Index v = 1; v < cell.count; ++v) {
    const double own = std::abs(values_[v]);
    least = own < least ? own : least;
  }
  return least;
}

// Puts a corner where it belongs without a branch, which would be hard to predict: what is written to the
// wrong side is overwritten by the next one.
inline void PolygonCells::put(const Corner& corner, bool is_above, Corner*& up, Corner*& down) {
  *up = corner;
  *down = corner;
  up += is_above ? 1 : 0;
  down += is_above ? 0 : 1;
}

// Both parts in one walk, where no corner is on the line.
void PolygonCells::clip_clear(const Cell& cell, Origin line, Cell& above, Cell& below) {
  Corner* up = memory_.take<Corner>(2 * cell.count + 1);
  Corner* down = memory_.take<Corner>(2 * cell.count + 1);
  above = {up, 0, false};
  below = {down, 0, false};
  bool is_above = values_[0] > 0.0;
  for (Index v = 0; v < cell.count; ++v) {
    const Index next = v + 1 < cell.count ? v + 1 : 0;
    put(cell.corners[v], is_above, up, down);
    const bool was_above = std::exchange(is_above, values_[next] > 0.0);
    if (is_above == was_above) continue;
    const Origin edge = cell.corners[v].edge;
    const Corner corner = crossing(cell, v, next, edge);
    *up++ = {corner.x, corner.y, was_above ? line : edge};
    *down++ = {corner.x, corner.y, was_above ? edge : line};
  }
  above.count = up - above.corners;
  below.count = down - below.corners;
}

void PolygonCells::cut_outward(const Cell& cell, Origin origin, double shift, Cell& above,
                               Cell& below) {
  const double room = std::max(tolerances_.near_shifts * shift, tolerances_.near);
  const bool near = nearest_value(cell) <= room;
  const Cell whole = cell;  // `above` or `below` may be `cell` itself
  if (near) {
    clip_outward(whole, origin, 1.0, shift, above);
    clip_outward(whole, origin, -1.0, shift, below);
  } else {
    clip_clear(whole, origin, shift, above, below);
  }
  above.near = below.near = whole.near || near;
}

// The same with parts that go beyond the line, where every corner is on one side of it and of both
// shifted ones.
void PolygonCells::clip_clear(const Cell& cell, Origin line, double shift, Cell& above, Cell& below) {
  Corner* up = memory_.take<Corner>(2 * cell.count + 1);
  Corner* down = memory_.take<Corner>(2 * cell.count + 1);
  above.corners = up;
  below.corners = down;
  for (Index v = 0; v < cell.count; ++v) {
    const Index next = v + 1 < cell.count ? v + 1 : 0;
    const Corner& a = cell.corners[v];
    const double own = values_[v];
    const bool is_above = own > 0.0;
    put(a, is_above, up, down);
    if (is_above == (values_[next] > 0.0)) continue;
    const Corner& b = cell.corners[next];
    const double whole_step = own - values_[next];
    const double to_up = (own + shift) / whole_step;
    const double to_down = (own - shift) / whole_step;
    const double x = b.x - a.x;
    const double y = b.y - a.y;
    *up++ = {a.x + to_up * x, a.y + to_up * y, is_above ? line : a.edge};
    *down++ = {a.x + to_down * x, a.y + to_down * y, is_above ? a.edge : line};
  }
  above.count = up - above.corners;
  below.count = down - below.corners;
}

// The polygon where sign * value >= -shift. Wherever a closed line of edges is cut, what is left of it
// and the pieces along the cut close up again: no sign is needed to be right for that.
void PolygonCells::clip_outward(const Cell& cell, Origin line, double sign, double shift, Cell& out) {
  Index crossings = 0;
  for (Index v = 0; v < cell.count; ++v) {
    const Index next = v + 1 < cell.count ? v + 1 : 0;
    crossings += (sign * values_[v] >= -shift) != (sign * values_[next] >= -shift) ? 1 : 0;
  }
  Corner* corners = memory_.take<Corner>(cell.count + crossings);
  Index count = 0;
  for (Index v = 0; v < cell.count; ++v) {
    const Index next = v + 1 < cell.count ? v + 1 : 0;
    const double own = sign * values_[v];
    const double following = sign * values_[next];
    const bool stays = own >= -shift;
    const Corner& a = cell.corners[v];
    const Corner& b = cell.corners[next];
    if (stays) corners[count++] = a;
    if (stays == (following >= -shift)) continue;
    const double share = (own + shift) / (own - following);
    corners[count++] = {a.x + share * (b.x - a.x), a.y + share * (b.y - a.y),
                        stays ? line : a.edge};
  }
  out = {corners, count, false};
}

void PolygonCells::facets(const Cell& cell, std::vector<Origin>& out) const {
  out.resize(static_cast<std::size_t>(cell.count));
  Index count = 0;
  for (Index v = 0; v < cell.count; ++v) {
    const Corner& a = cell.corners[v];
    const Corner& b = cell.corners[v + 1 < cell.count ? v + 1 : 0];
    const double length = std::max(std::abs(a.x - b.x), std::abs(a.y - b.y));
    if (!cell.near || length > tolerances_.cut) out[count++] = a.edge;
  }
  out.resize(static_cast<std::size_t>(count));
  sort_facets(out);
  if (cell.near) out.erase(std::unique(out.begin(), out.end()), out.end());
}

// The middle of the longest of its edges: where rounding left others, they are short.
bool PolygonCells::beyond_facet(const Cell& cell, Origin origin, const double* /*inside*/,
                                double* out) const {
  double longest = -1.0;
  for (Index v = 0; v < cell.count; ++v) {
    const Corner& a = cell.corners[v];
    if (a.edge != origin) continue;
    const Corner& b = cell.corners[v + 1 < cell.count ? v + 1 : 0];
    const double length = std::max(std::abs(a.x - b.x), std::abs(a.y - b.y));
    if (length <= longest) continue;
    longest = length;
    out[0] = 0.5 * (a.x + b.x);
    out[1] = 0.5 * (a.y + b.y);
  }
  return longest >= 0.0;
}

void PolygonCells::interior_point(const Cell& cell, double* out) const {
  double x = 0.0;
  double y = 0.0;
  for (Index v = 0; v < cell.count; ++v) {
    x += cell.corners[v].x;
    y += cell.corners[v].y;
  }
  out[0] = x / static_cast<double>(cell.count);
  out[1] = y / static_cast<double>(cell.count);
}

void PolygonCells::farthest(const Cell& cell, bool above, double* out) const {
  const auto end = values_.begin() + cell.count;
  const auto at = above ? std::max_element(values_.begin(), end)
                        : std::min_element(values_.begin(), end);
  const Corner& corner = cell.corners[at - values_.begin()];
  out[0] = corner.x;
  out[1] = corner.y;
}

void PolygonCells::tight(const Cell& cell, bool above, std::vector<Origin>& out) const {
  const auto end = values_.begin() + cell.count;
  const auto at = above ? std::max_element(values_.begin(), end)
                        : std::min_element(values_.begin(), end);
  const Index corner = at - values_.begin();
  const Index before = corner > 0 ? corner - 1 : cell.count - 1;
  out.assign({cell.corners[before].edge, cell.corners[corner].edge});
}

}  // namespace facetry
