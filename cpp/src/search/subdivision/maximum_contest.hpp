// The contest of a maximum: arguments that another one is ahead of everywhere on a cell are out of
// it, so that the cell is only split among those that may be the largest somewhere.
#pragma once

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "search/goal/goal_plan.hpp"
#include "search/path/path_rows.hpp"
#include "search/subdivision/node.hpp"

namespace facetry {

// Guarantees, numbered as the tests are:
//  1. An argument that does not contend is smaller than one that does at every point of the cell,
//     by more than both may be off by.
//  2. winner() >= 0: all other arguments are out.
//  3. Where a goal wants one argument to win, only that one is compared with the others, and only
//     it is a winner; arguments that are certainly behind it (CertainTargets) are not compared
//     again.
// REQUIRES: what is referred to outlives it; the stage's rows are written, and `by_ranges` their
// ranges on the cell.
// Cost: the ranges of up to kMostCompared * (kMostCompared - 1) / 2 differences; where more
// contend, none.
template <class F>
class MaximumContest {
 public:
  using Cell = typename F::Cell;

  // All pairs of so many contenders are compared at once; where more are left, each waits for its
  // turn.
  static constexpr Index kMostCompared = 8;

  // `goal` may be null. `keeps_all`: nobody is out unless one wins, for a recorder that is told of
  // every argument.
  MaximumContest(const SearchPlan& plan, PathRows& rows, F& cells, const RowRanges& ranges,
                 const GoalPlan* goal, bool keeps_all);

  // Does a stage ask of its maxima only whether the one argument that is wanted wins, or later
  // questions? Then the ranges of its rows are not read.
  [[nodiscard]] bool compares_only(Index stage) const {
    return goal_ != nullptr && goal_->compares_only() && stage + 1 == plan_.stage_count();
  }
  // The argument that must win, if the goal names one; -1: any.
  [[nodiscard]] Index wanted(Index stage, Index unit) const {
    if (goal_ == nullptr || stage + 1 < plan_.stage_count() || goal_->goal().empty()) return -1;
    return std::max<Index>(-1, goal_->goal().required[unit]);
  }

  // Holds the contest of a maximum on a cell: the winner, if only one argument is left that may be
  // it; else -1.
  [[nodiscard]] Index winner(const Cell& cell, const CertainTargets& certain, Index stage,
                             Index unit, bool by_ranges);
  // Does an argument contend, after the last contest of this maximum on this path?
  [[nodiscard]] bool contends(Index stage, Index unit, Index argument) const {
    return rows_.stage(stage).contends[plan_.stage(stage).units[unit].first_row + argument] != 0;
  }
  // Must the cell be split for this argument? It contends, and if another one is wanted it does not
  // matter.
  [[nodiscard]] bool may_win(Index stage, Index unit, Index argument) const {
    const Index only = wanted(stage, unit);
    return contends(stage, unit, argument) && (only < 0 || argument == only);
  }

 private:
  [[nodiscard]] char* marks(Index stage, Index unit) {
    return rows_.stage(stage).contends.data() + plan_.stage(stage).units[unit].first_row;
  }
  [[nodiscard]] double room_of(Index stage, Index row) const;
  void drop_by_ranges(Index stage, Index unit);
  [[nodiscard]] bool is_certainly_behind(const CertainTargets& certain, Index row) const;
  void list_pairs(const CertainTargets& certain, Index stage, Index unit);
  void drop_by_differences(const Cell& cell, Index stage, Index unit);

