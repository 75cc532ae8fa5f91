// What a search with a goal does: it looks at what can still be reached whenever a cell enters a stage or
// has lost many of its open units, and leaves out parts that hold nothing of what is wanted. Included by
// subdivision_search.cpp alone.
#pragma once

#include <algorithm>
#include <limits>
#include <utility>

#include "search/subdivision/subdivision_search.hpp"

namespace facetry {

// A cell is looked at again in the same stage once it has no more than this share of its open units left.
constexpr double kWorthLooking = 0.6;

// Where only this many units are open before the stage that answers, that stage is asked instead: it costs no
// more than a look.
constexpr Index kFewWaiting = 1;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

template <class F>
class SubdivisionSearch<F>::RangesOfCell : public CellRanges {
 public:
  RangesOfCell(F& cells, const Cell& cell, const ObjectiveHost* objective)
      : cells_(cells), cell_(cell), objective_(objective) {}
  void ranges(const RowPlanes& rows, double* low, double* high) override {
    cells_.ranges(cell_, rows, low, high);
    if (objective_ != nullptr) objective_->narrow(rows, low, high);
  }

 private:
  F& cells_;
  const Cell& cell_;
  const ObjectiveHost* objective_;
};

// The node as the bounds see it.
template <class F>
GoalBounds::Cell SubdivisionSearch<F>::seen_by_goal(const Node& node) {
  open_numbers_.clear();
  for (Index p = node.place; p < node.open.count; ++p) {
    open_numbers_.push_back(static_cast<std::int32_t>(node.open.units[p].unit));
  }
  return {node.stage, &rows_, node.sums, low_.data(), high_.data(), open_numbers_};
}

// Sees to it that the node knows what the targets are on it. True: it has changed since it was asked last.
// `measured`: are the ranges of the open units' rows at hand?
template <class F>
bool SubdivisionSearch<F>::look(Node& node, bool measured) {
  const bool new_stage = node.goal == nullptr || node.goal->stage != node.stage;
  const Index open = node.open.count - node.place;
  const auto share = kWorthLooking * static_cast<double>(new_stage ? 0 : node.goal->open);
  if (!new_stage && static_cast<double>(open) > share) return false;
  if (!measured) measure_open(node);
  if (options_.objective != nullptr) {
    const MapColumns& into = *plan_.stage(node.stage).into;
    options_.objective->narrow({rows_.stage(node.stage).pre, into.rows(), into.stride()}, low_.data(),
                               high_.data());
  }
  RangesOfCell ranges(cells_, node.cell, options_.objective);
  node.goal = goal_bounds_->look(seen_by_goal(node), node.goal, ranges, cells_.memory());
  return true;
}

// The ranges of the open units' rows, in low_ and high_ by row.
template <class F>
void SubdivisionSearch<F>::measure_open(const Node& node) {
  const StagePlan& stage = plan_.stage(node.stage);
  if (!stage.single_breakpoints) {
    const MapColumns& into = *stage.into;
    cells_.ranges(node.cell, {rows_.stage(node.stage).pre, into.rows(), into.stride()}, low_.data(),
                  high_.data());
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
    low_[unit.unit] = open_low_[p - first] * unit.length + t;
    high_[unit.unit] = open_high_[p - first] * unit.length + t;
  }
}

// The state that a maximum must have, if the goal names one; -1: any.
template <class F>
Index SubdivisionSearch<F>::only_winner(Index stage, Index unit) const {
  if (goal_ == nullptr || stage + 1 < plan_.stage_count() || goal_->goal().empty()) return -1;
  return std::max<Index>(-1, goal_->goal().required[unit]);
}

// A bound of a target on the node's cell, or some number above `enough`. REQUIRES look(node).
template <class F>
double SubdivisionSearch<F>::most_of_target(Node& node, Index target, double enough, double* point) {
  const double error = goal_bounds_->target(*node.goal, target, seen_by_goal(node), value_.data());
  return cells_.most(node.cell, value_.data(), enough, point) + error;
}

// Is it certain that the node holds nothing of what is wanted?
template <class F>
bool SubdivisionSearch<F>::hopeless(Node& node) {
  const bool measured = std::exchange(measured_, false);
  if (contradicts(node)) return true;
  if (options_.objective != nullptr) return promises_little(node, measured);
  const Index targets = goal_->targets().count();
  if (node.stage >= goal_->targets().map || node.certain_count == targets) return false;
  if (goal_bounds_->reads_directly(node.stage) && node.open.count - node.place <= kFewWaiting) return false;
  if (path_.retracing()) return false;  // what another search found promising is not asked again
  add_pending(node);
  const bool changed = look(node, measured);
  if (!changed) return false;  // a question costs about as much as a cut: not after each of them
  if constexpr (kExactRanges<F>) return ask_together(node);
  const bool any = goal_->targets().any;
  for (Index f = 0; f < targets; ++f) {
    const bool beyond_reach = most_of_target(node, f, 0.0) < 0.0;
    if (beyond_reach != any) return beyond_reach;
  }
  return any;
}

// Is a target out of reach (or all, if any will do)? From one question for the ranges of all; those that are
// certain to be reached on the whole cell need not be asked again.
template <class F>
bool SubdivisionSearch<F>::ask_together(Node& node) {
  const GoalTargets& targets = goal_->targets();
  const bool twice = !targets.any && goal_bounds_->reads_directly(node.stage);
  const GoalBounds::Cell cell = seen_by_goal(node);
  asked_.clear();
  for (Index f = 0; f < targets.count(); ++f) {
    if (!node.is_certain(f)) asked_.push_back(f);
  }
  const Index count = size_of(asked_);
  const Index stride = padded(twice ? 2 * count : count);
  differences_.ensure(stride * (k_ + 1));
  difference_low_.ensure(stride);
  difference_high_.ensure(stride);
  errors_.resize(static_cast<std::size_t>(count));
  double* rows = differences_.data();
  for (Index i = 0; i < count; ++i) {
    errors_[i] = goal_bounds_->target(*node.goal, asked_[i], cell, rows + i,
                                      twice ? rows + count + i : nullptr, stride);
  }
  const Index used = twice ? 2 * count : count;
  for (Index c = 0; c <= k_; ++c) std::fill(rows + c * stride + used, rows + (c + 1) * stride, 0.0);
  cells_.ranges(node.cell, {rows, used, stride}, difference_low_.data(), difference_high_.data());
  for (Index i = 0; i < count; ++i) {
    const bool beyond_reach = difference_high_[i] + errors_[i] < 0.0;
    if (beyond_reach != targets.any) return beyond_reach;
  }
  for (Index i = 0; twice && i < count; ++i) {
    if (difference_low_[count + i] - errors_[i] > 0.0) node.set_certain(asked_[i]);
  }
  return targets.any;
}

// Can the objective be no more on the node than what is found already?
template <class F>
bool SubdivisionSearch<F>::promises_little(Node& node, bool measured) {
  if (path_.retracing()) return false;
  bool changed = options_.objective->measures_cells();
  if (node.stage < goal_->targets().map) {
    add_pending(node);
    changed = look(node, measured);
  }
  if (std::exchange(node.promised, false) && !changed) return false;
  const double bound = promise(node);
  if (bound > options_.objective->enough()) return false;
  options_.objective->bounded(bound);
  return true;
}

// The most that the objective can be on the node. REQUIRES look(node) before the targets' map.
template <class F>
double SubdivisionSearch<F>::promise(Node& node) {
  ObjectiveHost& objective = *options_.objective;
  if (!objective.measures_cells()) return most_of_target(node, 0, kInfinity);
  const GoalTargets& targets = goal_->targets();
  if (node.stage >= targets.map || targets.count() == 0) return objective.promise(planes_, nullptr, 0.0);
  const GoalBounds::Cell cell = seen_by_goal(node);
  double most = targets.any ? -kInfinity : kInfinity;
  for (Index f = 0; f < targets.count(); ++f) {
    const double error = goal_bounds_->target(*node.goal, f, cell, value_.data());
    const bool reachable = cells_.most(node.cell, value_.data(), 0.0, nullptr) + error >= 0.0;
    const double own = reachable ? objective.promise(planes_, value_.data(), error) : -kInfinity;
    most = targets.any ? std::max(most, own) : std::min(most, own);
  }
  return most;
}

// Splits at the one breakpoint of a unit: the part that promises more is searched, the other may wait.
template <class F>
void SubdivisionSearch<F>::split_best_first(Node& node, Question& question) {
  const PlannedUnit& unit = plan_.stage(node.stage).units[question.unit];
  const Origin origin = unit.origin(question.boundary);
  StackMemory& memory = cells_.memory();
  const StackMemory::Mark before = memory.mark();
  const Index cuts_before = size_of(cuts_);
  add_pending(node);  // once for both parts
  Node parts[2] = {node, node};
  cells_.cut(node.cell, question.row, origin, parts[1].cell, parts[0].cell, shift_of(question, origin));
  double bounds[2];
  for (Index piece = 0; piece < 2; ++piece) {
    Node& part = parts[piece];
    part.own = false;
    part.fresh = true;
    part.sure = false;
    ++part.place;
    decide(part, question, piece);
    if (path_.retracing()) continue;
    part.promised = true;
    if (part.stage < goal_->targets().map) {
      add_pending(part);
      static_cast<void>(look(part, false));
    }
    if (follows_) follow_cut(boundary_of(node.stage, question), origin, question, piece == 1);
    bounds[piece] = promise(part);
    if (follows_) forget_cuts(cuts_before);
  }
  const auto enter = [&](Index piece) {
    plan_.layout().set(rows_.state().data(), unit.number, piece);
    if (follows_) follow_cut(boundary_of(node.stage, question), origin, question, piece == 1);
    branch(parts[piece], piece, 2, piece);
    if (follows_) forget_cuts(cuts_before);
  };
  if (path_.retracing()) {
    enter(0);
    if (!stopped_) enter(1);
  } else {
    const Index first = bounds[0] >= bounds[1] ? 0 : 1;
    TreePath other = path_.choices();
    other.push_back(static_cast<std::int32_t>(1 - first));
    if (bounds[1 - first] > options_.objective->enough()) {
      options_.objective->postpone(std::move(other), bounds[1 - first]);
    } else {
      options_.objective->bounded(bounds[1 - first]);
    }
    enter(first);
  }
  memory.release(before);
}

// The region at hand: the largest value of the target on it, and where. All units are decided, so the target
// is what the sums say.
template <class F>
void SubdivisionSearch<F>::report_value(Node& node) {
  double bound = 0.0;
  add_pending(node);
  if (plan_.stage_count() > 0) {
    static_cast<void>(look(node, false));
    bound = most_of_target(node, 0, kInfinity, point_.data());
  } else {
    goal_bounds_->target_of_inputs(node.sums, row_.data());
    bound = cells_.most(node.cell, row_.data(), kInfinity, point_.data());
  }
  options_.objective->bounded(bound);
  options_.objective->reached(point_.data());
}

// The region at hand counts, if it is one.
template <class F>
void SubdivisionSearch<F>::report_cell(Node& node) {
  cells_.interior_point(node.cell, point_.data());
  if (safe_) {
    RegionList::Place place{nullptr, point_.data(), nullptr, nullptr};
    Index facets = 0;
    if (!prove_interior(node.cell, place, facets)) return;
  }
  options_.objective->reached_cell(planes_, rows_.state().data(), point_.data());
}

// Has a unit of the last stage a state that is not wanted?
template <class F>
bool SubdivisionSearch<F>::contradicts(const Node& node) const {
  if (node.stage + 1 < plan_.stage_count()) return false;
  const std::vector<Index>& required = goal_->goal().required;
  const StagePlan& stage = plan_.stage(node.stage);
  for (Index u = 0; u < size_of(required); ++u) {
    const PlannedUnit& unit = stage.units[u];
    if (required[u] == SearchGoal::kAny || is_open(node, u)) continue;
    if (unit.only_if >= 0 && (is_open(node, unit.only_if) || !is_asked(node.stage, unit))) continue;
    const Index state = plan_.layout().get(rows_.state().data(), unit.number);
    if (!SearchGoal::meets(state, required[u])) return true;
  }
  const Index first = goal_->goal().differ_first;
  const Index second = goal_->goal().differ_second;
  if (first >= 0 && !is_open(node, first) && !is_open(node, second)) {
    return plan_.layout().get(rows_.state().data(), stage.units[first].number) ==
           plan_.layout().get(rows_.state().data(), stage.units[second].number);
  }
  return false;
}

}  // namespace facetry
