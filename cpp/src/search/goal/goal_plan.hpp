// What a search with a goal knows from the start, shared by its threads: what must be reached, as
// functions of the rows of one map of the network, and bounds that hold on the whole region.
#pragma once

#include <optional>
#include <vector>

#include "facetry/network/linear_bounds.hpp"
#include "facetry/state/search_goal.hpp"
#include "search/plan/search_plan.hpp"

namespace facetry {

// One function per row: coefficients . (rows of the map) + offset. On a cell where one of them is
// below zero everywhere (`any`: all of them) there is nothing to find.
struct GoalTargets {
  Index map =
      0;  // 0, 1, ... the maps into the stages; the number of stages: the map to the outputs
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

  // Of every maximum of the last stage, which has nothing else, is only asked whether one argument
  // wins (or it depends on such a one)?
  [[nodiscard]] bool compares_only() const { return compares_only_; }

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
  // The number of the target that compares the wanted argument of a maximum with the one of this
  // row of the targets' map; -1: there is none.
  [[nodiscard]] Index target_against(Index row) const { return target_against_[row]; }
  // In the stage just before the targets' map nothing depends on the cell: their coefficients of
  // the stage's values, and bounds of rounding: a share of the magnitudes of values, and the rest.
  struct Last {
    Matrix values;
    Vector offset;
    Vector error_share;
    Vector error_rest;
  };
  [[nodiscard]] const Last& last() const { return last_; }
  // Of map t: its weights' magnitudes, for sums of errors; what rounding its sums may leave,
  // relative to the magnitudes of their terms.
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
  std::vector<Index> target_against_;
  bool compares_only_ = false;
};

}  // namespace facetry
