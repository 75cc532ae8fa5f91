// A sum of weights x values is off by the sum of the weights' magnitudes x (what the values are off
// by, and a share of their magnitudes for the roundings of the sum) [Higham 2002, chapter 3].
#include "search/path/bounded_pass.hpp"

#include <algorithm>
#include <cmath>

#include "base/rounding.hpp"

namespace facetry {

BoundedPass::BoundedPass(const SearchPlan& plan, bool linear)
    : plan_(plan),
      linear_(linear),
      values_(static_cast<std::size_t>(plan.stage_count() + 1)),
      pre_(static_cast<std::size_t>(plan.stage_count())),
      errors_(values_.size()),
      pre_errors_(pre_.size()) {}

double BoundedPass::largest(const double* row, Index columns) const {
  double most = 0.0;
  for (Index c = 0; c < columns; ++c) most = std::max(most, std::abs(row[c]));
  return most;
}

void BoundedPass::enter_stage(Index s) {
  const StagePlan& plan = plan_.stage(s);
  const AffineMap& map = plan.stage->map;
  const Matrix& values = values_[s];
  if (linear_) {
    map.multiply(values, pre_[s]);
  } else {
    map.compose(values, pre_[s]);
  }
  shares_.resize(static_cast<std::size_t>(values.rows()));
  numbers_.clear();
  for (Index j = 0; j < values.rows(); ++j) {
    const double most = largest(values.data() + j * values.cols(), values.cols());
    shares_[j] = errors_[s][j] + plan.sum_rounding * (most + errors_[s][j]);
    if (shares_[j] > 0.0) numbers_.push_back(static_cast<std::int32_t>(j));
  }
  const MapColumns& magnitudes = plan.magnitudes;
  WorkArray<double>& errors = pre_errors_[s];
  errors.ensure(magnitudes.stride());
  std::fill_n(errors.data(), magnitudes.stride(), 0.0);
  magnitudes.add_rows(errors.data(), errors.data(), shares_.data(), 0, numbers_.data(),
                      size_of(numbers_));
  for (Index r = 0; r < map.rows(); ++r) {
    const double bias = linear_ ? 0.0 : std::abs(map.bias()[r]);
    errors[r] = 1.01 * (errors[r] + (errors[r] > 0.0 ? plan.sum_rounding * bias : 0.0));
  }
}

void BoundedPass::finish_stage(Index s, const StateWord* state) {
  const StagePlan& plan = plan_.stage(s);
  const Index columns = pre_[s].cols();
  const Index units = size_of(plan.units);
  values_[s + 1].resize(plan.stage->width(), columns);
  errors_[s + 1].resize(static_cast<std::size_t>(plan.stage->width()));
  for (Index u = 0; u < units; ++u) {
    const PlannedUnit& unit = plan.units[u];
    const Index piece = plan_.layout().get(state, unit.number);
    const bool piecewise = unit.function != nullptr;
    const Index r = unit.first_row + (piecewise ? 0 : piece);
    const double slope = piecewise ? unit.function->slope(piece) : 1.0;
    const double intercept = piecewise && !linear_ ? unit.function->intercept(piece) : 0.0;
    double* out = values_[s + 1].data() + u * columns;
    for (Index c = 0; c < columns; ++c) out[c] = slope * pre(s, r)[c];
    if (!linear_) out[columns - 1] += intercept;
    const bool rounds = slope != 0.0 && (slope != 1.0 || intercept != 0.0);
    errors_[s + 1][u] = std::abs(slope) * pre_errors_[s][r] +
                        (rounds ? rounding_of(4) * (largest(out, columns) + std::abs(intercept) +
                                                    std::abs(slope) * pre_errors_[s][r])
                                : 0.0);
  }
  for (Index c = 0; c < size_of(plan.stage->carried); ++c) {
    const Index from = plan.stage->carried[c];
    values_[s + 1].row(units + c) = values_[s].row(from);
    errors_[s + 1][units + c] = errors_[s][from];
  }
}

void BoundedPass::run(const StateWord* state) {
  for (Index s = 0; s < plan_.stage_count(); ++s) {
    enter_stage(s);
    finish_stage(s, state);
  }
}

}  // namespace facetry
