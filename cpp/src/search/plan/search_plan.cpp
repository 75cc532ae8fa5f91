// Lays a network out for a search: units, columns, norms, and the first sums over the region.
#include "search/plan/search_plan.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/rounding.hpp"
#include "facetry/state/activation_state.hpp"

namespace facetry {

namespace {

StagePlan plan_of(const NormalForm& form, const BoundaryIds& ids, const Stage& stage) {
  StagePlan plan;
  plan.units.reserve(stage.units.size());
  plan.stage = &stage;
  plan.first_unit = stage.first_unit;
  for (Index u = 0; u < size_of(stage.units); ++u) {
    const Unit& unit = stage.units[u];
    const bool piecewise = unit.kind == UnitKind::piecewise;
    plan.units.push_back({unit.first_row, unit.row_count,
                          piecewise ? &form.function(unit) : nullptr,
                          static_cast<std::int32_t>(stage.first_unit + u),
                          static_cast<std::int32_t>(ids.of(stage.first_unit + u, 0).number())});
    plan.only_maxima = plan.only_maxima && !piecewise;
    const bool single =
        piecewise && unit.first_row == u && form.function(unit).breakpoints().size() == 1;
    plan.single_breakpoints = plan.single_breakpoints && single;
    const bool is_relu = single && form.function(unit).is_relu();
    plan.units.back().is_relu = is_relu;
    plan.units.back().only_if = static_cast<std::int32_t>(unit.only_if);
    plan.units.back().only_state = static_cast<std::int32_t>(unit.only_state);
    plan.most_slope = std::max(plan.most_slope, 1.0);
    if (!piecewise) continue;
    for (const double slope : form.function(unit).slopes()) {
      plan.most_slope = std::max(plan.most_slope, std::abs(slope));
    }
    for (const double intercept : form.function(unit).intercepts()) {
      plan.most_intercept = std::max(plan.most_intercept, std::abs(intercept));
    }
  }
  plan.copies = RowCopies(stage.map);
  return plan;
}

// Does every boundary of the network pass through the point where all inputs are zero?
bool through_zero(const NormalForm& form) {
  for (const Stage& stage : form.stages()) {
    if ((stage.map.bias().array() != 0.0).any()) return false;
    for (const Unit& unit : stage.units) {
      if (unit.kind == UnitKind::maximum) continue;
      const PiecewiseFunction& function = form.function(unit);
      const auto is_zero = [](double number) { return number == 0.0; };
      if (!std::all_of(function.breakpoints().begin(), function.breakpoints().end(), is_zero) ||
          !std::all_of(function.intercepts().begin(), function.intercepts().end(), is_zero)) {
        return false;
      }
    }
  }
  return true;
}

// That point in free coordinates, if it is one of the region's hull, and each of the sides is
// either clear of it or passes through it; else nothing.
Vector zero_inputs(const FreeSpace& space, double clear) {
  const InputPolytope& polytope = space.polytope();
  const Index m = space.input_size();
  const bool hull_is_box = std::all_of(space.sides().begin(), space.sides().end(),
                                       [&](Index side) { return side < 2 * m; });
  if (!hull_is_box || !space.equalities().empty()) return {};
  for (Index j = 0; j < m; ++j) {
    const bool fixed = polytope.low[j] == polytope.high[j];
    if (fixed && polytope.low[j] != 0.0) return {};
  }
  if (size_of(space.free_features()) != space.dimension()) return {};
  const Vector zero = space.inverse() * -space.origin();
  for (Index c = 0; c < size_of(space.sides()); ++c) {
    const Index side = space.sides()[c];
    const bool artificial = side < 0;
    const double limit = artificial ? 1.0 : (side < m ? polytope.low : polytope.high)[side % m];
    if (limit != 0.0 && space.constraints().slack(c, zero) < clear) return {};
  }
  return zero;
}

// Inputs are of very different sizes if one is so many times as large as another.
constexpr double kUneven = 16.0;

// How many cuts a path can have, those of the root's sides included.
Index most_cuts(const NormalForm& form, const FreeSpace& space) {
  Index cuts = space.constraints().row_count();
  for (const Index pieces : form.piece_counts()) cuts += pieces - 1;
  return cuts;
}

// What the quick test of a stage's rows reads: noise_slopes x (magnitudes of the inputs) +
// noise_bases. In a safe search the former are multiplied by bounds of rounding (PathRows::enter).
void plan_quick_test(StagePlan& plan, const StateLayout& layout, double noise_slope,
                     double noise_base) {
  const AffineMap& map = plan.stage->map;
  const Index stride = padded(map.rows());
  for (WorkArray<double>* array : {&plan.breakpoints, &plan.noise_slopes, &plan.noise_bases}) {
    array->ensure(stride);
    std::fill_n(array->data(), stride, 0.0);
  }
  for (Index r = 0; r < map.rows(); ++r) {
    if (plan.single_breakpoints) {
      plan.breakpoints[r] = plan.units[r].function->breakpoints().front();
    }
    plan.noise_slopes[r] = noise_slope * map.row_norms()[r];
    plan.noise_bases[r] =
        noise_base * (std::abs(map.bias()[r]) + std::abs(plan.breakpoints[r])) + kUnderflow;
    plan.most_norm = std::max(plan.most_norm, map.row_norms()[r]);
    plan.most_bias = std::max(plan.most_bias, std::abs(map.bias()[r]));
  }
  plan.state_mask.assign(static_cast<std::size_t>(layout.words()), 0);
  if (!plan.single_breakpoints) return;
  plan.all_relu = true;
  for (const PlannedUnit& unit : plan.units) {
    layout.set(plan.state_mask.data(), unit.number, 1);
    plan.all_relu = plan.all_relu && unit.is_relu && layout.is_single_bit(unit.number);
  }
}

}  // namespace

SearchPlan::SearchPlan(const NormalForm& form, const FreeSpace& space, const Tolerances& tolerances,
                       Exactness exactness)
    : form_(form),
      space_(space),
      tolerances_(tolerances),
      safe_(exactness == Exactness::safe),
      layout_(form),
      predicates_(form, tolerances),
      inputs_(space.input_size(), space.dimension() + 1) {
  const Index k = space.dimension();
  if (safe_) {
    exact_region_ = std::make_unique<ExactRegion>(space);
    outward_ = {stray_after(most_cuts(form, space), k), exact_region_->side_error()};
  }
  inputs_.leftCols(k) = space.basis();
  inputs_.col(k) = space.origin();
  input_scale_ = scale_of(inputs_);
  if (safe_) input_scale_.error = exact_region_->input_error();
  const Vector sizes = inputs_.cwiseAbs().rowwise().maxCoeff();
  uneven_inputs_ = sizes.maxCoeff() > kUneven * sizes.minCoeff();
  if (through_zero(form)) common_point_ = zero_inputs(space, tolerances.clear_side);
  maps_.reserve(form.stages().size() + 1);
  for (const Stage& stage : form.stages()) maps_.emplace_back(stage.map, k + 1);
  maps_.emplace_back(form.output(), k + 1);
  const BoundaryIds ids(form);
  boundary_count_ = ids.count();
  for (Index s = 0; s < size_of(form.stages()); ++s) {
    stages_.push_back(plan_of(form, ids, form.stages()[s]));
    stages_.back().into = &maps_[s];
    stages_.back().next = &maps_[s + 1];
    StagePlan& plan = stages_.back();
    plan.sum_rounding = rounding_of(form.stages()[s].map.columns() + 8);
    if (safe_) {
      plan.noise_share = 2.0 * static_cast<double>(k + 2) * plan.sum_rounding;
      plan_quick_test(plan, layout_, 1.0, plan.noise_share);
      plan.magnitudes = MapColumns(form.stages()[s].map, 1, true);
    } else {
      plan_quick_test(plan, layout_, tolerances.zero_gradient, tolerances.zero_gradient);
    }
  }
  std::vector<Index> all(static_cast<std::size_t>(space.input_size()));
  std::iota(all.begin(), all.end(), Index{0});
  std::vector<const double*> columns, values;
  for (const Index i : all) values.push_back(inputs_.data() + i * (k + 1));
  first_sums_.ensure(maps_.front().size());
  maps_.front().add(maps_.front().bias(), first_sums_.data(),
                    {all.data(), values.data(), 1, size_of(all)}, columns);
}

}  // namespace facetry
