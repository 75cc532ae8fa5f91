// What goals require, checked; their targets pulled back to every stage, with bounds that hold on
// the whole region.
#include "search/goal/goal_plan.hpp"

#include <cmath>
#include <string>

#include "base/rounding.hpp"
#include "facetry/base/error.hpp"
#include "network/functionals.hpp"

namespace facetry {

void SearchGoal::validate(const NormalForm& form) const {
  if (empty()) return;
  if (form.stages().empty() || size_of(required) != size_of(form.stages().back().units)) {
    throw InvalidInput("a goal needs one required state for each unit of the last stage");
  }
  for (Index u = 0; u < size_of(required); ++u) {
    const Index pieces = form.piece_count(form.stages().back().units[u]);
    const Index state = required[u] <= any_but(0) ? any_but(required[u]) : required[u];
    if (state != kAny && state != kNone && (state < 0 || state >= pieces)) {
      throw InvalidInput("a goal requires state " + std::to_string(state) + " of a unit with " +
                         std::to_string(pieces));
    }
  }
  for (const Index unit : {differ_first, differ_second}) {
    if (unit < -1 || unit >= size_of(required) || (unit < 0) != (differ_first < 0)) {
      throw InvalidInput("the units that must differ are not two of the last stage");
    }
  }
}

bool SearchGoal::wants(const NormalForm& form, const StateLayout& layout,
                       const StateWord* state) const {
  if (empty()) return true;
  const Stage& stage = form.stages().back();
  for (Index u = 0; u < size_of(required); ++u) {
    if (required[u] == kAny) continue;
    const Unit& unit = stage.units[u];
    const bool asked =
        unit.only_if < 0 || layout.get(state, stage.first_unit + unit.only_if) == unit.only_state;
    if (asked && !meets(layout.get(state, stage.first_unit + u), required[u])) return false;
  }
  return differ_first < 0 || layout.get(state, stage.first_unit + differ_first) !=
                                 layout.get(state, stage.first_unit + differ_second);
}

namespace {

// Above this many weights in one stage, bounds by linear functions of the whole region cost more
// than they are worth: intervals will do.
constexpr Index kMostWeights = 4'000'000;

BoundMethod method_for(const NormalForm& form) {
  for (const Stage& stage : form.stages()) {
    if (stage.map.rows() * stage.map.columns() > kMostWeights) return BoundMethod::interval;
  }
  return BoundMethod::combined;
}

class TargetWriter {
 public:
  explicit TargetWriter(Index rows) : rows_(rows) {}

  // plus - minus + offset; -1 for none.
  void add(Index plus, Index minus, double offset) {
    Vector target = Vector::Zero(rows_);
    if (plus >= 0) target[plus] += 1.0;
    if (minus >= 0) target[minus] -= 1.0;
    targets_.push_back(std::move(target));
    offsets_.push_back(offset);
  }

  [[nodiscard]] GoalTargets targets(Index map) const {
    GoalTargets result;
    result.map = map;
    result.coefficients.resize(size_of(targets_), rows_);
    result.offset.resize(size_of(targets_));
    for (Index i = 0; i < size_of(targets_); ++i) {
      result.coefficients.row(i) = targets_[i].transpose();
      result.offset[i] = offsets_[i];
    }
    return result;
  }

