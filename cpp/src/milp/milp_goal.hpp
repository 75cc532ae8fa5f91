// What the MILP engine leaves out if it has a goal: nodes on which the targets are out of reach.
// The targets are pulled back once, with bounds of the whole region; on a node's cell a linear
// program says how far they reach.
#pragma once

#include <vector>

#include "facetry/state/search_goal.hpp"
#include "geometry/lp_cell.hpp"
#include "network/functionals.hpp"
#include "state/fixed_state_pass.hpp"

namespace facetry {

class MilpGoal {
 public:
  // Keeps a reference to the form. A goal that is empty leaves nothing out.
  MilpGoal(const NormalForm& form, const FreeSpace& space, const SearchGoal& goal);

  // Is it certain that the cell holds nothing of what is wanted? `pass` has entered the stage.
  [[nodiscard]] bool hopeless(const FixedStatePass& pass, Index stage, LpCell& cell) const;

 private:
  struct Pulled {
    Functionals rows;  // of the stage's pre-activations,
    Matrix carried;    // and of the values before it
  };
  const NormalForm& form_;
  std::vector<Pulled> stages_;
  bool any_ = false;
};

}  // namespace facetry
