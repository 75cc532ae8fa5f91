// The MILP engine: all linear regions of a network on an analysis region, found by a solver of
// mixed- integer programs, one solution per activation state, found states being blocked [CEE
// section III-C]. The second engine beside subdivide(): slower, and as different from it as can be,
// so that each checks the other [METHOD section 5].
#pragma once

#include <memory>

#include "facetry/geometry/free_space.hpp"
#include "facetry/network/normal_form.hpp"
#include "facetry/optimize/mixed_integer_program.hpp"
#include "facetry/partition/partition.hpp"
#include "facetry/search/search_options.hpp"
#include "facetry/state/search_goal.hpp"

namespace facetry {

// Of SearchOptions, `cell` does not count, and `exactness` can only be floating.
struct MilpOptions : ListOptions {
  MilpOptions() { exactness = Exactness::floating; }

  // One sub-problem asks for the states of at most this many units, so it blocks few states and its
  // solver has few binary variables. The result does not depend on it, the time does.
  Index window = 2;
  // States are first looked for at so many points of a cell; the solver finds the others, and
  // proves that there are no more. 0: the solver finds all. The result does not depend on it.
  Index samples = 100;
  SearchGoal goal;  // only these regions

  // Throws InvalidInput that names the field.
  void validate() const;
};

struct MilpPartition {
  std::shared_ptr<Partition> partition;
  Index solves = 0;    // how often the solver was asked
  Index rejected = 0;  // its solutions without a region behind them (within its tolerances only)
};

// Finds the regions in lexicographic order of their states.
//
// Guarantees, numbered as the tests are:
//  1. With termination `complete`, the solver has found every region whose inscribed ball has a
//     radius of at least twice Tolerances::solver_margin, if its answers are right within its
//     tolerances. Thinner ones that it missed are found behind the facets of others, and counted:
//     RegionList::below_resolution.
//  2. Every region listed has interior: a linear program of our own, not the solver's answer, says
//     so.
//  3. No state twice; flat units have their lowest adjacent piece [METHOD section 1].
//  4. Facets are minimal, and those of subdivide().
//  5. The same result, in the same order, for any number of threads and any window.
//  6. A region limit returns the first regions in order (up to missed thin ones); other limits
//     return some subset, in order.
//
// Limits and cancellation are looked at between two solves; a sub-problem of few binaries takes
// milliseconds. REQUIRES: form.input_size() == space.input_size() and no unit that is asked
// conditionally, else InvalidInput. k = 0 gives one region. Throws SolverError if the solver fails.
// Cost: about two solves per region and stage.
[[nodiscard]] MilpPartition partition_by_milp(const std::shared_ptr<const NormalForm>& form,
                                              const std::shared_ptr<const FreeSpace>& space,
                                              const MipSolver& solver,
                                              const MilpOptions& options = {});

}  // namespace facetry