 private:
  Index rows_;
  std::vector<Vector> targets_;
  std::vector<double> offsets_;
};

// If all that is required is that one output is not the largest, reaching any other is enough.
std::optional<GoalTargets> targets_of_change(const NormalForm& form, const SearchGoal& goal) {
  const Stage& stage = form.stages().back();
  Index changed = -1;
  for (Index u = 0; u < size_of(goal.required); ++u) {
    if (goal.required[u] == SearchGoal::kAny) continue;
    const bool is_change = goal.required[u] <= SearchGoal::any_but(0) &&
                           stage.units[u].kind == UnitKind::maximum && stage.units[u].only_if < 0;
    if (!is_change || changed >= 0) return std::nullopt;
    changed = u;
  }
  if (changed < 0) return std::nullopt;
  const Unit& unit = stage.units[changed];
  const Index winner = SearchGoal::any_but(goal.required[changed]);
  TargetWriter writer(stage.map.rows());
  for (Index a = 0; a < unit.row_count; ++a) {
    if (a != winner) writer.add(unit.first_row + a, unit.first_row + winner, 0.0);
  }
  GoalTargets targets = writer.targets(size_of(form.stages()) - 1);
  targets.any = true;
  return targets;
}

}  // namespace

GoalTargets targets_of(const NormalForm& form, const SearchGoal& goal) {
  if (auto change = targets_of_change(form, goal)) return std::move(*change);
  const Stage& stage = form.stages().back();
  TargetWriter writer(stage.map.rows());
  for (Index u = 0; u < size_of(goal.required); ++u) {
    Index state = goal.required[u];
    const Unit& unit = stage.units[u];
    if (state <= SearchGoal::any_but(0) && form.piece_count(unit) == 2) {
      state = 1 - SearchGoal::any_but(state);
    }
    if (state < 0) continue;
    if (unit.only_if >= 0 && goal.required[unit.only_if] != unit.only_state) continue;
    if (unit.kind == UnitKind::maximum) {
      for (Index a = 0; a < unit.row_count; ++a) {
        if (a != state) writer.add(unit.first_row + state, unit.first_row + a, 0.0);
      }
      continue;
    }
    const std::vector<double>& breakpoints = form.function(unit).breakpoints();
    if (state > 0) writer.add(unit.first_row, -1, -breakpoints[state - 1]);
    if (state < size_of(breakpoints)) writer.add(-1, unit.first_row, breakpoints[state]);
  }
  return writer.targets(size_of(form.stages()) - 1);
}

GoalPlan::GoalPlan(const SearchPlan& plan, GoalTargets targets, SearchGoal goal)
    : plan_(plan), targets_(std::move(targets)), goal_(std::move(goal)) {
  const NormalForm& form = plan.form();
  const NetworkBounds bounds = bound_network(form, plan.space(), method_for(form));
  first_row_.push_back(0);
  for (Index t = 0; t < targets_.map; ++t) {
    const Vector& low = bounds.pre_activations.low[t];
    const Vector& high = bounds.pre_activations.high[t];
    low_.insert(low_.end(), low.data(), low.data() + low.size());
    high_.insert(high_.end(), high.data(), high.data() + high.size());
    first_row_.push_back(size_of(low_));
  }
  for (Index t = 0; t <= targets_.map; ++t) magnitudes_.emplace_back(map(t), 1, true);
  if (!goal_.empty()) {
    const StagePlan& stage = plan.stage(plan.stage_count() - 1);
    compares_only_ = stage.only_maxima;
    for (Index u = 0; u < size_of(stage.units); ++u) {
      compares_only_ = compares_only_ && (goal_.required[u] >= 0 || stage.units[u].only_if >= 0);
    }
  }
  target_against_.assign(static_cast<std::size_t>(map(targets_.map).rows()), -1);
  for (Index f = 0; f < targets_.count() && !targets_.any && compares_only_; ++f) {
    for (Index r = 0; r < targets_.coefficients.cols(); ++r) {
      if (targets_.coefficients(f, r) < 0.0) target_against_[r] = f;
    }
  }
  const AffineMap& into = map(targets_.map);
  Functionals values{targets_.coefficients, targets_.offset, Vector::Zero(targets_.count())};
  pull_through_map(into, Vector::Ones(into.columns()), values);
  const double rounding =
      2.0 * rounding_of(into.columns() + into.rows() + 2 * plan.dimension() + 30);
  last_.values = values.coefficients;
  last_.offset = values.offset;
  last_.error_share = values.error;
  last_.error_rest = values.error + rounding * targets_.offset.cwiseAbs();
  for (Index r = 0; r < into.rows(); ++r) {
    const Vector weights = targets_.coefficients.col(r).cwiseAbs();
    last_.error_rest += rounding * std::abs(into.bias()[r]) * weights;
  }
}

const AffineMap& GoalPlan::map(Index t) const {
  const NormalForm& form = plan_.form();
  return t < size_of(form.stages()) ? form.stages()[t].map : form.output();
}

const MapColumns& GoalPlan::columns(Index t) const {
  return t < plan_.stage_count() ? *plan_.stage(t).into : plan_.output();
}

}  // namespace facetry
