// What a search with a goal does: it looks at what can still be reached whenever a cell enters a stage or
// has lost many of its open units, and leaves out parts that hold nothing of what is wanted. Included by
// subdivision_search.cpp alone.
#pragma once

#include <algorithm>

#include "partition/subdivision_search.hpp"

namespace facetry {

// A cell is looked at again in the same stage once it has no more than this share of its open units left.
constexpr double kWorthLooking = 0.7;

template <class F>
class SubdivisionSearch<F>::RangesOfCell : public CellRanges {
 public:
  RangesOfCell(F& cells, const Cell& cell) : cells_(cells), cell_(cell) {}
  void ranges(const RowPlanes& rows, double* low, double* high) override {
    cells_.ranges(cell_, rows, low, high);
  }

 private:
  F& cells_;
  const Cell& cell_;
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

// Is it certain that the node holds nothing of what is wanted?
template <class F>
bool SubdivisionSearch<F>::hopeless(Node& node) {
  if (contradicts(node)) return true;
  if (node.stage >= goal_->targets().map || goal_->targets().count() == 0) return false;
  if (path_.retracing()) return false;  // what another search found promising is not asked again
  const bool new_stage = node.goal == nullptr || node.goal->stage != node.stage;
  const Index open = node.open.count - node.place;
  if (new_stage || static_cast<double>(open) <= kWorthLooking * static_cast<double>(node.goal->open)) {
    const StageRows& rows = rows_.stage(node.stage);
    const MapColumns& into = *plan_.stage(node.stage).into;
    cells_.ranges(node.cell, {rows.pre, into.rows(), into.stride()}, low_.data(), high_.data());
    RangesOfCell ranges(cells_, node.cell);
    node.goal = goal_bounds_->look(seen_by_goal(node), node.goal, ranges, cells_.memory());
  }
  const GoalBounds::Cell cell = seen_by_goal(node);
  for (Index f = 0; f < goal_->targets().count(); ++f) {
    const double error = goal_bounds_->target(*node.goal, f, cell, value_.data());
    if (cells_.range(node.cell, value_.data()).high + error < 0.0) return true;
  }
  return false;
}

// Has a unit of the last stage a state that is not wanted?
template <class F>
bool SubdivisionSearch<F>::contradicts(const Node& node) const {
  if (node.stage + 1 < plan_.stage_count()) return false;
  const std::vector<Index>& required = goal_->goal().required;
  const StagePlan& stage = plan_.stage(node.stage);
  for (Index u = 0; u < size_of(required); ++u) {
    if (required[u] == SearchGoal::kAny) continue;
    const auto is_it = [&](const OpenUnit& open) { return open.unit == u; };
    if (std::any_of(node.open.units + node.place, node.open.units + node.open.count, is_it)) continue;
    if (plan_.layout().get(rows_.state().data(), stage.units[u].number) != required[u]) return true;
  }
  return false;
}

}  // namespace facetry
