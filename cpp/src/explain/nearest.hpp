// The nearest point of all regions that a goal wants: best-first search of the subdivision's tree,
// where a cell promises no less than the distance to the part of it that the goal's bounds leave.
#pragma once

#include <limits>
#include <vector>

#include "facetry/network/normal_form.hpp"
#include "facetry/search/search_options.hpp"
#include "facetry/state/search_goal.hpp"
#include "geometry/distance.hpp"

namespace facetry {

struct NearestOptions : SearchOptions {
  double within =
      std::numeric_limits<double>::infinity();  // nothing is looked for beyond this distance
};

struct Nearest {
  Vector point;  // in input space; empty if none was found
  double distance = std::numeric_limits<double>::infinity();  // of it
  double at_least = 0.0;         // no region that is wanted is closer than this
  std::vector<StateWord> state;  // of the region that the point belongs to
  Termination termination = Termination::complete;
  Index cells = 0;    // that were visited
  Index regions = 0;  // of these, regions that are wanted
};

// Guarantees, numbered as the tests are:
//  1. No wanted region (Exactness says what counts as one) has a point closer than at_least,
//     whenever the search ended; for norms other than two as far as the solver's linear programs
//     are right about the regions that it was shown.
//  2. With termination `complete`, at_least is the distance, or options.within if nothing is as
//     close: within Tolerances::optimality_gap, relative to 1 + it. What was found beyond `within`
//     is returned, but need not be nearest.
//  3. The same result for any number of threads, if no limit or cancellation ended it.
// REQUIRES: a goal that is not empty and fits; `from` made for this space; else InvalidInput.
// Cost: depends on how many cells are closer than the answer; each asks for one least_distance()
// per target.
[[nodiscard]] Nearest nearest_region(const NormalForm& form, const FreeSpace& space,
                                     const SearchGoal& goal, const DistanceFrom& from,
                                     const NearestOptions& options = {});

}  // namespace facetry
