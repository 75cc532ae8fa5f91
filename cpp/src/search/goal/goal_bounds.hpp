// Can a cell hold what a search is for? The functions that must be reached are pulled back through
// the stages behind the cell, with relaxations from bounds that hold on the cell; what is left is
// one affine function per target, whose largest value on the cell the cell itself knows.
#pragma once

#include <span>
#include <vector>

#include "network/functionals.hpp"
#include "network/relaxation.hpp"
#include "search/goal/goal_plan.hpp"
#include "search/path/path_rows.hpp"

namespace facetry {

// What is known of a cell in a stage; it holds for all cells within. Lives in the search's stack
// memory.
struct GoalView {
  Index stage = -1;
  Index open = 0;  // units that were open
  const double* low =
      nullptr;  // bounds on the cell, GoalPlan::first_row; those of maps behind the next
  const double* high = nullptr;  //   stage and up to the targets' one count
  // Targets as functions of the next map's rows and, where values are carried on, of this stage's
  // values:
  const double* rows = nullptr;     // count x rows of the next map
  const double* carried = nullptr;  // count x values of the stage, or null
  const double* units =
      nullptr;  // count x unit_stride: coefficients in all of the stage's open units
  Index unit_stride = 0;
  const double* offset = nullptr;     // count
  const double* error = nullptr;      // count: what evaluating them here may be off by
  const Relaxation* lines = nullptr;  // of the stage's units that were open
};

// Where the bounds of many rows on the cell at hand come from.
class CellRanges {
 public:
  virtual ~CellRanges() = default;
  virtual void ranges(const RowPlanes& rows, double* low, double* high) = 0;
};

class GoalBounds {
 public:
  // REQUIRES: the plan outlives it. One per thread.
  explicit GoalBounds(const GoalPlan& plan);

  // A cell in a stage before the targets' map, as a search sees it.
  struct Cell {
    Index stage = 0;
    const PathRows* path = nullptr;
    const double* sums = nullptr;  // of the next map's rows, by all units that are decided: planes
    const double* low = nullptr;   // of this stage's rows on the cell, as computed
    const double* high = nullptr;
    std::span<const std::int32_t> open;  // units that are not decided, ascending
  };

  // What is known of the cell, given what is known of one around it (or null).
  [[nodiscard]] const GoalView* look(const Cell& cell, const GoalView* around, CellRanges& ranges,
                                     StackMemory& memory);

  // Target number f, as an affine function (k+1 numbers, `step` apart) that is nowhere lower on the
  // cell, and one that is nowhere higher if `below` is not null; returns what rounding may have
  // taken off either. `view`: of the cell or one around it in the same stage. REQUIRES of `below`:
  // reads_directly(cell.stage).
  double target(const GoalView& view, Index f, const Cell& cell, double* above,
                double* below = nullptr, Index step = 1) const;
  // Is the targets' map the one behind this stage?
  [[nodiscard]] bool reads_directly(Index stage) const { return stage + 1 == plan_.targets().map; }
  // The first target of a network without units, whose outputs are `sums`.
  void target_of_inputs(const double* sums, double* out) const;

 private:
  struct Errors {
    double value = 0.0;  // in the values of decided units
    double sums = 0.0;   // bounds the magnitudes of an affine function's terms
  };

  void add_open_unit(const GoalView& view, Index f, const Cell& cell, std::int32_t unit, bool above,
                     double* out, Index step) const;
  [[nodiscard]] Errors errors_of(const Cell& cell);
  void relax_open(const Cell& cell, const Errors& errors, Relaxation* lines);
  void list_values(const Cell& cell, const Errors& errors);
  void bound_stages(const Cell& cell, const Errors& errors, const GoalView* around, double* low,
                    double* high, CellRanges& ranges);
  void take_bounds(Index t, const GoalView* around, double* low, double* high, CellRanges& ranges);
  void pass_values(Index t, const double* low, const double* high);
  void look_before_targets(const Cell& cell, const Errors& errors, GoalView& view,
                           StackMemory& memory) const;
  void bound_values(const Cell& cell, const Errors& errors, const double* low, const double* high);
  void read_rows(Index t, const double* low, const double* high);
  [[nodiscard]] Functionals pulled_targets(Index stage, const double* low, const double* high);
  [[nodiscard]] double error_of(const Cell& cell, const Errors& errors, const Functionals& next,
                                const double* units, Index f) const;
  void add_decided_carried(const GoalView& view, Index f, const Cell& cell, double* out,
                           Index step) const;
  [[nodiscard]] double term_sum(const double* row, Index step = 1) const;

  const GoalPlan& plan_;
  Index k_;
  std::vector<char> is_open_;
  Vector pre_low_, pre_high_;       // of a stage's rows
  std::vector<Vector> magnitudes_;  // the largest of the values that each map reads
  // Going forward: rows of the stage at hand (planes and error radii), then values (k+1 numbers
  // each).
  WorkArray<double> planes_;
  WorkArray<double> radius_;
  std::vector<double> values_, next_values_, value_error_, next_value_error_;
  std::vector<Index> which_;
  std::vector<const double*> pointers_, columns_;
  WorkArray<double> range_low_, range_high_;
  Matrix carried_;          // of pulled_targets()
  double row_error_ = 0.0;  // the largest among the stage's open units
};

}  // namespace facetry
