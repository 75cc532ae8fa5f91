// What a solver's tolerances hide: regions too thin for it, found behind the facets of those that
// it found.
#pragma once

#include "facetry/geometry/free_space.hpp"
#include "facetry/network/normal_form.hpp"
#include "facetry/state/search_goal.hpp"
#include "regions/region_list.hpp"

namespace facetry {

// Adds to `list`, until there are no more, the wanted regions behind facets of its regions that it
// does not hold, counts them as `below_resolution`, and sorts it by state. A state counts as a
// region if it is thicker than the cut tolerance. REQUIRES a list of all regions but thin ones.
// Cost: one look behind every facet, and linear programs for what is added.
void add_thin_regions(const NormalForm& form, const FreeSpace& space, const Tolerances& tolerances,
                      const SearchGoal& goal, RegionList& list);

}  // namespace facetry
