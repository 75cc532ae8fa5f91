// Best-first search with dives [Land & Doig 1960; as solvers of integer programs do]: where on an
// analysis region is an objective the largest? The subtrees of the subdivision's tree with the
// largest bounds are taken out, each is searched straight down to a region, always into the part
// that promises more, and the parts left aside on the way wait with their bounds. Subtrees go in
// rounds of fixed size, within which nothing found counts for the others: so the result does not
// depend on threads.
#pragma once

#include <limits>
#include <optional>
#include <vector>

#include "facetry/geometry/free_space.hpp"
#include "facetry/network/normal_form.hpp"
#include "facetry/search/objective.hpp"
#include "facetry/search/search_options.hpp"
#include "facetry/state/search_goal.hpp"

namespace facetry {

struct BestFirstOptions : SearchOptions {
  double gap = Tolerances{}.optimality_gap;  // nothing above by no more than this is looked for,
                                             // relative to 1 + |value|
  double floor = -std::numeric_limits<double>::infinity();  // nothing up to this is
  std::optional<double> target;                             // ends once this is reached

  // What is of no interest once `value` is found: bounds up to this.
  [[nodiscard]] double enough_for(double value) const;

  // Throws InvalidInput that names the field.
  void validate() const;
};

struct BestFirstResult {
  Vector point;  // in input space; empty if nothing was found
  double value = -std::numeric_limits<double>::infinity();  // there
  std::vector<StateWord> state;                             // of the region it was found on
  double bound =
      -std::numeric_limits<double>::infinity();  // the objective is nowhere more, where it counts
  Termination termination = Termination::complete;
  Index cells = 0;    // that were visited
  Index regions = 0;  // of these, regions that count
};

// Guarantees, numbered as the tests are:
//  1. The objective is nowhere more than `bound` (with a goal: on the regions that it wants),
//     whenever the search ended; with Exactness::floating up to cuts thinner than the tolerance.
//  2. With termination `complete` and no target, bound <= max(enough_for(value), value): nothing is
//     better by more than the gap, or above the floor. A promise is only as good as the objective's
//     own arithmetic.
//  3. The same result for any number of threads, if no limit or cancellation ended it.
// REQUIRES: sizes that fit, a region of at least one free dimension (on a point there is nothing to
// search), finite weights, a goal that is not empty; else InvalidInput. What an objective throws
// reaches the caller.
// Cost: depends on how many cells promise more than the answer; memory grows with the parts that
// wait, up to SearchOptions::memory_limit (looked at between rounds).
[[nodiscard]] BestFirstResult search_best_first(const NormalForm& form, const FreeSpace& space,
                                                const ValueObjective& objective,
                                                const BestFirstOptions& options);
[[nodiscard]] BestFirstResult search_best_first(const NormalForm& form, const FreeSpace& space,
                                                const SearchGoal& goal,
                                                const CellObjective& objective,
                                                const BestFirstOptions& options);

}  // namespace facetry
