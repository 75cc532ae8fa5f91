// What a search with a goal knows from the start, shared by its threads: what must be reached, as
// functions of the rows of one map of the network, and bounds that hold on the whole region.
#pragma once

#include <optional>
#include <vector>

#include "facetry/network/linear_bounds.hpp"
#include "facetry/partition/search_goal.hpp"
#include "partition/search_plan.hpp"

namespace facetry {

// One function per row: coefficients . (rows of the map) + offset. On a cell where one of them is below zero
// everywhere (`any`: all of them) there is nothing to find.
struct GoalTargets {
  Index map = 0;  // 0, 1, ... the maps into the stages; the number of stages: the map to the outputs
  Matrix coefficients;
  Vector offset;
  bool any = false;

  [[nodiscard]] Index count() const { return offset.size(); }
};

// The targets of required states: what a winner has to be ahead of, and the breakpoints of a piece.
[[nodiscard]] GoalTargets targets_of(const NormalForm& form, const SearchGoal& goal);

class GoalPlan {
 public:
  // REQUIRES: the plan outlives it.
  GoalPlan(const SearchPlan& plan, GoalTargets targets, SearchGoal goal);

  [[nodiscard]] const GoalTargets& targets() const { return targets_; }
  [[nodiscard]] const SearchGoal& goal() const { return goal_; }
  [[nodiscard]] const NormalForm& form() const { return plan_.form(); }
  [[nodiscard]] const SearchPlan& plan() const { return plan_; }

  // The rows of the maps before the targets' one, counted through: where those of map t begin.
  [[nodiscard]] Index first_row(Index t) const { return first_row_[t]; }
  [[nodiscard]] Index row_count() const { return first_row_.back(); }
  // Bounds of all these rows on the whole region.
  [[nodiscard]] const double* low() const { return low_.data(); }
  [[nodiscard]] const double* high() const { return high_.data(); }
  // In the stage just before the targets' map nothing depends on the cell: their coefficients of the stage's
  // values, and bounds of rounding: a share of the magnitudes of values, and the rest.
  struct Last {
    Matrix values;
    Vector error_share;
    Vector error_rest;
  };
  [[nodiscard]] const Last& last() const { return last_; }
  // Of map t: its weights' magnitudes, for sums of errors; what rounding its sums may leave, relative to
  // the magnitudes of their terms.
  [[nodiscard]] const MapColumns& magnitudes(Index t) const { return magnitudes_[t]; }
  [[nodiscard]] const AffineMap& map(Index t) const;
  [[nodiscard]] const MapColumns& columns(Index t) const;

 private:
  const SearchPlan& plan_;
  GoalTargets targets_;
  SearchGoal goal_;
  std::vector<Index> first_row_;
  std::vector<double> low_, high_;
  std::vector<MapColumns> magnitudes_;
  Last last_;
};

}  // namespace facetry
