// Rows over the inputs that vary, the others put in, and integer programs over them.
#include "geometry/exact_sides.hpp"

#include <cmath>

namespace facetry {

namespace {

std::vector<Index> varying(const InputPolytope& polytope) {
  std::vector<Index> free;
  for (Index i = 0; i < polytope.input_size(); ++i) {
    if (polytope.low[i] < polytope.high[i]) free.push_back(i);
  }
  return free;
}

}  // namespace

ExactSides::ExactSides(const InputPolytope& polytope)
    : polytope_(polytope), free_(varying(polytope)), program_(size_of(free_)) {
  if (!can_ask()) return;
  const Index m = polytope.input_size();
  for (const Index i : free_) {
    if (std::isfinite(polytope.low[i])) sides_.push_back(i);
    if (std::isfinite(polytope.high[i])) sides_.push_back(m + i);
  }
  for (Index r = 0; r < polytope.A.rows(); ++r) sides_.push_back(2 * m + r);
  for (const Index side : sides_) rows_.push_back(row_of(side));
}

// limit - a . x over the inputs that vary.
ExactRow ExactSides::row_of(Index side) const {
  RowVector a;
  double limit = 0.0;
  polytope_.side(side, a, limit);
  std::vector<double> entries;
  for (const Index i : free_) entries.push_back(-a[i]);
  entries.push_back(limit);
  ExactRow row = ExactRow::of(entries.data(), size_of(entries));
  for (Index i = 0; i < a.size(); ++i) {
    if (polytope_.low[i] < polytope_.high[i] || a[i] == 0.0) continue;
    ExactRow fixed = ExactRow::zero(size_of(free_) + 1);
    fixed.add_to_offset(polytope_.low[i]);
    row.add(-a[i], fixed);
  }
  return row;
}

ExactSides::Slack ExactSides::slack_of(Index side) {
  using Kind = ExactProgram::Extreme::Kind;
  program_.clear();
  for (const ExactRow& row : rows_) program_.refer_to(row);
  const ExactRow objective = row_of(side);
  const ExactProgram::Extreme most = program_.maximise(objective, {});
  Slack slack;
  slack.empty = most.kind == Kind::infeasible;
  slack.unbounded = most.kind == Kind::unbounded;
  if (most.kind != Kind::found) return slack;
  slack.sign = most.numerator.sign();
  slack.value = quotient_of(most.numerator, most.denominator, objective.exponent);
  return slack;
}

bool ExactSides::is_needed(Index side, std::span<const Index> others) {
  using Kind = ExactProgram::Extreme::Kind;
  program_.clear();
  for (const Index other : others) program_.add(row_of(other));
  ExactRow beyond = row_of(side);
  beyond.negate();
  const ExactProgram::Extreme most = program_.maximise(beyond, {});
  return most.kind == Kind::unbounded || (most.kind == Kind::found && most.numerator.sign() > 0);
}

Vector ExactSides::row_in(Index side, const Vector& origin, const Matrix& basis) const {
  RowVector a;
  double limit = 0.0;
  polytope_.side(side, a, limit);
  const Index k = basis.cols();
  ExactRow row = ExactRow::zero(k + 1);
  row.add_to_offset(limit);
  std::vector<double> input(static_cast<std::size_t>(k + 1));
  for (Index i = 0; i < a.size(); ++i) {
    if (a[i] == 0.0) continue;
    for (Index c = 0; c < k; ++c) input[c] = basis(i, c);
    input[k] = origin[i];
    row.add(-a[i], ExactRow::of(input.data(), k + 1));
  }
  Vector scaled(k + 1);
  row.scaled(scaled.data());
  return scaled / scaled.head(k).stableNorm();
}

}  // namespace facetry
