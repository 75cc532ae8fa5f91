// For tests of the MILP engine's parts: a solver without rounding, cells with open units, and how
// deep each combination of pieces is, asked one by one.
#pragma once

#include <cstdint>
#include <map>
#include <stdexcept>
#include <vector>

#include "facetry/optimize/mixed_integer_program.hpp"
#include "milp/milp_unit.hpp"
#include "networks.hpp"
#include "optimize/exact_program.hpp"
#include "polytopes.hpp"

namespace facetry::testing {

// Tries all values of the binary variables, each with a linear program in exact integers.
class ExactSolver final : public MipSolver {
 public:
  [[nodiscard]] MipSolution solve(const MixedIntegerProgram& program) const override {
    program.validate();
    std::vector<Index> binaries;
    for (Index v = 0; v < size_of(program.variables); ++v) {
      if (program.variables[v].integer) binaries.push_back(v);
    }
    MipSolution best;
    best.status = SolveStatus::infeasible;
    for (std::uint64_t bits = 0; bits < std::uint64_t{1} << binaries.size(); ++bits) {
      std::vector<double> fixed(program.variables.size(), 0.0);
      for (std::size_t i = 0; i < binaries.size(); ++i) {
        fixed[binaries[i]] = static_cast<double>(bits >> i & 1);
      }
      solve_fixed(program, fixed, best);
    }
    return best;
  }

 private:
  static void solve_fixed(const MixedIntegerProgram& program, std::vector<double> fixed,
                          MipSolution& best) {
    std::vector<Index> column(program.variables.size(), -1);
    Index k = 0;
    for (Index v = 0; v < size_of(program.variables); ++v) {
      if (!program.variables[v].integer) column[v] = k++;
    }
    ExactProgram exact(k);
    const auto row_of = [&](const std::vector<LinearTerm>& terms, double offset) {
      std::vector<double> numbers(static_cast<std::size_t>(k + 1), 0.0);
      numbers.back() = offset;
      for (const LinearTerm& term : terms) {
        if (column[term.variable] >= 0) numbers[column[term.variable]] = term.coefficient;
      }
      ExactRow row = ExactRow::of(numbers.data(), k + 1);
      for (const LinearTerm& term : terms) {
        const bool counts = column[term.variable] < 0 && fixed[term.variable] == 1.0;
        if (counts) row.add_to_offset(term.coefficient);
      }
      return row;
    };
    const auto add = [&](const std::vector<LinearTerm>& terms, double low, double high) {
      if (low > -kNoBound) exact.add(row_of(terms, -low));
      if (high == kNoBound) return;
      ExactRow row = row_of(terms, -high);
      row.negate();
      exact.add(row);
    };
    for (Index v = 0; v < size_of(program.variables); ++v) {
      add({{v, 1.0}}, program.variables[v].low, program.variables[v].high);
    }
    for (const auto& row : program.rows) add(row.terms, row.low, row.high);
    for (const auto& [binary, on_zero, row] : program.indicators) {
      if ((fixed[binary] == 0.0) == on_zero) add(row.terms, row.low, row.high);
    }
    ExactRow objective = row_of(program.objective, program.offset);
    if (!program.maximize) objective.negate();
    std::vector<double> point(static_cast<std::size_t>(k));
    const ExactProgram::Extreme extreme = exact.maximise(objective, {}, point.data());
    if (extreme.kind == ExactProgram::Extreme::Kind::infeasible) return;
    if (extreme.kind != ExactProgram::Extreme::Kind::found) throw std::logic_error("unbounded");
    double value = quotient_of(extreme.numerator, extreme.denominator, objective.exponent);
    if (!program.maximize) value = -value;
    const bool better = program.maximize ? value > best.objective : value < best.objective;
    if (!best.values.empty() && !better) return;
    best.status = SolveStatus::optimal;
    best.objective = best.bound = value;
    for (std::size_t v = 0; v < fixed.size(); ++v) {
      if (column[v] >= 0) fixed[v] = point[column[v]];
    }
    best.values = std::move(fixed);
  }
};

// Says the same whatever it is asked.
class StubbornSolver final : public MipSolver {
 public:
  explicit StubbornSolver(MipSolution answer) : answer_(std::move(answer)) {}
  [[nodiscard]] MipSolution solve(const MixedIntegerProgram&) const override { return answer_; }

