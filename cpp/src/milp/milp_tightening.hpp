// Bounds of pre-activations by linear programs: what is left of a mixed-integer encoding when its
// binary variables may be fractions. Tighter than bounds by linear functions, and far dearer.
#pragma once

#include "facetry/geometry/free_space.hpp"
#include "facetry/network/linear_bounds.hpp"
#include "facetry/optimize/mixed_integer_program.hpp"

namespace facetry {

// `bounds`, made tighter stage by stage: for every pre-activation that may lie on both sides of a
// breakpoint (or an argument of a maximum that may win), its least and largest value over the
// relaxation of the stages before. Nowhere wider than `bounds`. As exact as the solver's tolerances
// allow: what it says is widened by Tolerances::solver_bound.
// REQUIRES: `bounds` holds on the region. Throws SolverError if the solver fails.
// Cost: two linear programs for each such pre-activation, the size of the network before it.
[[nodiscard]] PreActivationBounds tightened_by_programs(const NormalForm& form,
                                                        const FreeSpace& space,
                                                        PreActivationBounds bounds,
                                                        const MipSolver& solver,
                                                        const Tolerances& tolerances = {});

}  // namespace facetry
