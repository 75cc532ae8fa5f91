// A mixed-integer linear program and its solution as plain data: what every solver reads and writes
// by a MipSolver, and what can be written to a file for other solvers.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "facetry/base/index.hpp"

namespace facetry {

// coefficient x variable. Variables are numbered in the order in which they were added.
struct LinearTerm {
  Index variable = 0;
  double coefficient = 0.0;

  [[nodiscard]] bool operator==(const LinearTerm&) const = default;
};

inline constexpr double kNoBound = std::numeric_limits<double>::infinity();

struct MixedIntegerProgram {
  struct Variable {
    double low = -kNoBound;
    double high = kNoBound;
    bool integer = false;
    std::string name;
  };
  // low <= sum of terms <= high.
  struct Row {
    std::vector<LinearTerm> terms;  // ascending by variable, each once, no zeros
    double low = -kNoBound;
    double high = kNoBound;
    std::string name;
  };
  // The row holds wherever the binary variable is 1 (or 0: `active_on_zero`).
  struct Indicator {
    Index binary = 0;
    bool active_on_zero = false;
    Row row;
  };

  std::string name;
  std::vector<Variable> variables;
  std::vector<Row> rows;
  std::vector<Indicator> indicators;
  bool maximize = false;
  double offset = 0.0;                // of the objective
  std::vector<LinearTerm> objective;  // as the terms of a row

  // Each adds one and returns its number. Terms may come in any order and repeat: they are sorted,
  // added up, and dropped where they are zero.
  Index add_variable(double low, double high, std::string variable_name = {}, bool integer = false);
  Index add_binary(std::string variable_name = {}) {
    return add_variable(0.0, 1.0, std::move(variable_name), true);
  }
  Index add_row(std::vector<LinearTerm> terms, double low, double high, std::string row_name = {});
  Index add_indicator(Index binary, bool active_on_zero, Row row);
  void set_objective(std::vector<LinearTerm> terms, double constant, bool maximum);

  // Throws InvalidInput unless: bounds are no NaN and not crossed, coefficients are finite, terms
  // as described above and of variables that exist, indicators' variables integer with bounds in
  // [0, 1].
  void validate() const;
};

enum class SolveStatus {
  optimal,    // within the solver's own gap and tolerances
  feasible,   // a limit came first; the values satisfy the constraints
  undecided,  // a limit came first, and there is no point yet
  infeasible,
  unbounded,
  infeasible_or_unbounded,
};

// The name that users read, e.g. "optimal".
[[nodiscard]] const char* name(SolveStatus status);

struct MipSolution {
  SolveStatus status = SolveStatus::undecided;
  std::string detail;          // what the solver said itself; may be empty
  double objective = 0.0;      // of `values`; NaN without them
  double bound = 0.0;          // no solution is better than this (may be infinite)
  std::vector<double> values;  // one per variable; empty if there is no point
};

// Whatever solves a mixed-integer program. OR-Tools is the one that is there (ortools_library.hpp);
// another one only has to implement this.
class MipSolver {
 public:
  virtual ~MipSolver() = default;

  // REQUIRES: `program` passes its validate(). Thread-safe. Throws SolverError if the solver comes
  // to no answer; a problem without a solution is a status.
  [[nodiscard]] virtual MipSolution solve(const MixedIntegerProgram& program) const = 0;
};

// A mixed-integer program as text that other solvers read: free MPS, and the LP format of CPLEX.

// Numbers are written so that they read back as the same doubles. Names keep their letters and
// digits; what the formats do not allow becomes "_", and names that are empty or taken get a
// number. Rows without a bound are left out. Maximisation stands in a section OBJSENSE, indicators
// (if any) in a section INDICATORS, both as CPLEX, SCIP, HiGHS and Gurobi read them.
// REQUIRES: program.validate() passes.
[[nodiscard]] std::string mps_text(const MixedIntegerProgram& program);

// The same in the LP format. A row with two bounds becomes two rows, name_low and name_high.
[[nodiscard]] std::string lp_text(const MixedIntegerProgram& program);

}  // namespace facetry
