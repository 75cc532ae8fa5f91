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
#include "facetry/optimize/boxed_rows.hpp"

namespace facetry {

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
