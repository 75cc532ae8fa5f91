// A node of the MILP engine's tree: a prefix of states, and the cell where it holds.
#pragma once

#include <atomic>
#include <vector>

#include "facetry/base/control.hpp"
#include "facetry/milp/milp_engine.hpp"
#include "milp/milp_goal.hpp"
#include "milp/milp_unit.hpp"
#include "regions/region_list.hpp"
#include "state/fixed_state_pass.hpp"

namespace facetry {

struct MilpNode {
  std::vector<StateWord> state;  // of the units before; 0 behind them
  Index stage = 0;               // the first with open units; the number of stages: a region
  Index unit = 0;                // the first within that stage
  std::vector<double> rows;      // minimal constraints that are no sides, k+1 numbers each
  std::vector<Origin> origins;   // of each
  double share = 1.0;            // of the tree, children sharing equally: for progress
  bool is_region = false;
};

// What the threads count together.
struct MilpCounts {
  std::atomic<Index> solves{0};
  std::atomic<Index> rejected{0};
};

// Expands nodes; one per thread.
class MilpExpansion {
 public:
  MilpExpansion(const NormalForm& form, const FreeSpace& space, const StateLayout& layout,
                const MipSolver& solver, const MilpOptions& options, MilpCounts& counts);

  // The children of a node, ascending by state; a node with no open unit left becomes a region, its
  // only child. Returns nothing useful once `signal` has stopped. REQUIRES the node is no region.
  [[nodiscard]] std::vector<MilpNode> expand(MilpNode node, StopSignal& signal);

  // Adds a region to a list.
  void list(const MilpNode& region, RegionList& out) const;

 private:
  void enter(const MilpNode& node);
  void leave_stage(MilpNode& node);
  [[nodiscard]] std::vector<UnitOnCell> next_window(MilpNode& node, const LpCell& cell, Index& end);
  [[nodiscard]] bool make_child(const MilpNode& node, const std::vector<UnitOnCell>& units,
                                const std::vector<Index>& pieces, MilpNode& child) const;

  [[nodiscard]] bool contradicts(const MilpNode& node, const std::vector<UnitOnCell>& units,
                                 const std::vector<Index>& pieces) const;

  const NormalForm& form_;
  const FreeSpace& space_;
  const StateLayout& layout_;
  const MipSolver& solver_;
  const MilpOptions& options_;
  MilpCounts& counts_;
  MilpGoal goal_;
  UnitMeasure measure_;
  FixedStatePass pass_;
};

}  // namespace facetry
