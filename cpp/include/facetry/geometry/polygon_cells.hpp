// Cells in two dimensions: convex polygons, as their corners in order around them, each with the
// origin of the edge that follows it. Minimal constraints need no search: they are the edges.
#pragma once

#include <vector>

#include "facetry/base/tolerances.hpp"
#include "facetry/geometry/cell_family.hpp"
#include "facetry/geometry/free_space.hpp"

namespace facetry {

class PolygonCells {
 public:
  static constexpr bool kExactRanges = true;

  struct Corner {
    double x = 0.0;
    double y = 0.0;
    Origin edge;  // from this corner to the next
  };
  struct Cell {
    const Corner* corners = nullptr;  // counter-clockwise
    Index count = 0;
    bool near = false;  // outer cells: some corners may be one, see Tolerances::near
  };

  // REQUIRES space.dimension() == 2, else InvalidInput; `space` must outlive the family. `outward`: see
  // cell_family.hpp.
  explicit PolygonCells(const FreeSpace& space, const Tolerances& tolerances = {},
                        const Outward& outward = {});

  [[nodiscard]] Cell root();
  void ranges(const Cell& cell, const RowPlanes& rows, double* low, double* high) const;
  [[nodiscard]] Range range(const Cell& cell, const double* row) const;
  [[nodiscard]] Reach reach(const Cell& cell, const double* row);  // exact, on both sides
  [[nodiscard]] double most(const Cell& cell, const double* row, double /*enough*/, double* out) {
    const double value = reach(cell, row).above;
    if (out != nullptr) farthest(cell, true, out);
    return value;
  }

  // Without a shift a corner within Tolerances::on_hyperplane of the row is taken to lie on it and goes
  // to both parts. Cost: the corners.
  void cut(const Cell& cell, const double* row, Origin origin, Cell& above, Cell& below,
           double shift = 0.0);
  // In outer cells edges shorter than the cut tolerance do not count.
  void facets(const Cell& cell, std::vector<Origin>& out) const;
  [[nodiscard]] bool facets_are_doubtful(const Cell& cell) const { return cell.near; }
  bool beyond_facet(const Cell& cell, Origin origin, const double* inside, double* out) const;
  void interior_point(const Cell& cell, double* out) const;  // the mean of the corners
  void farthest(const Cell& cell, bool above, double* out) const;
  void tight(const Cell& cell, bool above, std::vector<Origin>& out) const;
  [[nodiscard]] StackMemory& memory() { return memory_; }

 private:
  class Part;
  [[nodiscard]] Corner crossing(const Cell& cell, Index from, Index to, Origin edge) const;

  [[nodiscard]] double nearest_value(const Cell& cell) const;
  static void put(const Corner& corner, bool is_above, Corner*& up, Corner*& down);
  void clip_clear(const Cell& cell, Origin line, Cell& above, Cell& below);
  void cut_outward(const Cell& cell, Origin origin, double shift, Cell& above, Cell& below);
  void clip_clear(const Cell& cell, Origin line, double shift, Cell& above, Cell& below);
  void clip_outward(const Cell& cell, Origin origin, double sign, double shift, Cell& out);

  const FreeSpace& space_;
  Tolerances tolerances_;
  Outward outward_;
  StackMemory memory_;
  std::vector<double> values_;  // of the last reach(), one per corner
};

}  // namespace facetry
