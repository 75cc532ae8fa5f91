// What a list does not say of its regions, by searching their part of the tree anew: cheaper by far
// than to work it out from facets, where the list has most regions of that part.
#pragma once

#include "facetry/geometry/free_space.hpp"
#include "facetry/network/normal_form.hpp"
#include "facetry/regions/region_view.hpp"
#include "facetry/search/search_options.hpp"

namespace facetry {

// Writes the volumes, in free coordinates, of the regions of a range, whose states ascend; leaves
// the others as they are: those that the search did not come by, and all after it came by too many
// that are not listed. One thread. Cost: of the search and of measuring what it comes by, four
// times the range at most.
void replay_volumes(const NormalForm& form, const FreeSpace& space, const RegionView& list,
                    RegionRange range, Exactness exactness, double* out);

// The same of a safe search's list: which regions of a range may be touched (RegionList::touched)?
// 1: it may, or is not known. Cost: of the search alone.
void replay_contacts(const NormalForm& form, const FreeSpace& space, const RegionView& list,
                     RegionRange range, char* touched);

}  // namespace facetry
