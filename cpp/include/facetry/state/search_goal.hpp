// What a search is for, if not for all regions: those where units of the last stage have given
// states. Together with network/output_units.hpp that is a query on outputs. Branches that bounds
// prove to hold none of them are left out.
#pragma once

#include <vector>

#include "facetry/network/normal_form.hpp"
#include "facetry/state/activation_state.hpp"

namespace facetry {

struct SearchGoal {
  static constexpr Index kAny = -1;
  static constexpr Index kNone = -2;
  // Any state but this one.
  [[nodiscard]] static constexpr Index any_but(Index state) { return -3 - state; }
  // Does a state meet a requirement?
  [[nodiscard]] static constexpr bool meets(Index state, Index requirement) {
    if (requirement <= -3) return state != -3 - requirement;
    return requirement == kAny || requirement == state;
  }

  // The state of each unit of the last stage, or kAny, or any_but() one, or kNone if there must be
  // none. What is required of a unit that is not asked (Unit::only_if) does not count. Empty: all
  // regions are wanted.
  std::vector<Index> required;

  // Two units of the last stage whose states must differ; -1: no such units.
  Index differ_first = -1;
  Index differ_second = -1;

  [[nodiscard]] bool empty() const { return required.empty(); }

  // Is the region of this state wanted?
  [[nodiscard]] bool wants(const NormalForm& form, const StateLayout& layout,
                           const StateWord* state) const;

  // Throws InvalidInput unless it is empty or fits the network's last stage.
  void validate(const NormalForm& form) const;
};

}  // namespace facetry
