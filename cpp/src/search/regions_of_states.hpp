// The regions of given states, without searching for others: the descent goes straight to each.
#pragma once

#include <vector>

#include "facetry/geometry/free_space.hpp"
#include "facetry/network/normal_form.hpp"
#include "facetry/search/search_options.hpp"
#include "facetry/state/activation_state.hpp"
#include "regions/region_list.hpp"

namespace facetry {

// One region for each of `count` states (`states` holds count x words; a network without units has
// no words, and one region), in their order; the same as in the list
// that subdivide() makes, facets and interior points included, at the level of options.exactness.
// REQUIRES: sizes that fit, a region of at least one free dimension, states of regions of the
// network there; else InvalidInput. Limits of the options are not looked at.
// Cost: for each state one way down the tree of cells.
[[nodiscard]] RegionList regions_of_states(const NormalForm& form, const FreeSpace& space,
                                           const std::vector<StateWord>& states, Index count,
                                           const SearchOptions& options);

}  // namespace facetry
