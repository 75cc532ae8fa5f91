// The subdivision engine: all linear regions of a network on an analysis region, by splitting one
// convex cell layer after layer and unit after unit [ALGORITHMS section 1].
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "facetry/geometry/free_space.hpp"
#include "facetry/network/normal_form.hpp"
#include "facetry/regions/interval.hpp"
#include "facetry/search/search_options.hpp"
#include "facetry/state/search_goal.hpp"
#include "regions/region_list.hpp"

namespace facetry {

class SearchRecorder;

// What a search measures of every region: its volume, and the moments of face_recursion.hpp.
enum class Measures { none, volumes, moments };

struct SubdivisionOptions : ListOptions {
  bool keep_outputs = false;  // fill RegionList::outputs
  // Fill RegionList::measures: up to kMostVolumeDimensions. keep_volumes asks for volumes too.
  Measures measures = Measures::none;
  SearchGoal goal;  // only these regions; guarantee 1 then says: all that are wanted
  // Is told how the result comes about; must outlive the search. Needs one thread and a safe
  // search. Costs a question to the cell for each unit that is settled.
  SearchRecorder* recorder = nullptr;
  // False leaves RegionList::facets empty, and guarantee 4 out: for measuring what facets cost.
  bool keep_facets = true;
  // A thread gives work away after this many cells, if another has none: to find the way to a part
  // costs the other thread some tens of cells.
  Index cells_before_sharing = 1024;

  // What is measured.
  [[nodiscard]] Measures measured() const {
    return keep_volumes && measures == Measures::none ? Measures::volumes : measures;
  }
  // Throws InvalidInput that names the field.
  void validate() const;
};

struct SubdivisionResult {
  RegionList regions;
  Termination termination = Termination::complete;
  Frontier frontier;
  Exactness exactness = Exactness::safe;
  Index cells = 0;  // that were visited: the region itself and what cuts made of it
};

// Enumerates the regions in lexicographic order of their states.
//
// Guarantees, numbered as the tests are:
//  1. Complete: with termination `complete` the validity regions cover the analysis region, up to
//     the cuts counted as undecided.
//  2. Every region has interior: it is thicker than Tolerances::cut, or (safe) proven to have some.
//  3. No state twice; flat units have their lowest adjacent piece [METHOD section 1].
//  4. Facets are minimal: none can be left out, none repeats another.
//  5. The same result, in the same order, for any number of threads.
//  6. A region limit returns the first regions in order; other limits return some subset, in order.
//  7. The regions found and those of the frontier are all regions, each once.
//
// REQUIRES: form.input_size() == space.input_size(), else InvalidInput. k = 0 gives one region.
// Cost: output-sensitive: proportional to the regions times the units, no dead ends. Memory: one
// path of cells per thread, and the result.
[[nodiscard]] SubdivisionResult subdivide(const NormalForm& form, const FreeSpace& space,
                                          const SubdivisionOptions& options = {});

// A part of the result of a search that streams.
struct RegionBatch {
  RegionList regions;       // in order
  Frontier frontier;        // what is left once this batch and those before it are done with
  double share_done = 0.0;  // an estimate: see Progress
};

struct StreamOptions {
  SubdivisionOptions search;
  Index batch = 65536;                // regions per batch, at most
  bool ordered = true;                // batches in order; else as they are found
  Index run_ahead = Index{64} << 20;  // ordered: bytes that may wait for earlier regions
  Frontier start;                     // where to go on from; empty: at the beginning

  void validate() const;
};

struct StreamEnd {
  Termination termination = Termination::complete;
  Frontier frontier;
  Index undecided_count = 0;  // of the batches that were delivered
  Index cells = 0;            // that were visited
};

// Takes a batch; called by one thread at a time, not always the same one. It may wait, and the
// search then waits with it once `run_ahead` is used up. False: stop; the batch counts as taken.
using RegionSink = std::function<bool(RegionBatch&&)>;

// Throws InvalidInput unless the options, the start and the sizes fit: what enumerate() checks
// first.
void check_stream(const NormalForm& form, const FreeSpace& space, const StreamOptions& options);

// Enumerates the regions into `sink` without holding them. What is held is one path of cells per
// thread, a batch per thread, and when ordered up to `run_ahead` bytes. All guarantees of
// subdivide() hold for the batches together; an unordered stream has them in another order.
// Exceptions of `sink` stop the search and reach the caller. Throws InvalidInput when a start turns
// out not to belong to this search; see fingerprint.hpp for telling earlier.
[[nodiscard]] StreamEnd enumerate(const NormalForm& form, const FreeSpace& space,
                                  const StreamOptions& options, const RegionSink& sink);

}  // namespace facetry
