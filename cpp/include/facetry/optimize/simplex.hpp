// A small dense primal simplex method over a polytope
//
//   { u : low <= u <= high,  g_i . u + h_i >= 0 for each further row i },
//
// started from a vertex that is already known. It serves the many tiny linear programs of a
// subdivision, where a cell always has a vertex at hand, so that no phase 1 is ever needed
// [ALGORITHMS section 1, "LP cells"].
#pragma once

#include <limits>
#include <vector>

#include "facetry/base/linear_algebra.hpp"
#include "facetry/base/tolerances.hpp"

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

// A vertex with the k constraints that are tight there.
struct SimplexVertex {
  std::vector<Index> basis;  // k constraint numbers
  Matrix edges;              // k x k; column j: direction that loosens basis[j] at rate 1, only
  Vector point;

  // The corner `low` of the box, on which no row is looked at.
  [[nodiscard]] static SimplexVertex corner(const BoxedRows& polytope);
};

class Simplex {
 public:
  explicit Simplex(const Tolerances& tolerances = {}) : tolerances_(tolerances) {}

  // Moves `vertex` to one that maximises objective . u (length k), and returns that maximum; stops
  // early once it exceeds `enough`. Constraints marked in `ignored` (one mark each, or null for
  // none) are left out; the maximum may then be infinite.
  // REQUIRES: `vertex` is a vertex of `polytope`, without ignored constraints in its basis.
  // Guarantees: deterministic; terminates (Bland's rule after a stall). Throws NumericalError if
  // the iteration limit is passed.
  double maximize(const BoxedRows& polytope, const double* objective, SimplexVertex& vertex,
                  double enough = std::numeric_limits<double>::infinity(),
                  const std::vector<char>* ignored = nullptr);

  // Marks in `ignored` every constraint that is not needed: without it, no point further than the
  // cut tolerance outside it satisfies the others. Constraints are tried from the last to the first
  // and left out as soon as they are found not needed, so of several that repeat each other the
  // first stays. `vertex` is a starting vertex; it moves.
  void find_redundant(const BoxedRows& polytope, SimplexVertex& vertex, std::vector<char>& ignored);

  // Recomputes the edges and the point from the basis.
  static void refresh(const BoxedRows& polytope, SimplexVertex& vertex);

 private:
  struct Step {
    Index blocking = -1;  // constraint that stops the move, or -1
    double length = 0.0;
  };
  [[nodiscard]] Index entering_edge(const double* objective, const SimplexVertex& vertex,
                                    bool bland) const;
  [[nodiscard]] Step longest_step(const BoxedRows& polytope, const SimplexVertex& vertex,
                                  const Vector& direction, bool bland,
                                  const std::vector<char>* ignored) const;
  void mark_basis(const BoxedRows& polytope, const SimplexVertex& vertex);
  bool is_needed(const BoxedRows& polytope, Index c, SimplexVertex& vertex,
                 std::vector<char>& ignored);
  void pivot(const BoxedRows& polytope, SimplexVertex& vertex, Index edge, Index entering);

  Tolerances tolerances_;
  Vector gradient_;  // workspace
  std::vector<char> in_basis_;
};

}  // namespace facetry
