// The targets of a goal pulled back to every stage, and one linear program for each on a node's
// cell.
#include "milp/milp_goal.hpp"

#include <cmath>

#include "base/lengths.hpp"
#include "facetry/network/linear_bounds.hpp"
#include "search/goal/goal_plan.hpp"

namespace facetry {

MilpGoal::MilpGoal(const NormalForm& form, const FreeSpace& space, const SearchGoal& goal)
    : form_(form) {
  if (goal.empty()) return;
  const GoalTargets targets = targets_of(form, goal);
  any_ = targets.any;
  if (targets.count() == 0) return;
  const NetworkBounds bounds = bound_network(form, space, BoundMethod::interval);
  stages_.resize(form.stages().size());
  Functionals functions{targets.coefficients, targets.offset, Vector::Zero(targets.count())};
  for (Index s = targets.map; s >= 0; --s) {
    const Stage& stage = form.stages()[s];
    Matrix carried = Matrix::Zero(functions.count(), stage.map.columns());
    const Vector unknown =
        Vector::Zero(stage.map.columns());  // this engine's level is float: no errors
    if (s < targets.map) {
      pull_through_units(form, stage, bounds.pre_activations.low[s], bounds.pre_activations.high[s],
                         unknown, functions, carried);
    }
    stages_[s] = {functions, carried};
    pull_through_map(stage.map, unknown, functions);
    functions.coefficients += carried;
  }
}

bool MilpGoal::hopeless(const FixedStatePass& pass, Index stage, LpCell& cell) const {
  if (stage >= size_of(stages_)) return false;
  const Pulled& pulled = stages_[stage];
  const Matrix rows =
      pulled.rows.coefficients * pass.pre(stage) + pulled.carried * pass.inputs(stage);
  for (Index f = 0; f < rows.rows(); ++f) {
    RowVector row = rows.row(f);
    row[row.size() - 1] += pulled.rows.offset[f];
    const double length = length_of(row.head(row.size() - 1));
    const double most =
        length > 0.0 ? cell.reach(RowVector(row / length).data()).above : row[row.size() - 1];
    const bool beyond_reach = most < 0.0;
    if (beyond_reach != any_) return beyond_reach;
  }
  return any_ && rows.rows() > 0;
}

}  // namespace facetry
