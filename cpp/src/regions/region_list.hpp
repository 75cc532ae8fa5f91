// What a search found, as flat arrays: activation state, interior point and facets of each region.
// Linear models, volumes and neighbours are computed from these when asked for.
#pragma once

#include <vector>

#include "base/grow_array.hpp"
#include "facetry/geometry/constraint.hpp"
#include "facetry/geometry/free_space.hpp"
#include "facetry/regions/region_view.hpp"
#include "facetry/state/activation_state.hpp"

namespace facetry {

struct RegionList {
  Index words = 0;         // per state
  Index dimension = 0;     // k
  Index output_size = 0;   // n if the outputs' affine maps are kept, else 0
  Index measure_size = 0;  // 1 if volumes are kept, measure_size(k, true) with moments, else 0
  Index count = 0;
  GrowArray<StateWord> states;        // count x words
  GrowArray<double> interior;         // count x k, free coordinates
  GrowArray<Index> facet_offsets{0};  // count + 1
  GrowArray<Origin> facets;           // ascending within a region
  GrowArray<double>
      outputs;  // count x output_size x (k+1): gradients and offsets, free coordinates
  GrowArray<double> measures;  // count x measure_size (face_recursion.hpp), free coordinates
  // Regions that a boundary may touch which is no cut of theirs (ascending), if that is known of
  // all of them. Of the others each facet lies on the hyperplane of one boundary alone, and only
  // its unit changes there.
  bool contacts_known = false;
  GrowArray<Index> touched;
  Index undecided_count = 0;
  std::vector<UndecidedCut> undecided;  // the first kStoredUndecided of them
  Index below_resolution = 0;  // regions that the MILP engine's solver missed: too thin for it

  static constexpr Index kStoredUndecided = 1000;

  [[nodiscard]] const StateWord* state(Index i) const { return states.data() + i * words; }
  [[nodiscard]] const double* interior_point(Index i) const {
    return interior.data() + i * dimension;
  }

  // The same kind of list, without regions.
  [[nodiscard]] RegionList empty_copy() const;
  // Bytes of all regions.
  [[nodiscard]] Index bytes() const;

  // Becomes an empty list of the same kind with room for as many, in the memory that it has.
  void restart_as(const RegionList& other);

  // Appends one region; strong exception guarantee in `count`. `own_outputs`: output_size x (k+1);
  // `own_measure`: measure_size.
  void add(const StateWord* state, const double* point, const std::vector<Origin>& own_facets,
           const double* own_outputs = nullptr, const double* own_measure = nullptr);
  // The same without a copy: where the next region is to be written, with room for so many facets.
  // It is a region of the list once finish() says how many it has.
  struct Place {
    StateWord* state;
    double* point;
    Origin* facets;
    double* outputs;
    double* measure;
  };
  [[nodiscard]] Place next(Index most_facets) {
    (void)facet_offsets.room_for(1);
    return {states.room_for(words), interior.room_for(dimension), facets.room_for(most_facets),
            outputs.room_for(output_size * (dimension + 1)), measures.room_for(measure_size)};
  }
  void finish(Index facet_count, bool is_touched = true) {
    if (contacts_known && is_touched) touched.push_back(count);
    states.added(words);
    interior.added(dimension);
    facets.added(facet_count);
    outputs.added(output_size * (dimension + 1));
    measures.added(measure_size);
    facet_offsets.push_back(size_of(facets));
    ++count;
  }
  void add_undecided(UndecidedCut cut);
  // How many cuts have been noted, to come back to.
  struct Mark {
    Index count = 0;
    Index stored = 0;
  };
  [[nodiscard]] Mark mark() const { return {undecided_count, size_of(undecided)}; }
  void drop_notes_after(Mark mark);

  // Appends all of `other`.
  void append(const RegionList& other);
  // Keeps the first n regions; also drops what an interrupted add() left behind.
  void truncate(Index n);
  // Do the states ascend strictly, as a search lists them?
  [[nodiscard]] bool ascending() const;
  // Throws InvalidInput unless sizes, states and facets fit the network and the region, so that
  // everything that is computed from a list stays within its arrays: the guard of everything that
  // reads a list from outside (a file). The order of the regions is not looked at.
  void validate(const NormalForm& form, const FreeSpace& space) const;
};

}  // namespace facetry
