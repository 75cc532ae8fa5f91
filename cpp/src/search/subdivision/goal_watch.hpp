// The watch over a goal: what can still be reached on a cell. It is looked whenever a cell enters a
// stage or has lost many of its open units, and parts that hold nothing of what is wanted are left
// out.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "search/goal/goal_bounds.hpp"
#include "search/subdivision/node.hpp"
#include "search/subdivision/sum_writer.hpp"

namespace facetry {

// Whoever knows that less than the whole cell matters: narrows the ranges of rows to that.
class RangeFilter {
 public:
  virtual ~RangeFilter() = default;
  virtual void narrow(const RowPlanes& rows, double* low, double* high) const = 0;
};

// Guarantees, numbered as the tests are:
//  1. contradicts(): the states of decided units of the last stage say that no region of the node
//     is wanted.
//  2. out_of_reach(): no point of the cell is in a region that is wanted, rounding included.
//  3. most_of_target(): a target is nowhere on the cell more than this, or this is above `enough`.
//  4. A target that is marked as certain is not negative anywhere on the cell.
// REQUIRES: what is referred to outlives it; on().
// Cost: look(): one pass over the stages behind the cell; then most_of_target() one most() of the
// cell, or all targets together one pass over its vertices.
template <class F>
class GoalWatch {
 public:
  using Cell = typename F::Cell;

  // `goal` may be null.
  GoalWatch(const SearchPlan& plan, const PathRows& rows, F& cells, RowRanges& ranges,
            SumWriter& sums, const GoalPlan* goal)
      : plan_(plan),
        rows_(rows),
        cells_(cells),
        ranges_(ranges),
        sums_(sums),
        goal_(goal),
        k_(plan.dimension()),
        row_(static_cast<std::size_t>(k_ + 1)) {
    if (goal != nullptr) bounds_.emplace(*goal);
  }

  // Less than the cell matters, from now on.
  void narrow_by(const RangeFilter& filter) { filter_ = &filter; }

  [[nodiscard]] bool on() const { return goal_ != nullptr; }
  [[nodiscard]] const GoalTargets& targets() const { return goal_->targets(); }
  // Can be looked from this stage? (Else the targets are functions of what is on the cell already.)
  [[nodiscard]] bool sees_from(Index stage) const { return stage < goal_->targets().map; }

  // Has a unit of the last stage a state that is not wanted?
  [[nodiscard]] bool contradicts(const Node<Cell>& node) const;
  // Is it certain that the node holds nothing of what is wanted? Not asked where the answer itself
  // is as near. `measured`: are the ranges of the open units' rows at hand?
  [[nodiscard]] bool out_of_reach(Node<Cell>& node, bool measured);

  // Sees to it that the node knows what the targets are on it; adds its pending rows. True: what it
  // knows has changed since it was asked last. REQUIRES sees_from(node.stage).
  bool look(Node<Cell>& node, bool measured);
  // A bound of a target on the node's cell, or some number above `enough`. `point`, if not null,
  // becomes where the bound is reached. REQUIRES look(node).
  [[nodiscard]] double most_of_target(const Node<Cell>& node, Index target, double enough,
                                      double* point = nullptr);
  // A target as an affine function that is nowhere lower on the cell, but for the error that is
  // returned. Valid until the next question. REQUIRES look(node).
  [[nodiscard]] double target_row(const Node<Cell>& node, Index target, const double** row) {
    *row = row_.data();
    return bounds_->target(*node.goal, target, seen(node), row_.data());
  }
  // The only target of a network without units: its largest value on the cell.
  [[nodiscard]] double most_without_units(const Node<Cell>& node, double enough, double* point) {
    bounds_->target_of_inputs(node.sums.planes, row_.data());
    return cells_.most(node.cell, row_.data(), enough, point);
  }

 private:
  class RangesOfCell;

