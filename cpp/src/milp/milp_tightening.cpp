// Two linear programs over the relaxation for each pre-activation that is open, stage by stage.
#include "milp/milp_tightening.hpp"

#include <algorithm>
#include <cmath>

#include "facetry/milp/milp_encoding.hpp"

namespace facetry {

namespace {

// May the unit take more than one piece within the bounds?
bool is_open(const NormalForm& form, const Unit& unit, const Vector& low, const Vector& high) {
  if (unit.kind == UnitKind::piecewise) {
    const PiecewiseFunction& function = form.function(unit);
    return function.piece_at(low[unit.first_row]) != function.piece_at(high[unit.first_row]);
  }
  const auto rows = [&](const Vector& all) { return all.segment(unit.first_row, unit.row_count); };
  const double sure = rows(low).maxCoeff();
  return (rows(high).array() > sure).count() > 1;
}

// The largest value of `sign` x a variable of the relaxation, or `known` if the solver has no
// better one.
double largest(MixedIntegerProgram& program, Index variable, double sign, double known,
               const MipSolver& solver, double room) {
  program.set_objective({{variable, sign}}, 0.0, true);
  const MipSolution solution = solver.solve(program);
  if (solution.status != SolveStatus::optimal) return known;
  return std::min(known, solution.objective + room * (1.0 + std::abs(solution.objective)));
}

}  // namespace

PreActivationBounds tightened_by_programs(const NormalForm& form, const FreeSpace& space,
                                          PreActivationBounds bounds, const MipSolver& solver,
                                          const Tolerances& tolerances) {
  for (Index s = 1; s < size_of(form.stages()); ++s) {  // those of stage 0 are exact for boxes
    const Stage& stage = form.stages()[s];
    const PreActivationBounds before{{bounds.low.begin(), bounds.low.begin() + s},
                                     {bounds.high.begin(), bounds.high.begin() + s}};
    MilpEncoding encoding = encode(form.head(s), space, before);
    for (MixedIntegerProgram::Variable& variable : encoding.program.variables) {
      variable.integer = false;
    }
    for (const Unit& unit : stage.units) {
      if (!is_open(form, unit, bounds.low[s], bounds.high[s])) continue;
      for (Index r = unit.first_row; r < unit.first_row + unit.row_count; ++r) {
        const Index variable = encoding.outputs[r];
        double& low = bounds.low[s][r];
        double& high = bounds.high[s][r];
        high = largest(encoding.program, variable, 1.0, high, solver, tolerances.solver_bound);
        low = -largest(encoding.program, variable, -1.0, -low, solver, tolerances.solver_bound);
      }
    }
  }
  return bounds;
}

}  // namespace facetry
