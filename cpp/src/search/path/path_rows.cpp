// Rows and values of the stages by the states on the path, and bounds of their rounding: by norms,
// or row by row.
#include "search/path/path_rows.hpp"

#include <algorithm>
#include <cmath>

#include "base/rounding.hpp"

namespace facetry {

namespace {

// Do two normalised rows differ by rounding only, up to their sign?
bool near_up_to_sign(const double* a, const double* b, Index length, double room) {
  bool equal = true;
  bool opposite = true;
  for (Index i = 0; i < length; ++i) {
    equal = equal && std::abs(a[i] - b[i]) <= room;
    opposite = opposite && std::abs(a[i] + b[i]) <= room;
  }
  return equal || opposite;
}

}  // namespace

PathRows::PathRows(const SearchPlan& plan)
    : plan_(plan),
      k_(plan.dimension()),
      stages_(static_cast<std::size_t>(plan.stage_count())),
      state_(static_cast<std::size_t>(plan.layout().words()), 0) {
  for (Index s = 0; s < plan.stage_count(); ++s) {
    stages_[s].contends.resize(static_cast<std::size_t>(plan.stage(s).into->rows()));
  }
}

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

// Kept for the cell that entered the stage: many questions may be asked about it.
const Matrix& PathRows::inputs_of(Index s) const {
  const StageRows& rows = stages_[s];
  if (rows.has_inputs) return rows.inputs;
  rows.has_inputs = true;
  if (s == 0) {
    rows.inputs = Eigen::Map<const Matrix>(plan_.inputs(), plan_.space().input_size(), k_ + 1);
    return rows.inputs;
  }
  rows.inputs.resize(plan_.stage(s - 1).stage->width(), k_ + 1);
  for (Index i = 0; i < rows.inputs.rows(); ++i) decided_value(s - 1, i, rows.inputs.row(i).data());
  return rows.inputs;
}

// An entry of a row is a sum of weights x entries of the inputs, and the bias: it is off by what
// they are off by, and by the roundings of the sum. A value has k+1 entries, and roundings of its
// own. First by norms, with the worst of everything; if that says too little, row by row.
void PathRows::bound_rounding(Index s) {
  const StagePlan& plan = plan_.stage(s);
  StageRows& rows = stages_[s];
  const RowScale& scale = rows.scale;
  const double k = static_cast<double>(k_);
  const double value_noise = rounding_of(2 * k_ + 8) * (1.01 * k * scale.gradient + scale.offset);
  const double entry = scale.error + plan.sum_rounding * std::max(scale.gradient, scale.offset);
  double most = plan.most_norm * entry + plan.sum_rounding * plan.most_bias;
  // Where inputs are uneven, what is bounded by norms has been multiplied up already.
  rows.by_row =
      plan_.uneven_inputs() || (s > 0 && most > plan_.tolerances().loose_bound * scale.gradient);
  if (rows.by_row) {
    if (s > 0) {
      add_errors(s, value_noise);
    } else {
      add_input_errors();
    }
    most = *std::max_element(rows.entries.data(), rows.entries.data() + plan.into->rows());
    rows.noise_slopes = rows.noise.data();
    rows.noise_scale = 1.0;
  } else {
    rows.entry_scale = entry;
    rows.noise_slopes = plan.noise_slopes.data();
    rows.noise_scale = 1.02 * (k + 1.0) * entry + value_noise;
  }
  rows.value_error = 1.01 * plan.most_slope * most + rounding_of(2) * plan.most_intercept;
}

// The sum of magnitudes of weights x what each input that is not constant zero is off by.
void PathRows::add_errors(Index s, double value_noise) {
  const StagePlan& plan = plan_.stage(s);
  const StagePlan& before = plan_.stage(s - 1);
  const StageRows& inputs = stages_[s - 1];
  StageRows& rows = stages_[s];
  const Index units = size_of(before.units);
  input_errors_.resize(static_cast<std::size_t>(before.stage->width()));
  input_numbers_.clear();
  for (Index u = 0; u < units; ++u) {
    const PlannedUnit& unit = before.units[u];
    const Index piece = plan_.layout().get(state_.data(), unit.number);
    if (unit.is_relu && piece == 0) continue;
    const bool piecewise = unit.function != nullptr;
    const double slope = piecewise ? std::abs(unit.function->slope(piece)) : 1.0;
    const double shift = piecewise ? std::abs(unit.function->intercept(piece)) : 0.0;
    const Index row = unit.first_row + (piecewise ? 0 : piece);
    double magnitude = 0.0;
    for (Index c = 0; c <= k_; ++c) {
      magnitude = std::max(magnitude, std::abs(inputs.pre[c * before.into->stride() + row]));
    }
    magnitude = slope * magnitude + shift;
    const double own = slope * entry_error(s - 1, row) + rounding_of(3) * magnitude;
    input_errors_[u] = own + plan.sum_rounding * magnitude;
    input_numbers_.push_back(static_cast<std::int32_t>(u));
  }
  for (Index c = 0; c < size_of(before.stage->carried); ++c) {
    const double* value = inputs.carried + c * (k_ + 1);
    double magnitude = 0.0;
    for (Index i = 0; i <= k_; ++i) magnitude = std::max(magnitude, std::abs(value[i]));
    input_errors_[units + c] = inputs.scale.error + plan.sum_rounding * magnitude;
    input_numbers_.push_back(static_cast<std::int32_t>(units + c));
  }
  rows.entries.ensure(plan.magnitudes.stride());
  rows.noise.ensure(plan.magnitudes.stride());
  std::fill_n(rows.entries.data(), plan.magnitudes.stride(), 0.0);
  plan.magnitudes.add_rows(rows.entries.data(), rows.entries.data(), input_errors_.data(), 0,
                           input_numbers_.data(), size_of(input_numbers_));
  const double per_entry = 1.02 * static_cast<double>(k_ + 1);
  for (Index r = 0; r < plan.magnitudes.stride(); ++r) {
    rows.entries[r] = 1.01 * (rows.entries[r] + plan.sum_rounding * plan.magnitudes.bias()[r]);
    rows.noise[r] = per_entry * rows.entries[r] + plan.noise_slopes[r] * value_noise;
  }
}

// The same of the first stage, where inputs are of very different sizes: each counts with its own.
void PathRows::add_input_errors() {
  const StagePlan& plan = plan_.stage(0);
  StageRows& rows = stages_[0];
  const Index inputs = plan_.space().input_size();
  input_errors_.resize(static_cast<std::size_t>(inputs));
  std::vector<double> noise(static_cast<std::size_t>(inputs));
  input_numbers_.clear();
  for (Index j = 0; j < inputs; ++j) {
    const double* value = plan_.inputs() + j * (k_ + 1);
    double largest = std::abs(value[k_]);
    double sum = largest;
    for (Index c = 0; c < k_; ++c) {
      largest = std::max(largest, std::abs(value[c]));
      sum += 1.01 * std::abs(value[c]);
    }
    input_errors_[j] = rows.scale.error + plan.sum_rounding * largest;
    noise[j] = rounding_of(2 * k_ + 8) * sum;
    input_numbers_.push_back(static_cast<std::int32_t>(j));
  }
  const Index stride = plan.magnitudes.stride();
  rows.entries.ensure(stride);
  rows.noise.ensure(stride);
  std::fill_n(rows.entries.data(), stride, 0.0);
  std::fill_n(rows.noise.data(), stride, 0.0);
  plan.magnitudes.add_rows(rows.entries.data(), rows.entries.data(), input_errors_.data(), 0,
                           input_numbers_.data(), inputs);
  plan.magnitudes.add_rows(rows.noise.data(), rows.noise.data(), noise.data(), 0,
                           input_numbers_.data(), inputs);
  const double per_entry = 1.02 * static_cast<double>(k_ + 1);
  for (Index r = 0; r < stride; ++r) {
    rows.entries[r] = 1.01 * (rows.entries[r] + plan.sum_rounding * plan.magnitudes.bias()[r]);
    rows.noise[r] = per_entry * rows.entries[r] + 1.01 * rows.noise[r];
  }
}

double PathRows::entry_error(Index s, Index row) const {
  const StageRows& rows = stages_[s];
  if (rows.by_row) return rows.entries[row];
  const AffineMap& map = plan_.stage(s).stage->map;
  return map.row_norms()[row] * rows.entry_scale +
         plan_.stage(s).sum_rounding * std::abs(map.bias()[row]);
}

bool PathRows::zero_gradient(Index s, Index row_number, double largest) const {
  const Stage& stage = *plan_.stage(s).stage;
  const double norm = stage.map.row_norms()[row_number];
  if (norm == 0.0) return true;  // a row of zeros
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

PathRows::Copy PathRows::copy_of(Index last_stage, Index unit, Index number, double t) const {
  if (repeats_a_row(last_stage, unit, number, t)) return Copy::exact;
  const double room = plan_.tolerances().zero_gradient;
  std::vector<double> raw(static_cast<std::size_t>(k_ + 1)), wanted(raw), other(raw);
  row(last_stage, number, raw.data());
  normalise(raw.data(), k_, t, gradient_length(raw.data(), k_), wanted.data());
  const std::vector<double> asked = raw;
  Copy copy = Copy::none;
  const auto compare = [&](const double* candidate, double at) {  // `other` is it, normalised
    if (!near_up_to_sign(other.data(), wanted.data(), k_ + 1, room)) return;
    ExactRow own = ExactRow::of(asked.data(), k_ + 1);
    own.add_to_offset(-t);
    ExactRow exact = ExactRow::of(candidate, k_ + 1);
    exact.add_to_offset(-at);
    copy = std::max(copy, own.sign_of_quotient(exact) != 0 ? Copy::exact : Copy::near);
  };
  const BoxedRows& sides = plan_.space().constraints();
  Vector gradient;
  for (Index c = 0; c < sides.constraint_count(); ++c) {
    sides.gradient(c, gradient);
    std::copy_n(gradient.data(), k_, other.begin());
    other[k_] = sides.slack(c, Vector::Zero(k_));
    compare(other.data(), 0.0);
  }
  std::vector<char> parallel;
  for (Index s = 0; s <= last_stage; ++s) {
    const std::vector<PlannedUnit>& units = plan_.stage(s).units;
    mark_parallel(s, wanted.data(), parallel);
    const Index count = s == last_stage ? unit : size_of(units);
    for (Index u = 0; u < count; ++u) {
      if (units[u].function == nullptr || !parallel[units[u].first_row]) continue;
      row(s, units[u].first_row, raw.data());
      const double length = gradient_length(raw.data(), k_);
      if (length == 0.0) continue;
      for (const double breakpoint : units[u].function->breakpoints()) {
        normalise(raw.data(), k_, breakpoint, length, other.data());
        compare(raw.data(), breakpoint);
      }
    }
  }
  return copy;
}

// Is the row a multiple of an earlier unit's, as the map has them, with both boundaries at zero?
bool PathRows::repeats_a_row(Index s, Index unit, Index number, double t) const {
  const StagePlan& plan = plan_.stage(s);
  if (t != 0.0 || !plan.copies.any()) return false;
  const Index first = plan.copies.first(number);
  if (first == number) return false;
  for (Index u = 0; u < unit; ++u) {
    const PlannedUnit& other = plan.units[u];
    if (other.first_row != first || other.function == nullptr) continue;
    const std::vector<double>& at = other.function->breakpoints();
    return std::find(at.begin(), at.end(), 0.0) != at.end();
  }
  return false;
}

// Marks the rows of a stage whose gradient may be a multiple of `wanted`, of length 1: by the
// square of the cosine, all rows at once.
void PathRows::mark_parallel(Index s, const double* wanted, std::vector<char>& marks) const {
  const double near = 1.0 - plan_.tolerances().parallel;
  const Index rows = plan_.stage(s).into->rows();
  const Index stride = plan_.stage(s).into->stride();
  const double* pre = stages_[s].pre;
  std::vector<double> sums(static_cast<std::size_t>(2 * rows), 0.0);
  double* along = sums.data();
  double* squares = along + rows;
  for (Index c = 0; c < k_; ++c) {
    const double* plane = pre + c * stride;
    for (Index r = 0; r < rows; ++r) {
      along[r] += plane[r] * wanted[c];
      squares[r] += plane[r] * plane[r];
    }
  }
  marks.resize(static_cast<std::size_t>(rows));
  for (Index r = 0; r < rows; ++r) {
    const bool apart = squares_in_range(squares[r]) && along[r] * along[r] < near * squares[r];
    marks[r] = apart ? 0 : 1;
  }
}

}  // namespace facetry
