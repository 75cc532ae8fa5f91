// Clipping a convex polygon by a line, both sides in one walk around it [Sutherland & Hodgman
// 1974]. Nearly all cuts are of a polygon with few corners, none of them on the line: there a
// kernel does it.
#include "geometry/polygon_cells.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/rounding.hpp"
#include "facetry/base/error.hpp"
#include "geometry/sorted_facets.hpp"
#include "kernels/polygon_kernels.hpp"
#include "kernels/row_kernels.hpp"
#include "kernels/vertex_kernels.hpp"

namespace facetry {

static_assert(CellFamily<PolygonCells>);

PolygonCells::PolygonCells(const FreeSpace& space, const Tolerances& tolerances,
                           const Outward& outward)
    : space_(space),
      tolerances_(tolerances),
      outward_(outward),
      row_kernels_(row_kernels()),
      vertex_kernels_(vertex_kernels()),
      polygon_kernels_(polygon_kernels()),
      values_(64) {
  if (space.dimension() != 2) throw InvalidInput("polygons are cells of two dimensions");
}

PolygonCells::Cell PolygonCells::root() {
  const BoxedRows& box = space_.constraints();
  const auto side = [&](Index number) { return Origin::side(space_.sides()[number]); };
  const auto low = [&](Index i) { return box.low[i] - box_shift(box.low[i], 2, outward_, i); };
  const auto high = [&](Index i) {
    return box.high[i] + box_shift(box.high[i], 2, outward_, 2 + i);
  };
  Cell cell = cell_of({{low(0), low(1), side(1)},
                       {high(0), low(1), side(2)},
                       {high(0), high(1), side(3)},
                       {low(0), high(1), side(0)}});
  for (Index r = 0; r < box.row_count(); ++r) {
    if (reach(cell, box.row(r)).below <= tolerances_.on_hyperplane) continue;
    Cell above, below;
    cut(cell, box.row(r), side(4 + r), above, below,
        outward_shift(box.row(r), 2, outward_.side_error, outward_.stray, r));
    cell = above;
  }
  return cell;
}

double* PolygonCells::take_corners(Index stride) {
  constexpr Index kPerNumber = sizeof(double) / sizeof(Origin);
  return memory_.take<double>(2 * stride + stride / kPerNumber);
}

PolygonCells::Cell PolygonCells::cell_of(const std::vector<Corner>& corners) {
  const Index count = size_of(corners);
  const Index stride = padded(count);
  double* points = take_corners(stride);
  Origin* edges = reinterpret_cast<Origin*>(points + 2 * stride);
  for (Index v = 0; v < stride; ++v) {
    const Corner& corner = corners[static_cast<std::size_t>(v < count ? v : 0)];
    points[v] = corner.x;
    points[stride + v] = corner.y;
    edges[v] = corner.edge;
  }
  return {points, count, false};
}

void PolygonCells::ranges(const Cell& cell, const RowPlanes& rows, double* low,
                          double* high) const {
  row_kernels_.ranges(rows.data, rows.stride, rows.count, 2,
                      {cell.points, cell.count, 1, cell.stride()}, low, high);
}

Range PolygonCells::range(const Cell& cell, const double* row) const {
  Range range;
  for (Index v = 0; v < cell.count; ++v) {
    const double value = row[2] + row[0] * cell.x(v) + row[1] * cell.y(v);
    range.low = v == 0 ? value : std::min(range.low, value);
    range.high = v == 0 ? value : std::max(range.high, value);
  }
  return range;
}

Reach PolygonCells::reach(const Cell& cell, const double* row) {
  values_.ensure(cell.stride());
  double most = 0.0, least = 0.0;
  vertex_kernels_.values(cell.points, cell.stride(), 2, row, values_.data(), &most, &least);
  return {most, -least};
}

// The polygon that a walk leaves on one side of the line.
class PolygonCells::Part {
 public:
  Part(std::vector<Corner>& corners, double sign, double room, Origin line)
      : corners_(corners), sign_(sign), room_(room), line_(line) {
    corners_.clear();
  }

