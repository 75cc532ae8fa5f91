// Whatever solves a mixed-integer program. OR-Tools is the one that is there (ortools_library.hpp);
// another one only has to implement this.
#pragma once

#include "facetry/optimize/mixed_integer_program.hpp"

namespace facetry {

class MipSolver {
 public:
  virtual ~MipSolver() = default;

  // REQUIRES: `program` passes its validate(). Thread-safe. Throws SolverError if the solver comes
  // to no answer; a problem without a solution is a status.
  [[nodiscard]] virtual MipSolution solve(const MixedIntegerProgram& program) const = 0;
};

}  // namespace facetry