  [[nodiscard]] GoalBounds::Cell seen(const Node<Cell>& node);
  void measure_open(const Node<Cell>& node);
  [[nodiscard]] bool ask_together(Node<Cell>& node);
  [[nodiscard]] bool ask_one_by_one(Node<Cell>& node);

  // A cell is looked at again in the same stage once it has no more than this share of its open
  // units left.
  static constexpr double kWorthLooking = 0.6;
  // Where only this many units are open before the stage that answers, that stage is asked instead:
  // it costs no more than a look.
  static constexpr Index kFewWaiting = 1;

  const SearchPlan& plan_;
  const PathRows& rows_;
  F& cells_;
  RowRanges& ranges_;
  SumWriter& sums_;
  const GoalPlan* goal_;
  const RangeFilter* filter_ = nullptr;
  Index k_;
  std::optional<GoalBounds> bounds_;
  std::vector<std::int32_t> open_numbers_;  // of seen()
  WorkArray<double> open_low_, open_high_;  // of measure_open()
  std::vector<double> row_;
  // Of ask_together():
  std::vector<Index> asked_;
  std::vector<double> errors_;
  WorkArray<double> target_rows_, target_low_, target_high_;
};

template <class F>
class GoalWatch<F>::RangesOfCell : public CellRanges {
 public:
  RangesOfCell(F& cells, const Cell& cell, const RangeFilter* filter)
      : cells_(cells), cell_(cell), filter_(filter) {}
  void ranges(const RowPlanes& rows, double* low, double* high) override {
    cells_.ranges(cell_, rows, low, high);
    if (filter_ != nullptr) filter_->narrow(rows, low, high);
  }

