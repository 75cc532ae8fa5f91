// Cells in one dimension: segments, with the origins of their two ends.
#pragma once

#include <vector>

#include "facetry/base/tolerances.hpp"
#include "facetry/geometry/free_space.hpp"
#include "geometry/cell_family.hpp"

namespace facetry {

class SegmentCells {
 public:
  static constexpr bool kExactRanges = true;

  struct Cell {
    double low = 0.0;
    double high = 0.0;
    Origin low_end;
    Origin high_end;
  };

  // REQUIRES space.dimension() == 1, else InvalidInput; `space` must outlive the family. `outward`:
  // see cell_family.hpp.
  explicit SegmentCells(const FreeSpace& space, const Tolerances& tolerances = {},
                        const Outward& outward = {});

  [[nodiscard]] Cell root();
  void ranges(const Cell& cell, const RowPlanes& rows, double* low, double* high) const;
  [[nodiscard]] Range range(const Cell& cell, const double* row) const;
  [[nodiscard]] Reach reach(const Cell& cell, const double* row);
  [[nodiscard]] double most(const Cell& cell, const double* row, double /*enough*/, double* out) {
    const double value = reach(cell, row).above;
    if (out != nullptr) farthest(cell, true, out);
    return value;
  }
  void cut(const Cell& cell, const double* row, Origin origin, Cell& above, Cell& below,
           double shift = 0.0) const;
  [[nodiscard]] static Index facet_room(const Cell& /*cell*/) { return room_for_facets(2); }
  Index facets(const Cell& cell, Origin* out) const;
  void facets(const Cell& cell, std::vector<Origin>& out) const;
  bool beyond_facet(const Cell& cell, Origin origin, const double* inside, double* out) const;
  [[nodiscard]] bool facets_are_doubtful(const Cell& /*cell*/) const { return false; }
  void interior_point(const Cell& cell, double* out) const { out[0] = (cell.low + cell.high) / 2; }
  void farthest(const Cell& cell, bool above, double* out) const;
  void tight(const Cell& cell, bool above, std::vector<Origin>& out) const;
  [[nodiscard]] StackMemory& memory() { return memory_; }

 private:
  const FreeSpace& space_;
  Tolerances tolerances_;
  Outward outward_;
  StackMemory memory_;  // stays empty: the handles hold all
  bool rises_ = true;   // of the last reach(): is its row higher at the high end?
};

}  // namespace facetry
