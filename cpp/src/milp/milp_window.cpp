// The mixed-integer program of one window: a margin variable, a binary for each open boundary, and
// a blocking row for each state that is known.
#include "milp/milp_window.hpp"

#include <algorithm>
#include <string>

#include "facetry/base/error.hpp"

namespace facetry {

namespace {

// The margin is maximised up to here: a point this deep inside is as good as a deeper one, and the
// solver need not prove that there is none. It is the unit of the variable too, or the solver's gap
// (1e-6) would be a large part of it.
constexpr double kDeepEnough = 0.01;

}  // namespace

MilpWindow::MilpWindow(const FreeSpace& space, const std::vector<double>& rows,
                       const std::vector<UnitOnCell>& units, const Tolerances& tolerances)
    : k_(space.dimension()) {
  const BoxedRows& sides = space.constraints();
  for (Index j = 0; j < k_; ++j) program_.add_variable(sides.low[j], sides.high[j]);
  margin_ = program_.add_variable(tolerances.solver_margin / kDeepEnough, 1.0);
  for (Index j = 0; j < k_; ++j) {
    program_.add_row({{j, 1.0}, {margin_, -kDeepEnough}}, sides.low[j], kNoBound);
    program_.add_row({{j, 1.0}, {margin_, kDeepEnough}}, -kNoBound, sides.high[j]);
  }
  for (Index r = 0; r < sides.row_count(); ++r) add_row(sides.row(r), 0.0, -1, false);
  for (std::size_t at = 0; at < rows.size(); at += static_cast<std::size_t>(k_ + 1)) {
    add_row(rows.data() + at, 0.0, -1, false);
  }
  for (const UnitOnCell& unit : units) add_unit(unit);
  program_.set_objective({{margin_, 1.0}}, 0.0, true);
}

// row . (u, 1) >= margin, where `binary` is 1 (or 0); always, if it is -1. Elsewhere it is off by
// up to `slack`.
void MilpWindow::add_row(const double* row, double slack, Index binary, bool on_zero) {
  std::vector<LinearTerm> terms;
  for (Index j = 0; j < k_; ++j) terms.push_back({j, row[j]});
  terms.push_back({margin_, -kDeepEnough});
  double right_side = -row[k_];
  if (binary >= 0) {
    terms.push_back({binary, on_zero ? slack : -slack});
    if (!on_zero) right_side -= slack;
  }
  program_.add_row(std::move(terms), right_side, kNoBound);
}

void MilpWindow::add_unit(const UnitOnCell& unit) {
  constexpr Index kMany = Index{1} << 40;
  combinations_ = std::min(kMany, combinations_ * size_of(unit.pieces));
  EncodedState state;
  const double spare = kDeepEnough + 2.0 * Tolerances{}.cut;
  std::vector<double> opposite(static_cast<std::size_t>(k_ + 1));
  const auto add_both = [&](const OpenBoundary& boundary, Index above, Index below,
                            bool below_on_zero) {
    add_row(boundary.row.data(), spare - boundary.range.low, above, false);
    std::transform(boundary.row.begin(), boundary.row.end(), opposite.begin(),
                   [](double entry) { return -entry; });
    add_row(opposite.data(), spare + boundary.range.high, below, below_on_zero);
  };
  if (!unit.is_maximum) {
    state.lowest = unit.pieces.front();
    for (const OpenBoundary& boundary : unit.boundaries) {
      const Index binary = program_.add_binary();
      if (!state.binaries.empty()) {
        program_.add_row({{binary, 1.0}, {state.binaries.back(), -1.0}}, -kNoBound, 0.0);
      }
      state.binaries.push_back(binary);
      add_both(boundary, binary, binary, true);
    }
  } else {
    std::vector<LinearTerm> all;
    for (std::size_t a = 0; a < unit.pieces.size(); ++a) {
      state.binaries.push_back(program_.add_binary());
      all.push_back({state.binaries.back(), 1.0});
    }
    state.arguments = unit.pieces;
    program_.add_row(std::move(all), 1.0, 1.0);
    const auto binary_of = [&](Index argument) {
      const auto at = std::find(unit.pieces.begin(), unit.pieces.end(), argument);
      return state.binaries[static_cast<std::size_t>(at - unit.pieces.begin())];
    };
    for (const OpenBoundary& boundary : unit.boundaries) {
      add_both(boundary, binary_of(boundary.above), binary_of(boundary.below), false);
    }
  }
  states_.push_back(std::move(state));
}

std::vector<Index> MilpWindow::next(const MipSolver& solver) {
  const MipSolution solution = solver.solve(program_);
  if (solution.status == SolveStatus::infeasible) return {};
  if (solution.status != SolveStatus::optimal && solution.status != SolveStatus::feasible) {
    throw SolverError(std::string("the solver did not decide a sub-problem: ") +
                      name(solution.status) + " (" + solution.detail + ")");
  }
  std::vector<Index> pieces;
  for (const EncodedState& state : states_) pieces.push_back(encoded_piece(state, solution.values));
  block(pieces);
  return pieces;
}

void MilpWindow::block(const std::vector<Index>& pieces) {
  if (!blocked_.insert(pieces).second) {
    throw SolverError("the solver returned a state that it was told to leave out");
  }
  std::vector<LinearTerm> terms;
  double right_side = 1.0;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    add_blocking_terms(states_[i], pieces[i], terms, right_side);
  }
  program_.add_row(std::move(terms), right_side, kNoBound);
}

}  // namespace facetry
