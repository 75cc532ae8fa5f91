#include "partition/search_plan.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace facetry {

namespace {

StagePlan plan_of(const NormalForm& form, const Stage& stage) {
  StagePlan plan;
  plan.stage = &stage;
  for (Index u = 0; u < size_of(stage.units); ++u) {
    const Unit& unit = stage.units[u];
    const bool piecewise = unit.kind == UnitKind::piecewise;
    plan.units.push_back({unit.first_row, unit.row_count,
                          piecewise ? &form.function(unit) : nullptr,
                          static_cast<std::int32_t>(stage.first_unit + u)});
    const bool single =
        piecewise && unit.first_row == u && form.function(unit).breakpoints().size() == 1;
    plan.single_breakpoints = plan.single_breakpoints && single;
    const bool is_relu = single && form.function(unit) == PiecewiseFunction::relu();
    plan.units.back().is_relu = is_relu;
  }
  return plan;
}

// What the quick test of a stage's rows reads.
void plan_quick_test(StagePlan& plan, const StateLayout& layout, const Tolerances& tolerances) {
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
    plan.noise_slopes[r] = tolerances.zero_gradient * map.row_norms()[r];
    plan.noise_bases[r] =
        tolerances.zero_gradient * (std::abs(map.bias()[r]) + std::abs(plan.breakpoints[r]));
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

SearchPlan::SearchPlan(const NormalForm& form, const FreeSpace& space, const Tolerances& tolerances)
    : form_(form),
      space_(space),
      tolerances_(tolerances),
      layout_(form),
      predicates_(form, tolerances),
      inputs_(space.input_size(), space.dimension() + 1) {
  const Index k = space.dimension();
  inputs_.leftCols(k) = space.basis();
  inputs_.col(k) = space.origin();
  input_scale_ = scale_of(inputs_);
  maps_.reserve(form.stages().size() + 1);
  for (const Stage& stage : form.stages()) maps_.emplace_back(stage.map, k + 1);
  maps_.emplace_back(form.output(), k + 1);
  for (Index s = 0; s < size_of(form.stages()); ++s) {
    stages_.push_back(plan_of(form, form.stages()[s]));
    stages_.back().into = &maps_[s];
    stages_.back().next = &maps_[s + 1];
    plan_quick_test(stages_.back(), layout_, tolerances);
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