  const SearchPlan& plan_;
  PathRows& rows_;
  F& cells_;
  const RowRanges& ranges_;
  const GoalPlan* goal_;
  bool keeps_all_;
  Index k_;
  std::vector<std::array<Index, 2>> pairs_;  // of arguments to compare,
  WorkArray<double> differences_;            // their rows' differences (planes),
  WorkArray<double> low_, high_;             // and the ranges of these
};

template <class F>
MaximumContest<F>::MaximumContest(const SearchPlan& plan, PathRows& rows, F& cells,
                                  const RowRanges& ranges, const GoalPlan* goal, bool keeps_all)
    : plan_(plan),
      rows_(rows),
      cells_(cells),
      ranges_(ranges),
      goal_(goal),
      keeps_all_(keeps_all),
      k_(plan.dimension()) {
  Index most = 0;
  for (Index s = 0; s < plan.stage_count(); ++s) {
    for (const PlannedUnit& unit : plan.stage(s).units) {
      if (unit.function != nullptr) continue;
      const Index few = std::min(unit.row_count, kMostCompared);
      most = std::max({most, unit.row_count, few * (few - 1) / 2});
    }
  }
  differences_.ensure(padded(most) * (k_ + 1));
  low_.ensure(padded(most));
  high_.ensure(padded(most));
}

// Dropping what is behind any other argument is enough: where the winner is ahead of that one, it
// is ahead of what is behind it too.
template <class F>
Index MaximumContest<F>::winner(const Cell& cell, const CertainTargets& certain, Index s, Index u,
                                bool by_ranges) {
  const Index count = plan_.stage(s).units[u].row_count;
  char* own = marks(s, u);
  std::fill_n(own, count, char{1});
  const Index only = wanted(s, u);
  if (by_ranges && only < 0) drop_by_ranges(s, u);
  list_pairs(certain, s, u);
  if (!pairs_.empty()) drop_by_differences(cell, s, u);
  const bool decided = std::count(own, own + count, char{1}) == 1;
  const Index winner = decided ? std::find(own, own + count, char{1}) - own : -1;
  if (winner < 0 && keeps_all_) std::fill_n(own, count, char{1});
  return only < 0 || winner == only ? winner : -1;
}

// What a row's values on the region may be off by.
template <class F>
double MaximumContest<F>::room_of(Index s, Index row) const {
  if (plan_.safe()) return rows_.row_error(s, row, 0.0);
  return plan_.predicates().offset_noise(*plan_.stage(s).stage, row, rows_.stage(s).scale);
}

// Drops arguments whose largest value is below the smallest of another one.
template <class F>
void MaximumContest<F>::drop_by_ranges(Index s, Index u) {
  const PlannedUnit& unit = plan_.stage(s).units[u];
  char* own = marks(s, u);
  double sure = -std::numeric_limits<double>::infinity();
  for (Index a = unit.first_row; a < unit.first_row + unit.row_count; ++a) {
    sure = std::max(sure, ranges_.low[a] - room_of(s, a));
  }
  for (Index a = 0; a < unit.row_count; ++a) {
    const Index row = unit.first_row + a;
    if (ranges_.high[row] + room_of(s, row) < sure) own[a] = 0;
  }
}

// Has the bound of a target said that the wanted argument is ahead of this one on the whole cell?
template <class F>
bool MaximumContest<F>::is_certainly_behind(const CertainTargets& certain, Index row) const {
  if (certain.none()) return false;
  const Index target = goal_->target_against(row);
  return target >= 0 && certain.has(target);
}

// The pairs of arguments to compare: the wanted one and each that it is not known to be ahead of,
// or all that contend, if they are few.
template <class F>
void MaximumContest<F>::list_pairs(const CertainTargets& certain, Index s, Index u) {
  const PlannedUnit& unit = plan_.stage(s).units[u];
  char* own = marks(s, u);
  const Index only = wanted(s, u);
  pairs_.clear();
  if (only >= 0) {
    for (Index a = 0; a < unit.row_count; ++a) {
      if (a == only) continue;
      own[a] = is_certainly_behind(certain, unit.first_row + a) ? 0 : 1;
      if (own[a] != 0) pairs_.push_back({only, a});
    }
    return;
  }
  if (std::count(own, own + unit.row_count, char{1}) > kMostCompared) return;
  for (Index a = 0; a < unit.row_count; ++a) {
    for (Index b = a + 1; b < unit.row_count; ++b) {
      if (own[a] != 0 && own[b] != 0) pairs_.push_back({a, b});
    }
  }
}

// Compares what is listed.
template <class F>
void MaximumContest<F>::drop_by_differences(const Cell& cell, Index s, Index u) {
  const Index first = plan_.stage(s).units[u].first_row;
  const Index count = size_of(pairs_);
  const Index stride = padded(count);
  const Index row_stride = plan_.stage(s).into->stride();
  for (Index c = 0; c <= k_; ++c) {
    const double* rows = rows_.stage(s).pre + c * row_stride + first;
    double* out = differences_.data() + c * stride;
    for (Index p = 0; p < count; ++p) out[p] = rows[pairs_[p][0]] - rows[pairs_[p][1]];
    std::fill(out + count, out + stride, 0.0);
  }
  cells_.ranges(cell, {differences_.data(), count, stride}, low_.data(), high_.data());
  char* own = marks(s, u);
  for (Index p = 0; p < count; ++p) {
    const auto [a, b] = pairs_[p];
    const double room = room_of(s, first + a) + room_of(s, first + b);
    if (low_[p] > room) own[b] = 0;
    if (high_[p] < -room) own[a] = 0;
  }
}

}  // namespace facetry
