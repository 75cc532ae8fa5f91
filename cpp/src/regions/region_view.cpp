// Views of lists, and the way to their guard.
#include "facetry/regions/region_view.hpp"

#include <utility>

#include "regions/region_blocks.hpp"
#include "regions/region_list.hpp"

namespace facetry {

RegionView::RegionView(const RegionList& list)
    : words(list.words),
      dimension(list.dimension),
      count(list.count),
      measure_size(list.measure_size),
      states(list.states),
      interior(list.interior),
      facet_offsets(list.facet_offsets),
      facets(list.facets),
      measures(list.measures),
      contacts_known(list.contacts_known),
      touched(list.touched),
      undecided_count(list.undecided_count),
      undecided(list.undecided),
      below_resolution(list.below_resolution) {}

RegionView::RegionView(RegionList&& list) {
  const auto held = std::make_shared<const RegionList>(std::move(list));
  *this = RegionView(*held);
  owner = held;
}

void RegionView::check(RegionRange range, int threads) const {
  guard->require(*this, range, threads);
}

void RegionView::check_state(Index i) const { guard->require_state(*this, i); }

}  // namespace facetry
