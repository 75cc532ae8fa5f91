// OR-Tools, loaded at run time through its plain C interface. Nothing of it is needed to build or
// to load facetry.
#pragma once

#include <memory>
#include <string>

#include "facetry/optimize/mixed_integer_program.hpp"

namespace facetry {

// The solvers within OR-Tools that take continuous and integer variables.
enum class MathOptSolver {
  highs,  // faster on small programs; takes no indicators
  gscip,
};

class OrtoolsLibrary final : public MipSolver {
 public:
  // Loads the shared library at `path` (that of the Python package ortools 9.12 or newer; it stays
  // loaded as long as the process). An empty path says that the caller found none. Throws
  // MissingLibrary, with what to install, if it is not there, is another library, or is too old.
  explicit OrtoolsLibrary(const std::string& path, MathOptSolver solver = MathOptSolver::highs);
  ~OrtoolsLibrary() override;

  // The library takes no limits here: a solve runs to its end. GSCIP is asked where HiGHS fails,
  // and for programs with indicators; what it says then counts. Cost: about half a millisecond
  // beyond what the problem takes.
  [[nodiscard]] MipSolution solve(const MixedIntegerProgram& program) const override;

  // The same from a model's bytes to a result's (math_opt_messages.hpp). Throws SolverError with
  // the library's own words if it refuses the model.
  [[nodiscard]] std::string solve_bytes(const std::string& model, MathOptSolver solver) const;

 private:
  struct Functions;
  std::unique_ptr<Functions> functions_;
  MathOptSolver solver_;
};

}  // namespace facetry
