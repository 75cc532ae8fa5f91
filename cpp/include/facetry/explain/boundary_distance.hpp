// How far is a point from the decision boundary? The nearest point of the analysis region where
// another choice wins, by best-first search (nearest.hpp) in boxes around the point that grow until
// it lies inside.
#pragma once

#include <limits>

#include "facetry/explain/query.hpp"
#include "facetry/geometry/free_space.hpp"
#include "facetry/optimize/mixed_integer_program.hpp"

namespace facetry {

struct BoundaryOptions : SearchOptions {
  Norm norm = Norm::two;
  // Distances are measured in these units, one for each input; 0: the input cannot move. Empty: all
  // 1.
  Vector scale;
  // For Norm::one and Norm::infinity, whose linear programs it solves; Norm::two needs none.
  const MipSolver* solver = nullptr;
};

struct BoundaryPoint {
  // How far the nearest region is where another choice wins: the greatest lower bound of distances
  // there, since on its boundary the two tie.
  double distance = std::numeric_limits<double>::infinity();
  double proven = 0;  // no other choice wins closer than this
  // A point beyond that boundary, where the other choice is ahead by Tolerances::decided_margin, or
  // by as much as it ever is on that region; empty if none was found.
  Vector point;
  double point_distance = std::numeric_limits<double>::infinity();  // of it; not below distance
  bool confirmed = false;  // NormalForm::evaluate decides for the other choice there
  Index from = -1;         // the choice at the point that was asked about
  Index to = -1;           // the other one
  Index cells = 0;
  Termination termination = Termination::complete;
};

// With termination `complete`, `proven` is `distance` up to Tolerances::optimality_gap, relative to
// 1 + it (infinite: nothing else wins anywhere in the region). Places where another choice wins
// without interior (a single point, say) do not count. `query` says the decision; its top,
// runner-up and conditions are not used.
// REQUIRES: x is in the region, else RegionError; a decision, sizes that fit, scales >= 0 that are
// finite, else InvalidInput. Throws SolverError if the solver fails.
[[nodiscard]] BoundaryPoint boundary_distance(const std::shared_ptr<const NormalForm>& form,
                                              const std::shared_ptr<const FreeSpace>& space,
                                              const Query& query, const Vector& x,
                                              const BoundaryOptions& options);

}  // namespace facetry
