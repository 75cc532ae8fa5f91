// The region of a fixed activation state, without a search: the boundaries of all units next to
// their piece are its constraints.
#pragma once

#include <optional>
#include <vector>

#include "facetry/base/tolerances.hpp"
#include "facetry/geometry/free_space.hpp"
#include "facetry/state/activation_state.hpp"
#include "geometry/lp_cell.hpp"
#include "state/fixed_state_pass.hpp"
#include "state/predicates.hpp"

namespace facetry {

class RegionOfState {
 public:
  // Keeps references, which must outlive it. Not thread-safe: one per thread.
  RegionOfState(const NormalForm& form, const FreeSpace& space, const StateLayout& layout,
                const Tolerances& tolerances);

  // Its cell, or nothing if the state has no interior (is not thicker than the cut tolerance).
  // Cost: a linear program per unit.
  [[nodiscard]] std::optional<LpCell> cell(const StateWord* state);

 private:
  void add_boundaries(Index s, Index u, Index piece);
  void add(RowVector row, Origin origin);

  const NormalForm& form_;
  const FreeSpace& space_;
  const StateLayout& layout_;
  BoundaryIds ids_;
  Tolerances tolerances_;
  UnitPredicates predicates_;
  FixedStatePass pass_;
  std::vector<double> rows_;
  std::vector<Origin> origins_;
};

}  // namespace facetry
