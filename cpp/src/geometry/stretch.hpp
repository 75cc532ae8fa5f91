// Polytopes that are thin in an oblique direction, in coordinates in which they are not.
#pragma once

#include "geometry/full_dimensional.hpp"

namespace facetry {

// Turns and stretches a polytope that is thinner than Tolerances::thin_region in an oblique
// direction, one direction after the other: so its cells are as easy to tell apart as those of any
// other. Left as it is where exact arithmetic cannot be had, or where it lies in a hyperplane.
// Cost: two linear programs per row, and for each direction one in integers.
void stretch(const InputPolytope& p, Judge& judge, const Tolerances& tolerances, Found& found);

}  // namespace facetry
