// Terms of one variable added up, and the checks of a program.
#include "facetry/optimize/mixed_integer_program.hpp"

#include <algorithm>
#include <cmath>

#include "facetry/base/error.hpp"

namespace facetry {

namespace {

void tidy(std::vector<LinearTerm>& terms) {
  std::stable_sort(terms.begin(), terms.end(), [](const LinearTerm& a, const LinearTerm& b) {
    return a.variable < b.variable;
  });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < terms.size();) {
    LinearTerm sum = terms[i];
    for (++i; i < terms.size() && terms[i].variable == sum.variable; ++i) {
      sum.coefficient += terms[i].coefficient;
    }
    if (sum.coefficient != 0.0) terms[kept++] = sum;
  }
  terms.resize(kept);
}

void require(bool condition, const std::string& what) {
  if (!condition) throw InvalidInput("mixed-integer program: " + what);
}

// A NaN compares false.
void check_bounds(double low, double high, const std::string& what) {
  require(low <= high && low < kNoBound && high > -kNoBound, what + " has NaN or crossed bounds");
}

void check_terms(const std::vector<LinearTerm>& terms, Index variables, const std::string& what) {
  Index last = -1;
  for (const LinearTerm& term : terms) {
    require(term.variable > last && term.variable < variables,
            what + " names a variable that does not exist, or not in order");
    require(std::isfinite(term.coefficient) && term.coefficient != 0.0,
            what + " has a coefficient that is zero or not finite");
    last = term.variable;
  }
}

}  // namespace

Index MixedIntegerProgram::add_variable(double low, double high, std::string variable_name,
                                        bool integer) {
  variables.push_back({low, high, integer, std::move(variable_name)});
  return size_of(variables) - 1;
}

Index MixedIntegerProgram::add_row(std::vector<LinearTerm> terms, double low, double high,
                                   std::string row_name) {
  tidy(terms);
  rows.push_back({std::move(terms), low, high, std::move(row_name)});
  return size_of(rows) - 1;
}

Index MixedIntegerProgram::add_indicator(Index binary, bool active_on_zero, Row row) {
  tidy(row.terms);
  indicators.push_back({binary, active_on_zero, std::move(row)});
  return size_of(indicators) - 1;
}

void MixedIntegerProgram::set_objective(std::vector<LinearTerm> terms, double constant,
                                        bool maximum) {
  tidy(terms);
  objective = std::move(terms);
  offset = constant;
  maximize = maximum;
}

void MixedIntegerProgram::validate() const {
  const Index count = size_of(variables);
  for (Index i = 0; i < count; ++i) {
    check_bounds(variables[i].low, variables[i].high, "variable " + std::to_string(i));
  }
  const auto check_row = [&](const Row& row, const std::string& what) {
    check_bounds(row.low, row.high, what);
    check_terms(row.terms, count, what);
  };
  for (Index i = 0; i < size_of(rows); ++i) check_row(rows[i], "row " + std::to_string(i));
  for (Index i = 0; i < size_of(indicators); ++i) {
    const std::string what = "indicator " + std::to_string(i);
    const Indicator& indicator = indicators[i];
    require(indicator.binary >= 0 && indicator.binary < count, what + " has no variable");
    const Variable& binary = variables[indicator.binary];
    require(binary.integer && binary.low >= 0.0 && binary.high <= 1.0,
            what + " is bound to a variable that is not binary");
    check_row(indicator.row, what);
  }
  check_terms(objective, count, "the objective");
  require(std::isfinite(offset), "the objective's offset is not finite");
}

const char* name(SolveStatus status) {
  switch (status) {
    case SolveStatus::optimal: return "optimal";
    case SolveStatus::feasible: return "feasible";
    case SolveStatus::undecided: return "undecided";
    case SolveStatus::infeasible: return "infeasible";
    case SolveStatus::unbounded: return "unbounded";
    case SolveStatus::infeasible_or_unbounded: return "infeasible_or_unbounded";
  }
  return "unknown";
}

}  // namespace facetry