 private:
  F& cells_;
  const Cell& cell_;
  const RangeFilter* filter_;
};

// The node as the bounds see it.
template <class F>
GoalBounds::Cell GoalWatch<F>::seen(const Node<Cell>& node) {
  open_numbers_.clear();
  for (Index p = node.place; p < node.open.count; ++p)
    open_numbers_.push_back(node.open.units[p].unit);
  return {node.stage,          &rows_,       node.sums.planes, ranges_.low.data(),
          ranges_.high.data(), open_numbers_};
}

template <class F>
bool GoalWatch<F>::look(Node<Cell>& node, bool measured) {
  sums_.add_pending(node.sums, node.stage);
  const bool new_stage = node.goal == nullptr || node.goal->stage != node.stage;
  const auto share = kWorthLooking * static_cast<double>(new_stage ? 0 : node.goal->open);
  if (!new_stage && static_cast<double>(node.open_count()) > share) return false;
  if (!measured) measure_open(node);
  if (filter_ != nullptr) {
    const MapColumns& into = *plan_.stage(node.stage).into;
    filter_->narrow({rows_.stage(node.stage).pre, into.rows(), into.stride()}, ranges_.low.data(),
                    ranges_.high.data());
  }
  RangesOfCell ranges(cells_, node.cell, filter_);
  node.goal = bounds_->look(seen(node), node.goal, ranges, cells_.memory());
  return true;
}

// The ranges of the open units' rows.
template <class F>
void GoalWatch<F>::measure_open(const Node<Cell>& node) {
  const StagePlan& stage = plan_.stage(node.stage);
  if (!stage.single_breakpoints) {
    const MapColumns& into = *stage.into;
    cells_.ranges(node.cell, {rows_.stage(node.stage).pre, into.rows(), into.stride()},
                  ranges_.low.data(), ranges_.high.data());
    return;
  }
  const OpenUnits& open = node.open;
  const Index first = node.place / kRowBlock * kRowBlock;
  open_low_.ensure(open.stride);
  open_high_.ensure(open.stride);
  cells_.ranges(node.cell, {open.rows + first, open.count - first, open.stride}, open_low_.data(),
                open_high_.data());
  for (Index p = node.place; p < open.count; ++p) {
    const OpenUnit& unit = open.units[p];
    const double t = stage.breakpoints[unit.unit];
    ranges_.low[unit.unit] = open_low_[p - first] * unit.length + t;
    ranges_.high[unit.unit] = open_high_[p - first] * unit.length + t;
  }
}

template <class F>
double GoalWatch<F>::most_of_target(const Node<Cell>& node, Index target, double enough,
                                    double* point) {
  const double error = bounds_->target(*node.goal, target, seen(node), row_.data());
  return cells_.most(node.cell, row_.data(), enough, point) + error;
}

template <class F>
bool GoalWatch<F>::out_of_reach(Node<Cell>& node, bool measured) {
  if (!sees_from(node.stage) || node.certain.count() == targets().count()) return false;
  if (bounds_->reads_directly(node.stage) && node.open_count() <= kFewWaiting) return false;
  if (!look(node, measured))
    return false;  // a question costs about as much as a cut: not after each of them
  return kExactRanges<F> ? ask_together(node) : ask_one_by_one(node);
}

// Is a target out of reach (or all, if any will do)?
template <class F>
bool GoalWatch<F>::ask_one_by_one(Node<Cell>& node) {
  const bool any = targets().any;
  for (Index f = 0; f < targets().count(); ++f) {
    const bool beyond_reach = most_of_target(node, f, 0.0) < 0.0;
    if (beyond_reach != any) return beyond_reach;
  }
  return any;
}

// The same from one question for the ranges of all; those that are certain to be reached on the
// whole cell need not be asked again.
template <class F>
bool GoalWatch<F>::ask_together(Node<Cell>& node) {
  const bool twice = !targets().any && bounds_->reads_directly(node.stage);
  const GoalBounds::Cell cell = seen(node);
  asked_.clear();
  for (Index f = 0; f < targets().count(); ++f) {
    if (!node.certain.has(f)) asked_.push_back(f);
  }
  const Index count = size_of(asked_);
  const Index used = twice ? 2 * count : count;
  const Index stride = padded(used);
  target_rows_.ensure(stride * (k_ + 1));
  target_low_.ensure(stride);
  target_high_.ensure(stride);
  errors_.resize(static_cast<std::size_t>(count));
  double* rows = target_rows_.data();
  for (Index i = 0; i < count; ++i) {
    errors_[i] = bounds_->target(*node.goal, asked_[i], cell, rows + i,
                                 twice ? rows + count + i : nullptr, stride);
  }
  for (Index c = 0; c <= k_; ++c) std::fill(rows + c * stride + used, rows + (c + 1) * stride, 0.0);
  cells_.ranges(node.cell, {rows, used, stride}, target_low_.data(), target_high_.data());
  for (Index i = 0; i < count; ++i) {
    const bool beyond_reach = target_high_[i] + errors_[i] < 0.0;
    if (beyond_reach != targets().any) return beyond_reach;
  }
  for (Index i = 0; twice && i < count; ++i) {
    if (target_low_[count + i] - errors_[i] > 0.0) node.certain.add(asked_[i]);
  }
  return targets().any;
}

template <class F>
bool GoalWatch<F>::contradicts(const Node<Cell>& node) const {
  if (node.stage + 1 < plan_.stage_count()) return false;
  const SearchGoal& goal = goal_->goal();
  const StagePlan& stage = plan_.stage(node.stage);
  const StateWord* states = rows_.state().data();
  for (Index u = 0; u < size_of(goal.required); ++u) {
    const PlannedUnit& unit = stage.units[u];
    if (goal.required[u] == SearchGoal::kAny || node.is_open(u)) continue;
    if (unit.only_if >= 0 &&
        (node.is_open(unit.only_if) || !is_asked(plan_, node.stage, unit, states)))
      continue;
    if (!SearchGoal::meets(plan_.layout().get(states, unit.number), goal.required[u])) return true;
  }
  const Index first = goal.differ_first;
  const Index second = goal.differ_second;
  if (first < 0 || node.is_open(first) || node.is_open(second)) return false;
  return plan_.layout().get(states, stage.units[first].number) ==
         plan_.layout().get(states, stage.units[second].number);
}

}  // namespace facetry
