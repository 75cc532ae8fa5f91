// A convex cell as its halfspaces, with one known vertex; every question is a linear program that
// starts from it. For any dimension k >= 1; the choice above about 7, where vertices are too many.
#pragma once

#include <vector>

#include "facetry/base/tolerances.hpp"
#include "facetry/geometry/free_space.hpp"
#include "geometry/cell.hpp"
#include "optimize/simplex.hpp"

namespace facetry {

class LpCell {
 public:
  LpCell() = default;

  // The whole analysis region. REQUIRES dimension >= 1.
  explicit LpCell(const FreeSpace& space, const Tolerances& tolerances = {});

  // The cell given by further rows (k+1 numbers each). This is how the region around a point is
  // found without a search. Throws NumericalError if the rows leave nothing of the region.
  LpCell(const FreeSpace& space, const std::vector<double>& rows,
         const std::vector<Origin>& origins, const Tolerances& tolerances = {});

  [[nodiscard]] Reach reach(const double* row);
  [[nodiscard]] Range range(const double* row) const;  // over the box around the analysis region
  // The exact range of any row, up to rounding: two linear programs.
  [[nodiscard]] Range tight_range(const double* row) const;
  void cut(const double* row, Origin origin, LpCell& above, LpCell& below);
  void facets(std::vector<Origin>& out);
  void interior_point(double* out);  // the centre of a largest ball
  void farthest(bool above, double* out) const;

  // The radius of a largest ball in the cell; sets `centre`. One linear program in k+1 dimensions.
  double inscribed_ball(Vector& centre) const;

 private:
  Tolerances tolerances_;
  Simplex simplex_;
  BoxedRows polytope_;
  std::vector<Origin> origins_;  // 2k sides of the box, then the rows
  SimplexVertex vertex_;
  SimplexVertex highest_, lowest_;  // of the last reach()
  Reach last_;
};

}  // namespace facetry