  // A corner with its value, and the value of the next one. Where the walk leaves this side, the
  // edge that follows is the line.
  void visit(Corner corner, double value, double next) {
    const double own = sign_ * value;
    if (own < -room_) return;
    if (own <= room_ && sign_ * next < -room_) corner.edge = line_;
    corners_.push_back(corner);
  }
  // The point where an edge crosses the line; `corner.edge` is the edge's own origin.
  void visit_crossing(Corner corner, double value) {
    if (sign_ * value > 0.0) corner.edge = line_;
    corners_.push_back(corner);
  }

 private:
  std::vector<Corner>& corners_;
  double sign_;
  double room_;
  Origin line_;
};

// From the higher to the lower end, so that neighbours compute the same point.
PolygonCells::Corner PolygonCells::crossing(const Cell& cell, Index from, Index to) const {
  const bool down = values_[from] > 0.0;
  const Index a = down ? from : to;
  const Index b = down ? to : from;
  const double share = values_[a] / (values_[a] - values_[b]);
  return {cell.x(a) + share * (cell.x(b) - cell.x(a)), cell.y(a) + share * (cell.y(b) - cell.y(a)),
          cell.edge(from)};
}

void PolygonCells::cut(const Cell& cell, const double* row, Origin origin, Cell& above, Cell& below,
                       double shift) {
  const Cell whole = cell;  // `above` or `below` may be `cell` itself
  if (cut_clear(whole, row, origin, shift, above, below)) return;
  static_cast<void>(reach(whole, row));
  if (shift == 0.0) {
    clip(whole, origin, above, below);
    return;
  }
  clip_outward(whole, origin, 1.0, shift, above);
  clip_outward(whole, origin, -1.0, shift, below);
  above.near = below.near = whole.near || is_near(whole, outward_room(shift));
}

// Nearly all cuts. False: it is not such a cut, and nothing was done.
bool PolygonCells::cut_clear(const Cell& cell, const double* row, Origin line, double shift,
                             Cell& above, Cell& below) {
  if (cell.count >= kRowBlock) return false;
  double* up = take_corners(kRowBlock);
  double* down = take_corners(kRowBlock);
  const auto edges = [](double* points) {
    return reinterpret_cast<std::int32_t*>(points + 2 * kRowBlock);
  };
  const double room = shift > 0.0 ? outward_room(shift) : tolerances_.on_hyperplane;
  PolygonKernels::PolygonCut cut{cell.points,
                                 reinterpret_cast<const std::int32_t*>(cell.edges()),
                                 cell.count,
                                 row,
                                 room,
                                 shift,
                                 std::bit_cast<std::int32_t>(line),
                                 {up, edges(up), 0},
                                 {down, edges(down), 0}};
  if (!polygon_kernels_.cut_polygon(&cut)) return false;
  above = {up, cut.above.count, cell.near};
  below = {down, cut.below.count, cell.near};
  return true;
}

// Corners closer than this to the line of a cut with a shift may be one with what the cut makes.
double PolygonCells::outward_room(double shift) const {
  return std::max(tolerances_.near_shifts * shift, tolerances_.near);
}

bool PolygonCells::is_near(const Cell& cell, double room) const {
  return std::any_of(values_.data(), values_.data() + cell.count,
                     [&](double value) { return std::abs(value) <= room; });
}

void PolygonCells::clip(const Cell& cell, Origin line, Cell& above, Cell& below) {
  const double room = tolerances_.on_hyperplane;
  Part up(up_, 1.0, room, line);
  Part down(down_, -1.0, room, line);
  for (Index v = 0; v < cell.count; ++v) {
    const Index next = v + 1 < cell.count ? v + 1 : 0;
    const double value = values_[v];
    const double following = values_[next];
    const Corner own{cell.x(v), cell.y(v), cell.edge(v)};
    up.visit(own, value, following);
    down.visit(own, value, following);
    const bool crosses = (value > room && following < -room) || (value < -room && following > room);
    if (!crosses) continue;
    const Corner corner = crossing(cell, v, next);
    up.visit_crossing(corner, value);
    down.visit_crossing(corner, value);
  }
  above = cell_of(up_);
  below = cell_of(down_);
}

// The polygon where sign * value >= -shift. Wherever a closed line of edges is cut, what is left of
// it and the pieces along the cut close up again: no sign is needed to be right for that.
void PolygonCells::clip_outward(const Cell& cell, Origin line, double sign, double shift,
                                Cell& out) {
  up_.clear();
  for (Index v = 0; v < cell.count; ++v) {
    const Index next = v + 1 < cell.count ? v + 1 : 0;
    const double own = sign * values_[v];
    const double following = sign * values_[next];
    const bool stays = own >= -shift;
    if (stays) up_.push_back({cell.x(v), cell.y(v), cell.edge(v)});
    if (stays == (following >= -shift)) continue;
    const double share = (own + shift) / (own - following);
    up_.push_back({cell.x(v) + share * (cell.x(next) - cell.x(v)),
                   cell.y(v) + share * (cell.y(next) - cell.y(v)), stays ? line : cell.edge(v)});
  }
  out = cell_of(up_);
}

// What is asked of nearly every region.
Index PolygonCells::describe(const Cell& cell, Origin* facets_out, double* point) const {
  if (cell.count > kRowBlock || cell.near) {
    interior_point(cell, point);
    return facets(cell, facets_out);
  }
  polygon_kernels_.describe_polygon(cell.points,
                                    reinterpret_cast<const std::int32_t*>(cell.edges()), cell.count,
                                    reinterpret_cast<std::int32_t*>(facets_out), point);
  return cell.count;
}

Index PolygonCells::facets(const Cell& cell, Origin* out) const {
  if (!cell.near) {
    for (Index v = 0; v < cell.count; ++v) out[v] = cell.edge(v);
    sort_facets(out, cell.count);
    return cell.count;
  }
  Index count = 0;
  for (Index v = 0; v < cell.count; ++v) {
    const Index next = v + 1 < cell.count ? v + 1 : 0;
    const double length =
        std::max(std::abs(cell.x(v) - cell.x(next)), std::abs(cell.y(v) - cell.y(next)));
    if (length > tolerances_.cut) out[count++] = cell.edge(v);
  }
  sort_facets(out, count);
  return std::unique(out, out + count) - out;
}

void PolygonCells::facets(const Cell& cell, std::vector<Origin>& out) const {
  out.resize(static_cast<std::size_t>(facet_room(cell)));
  out.resize(static_cast<std::size_t>(facets(cell, out.data())));
}

// The middle of the longest of its edges: where rounding left others, they are short.
bool PolygonCells::beyond_facet(const Cell& cell, Origin origin, const double* /*inside*/,
                                double* out) const {
  double longest = -1.0;
  for (Index v = 0; v < cell.count; ++v) {
    if (cell.edge(v) != origin) continue;
    const Index next = v + 1 < cell.count ? v + 1 : 0;
    const double length =
        std::max(std::abs(cell.x(v) - cell.x(next)), std::abs(cell.y(v) - cell.y(next)));
    if (length <= longest) continue;
    longest = length;
    out[0] = 0.5 * (cell.x(v) + cell.x(next));
    out[1] = 0.5 * (cell.y(v) + cell.y(next));
  }
  return longest >= 0.0;
}

void PolygonCells::interior_point(const Cell& cell, double* out) const {
  const Index stride = cell.stride();
  vertex_kernels_.plane_sums(cell.points, stride, 2, out);
  for (Index c = 0; c < 2; ++c) {  // what fills the last block is the first corner
    out[c] -= static_cast<double>(stride - cell.count) * cell.points[c * stride];
    out[c] /= static_cast<double>(cell.count);
  }
}

// Of the last reach().
Index PolygonCells::farthest_corner(const Cell& cell, bool above) const {
  const double* first = values_.data();
  const double* end = first + cell.count;
  return (above ? std::max_element(first, end) : std::min_element(first, end)) - first;
}

void PolygonCells::farthest(const Cell& cell, bool above, double* out) const {
  const Index corner = farthest_corner(cell, above);
  out[0] = cell.x(corner);
  out[1] = cell.y(corner);
}

void PolygonCells::tight(const Cell& cell, bool above, std::vector<Origin>& out) const {
  const Index corner = farthest_corner(cell, above);
  out.assign({cell.edge(corner > 0 ? corner - 1 : cell.count - 1), cell.edge(corner)});
}

}  // namespace facetry
