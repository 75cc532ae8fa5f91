// The state of the lowest region that holds a point: what `locate` finds in a partition, without
// one.
#pragma once

#include <vector>

#include "search/path/exact_path.hpp"
#include "search/plan/search_plan.hpp"
#include "state/proven_pass.hpp"

namespace facetry {

// Guarantee: of the regions (with interior, in the analysis region) whose closure holds the point,
// the first in the order of states, by the stored numbers of the network, the region and the point.
// A point outside the region by a rounding gets the state that it would have with the sides it
// breaks moved behind it.
// REQUIRES: the plan outlives it, and is of a safe search. One per thread.
// Cost: two forward passes; where the point is on boundaries, a linear program in integers for
// each.
class LowestState {
 public:
  explicit LowestState(const SearchPlan& plan);

  // REQUIRES: finite numbers, as many as the network has inputs.
  [[nodiscard]] std::vector<StateWord> at(const VectorView& x);

 private:
  [[nodiscard]] Index piece_of(Index stage, Index unit);
  [[nodiscard]] Index winner_of(Index stage, Index unit);
  [[nodiscard]] bool goes_on(const ExactBoundary& boundary, Origin origin, bool above);

  const SearchPlan& plan_;
  ProvenPass pass_;
  ExactPath exact_;
  std::vector<StateWord> state_;
  std::vector<PathCut> cuts_;  // boundaries that the point is on, and the sides taken
};

}  // namespace facetry
