// The search begins behind the region before the range and is stopped behind its last one.
#include "partition/replayed_volumes.hpp"

#include <algorithm>

#include "facetry/base/error.hpp"
#include "search/subdivision.hpp"

namespace facetry {

void replay_volumes(const NormalForm& form, const FreeSpace& space, const RegionView& list,
                    RegionRange range, Exactness exactness, double* out) {
  constexpr Index kMostUnlisted = 3;  // for each region of the range
  const StateLayout layout(form);
  StreamOptions options;
  options.search.exactness = exactness;
  options.search.measures = Measures::volumes;
  options.search.keep_facets = false;
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
    for (Index i = 0; i < batch.regions.count && next < range.end; ++i) {
      int order = layout.compare(batch.regions.state(i), list.state(next));
      while (order > 0 && ++next < range.end) {
        order = layout.compare(batch.regions.state(i), list.state(next));
      }
      if (order == 0) out[next++ - range.begin] = batch.regions.measures[i];
      if (order < 0) ++unlisted;
    }
    return next < range.end && unlisted <= kMostUnlisted * range.count();
  };
  try {
    (void)enumerate(form, space, options, take);
  } catch (const InvalidInput&) {
    // The list is of a search that does not find its first region (another engine): nothing is
    // written.
  }
}

}  // namespace facetry
