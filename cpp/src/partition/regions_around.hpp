// The regions around points as a list: what validity_regions() makes a partition of.
#pragma once

#include "facetry/base/tolerances.hpp"
#include "facetry/geometry/free_space.hpp"
#include "facetry/network/normal_form.hpp"
#include "regions/region_list.hpp"

namespace facetry {

// One region per row of X, in that order; see validity_regions().
[[nodiscard]] RegionList regions_around(const NormalForm& form, const FreeSpace& space,
                                        const MatrixView& X, int threads,
                                        const Tolerances& tolerances = {});

}  // namespace facetry
