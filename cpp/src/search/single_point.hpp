// An analysis region of no free dimension: a single point is its own region.
#pragma once

#include "search/subdivision.hpp"

namespace facetry {

// The one region, with the canonical state of a network whose every unit is constant.
[[nodiscard]] RegionList single_point(const NormalForm& form, const FreeSpace& space,
                                      const SubdivisionOptions& options);

}  // namespace facetry
