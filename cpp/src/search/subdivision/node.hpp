// The values that the parts of a depth-first search hand to each other: a cell with what is still
// open on it, a boundary that a cell is asked about, and what is known of a stage's rows. Plain
// values: a node is copied for each part of a cut, and what its pointers point to lies in the
// search's stack memory.
#pragma once

#include <array>
#include <cstdint>

#include "base/work_array.hpp"
#include "geometry/bit_set.hpp"
#include "geometry/cell_family.hpp"
#include "kernels/kernels.hpp"
#include "search/plan/search_plan.hpp"
#include "state/predicates.hpp"

namespace facetry {

struct GoalView;

// A boundary at hand: the cell is asked about its row.
struct Question {
  Index unit = 0;               // in the stage
  Index boundary = 0;           // of the unit: a breakpoint, or an argument that is to be behind
  double length = 0.0;          // of the row's gradient before it was normalised
  const double* row = nullptr;  // normalised; null: not computed yet. Valid until the next question
  double error = 0.0;           // safe: what the row's values may be off by
  double largest = 0.0;         // of an open ReLU: its largest gradient entry
  bool constant = false;        // safe: the exact function has no gradient
};

// On which side of a boundary a cell lies.
enum class Side { above, below, across };

struct OpenUnit {
  std::int32_t unit;      // in the stage
  std::int32_t boundary;  // the first breakpoint that may cut the cell
  double length;          // of the row's gradient
  double error;           // safe: what the normalised row's values may be off by
  double largest;         // its largest gradient entry
};

// Units that may cut a cell, in order.
struct OpenUnits {
  OpenUnit* units = nullptr;
  double* rows = nullptr;  // planes: normalised, for their first boundary; maxima have none
  Index stride = 0;        // of the planes
  Index count = 0;
  double error = 0.0;  // the largest of theirs
};

// The sums of the next stage's rows by the units that are decided, and what they were added up
// from.
struct NextSums {
  static constexpr std::int32_t kMostPending = 4;

  const double* planes = nullptr;
  RowScale scale;                                  // of the next stage's inputs, as far as decided
  std::array<std::int32_t, kMostPending> pending;  // decided units whose rows are still to be added
  std::int32_t pending_count = 0;
  bool own = false;  // may `planes` be written?
};

// Which of a goal's first 64 targets are reached on a whole cell, for certain.
struct CertainTargets {
  std::uint64_t marks = 0;

  [[nodiscard]] bool none() const { return marks == 0; }
  [[nodiscard]] Index count() const { return count_bits(marks); }
  [[nodiscard]] bool has(Index target) const { return target < 64 && ((marks >> target) & 1) != 0; }
  void add(Index target) {
    if (target < 64) marks |= std::uint64_t{1} << target;
  }
};

// A cell in a stage.
template <class Cell>
struct Node {
  Cell cell;
  OpenUnits open;  // of the stage
  NextSums sums;
  const GoalView* goal = nullptr;  // of this cell or one around it
  Index stage = 0;
  Index place = 0;        // the next of the open units
  bool fresh = false;     // is the cell smaller than the one the open units were asked on?
  bool promised = false;  // has the objective been asked about this cell?
  bool sure = false;      // do the ranges of all open units on this cell say that they cut it?
  CertainTargets certain;

  [[nodiscard]] Index open_count() const { return open.count - place; }
  [[nodiscard]] bool is_open(Index unit) const {
    for (Index p = place; p < open.count; ++p) {
      if (open.units[p].unit == unit) return true;
    }
    return false;
  }
  // What becomes of it on a part of its cell, where the open unit at hand is decided.
  void go_on() {
    fresh = true;
    sure = false;
    ++place;
  }
};

// Bounds of a stage's rows on the cell at hand, by row.
struct RowRanges {
  explicit RowRanges(const SearchPlan& plan) {
    for (Index s = 0; s < plan.stage_count(); ++s) {
      low.ensure(plan.stage(s).into->stride());
      high.ensure(plan.stage(s).into->stride());
    }
  }

  WorkArray<double> low, high;
  bool measured = false;  // do they bound the rows of all open units on the cell at hand?
};

// The points of a cell, as kernels take them.
[[nodiscard]] inline KernelPoints kernel_points(const PointList& points) {
  return {points.data, points.count, points.step, points.plane};
}

// A unit that depends on another one, which is decided: is it asked?
[[nodiscard]] inline bool is_asked(const SearchPlan& plan, Index stage, const PlannedUnit& unit,
                                   const StateWord* state) {
  if (unit.only_if < 0) return true;
  return plan.layout().get(state, plan.stage(stage).units[unit.only_if].number) == unit.only_state;
}

}  // namespace facetry
