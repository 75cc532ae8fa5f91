#include "partition/path_rows.hpp"

#include <algorithm>
#include <cmath>

#include "facetry/base/rounding.hpp"

namespace facetry {

namespace {

bool same_up_to_sign(const double* a, const double* b, Index length) {
  bool equal = true;
  bool opposite = true;
  for (Index i = 0; i < length; ++i) {
    equal = equal && a[i] == b[i];
    opposite = opposite && a[i] == -b[i];
  }
  return equal || opposite;
}

}  // namespace

PathRows::PathRows(const SearchPlan& plan)
    : plan_(plan),
      k_(plan.dimension()),
      stages_(static_cast<std::size_t>(plan.stage_count())),
      state_(static_cast<std::size_t>(plan.layout().words()), 0) {}

void PathRows::value(Index s, Index unit, Index piece, double* out) const {
  const PlannedUnit& planned = plan_.stage(s).units[unit];
  if (planned.function == nullptr) {
    row(s, planned.first_row + piece, out);
    return;
  }
  row(s, planned.first_row, out);
  const double slope = planned.function->slope(piece);
  for (Index c = 0; c <= k_; ++c) out[c] *= slope;
  out[k_] += planned.function->intercept(piece);
}

void PathRows::decided_value(Index s, Index i, double* out) const {
  const std::vector<PlannedUnit>& units = plan_.stage(s).units;
  if (i < size_of(units)) {
    value(s, i, plan_.layout().get(state_.data(), units[i].number), out);
    return;
  }
  std::copy_n(stages_[s].carried + (i - size_of(units)) * (k_ + 1), k_ + 1, out);
}

Matrix PathRows::inputs_of(Index s) const {
  if (s == 0) {
    return Eigen::Map<const Matrix>(plan_.inputs(), plan_.space().input_size(), k_ + 1);
  }
  Matrix values(plan_.stage(s - 1).stage->width(), k_ + 1);
  for (Index i = 0; i < values.rows(); ++i) decided_value(s - 1, i, values.row(i).data());
  return values;
}

// An entry of a row is a sum of weights x entries of the inputs, and the bias: it is off by what they are off
// by, and by the roundings of the sum. A value has k+1 entries, and roundings of its own.
void PathRows::bound_rounding(Index s) {
  const StagePlan& plan = plan_.stage(s);
  StageRows& rows = stages_[s];
  const RowScale& scale = rows.scale;
  const double k = static_cast<double>(k_);
  const double entry = scale.error + plan.sum_rounding * std::max(scale.gradient, scale.offset);
  rows.noise = 1.02 * (k + 1.0) * entry +
               rounding_of(2 * k_ + 8) * (1.01 * k * scale.gradient + scale.offset);
  rows.value_error = 1.01 * plan.most_slope *
                         (plan.most_norm * entry + plan.sum_rounding * plan.most_bias) +
                     rounding_of(2) * plan.most_intercept;
}

bool PathRows::zero_gradient(Index s, Index row_number, double largest) const {
  const Stage& stage = *plan_.stage(s).stage;
  const double norm = stage.map.row_norms()[row_number];
  // Cheap bound first; the exact sum of magnitudes only where that one is not enough.
  if (largest > plan_.tolerances().zero_gradient * norm * stages_[s].scale.gradient) return false;
  std::vector<double> own(static_cast<std::size_t>(k_ + 1));
  row(s, row_number, own.data());
  return plan_.predicates().zero_gradient(stage, row_number, own.data(), inputs_of(s),
                                          stages_[s].scale);
}

bool PathRows::zero_difference(Index s, Index first, Index second, const double* difference) const {
  const Stage& stage = *plan_.stage(s).stage;
  double largest = 0.0;
  for (Index c = 0; c < k_; ++c) largest = std::max(largest, std::abs(difference[c]));
  const double norms = stage.map.row_norms()[first] + stage.map.row_norms()[second];
  if (largest > plan_.tolerances().zero_gradient * norms * stages_[s].scale.gradient) return false;
  return plan_.predicates().zero_difference(stage, first, second, difference, inputs_of(s),
                                            stages_[s].scale);
}

bool PathRows::exact_copy(Index last_stage, Index unit, const double* wanted) const {
  std::vector<double> other(static_cast<std::size_t>(k_ + 1));
  const BoxedRows& sides = plan_.space().constraints();
  Vector gradient;
  for (Index c = 0; c < sides.constraint_count(); ++c) {
    sides.gradient(c, gradient);
    std::copy_n(gradient.data(), k_, other.begin());
    other[k_] = sides.slack(c, Vector::Zero(k_));
    if (same_up_to_sign(other.data(), wanted, k_ + 1)) return true;
  }
  std::vector<double> raw(static_cast<std::size_t>(k_ + 1));
  for (Index s = 0; s <= last_stage; ++s) {
    const std::vector<PlannedUnit>& units = plan_.stage(s).units;
    const Index count = s == last_stage ? unit : size_of(units);
    for (Index u = 0; u < count; ++u) {
      if (units[u].function == nullptr) continue;
      row(s, units[u].first_row, raw.data());
      const double length = gradient_length(raw.data(), k_);
      if (length == 0.0) continue;
      for (const double t : units[u].function->breakpoints()) {
        normalise(raw.data(), k_, t, length, other.data());
        if (same_up_to_sign(other.data(), wanted, k_ + 1)) return true;
      }
    }
  }
  return false;
}

}  // namespace facetry
