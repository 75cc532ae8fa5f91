// Forward, values are affine functions of the free coordinates between parallel lines: that gives
// bounds of all rows up to the targets' map at the price of one product per stage. Backward, the
// targets are pulled through relaxations from these bounds (network/functionals.hpp).
#include "search/goal/goal_bounds.hpp"

#include <algorithm>
#include <cmath>

#include "base/rounding.hpp"

namespace facetry {

GoalBounds::GoalBounds(const GoalPlan& plan) : plan_(plan), k_(plan.plan().dimension()) {
  Index most_rows = 0;
  Index most_values = 0;
  Index most_planes = 0;
  for (Index t = 0; t <= plan.targets().map; ++t) {
    most_rows = std::max(most_rows, plan.columns(t).stride());
    most_planes = std::max(most_planes, plan.columns(t).size());
    most_values = std::max(most_values, plan.map(t).columns());
    magnitudes_.emplace_back(Vector::Zero(plan.map(t).columns()));
  }
  planes_.ensure(most_planes);
  range_low_.ensure(most_rows);
  range_high_.ensure(most_rows);
  radius_.ensure(most_rows);
  for (std::vector<double>* array : {&values_, &next_values_}) {
    array->resize(static_cast<std::size_t>(most_values * (k_ + 1)));
  }
  for (std::vector<double>* array : {&value_error_, &next_value_error_}) {
    array->resize(static_cast<std::size_t>(most_values));
  }
  is_open_.resize(static_cast<std::size_t>(most_values), 0);
}

// Bounds the sum of the magnitudes of an affine function's terms, wherever |u_i| <= 1.01.
double GoalBounds::term_sum(const double* row, Index step) const {
  double sum = 0.0;
  for (Index c = 0; c < k_; ++c) sum += std::abs(row[c * step]);
  return 1.02 * sum + 1.01 * std::abs(row[k_ * step]);
}

// A search that is not safe follows no errors of what is above the cell.
GoalBounds::Errors GoalBounds::errors_of(const Cell& cell) {
  const StagePlan& stage = plan_.plan().stage(cell.stage);
  const StageRows& rows = cell.path->stage(cell.stage);
  Errors errors;
  const double inputs =
      1.02 * static_cast<double>(k_) * rows.scale.gradient + 1.01 * rows.scale.offset;
  const double most = stage.most_norm * inputs + 1.01 * stage.most_bias;
  errors.sums = std::max(stage.most_slope * most + stage.most_intercept, inputs);
  if (plan_.plan().safe()) {
    const double entries = std::max(rows.value_error, rows.scale.error);
    errors.value = 1.02 * static_cast<double>(k_ + 1) * entries;
  }
  return errors;
}

// Relaxations of the open units from the ranges of their rows, and what these may be off by.
void GoalBounds::relax_open(const Cell& cell, const Errors& errors, Relaxation* lines) {
  const StagePlan& stage = plan_.plan().stage(cell.stage);
  const Index rows = stage.into->rows();
  pre_low_ = Eigen::Map<const Vector>(cell.low, rows);
  pre_high_ = Eigen::Map<const Vector>(cell.high, rows);
  row_error_ = 0.0;
  for (const std::int32_t u : cell.open) {
    const PlannedUnit& unit = stage.units[u];
    for (Index r = unit.first_row; r < unit.first_row + unit.row_count; ++r) {
      double error = 2.0 * rounding_of(2 * k_ + 8) * errors.sums;
      if (plan_.plan().safe()) error += cell.path->row_error(cell.stage, r, 0.0);
      pre_low_[r] -= error;
      pre_high_[r] += error;
      row_error_ = std::max(row_error_, error);
    }
    lines[u] = relax(plan_.form(), stage.stage->units[u], pre_low_, pre_high_);
  }
}

// The values of the stage: open units as the middles of their bands. Where nothing is carried on,
// the others are known by their sums and are not needed one by one.
void GoalBounds::list_values(const Cell& cell, const Errors& errors) {
  const StagePlan& stage = plan_.plan().stage(cell.stage);
  const Index units = size_of(stage.units);
  const bool all = cell.stage + 1 < plan_.plan().stage_count() &&
                   !plan_.plan().stage(cell.stage + 1).stage->carried.empty();
  std::fill_n(is_open_.begin(), stage.stage->width(), 0);
  for (const std::int32_t u : cell.open) {
    is_open_[u] = 1;
    const Band lines = band(plan_.form(), stage.stage->units[u], pre_low_, pre_high_);
    double* value = values_.data() + u * (k_ + 1);
    cell.path->row(cell.stage, lines.row, value);
    for (Index c = 0; c <= k_; ++c) value[c] *= lines.slope;
    value[k_] += lines.middle;
    value_error_[u] = std::abs(lines.slope) * row_error_ + lines.half +
                      rounding_of(4) * (term_sum(value) + std::abs(lines.middle));
  }
  if (!all) return;
  for (Index j = 0; j < stage.stage->width(); ++j) {
    if (j < units && is_open_[j]) continue;
    cell.path->decided_value(cell.stage, j, values_.data() + j * (k_ + 1));
    value_error_[j] = errors.value;
  }
}

// Bounds of map t's rows, of which planes_ and radius_ are at hand.
void GoalBounds::take_bounds(Index t, const GoalView* around, double* low, double* high,
                             CellRanges& ranges) {
  const MapColumns& columns = plan_.columns(t);
  ranges.ranges({planes_.data(), columns.rows(), columns.stride()}, range_low_.data(),
                range_high_.data());
  const Index first = plan_.first_row(t);
  const double* old_low = (around != nullptr ? around->low : plan_.low()) + first;
  const double* old_high = (around != nullptr ? around->high : plan_.high()) + first;
  for (Index r = 0; r < columns.rows(); ++r) {
    low[first + r] = std::max(old_low[r], range_low_[r] - radius_[r]);
    high[first + r] = std::min(old_high[r], range_high_[r] + radius_[r]);
    // What rounding bounds twice may seem empty; either bound alone is sound.
    if (low[first + r] > high[first + r]) {
      low[first + r] = old_low[r];
      high[first + r] = old_high[r];
    }
  }
}

// From the rows of stage t and the values before it (values_) to the rows of stage t + 1.
void GoalBounds::pass_values(Index t, const double* low, const double* high) {
  const Stage& stage = plan_.form().stages()[t];
  const MapColumns& columns = plan_.columns(t);
  const Index units = size_of(stage.units);
  read_rows(t, low, high);
  for (Index u = 0; u < units; ++u) {
    const Band lines = band(plan_.form(), stage.units[u], pre_low_, pre_high_);
    double* value = next_values_.data() + u * (k_ + 1);
    for (Index c = 0; c <= k_; ++c)
      value[c] = lines.slope * planes_[c * columns.stride() + lines.row];
    value[k_] += lines.middle;
    next_value_error_[u] = 1.01 * std::abs(lines.slope) * radius_[lines.row] + lines.half +
                           rounding_of(4) * (term_sum(value) + std::abs(lines.middle));
  }
  for (Index c = 0; c < size_of(stage.carried); ++c) {
    std::copy_n(values_.data() + stage.carried[c] * (k_ + 1), k_ + 1,
                next_values_.data() + (units + c) * (k_ + 1));
    next_value_error_[units + c] = value_error_[stage.carried[c]];
  }
  std::swap(values_, next_values_);
  std::swap(value_error_, next_value_error_);
  const MapColumns& into = plan_.columns(t + 1);
  which_.clear();
  pointers_.clear();
  for (Index j = 0; j < stage.width(); ++j) {
    which_.push_back(j);
    pointers_.push_back(values_.data() + j * (k_ + 1));
  }
  const Index count = size_of(which_);
  into.add(into.bias(), planes_.data(), {which_.data(), pointers_.data(), 1, count}, columns_);
  const double rounding = 2.0 * rounding_of(plan_.map(t + 1).columns() + 2 * k_ + 20);
  const MapColumns& magnitudes = plan_.magnitudes(t + 1);
  for (Index r = 0; r < magnitudes.stride(); ++r) radius_[r] = rounding * magnitudes.bias()[r];
  for (Index j = 0; j < count; ++j) {
    value_error_[j] += rounding * (term_sum(values_.data() + j * (k_ + 1)) + value_error_[j]);
    pointers_[j] = &value_error_[j];
  }
  magnitudes.add(radius_.data(), radius_.data(), {which_.data(), pointers_.data(), 1, count},
                 columns_);
}

// Bounds of the rows of all maps behind the cell's stage and before the targets'.
void GoalBounds::bound_stages(const Cell& cell, const Errors& errors, const GoalView* around,
                              double* low, double* high, CellRanges& ranges) {
  const Index last = plan_.targets().map;
  if (cell.stage + 1 >= last) return;
  list_values(cell, errors);
  const MapColumns& into = plan_.columns(cell.stage + 1);
  const AffineMap& map = plan_.map(cell.stage + 1);
  which_.assign(cell.open.begin(), cell.open.end());
  pointers_.clear();
  for (const Index u : which_) pointers_.push_back(values_.data() + u * (k_ + 1));
  const Index count = size_of(which_);
  into.add(cell.sums, planes_.data(), {which_.data(), pointers_.data(), 1, count}, columns_);
  const double rounding = 2.0 * rounding_of(map.columns() + 2 * k_ + 20);
  const MapColumns& magnitudes = plan_.magnitudes(cell.stage + 1);
  for (Index r = 0; r < into.rows(); ++r) {
    radius_[r] = map.row_norms()[r] * (errors.value + rounding * errors.sums) +
                 rounding * magnitudes.bias()[r];
  }
  for (Index i = 0; i < count; ++i) pointers_[i] = &value_error_[which_[i]];
  magnitudes.add(radius_.data(), radius_.data(), {which_.data(), pointers_.data(), 1, count},
                 columns_);
  for (Index t = cell.stage + 1; t < last; ++t) {
    take_bounds(t, around, low, high, ranges);
    if (t + 1 < last) pass_values(t, low, high);
  }
}

// The largest magnitudes of the values that the maps behind the next one read.
void GoalBounds::bound_values(const Cell& cell, const Errors& errors, const double* low,
                              const double* high) {
  magnitudes_[cell.stage + 1].setConstant(errors.sums);
  for (Index t = cell.stage + 1; t < plan_.targets().map; ++t) {
    const Stage& stage = plan_.form().stages()[t];
    read_rows(t, low, high);
    Vector& magnitudes = magnitudes_[t + 1];
    const Index units = size_of(stage.units);
    for (Index u = 0; u < units; ++u) {
      const ValueBounds bounds = unit_bounds(plan_.form(), stage.units[u], pre_low_, pre_high_);
      magnitudes[u] = std::max(std::abs(bounds.low), std::abs(bounds.high));
    }
    for (Index c = 0; c < size_of(stage.carried); ++c) {
      magnitudes[units + c] = magnitudes_[t][stage.carried[c]];
    }
  }
}

void GoalBounds::read_rows(Index t, const double* low, const double* high) {
  const Index first = plan_.first_row(t);
  const Index rows = plan_.columns(t).rows();
  pre_low_ = Eigen::Map<const Vector>(low + first, rows);
  pre_high_ = Eigen::Map<const Vector>(high + first, rows);
}

// The targets as functions of the next map's rows, and of values that are carried past it
// (carried_).
Functionals GoalBounds::pulled_targets(Index stage, const double* low, const double* high) {
  const Index last = plan_.targets().map - 1;
  const GoalPlan::Last& pulled = plan_.last();  // through the targets' own map
  const double most =
      std::max(1.0, magnitudes_[last + 1].size() > 0 ? magnitudes_[last + 1].maxCoeff() : 0.0);
  Functionals functions{pulled.values, pulled.offset, pulled.error_share * most};
  carried_.resize(0, 0);
  for (Index t = last; t > stage; --t) {
    if (t < last) pull_through_map(plan_.map(t + 1), magnitudes_[t + 1], functions);
    if (carried_.size() > 0) add_carried(carried_, magnitudes_[t + 1], functions);
    read_rows(t, low, high);
    const Stage& passed = plan_.form().stages()[t];
    pull_through_units(plan_.form(), passed, pre_low_, pre_high_, magnitudes_[t], functions,
                       carried_);
    if (passed.carried.empty()) carried_.resize(0, 0);
  }
  return functions;
}

// What evaluating target f at the cell may be off by: the targets' own error, that of the sums and
// of the values in them, that of the open units' coefficients, and that of their rows.
double GoalBounds::error_of(const Cell& cell, const Errors& errors, const Functionals& next,
                            const double* units, Index f) const {
  const StagePlan& stage = plan_.plan().stage(cell.stage);
  const AffineMap& map = plan_.map(cell.stage + 1);
  const double rounding = 4.0 * rounding_of(map.columns() + map.rows() + 2 * k_ + 30);
  double norms = carried_.size() > 0 ? carried_.row(f).cwiseAbs().sum() : 0.0;
  double offsets = std::abs(next.offset[f]);
  for (Index r = 0; r < map.rows(); ++r) {
    const double weight = std::abs(next.coefficients(f, r));
    norms += weight * map.row_norms()[r];
    offsets += weight * std::abs(map.bias()[r]);
  }
  double open = 0.0;
  for (const std::int32_t u : cell.open) open += std::abs(units[u]);
  return next.error[f] + rounding * offsets + norms * (errors.value + rounding * errors.sums) +
         1.01 * open * stage.most_slope * row_error_;
}

namespace {

// The first `columns` columns of a matrix, in stack memory.
const double* kept(const Matrix& matrix, Index columns, StackMemory& memory) {
  auto* copy = memory.take<double>(matrix.rows() * columns);
  for (Index f = 0; f < matrix.rows(); ++f) {
    std::copy_n(matrix.row(f).data(), columns, copy + f * columns);
  }
  return copy;
}

}  // namespace

const GoalView* GoalBounds::look(const Cell& cell, const GoalView* around, CellRanges& ranges,
                                 StackMemory& memory) {
  const Index s = cell.stage;
  const StagePlan& stage = plan_.plan().stage(s);
  const Index units = size_of(stage.units);
  const Errors errors = errors_of(cell);
  auto* view = memory.take<GoalView>(1);
  *view = {};
  view->stage = s;
  view->open = static_cast<Index>(cell.open.size());
  auto* lines = memory.take<Relaxation>(units);
  relax_open(cell, errors, lines);
  view->lines = lines;
  if (reads_directly(s)) {
    look_before_targets(cell, errors, *view, memory);
    return view;
  }
  auto* low = memory.take<double>(plan_.row_count());
  auto* high = memory.take<double>(plan_.row_count());
  bound_stages(cell, errors, around, low, high, ranges);
  view->low = low;
  view->high = high;
  bound_values(cell, errors, view->low, view->high);
  const Functionals next = pulled_targets(s, view->low, view->high);
  const Index count = next.count();
  const Index rows = plan_.map(s + 1).rows();
  view->rows = kept(next.coefficients, rows, memory);
  auto* coefficients = memory.take<double>(count * units);  // of the open ones only
  for (Index f = 0; f < count; ++f) {
    for (const std::int32_t u : cell.open) {
      double& own = coefficients[f * units + u];
      own = plan_.columns(s + 1).weighted(u, view->rows + f * rows);
      if (carried_.size() > 0) own += carried_(f, u);
    }
  }
  view->units = coefficients;
  view->unit_stride = units;
  if (carried_.size() > 0) view->carried = kept(carried_, stage.stage->width(), memory);
  auto* offset = memory.take<double>(count);
  auto* error = memory.take<double>(count);
  for (Index f = 0; f < count; ++f) {
    offset[f] = next.offset[f];
    error[f] = error_of(cell, errors, next, coefficients + f * units, f);
  }
  view->offset = offset;
  view->error = error;
  return view;
}

// Values that are carried past the next map: those of open units are among the terms of view.units.
void GoalBounds::add_decided_carried(const GoalView& view, Index f, const Cell& cell, double* out,
                                     Index step) const {
  const Index width = plan_.plan().stage(cell.stage).stage->width();
  const double* weights = view.carried + f * width;
  std::vector<double> value(static_cast<std::size_t>(k_ + 1));
  for (Index j = 0; j < width; ++j) {
    const auto number = static_cast<std::int32_t>(j);
    if (weights[j] == 0.0 || std::binary_search(cell.open.begin(), cell.open.end(), number))
      continue;
    cell.path->decided_value(cell.stage, j, value.data());
    for (Index c = 0; c <= k_; ++c) out[c * step] += weights[j] * value[c];
  }
}

// Where the next map is the targets' own: nothing is pulled back, and little has to be computed.
void GoalBounds::look_before_targets(const Cell& cell, const Errors& errors, GoalView& view,
                                     StackMemory& memory) const {
  const GoalTargets& targets = plan_.targets();
  const GoalPlan::Last& last = plan_.last();
  const AffineMap& map = plan_.map(targets.map);
  const Index count = targets.count();
  view.rows = targets.coefficients.data();
  view.units = last.values.data();
  view.unit_stride = last.values.cols();
  view.offset = targets.offset.data();
  auto* error = memory.take<double>(count);
  const double rounding = 2.0 * rounding_of(map.columns() + map.rows() + 2 * k_ + 30);
  const double slope = 1.01 * plan_.plan().stage(cell.stage).most_slope * row_error_;
  for (Index f = 0; f < count; ++f) {
    double norms = 0.0;
    for (Index r = 0; r < map.rows(); ++r) {
      norms += std::abs(targets.coefficients(f, r)) * map.row_norms()[r];
    }
    double open = 0.0;
    for (const std::int32_t u : cell.open) open += std::abs(last.values(f, u));
    error[f] = last.error_share[f] * errors.sums + last.error_rest[f] +
               norms * (errors.value + rounding * errors.sums) + open * slope;
  }
  view.error = error;
}

// The line above or below an open unit, times its coefficient.
inline void GoalBounds::add_open_unit(const GoalView& view, Index f, const Cell& cell,
                                      std::int32_t unit, bool above, double* out,
                                      Index step) const {
  const double own = view.units[f * view.unit_stride + unit];
  const RowLine& line = (own > 0.0) == above ? view.lines[unit].high : view.lines[unit].low;
  const double* pre = cell.path->stage(cell.stage).pre + line.row;
  const Index stride = plan_.columns(cell.stage).stride();
  const double weight = own * line.slope;
  for (Index c = 0; c <= k_; ++c) out[c * step] += weight * pre[c * stride];
  out[k_ * step] += own * line.intercept;
}

double GoalBounds::target(const GoalView& view, Index f, const Cell& cell, double* above,
                          double* below, Index step) const {
  const MapColumns& into = plan_.columns(cell.stage + 1);
  const Index rows = into.rows();
  const double* weights = view.rows + f * rows;
  for (Index c = 0; c <= k_; ++c) above[c * step] = 0.0;
  for (Index r = 0; r < rows; ++r) {
    for (Index c = 0; c <= k_; ++c)
      above[c * step] += weights[r] * cell.sums[c * into.stride() + r];
  }
  above[k_ * step] += view.offset[f];
  if (view.carried != nullptr) add_decided_carried(view, f, cell, above, step);
  if (below != nullptr) {
    for (Index c = 0; c <= k_; ++c) below[c * step] = above[c * step];
    for (const std::int32_t u : cell.open) add_open_unit(view, f, cell, u, false, below, step);
  }
  for (const std::int32_t u : cell.open) add_open_unit(view, f, cell, u, true, above, step);
  const double most =
      std::max(term_sum(above, step), below != nullptr ? term_sum(below, step) : 0.0);
  return view.error[f] + 2.0 * rounding_of(2 * k_ + 8) * most;
}

void GoalBounds::target_of_inputs(const double* sums, double* out) const {
  const MapColumns& outputs = plan_.columns(0);
  const GoalTargets& targets = plan_.targets();
  for (Index c = 0; c <= k_; ++c) {
    out[c] = 0.0;
    for (Index i = 0; i < outputs.rows(); ++i) {
      out[c] += targets.coefficients(0, i) * sums[c * outputs.stride() + i];
    }
  }
  out[k_] += targets.offset[0];
}

}  // namespace facetry
