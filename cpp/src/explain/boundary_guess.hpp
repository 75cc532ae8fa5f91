// How far it is to some point where the choice is another one: a guess that a search for the
// nearest one starts from.
#pragma once

#include "facetry/explain/query.hpp"
#include "geometry/distance.hpp"

namespace facetry {

// The distance of a point within the region's low and high limits where the choice is not `from`;
// infinite if none turned up. Rows of the region are not looked at: it is a radius to try, no more.
// On the linear model at hand the nearest change is known; there the next model is taken, some
// steps long [Moosavi-Dezfooli et al. 2016, DeepFool].
// REQUIRES: the choice at x is `from`; `distance` is measured from x in this space, dimension >= 1.
// Cost: a few linear models and least distances.
[[nodiscard]] double guess_distance(const NormalForm& form, const FreeSpace& space,
                                    const Query& query, const Vector& x, Index from,
                                    const DistanceFrom& distance);

}  // namespace facetry
