// The search begins behind the region before the range and is stopped behind its last one.
#include "partition/replay.hpp"

#include <algorithm>

#include "facetry/base/error.hpp"
#include "search/subdivision.hpp"

namespace facetry {

namespace {

// Calls visit(batch, i, is_touched, region) for each region of the range that the search finds,
// which is number i of the batch.
template <class Visit>
void replay(const NormalForm& form, const FreeSpace& space, const RegionView& list,
            RegionRange range, StreamOptions options, const Visit& visit) {
  constexpr Index kMostUnlisted = 3;  // for each region of the range
  const StateLayout layout(form);
  options.batch = std::min<Index>(256, range.count());
  if (range.begin > 0) {
    list.require_state(range.begin - 1);
    Interval rest;
    const StateWord* before = list.state(range.begin - 1);
    rest.after.assign(before, before + list.words);
    options.start.push_back(rest);
  }
  Index next = range.begin;
  Index unlisted = 0;
  const auto take = [&](RegionBatch&& batch) {
    auto touched = batch.regions.touched.begin();
    for (Index i = 0; i < batch.regions.count && next < range.end; ++i) {
      while (touched != batch.regions.touched.end() && *touched < i) ++touched;
      const bool is_touched = touched != batch.regions.touched.end() && *touched == i;
      int order = layout.compare(batch.regions.state(i), list.state(next));
      while (order > 0 && ++next < range.end) {
        order = layout.compare(batch.regions.state(i), list.state(next));
      }
      if (order == 0) visit(batch.regions, i, is_touched, next++);
      if (order < 0) ++unlisted;
    }
    return next < range.end && unlisted <= kMostUnlisted * range.count();
  };
  try {
    (void)enumerate(form, space, options, take);
  } catch (const InvalidInput&) {
    // The list is of a search that does not find its first region (another engine): nothing is
    // visited.
  }
}

}  // namespace

void replay_volumes(const NormalForm& form, const FreeSpace& space, const RegionView& list,
                    RegionRange range, Exactness exactness, double* out) {
  StreamOptions options;
  options.search.exactness = exactness;
  options.search.measures = Measures::volumes;
  options.search.keep_facets = false;
  replay(form, space, list, range, options,
         [&](const RegionList& batch, Index i, bool /*touched*/, Index region) {
           out[region - range.begin] = batch.measures[i];
         });
}

void replay_contacts(const NormalForm& form, const FreeSpace& space, const RegionView& list,
                     RegionRange range, char* touched) {
  StreamOptions options;
  options.search.exactness = Exactness::safe;
  options.search.keep_facets = false;
  std::fill_n(touched, range.count(), char{1});
  replay(form, space, list, range, options,
         [&](const RegionList& batch, Index /*i*/, bool is_touched, Index region) {
           if (batch.contacts_known) touched[region - range.begin] = is_touched ? 1 : 0;
         });
}

}  // namespace facetry
