// A polytope as a box and further rows: { u : low <= u <= high, g_i . u + h_i >= 0 }.
#pragma once

#include <vector>

#include "facetry/base/linear_algebra.hpp"

namespace facetry {

// Constraints are numbered: 0..k-1 the low sides (u_i - low_i >= 0), k..2k-1 the high sides, then
// the rows. Rows are (gradient, offset) of length k+1, gradients of length 1.
struct BoxedRows {
  Vector low;
  Vector high;
  std::vector<double> rows;  // row-major, (k+1) per row

  [[nodiscard]] Index dimension() const { return low.size(); }
  [[nodiscard]] Index row_count() const { return size_of(rows) / (dimension() + 1); }
  [[nodiscard]] Index constraint_count() const { return 2 * dimension() + row_count(); }
  [[nodiscard]] const double* row(Index r) const { return rows.data() + r * (dimension() + 1); }
  [[nodiscard]] double* row(Index r) { return rows.data() + r * (dimension() + 1); }
  void add(const double* row) { rows.insert(rows.end(), row, row + dimension() + 1); }

  // Slack of a constraint at u; >= 0 inside.
  [[nodiscard]] double slack(Index constraint, const Vector& u) const;
  // Its gradient times a direction.
  [[nodiscard]] double rate(Index constraint, const Vector& direction) const;
  // Writes its gradient.
  void gradient(Index constraint, Vector& out) const;
};

}  // namespace facetry
