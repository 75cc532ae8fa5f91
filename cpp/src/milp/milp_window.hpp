// One sub-problem of the MILP engine: which states do a few units take on a cell? A mixed-integer
// program in the free coordinates, whose binaries say the pieces and whose last variable is the
// margin: the least distance from all boundaries, maximised. The solver is asked again until all
// states are blocked.
#pragma once

#include <set>
#include <vector>

#include "facetry/geometry/free_space.hpp"
#include "facetry/milp/milp_encoding.hpp"
#include "facetry/optimize/mixed_integer_program.hpp"
#include "milp/milp_unit.hpp"

namespace facetry {

class MilpWindow {
 public:
  // A cell: `rows` (k+1 numbers each, >= 0 inside) within `space`. REQUIRES units that are not
  // stable.
  MilpWindow(const FreeSpace& space, const std::vector<double>& rows,
             const std::vector<UnitOnCell>& units, const Tolerances& tolerances);

  // Leaves out a state that is known.
  void block(const std::vector<Index>& pieces);

  // Are all combinations of pieces blocked? Then there is nothing left to ask.
  [[nodiscard]] bool exhausted() const { return size_of(blocked_) == combinations_; }

  // The pieces of all units of one further state with room for the margin, or nothing if there is
  // none. It is blocked from then on. Throws SolverError if the solver fails, or repeats a state.
  [[nodiscard]] std::vector<Index> next(const MipSolver& solver);

 private:
  void add_row(const double* row, double slack, Index binary, bool on_zero);
  void add_unit(const UnitOnCell& unit);

  MixedIntegerProgram program_;
  Index k_;
  Index margin_ = 0;        // the variable
  Index combinations_ = 1;  // of pieces; at most 2^40
  std::vector<EncodedState> states_;
  std::set<std::vector<Index>> blocked_;
};

}  // namespace facetry
