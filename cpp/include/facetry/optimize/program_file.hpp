// A mixed-integer program as text that other solvers read: free MPS, and the LP format of CPLEX.
#pragma once

#include <string>

#include "facetry/optimize/mixed_integer_program.hpp"

namespace facetry {

// Numbers are written so that they read back as the same doubles. Names keep their letters and
// digits; what the formats do not allow becomes "_", and names that are empty or taken get a
// number. Rows without a bound are left out. Maximisation stands in a section OBJSENSE, indicators
// (if any) in a section INDICATORS, both as CPLEX, SCIP, HiGHS and Gurobi read them.
// REQUIRES: program.validate() passes.
[[nodiscard]] std::string mps_text(const MixedIntegerProgram& program);

// The same in the LP format. A row with two bounds becomes two rows, name_low and name_high.
[[nodiscard]] std::string lp_text(const MixedIntegerProgram& program);

}  // namespace facetry