 private:
  MipSolution answer_;
};

// A cell in a cube and the units of a network's first stage that are open on it.
struct OpenCell {
  OpenCell(Random& random, Index k, Index width, Kind kind, double margin)
      : space(cube(k)), form(random_network(random, {k, width, 1, 1, false, false}, {kind})) {
    BoxedRows further = unit_box(k);
    add_row(further, random.direction(k), random.uniform(0.1, 0.5));
    add_row(further, random.direction(k), random.uniform(0.1, 0.5));
    rows = further.rows;
    origins = {Origin::cut(1000), Origin::cut(1001)};
    measure(margin);
  }
  OpenCell(FreeSpace region, NormalForm network, double margin)
      : space(std::move(region)), form(std::move(network)) {
    measure(margin);
  }

  void measure(double margin) {
    FixedStatePass pass(form);
    pass.start_in(space);
    pass.enter_stage(0);
    const LpCell cell(space, rows, origins);
    cell.inscribed_ball(centre);
    const UnitMeasure units(form, {}, margin);
    for (Index u = 0; u < size_of(form.stages().front().units); ++u) {
      UnitOnCell unit = units.on_cell(pass, 0, u, cell);
      if (!unit.stable()) open.push_back(std::move(unit));
    }
  }

  // Of every combination of pieces the radius of a largest ball where the units have them, at most
  // 1: one exact linear program each. Below zero: no point has them.
  [[nodiscard]] std::map<Ids, double> depths() const {
    std::map<Ids, double> result;
    Ids pieces;
    add_depths(pieces, result);
    return result;
  }

  FreeSpace space;
  NormalForm form;
  std::vector<double> rows;
  std::vector<Origin> origins;
  Vector centre;
  std::vector<UnitOnCell> open;

 private:
  void add_depths(Ids& pieces, std::map<Ids, double>& result) const {
    if (pieces.size() == open.size()) {
      result[pieces] = depth(pieces);
      return;
    }
    for (const Index piece : open[pieces.size()].pieces) {
      pieces.push_back(piece);
      add_depths(pieces, result);
      pieces.pop_back();
    }
  }

  [[nodiscard]] double depth(const Ids& pieces) const {
    const Index k = space.dimension();
    ExactProgram program(k + 1);  // the last variable is the radius
    const auto add = [&](const double* row, double sign) {
      std::vector<double> numbers;
      for (Index j = 0; j < k; ++j) numbers.push_back(sign * row[j]);
      numbers.push_back(-1.0);
      numbers.push_back(sign * row[k]);
      program.add(ExactRow::of(numbers.data(), k + 2));
    };
    for (const Vector& row : rows_of(space.constraints())) add(row.data(), 1.0);
    for (std::size_t at = 0; at < rows.size(); at += static_cast<std::size_t>(k + 1)) {
      add(rows.data() + at, 1.0);
    }
    for (std::size_t i = 0; i < open.size(); ++i) {
      for (const OpenBoundary& boundary : open[i].boundaries) {
        // Of a piecewise unit every boundary is on one side of the piece.
        const bool above =
            open[i].is_maximum ? boundary.above == pieces[i] : boundary.above <= pieces[i];
        const bool below = open[i].is_maximum ? boundary.below == pieces[i] : !above;
        if (above) add(boundary.row.data(), 1.0);
        if (below) add(boundary.row.data(), -1.0);
      }
    }
    std::vector<double> objective(static_cast<std::size_t>(k + 2), 0.0);
    objective[k] = 1.0;
    const ExactRow radius = ExactRow::of(objective.data(), k + 2);
    const ExactProgram::Extreme most = program.maximise(radius, {});
    return quotient_of(most.numerator, most.denominator, radius.exponent);
  }
};

}  // namespace facetry::testing
