// Cells in two dimensions: convex polygons, as their corners in order around them, each with the
// origin of the edge that follows it. Minimal constraints need no search: they are the edges.
#pragma once

#include <vector>

#include "base/work_array.hpp"
#include "facetry/base/tolerances.hpp"
#include "facetry/geometry/free_space.hpp"
#include "geometry/cell_family.hpp"

namespace facetry {

struct PolygonKernels;
struct RowKernels;
struct VertexKernels;

class PolygonCells {
 public:
  static constexpr bool kExactRanges = true;
  static constexpr bool kCutAsks = true;  // cut() needs no reach() before it

  // A plane of padded(count) numbers for each coordinate of the corners, counter-clockwise, and as
  // many origins of edges; beyond `count` the coordinates are those of the first corner.
  struct Cell {
    const double* points = nullptr;
    Index count = 0;
    bool near = false;  // outer cells: some corners may be one, see Tolerances::near

    [[nodiscard]] Index stride() const { return padded(count); }
    [[nodiscard]] double x(Index v) const { return points[v]; }
    [[nodiscard]] double y(Index v) const { return points[stride() + v]; }
    // From this corner to the next.
    [[nodiscard]] Origin edge(Index v) const { return edges()[v]; }
    [[nodiscard]] const Origin* edges() const {
      return reinterpret_cast<const Origin*>(points + 2 * stride());
    }
  };

  // REQUIRES space.dimension() == 2, else InvalidInput; `space` must outlive the family. `outward`:
  // see cell_family.hpp.
  explicit PolygonCells(const FreeSpace& space, const Tolerances& tolerances = {},
                        const Outward& outward = {});

  [[nodiscard]] Cell root();
  [[nodiscard]] static PointList points(const Cell& cell) {
    return {cell.points, cell.count, 1, cell.stride()};
  }
  void ranges(const Cell& cell, const RowPlanes& rows, double* low, double* high) const;
  [[nodiscard]] Range range(const Cell& cell, const double* row) const;
  [[nodiscard]] Reach reach(const Cell& cell, const double* row);  // exact, on both sides
  [[nodiscard]] double most(const Cell& cell, const double* row, double /*enough*/, double* out) {
    const double value = reach(cell, row).above;
    if (out != nullptr) farthest(cell, true, out);
    return value;
  }

  // Without a shift a corner within Tolerances::on_hyperplane of the row is taken to lie on it and
  // goes to both parts. Cost: the corners.
  void cut(const Cell& cell, const double* row, Origin origin, Cell& above, Cell& below,
           double shift = 0.0);
  // In outer cells edges shorter than the cut tolerance do not count.
  [[nodiscard]] static Index facet_room(const Cell& cell) { return room_for_facets(cell.count); }
  Index facets(const Cell& cell, Origin* out) const;
  void facets(const Cell& cell, std::vector<Origin>& out) const;
  // Facets and interior point at once.
  Index describe(const Cell& cell, Origin* facets_out, double* point) const;
  [[nodiscard]] bool facets_are_doubtful(const Cell& cell) const { return cell.near; }
  bool beyond_facet(const Cell& cell, Origin origin, const double* inside, double* out) const;
  void interior_point(const Cell& cell, double* out) const;  // the mean of the corners
  void farthest(const Cell& cell, bool above, double* out) const;
  void tight(const Cell& cell, bool above, std::vector<Origin>& out) const;
  [[nodiscard]] StackMemory& memory() { return memory_; }

 private:
  struct Corner {
    double x = 0.0;
    double y = 0.0;
    Origin edge;
  };
  class Part;

  [[nodiscard]] double* take_corners(Index stride);
  [[nodiscard]] Cell cell_of(const std::vector<Corner>& corners);
  [[nodiscard]] bool cut_clear(const Cell& cell, const double* row, Origin line, double shift,
                               Cell& above, Cell& below);
  [[nodiscard]] Corner crossing(const Cell& cell, Index from, Index to) const;
  [[nodiscard]] double outward_room(double shift) const;
  [[nodiscard]] bool is_near(const Cell& cell, double room) const;
  void clip(const Cell& cell, Origin line, Cell& above, Cell& below);
  void clip_outward(const Cell& cell, Origin line, double sign, double shift, Cell& out);
  [[nodiscard]] Index farthest_corner(const Cell& cell, bool above) const;

  const FreeSpace& space_;
  Tolerances tolerances_;
  Outward outward_;
  const RowKernels& row_kernels_;
  const VertexKernels& vertex_kernels_;
  const PolygonKernels& polygon_kernels_;
  StackMemory memory_;
  WorkArray<double> values_;       // of the last reach(), one per corner
  std::vector<Corner> up_, down_;  // parts that are being made
};

}  // namespace facetry
