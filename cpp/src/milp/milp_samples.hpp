// States that points of a cell have: guesses that spare the MILP engine most questions "is there
// another state?". Each guess is checked as a solver's answer is; that nothing is left only the
// solver says.
#pragma once

#include <vector>

#include "facetry/geometry/free_space.hpp"
#include "milp/milp_unit.hpp"

namespace facetry {

// The distinct states (one piece per unit) of `count` points of the cell { rows >= 0 } within
// `space`, on a walk from `start`, an interior point, along random chords [Smith 1984, "hit and
// run"]. Always the same.
[[nodiscard]] std::vector<std::vector<Index>> sampled_states(const FreeSpace& space,
                                                             const std::vector<double>& rows,
                                                             const std::vector<UnitOnCell>& units,
                                                             const Vector& start, Index count);

}  // namespace facetry
