// The exact largest value of a linear combination of outputs on an analysis region: best-first
// search of the subdivision's tree, where each cell has a bound of what can be reached on it (the
// same bounds that prune queries). On a region the network is linear, so a cell with one region is
// solved by looking at it.
#pragma once

#include <optional>
#include <vector>

#include "facetry/geometry/free_space.hpp"
#include "facetry/network/normal_form.hpp"
#include "facetry/search/search_options.hpp"

namespace facetry {

struct OptimiseOptions : SearchOptions {
  // Ends once no value is more than this above the one found, relative to 1 + its magnitude; >= 0.
  double gap = Tolerances{}.optimality_gap;
  // Ends once a value of at least this is found, or none can be: then the bound is below it.
  std::optional<double> target;

  // Throws InvalidInput that names the field.
  void validate() const;
};

struct Optimum {
  // value = weights . f(point), as NormalForm::evaluate computes it; `point` is in the analysis
  // region up to FreeSpace::contains. Empty if the search was stopped before any was found.
  Vector point;
  double value = 0.0;
  // The largest value is at most this: proven with bounds of all rounding (Exactness::safe), or up
  // to cuts thinner than the tolerance (floating).
  double bound = 0.0;
  Termination termination = Termination::complete;
  Index cells = 0;    // that were visited
  Index regions = 0;  // of these, linear regions

  [[nodiscard]] bool found() const { return point.size() > 0; }
};

// Guarantees, numbered as the tests are:
//  1. weights . f <= bound on the whole region (up to Exactness), whenever the search ended.
//  2. With termination `complete` and no target, bound - value <= gap * (1 + |value|), plus what
//     rounding leaves.
//  3. The same result for any number of threads, if no limit or cancellation ended it.
// REQUIRES: sizes that fit and finite weights, else InvalidInput. k = 0 is fine.
// Cost: depends on how many cells have a bound above the optimum; memory grows with the cells left
// open.
[[nodiscard]] Optimum maximise(const NormalForm& form, const FreeSpace& space,
                               const Vector& weights, const OptimiseOptions& options = {});

}  // namespace facetry
