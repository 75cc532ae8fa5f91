// The MILP engine's search: the list that partition_by_milp() makes a partition of.
#pragma once

#include "facetry/milp/milp_engine.hpp"
#include "regions/region_list.hpp"

namespace facetry {

struct MilpResult {
  RegionList regions;
  Termination termination = Termination::complete;
  Index solves = 0;    // how often the solver was asked
  Index rejected = 0;  // its solutions without a region behind them (within its tolerances only)
};

// See partition_by_milp().
[[nodiscard]] MilpResult enumerate_by_milp(const NormalForm& form, const FreeSpace& space,
                                           const MipSolver& solver,
                                           const MilpOptions& options = {});

}  // namespace facetry
