// Unit after unit: where the point is on a boundary, the lower side is taken if the cell so far has
// interior there. A cell is convex, so the point is then in the closure of what is left, and no
// choice is ever taken back.
#include "partition/lowest_state.hpp"

#include <algorithm>

namespace facetry {

LowestState::LowestState(const SearchPlan& plan)
    : plan_(plan),
      pass_(plan.form()),
      exact_(plan),
      state_(static_cast<std::size_t>(plan.layout().words())) {}

std::vector<StateWord> LowestState::at(const VectorView& x) {
  std::fill(state_.begin(), state_.end(), StateWord{0});
  cuts_.clear();
  pass_.start(x);
  for (Index s = 0; s < plan_.stage_count(); ++s) {
    const StagePlan& stage = plan_.stage(s);
    for (Index u = 0; u < size_of(stage.units); ++u) {
      const PlannedUnit& unit = stage.units[u];
      Index piece = 0;
      if (unit.function != nullptr) {
        piece = piece_of(s, u);
      } else if (pass_.is_asked(s, stage.stage->units[u])) {
        piece = winner_of(s, u);
      }
      plan_.layout().set(state_.data(), unit.number, piece);
      pass_.decide(s, u, piece);
    }
    pass_.finish_stage(s);
  }
  return state_;
}

// Has the cell so far interior on a side of a boundary that the point is on? Then it becomes that
// part.
bool LowestState::goes_on(const ExactBoundary& boundary, Origin origin, bool above) {
  if (!exact_.reaches({state_.data(), cuts_}, boundary, above, {})) return false;
  cuts_.push_back({boundary, origin, above});
  return true;
}

Index LowestState::piece_of(Index s, Index u) {
  const PlannedUnit& unit = plan_.stage(s).units[u];
  const std::vector<double>& t = unit.function->breakpoints();
  for (Index b = 0; b < size_of(t); ++b) {
    const int sign = pass_.sign_to(s, unit.first_row, t[b]);
    if (sign < 0) return b;
    if (sign > 0) continue;
    const ExactBoundary boundary{s, unit.first_row, -1, t[b]};
    const ExactRow& function = exact_.function({state_.data(), cuts_}, boundary);
    if (function.is_constant()) return b;  // flat
    if (goes_on(boundary, unit.origin(b), false)) return b;
    static_cast<void>(goes_on(boundary, unit.origin(b), true));
    return b + 1;
  }
  return size_of(t);
}

// Of the arguments that are largest at the point, the first that wins somewhere in the cell so far.
Index LowestState::winner_of(Index s, Index u) {
  const PlannedUnit& unit = plan_.stage(s).units[u];
  std::vector<Index> largest{0};
  for (Index a = 1; a < unit.row_count; ++a) {
    const int sign = pass_.sign_between(s, unit.first_row + a, unit.first_row + largest.front());
    if (sign > 0) largest.clear();
    if (sign >= 0) largest.push_back(a);
  }
  const std::size_t before = cuts_.size();
  for (const Index winner : largest) {
    bool wins = true;
    for (const Index loser : largest) {
      if (!wins || loser == winner) continue;
      const ExactBoundary lead{s, unit.first_row + winner, unit.first_row + loser, 0.0};
      const ExactRow& function = exact_.function({state_.data(), cuts_}, lead);
      wins = function.is_constant() ? winner < loser : goes_on(lead, unit.origin(loser), true);
    }
    if (wins) return winner;
    cuts_.resize(before);
  }
  return largest.front();
}

}  // namespace facetry
