// Both children of a cut inherit a vertex with its basis: the maximiser of the row lies in the part
// above, the minimiser in the part below, so no linear program ever needs a phase 1.
#include "geometry/lp_cell.hpp"

#include <algorithm>
#include <cmath>

#include "facetry/base/error.hpp"

namespace facetry {

namespace {

std::vector<double> negated(const double* row, Index length) {
  std::vector<double> result(row, row + length);
  for (double& entry : result) entry = -entry;
  return result;
}

}  // namespace

LpCell::LpCell(const FreeSpace& space, const Tolerances& tolerances)
    : tolerances_(tolerances), simplex_(tolerances) {
  const Index k = space.dimension();
  if (k < 1) throw InvalidInput("a cell needs at least one dimension");
  polytope_.low = space.constraints().low;
  polytope_.high = space.constraints().high;
  for (Index side = 0; side < 2 * k; ++side) {
    origins_.push_back(Origin::side(space.sides()[side]));
  }
  vertex_ = SimplexVertex::corner(polytope_);
  for (Index r = 0; r < space.constraints().row_count(); ++r) {
    const double* row = space.constraints().row(r);
    simplex_.maximize(polytope_, row, vertex_);
    polytope_.add(row);
    origins_.push_back(Origin::side(space.sides()[2 * k + r]));
  }
}

LpCell::LpCell(const FreeSpace& space, const std::vector<double>& rows,
               const std::vector<Origin>& origins, const Tolerances& tolerances)
    : LpCell(space, tolerances) {
  // One by one: the vertex moves to the positive side of a row before the row is added.
  const Index length = polytope_.dimension() + 1;
  for (Index r = 0; r < size_of(origins); ++r) {
    const double* row = rows.data() + r * length;
    const double offset = row[length - 1];
    if (simplex_.maximize(polytope_, row, vertex_, -offset) + offset < -tolerances_.cut) {
      throw NumericalError("the constraints of a region leave nothing of the analysis region");
    }
    polytope_.add(row);
    origins_.push_back(origins[r]);
  }
}

Reach LpCell::reach(const double* row) {
  const Index k = polytope_.dimension();
  const double enough = tolerances_.cut - row[k];
  highest_ = vertex_;
  last_.above = simplex_.maximize(polytope_, row, highest_, enough) + row[k];
  lowest_ = vertex_;
  const std::vector<double> down = negated(row, k + 1);
  last_.below =
      simplex_.maximize(polytope_, down.data(), lowest_, tolerances_.cut + row[k]) - row[k];
  return last_;
}

Range LpCell::range(const double* row) const {
  const Index k = polytope_.dimension();
  Range range{row[k], row[k]};
  for (Index i = 0; i < k; ++i) {
    const double at_low = row[i] * polytope_.low[i];
    const double at_high = row[i] * polytope_.high[i];
    range.low += std::min(at_low, at_high);
    range.high += std::max(at_low, at_high);
  }
  return range;
}

Range LpCell::tight_range(const double* row) const {
  const Index k = polytope_.dimension();
  Simplex solver(tolerances_);
  SimplexVertex vertex = vertex_;
  const double high = solver.maximize(polytope_, row, vertex) + row[k];
  const std::vector<double> down = negated(row, k + 1);
  return {row[k] - solver.maximize(polytope_, down.data(), vertex), high};
}

void LpCell::cut(const double* row, Origin origin, LpCell& above, LpCell& below) {
  const auto child = [&](LpCell& cell, const SimplexVertex& vertex, const double* own_row) {
    cell.tolerances_ = tolerances_;
    cell.simplex_ = Simplex(tolerances_);
    cell.polytope_ = polytope_;
    cell.polytope_.add(own_row);
    cell.origins_ = origins_;
    cell.origins_.push_back(origin);
    cell.vertex_ = vertex;
  };
  child(above, highest_, row);
  child(below, lowest_, negated(row, polytope_.dimension() + 1).data());
}

void LpCell::facets(std::vector<Origin>& out) {
  out.clear();
  SimplexVertex moving = vertex_;
  std::vector<char> redundant;
  simplex_.find_redundant(polytope_, moving, redundant);
  for (Index c = 0; c < polytope_.constraint_count(); ++c) {
    if (!origins_[c].is_artificial() && !redundant[c]) out.push_back(origins_[c]);
  }
  std::sort(out.begin(), out.end());
}

double LpCell::inscribed_ball(Vector& centre) const {
  // Maximise t over { (u, t) : slack_c(u) >= t }, from (vertex, 0) with t >= 0 tight.
  const Index k = polytope_.dimension();
  BoxedRows lifted;
  lifted.low = Vector(k + 1);
  lifted.high = Vector(k + 1);
  lifted.low.head(k) = polytope_.low.array() - 1.0;
  lifted.high.head(k) = polytope_.high.array() + 1.0;
  lifted.low[k] = 0.0;
  lifted.high[k] = (polytope_.high - polytope_.low).maxCoeff();
  Vector gradient;
  std::vector<double> row(static_cast<std::size_t>(k + 2));
  for (Index c = 0; c < polytope_.constraint_count(); ++c) {
    polytope_.gradient(c, gradient);
    std::copy(gradient.data(), gradient.data() + k, row.begin());
    row[k] = -1.0;
    row[k + 1] = polytope_.slack(c, Vector::Zero(k));
    const double scale = 1.0 / std::sqrt(2.0);
    for (double& entry : row) entry *= scale;
    lifted.add(row.data());
  }
  SimplexVertex start;
  for (const Index c : vertex_.basis) start.basis.push_back(2 * (k + 1) + c);
  start.basis.push_back(k);  // t >= 0
  Simplex::refresh(lifted, start);
  const Vector goal = Vector::Unit(k + 1, k);
  Simplex solver(tolerances_);
  const double radius = solver.maximize(lifted, goal.data(), start);
  centre = start.point.head(k);
  return radius;
}

void LpCell::interior_point(double* out) {
  Vector centre;
  inscribed_ball(centre);
  std::copy(centre.data(), centre.data() + centre.size(), out);
}

void LpCell::farthest(bool above, double* out) const {
  const Vector& point = above ? highest_.point : lowest_.point;
  std::copy(point.data(), point.data() + point.size(), out);
}

}  // namespace facetry
