#include "facetry/search/nearest.hpp"

#include <algorithm>
#include <memory>

#include "facetry/base/error.hpp"
#include "search/best_first.hpp"

namespace facetry {

namespace {

// Distances, negated: the largest is sought.
class NearestPoint : public Objective {
 public:
  NearestPoint(const NormalForm& form, const FreeSpace& space, const DistanceFrom& from,
               const BestFirstOptions& options, StopSignal& signal)
      : Objective(options, signal), space_(space), from_(from), words_(StateLayout(form).words()) {}

  bool measures_cells() const override { return true; }

  double promise(const CutPlanes& cell, const double* row, double error) override {
    const Index k = space_.dimension();
    DistanceFrom::Polyhedron part(from_, cell.count() + 1, -enough());
    Vector own(k + 1);
    for (Index r = 0; r < cell.count(); ++r) {
      cell.row(r, own.data());
      own[k] += cell.error(r);
      part.add(own.data());
    }
    if (row != nullptr) {
      own = Eigen::Map<const Vector>(row, k + 1);
      own[k] += error;
      part.add(own.data());
    }
    return -from_.at_least(part);
  }

  void narrow(const RowPlanes& rows, double* low, double* high) const override {
    const double radius = -enough();
    if (!(radius < std::numeric_limits<double>::infinity())) return;
    for (Index r = 0; r < rows.count; ++r) {
      const Range own = from_.range_within(radius, rows.data + r, rows.stride);
      const double narrow_low = std::max(low[r], own.low);
      const double narrow_high = std::min(high[r], own.high);
      if (narrow_low > narrow_high) continue;  // nothing is left there, or rounding says so
      low[r] = narrow_low;
      high[r] = narrow_high;
    }
  }

  void reached_cell(const CutPlanes& cell, const StateWord* state, const double* inside) override {
    ++caught().regions;
    const Index k = space_.dimension();
    Matrix rows(cell.count(), k + 1);
    for (Index r = 0; r < cell.count(); ++r) cell.row(r, rows.row(r).data());
    Vector u = from_.nearest(rows);
    // Too thin for the projection: the point inside is near enough to count, but proves nothing.
    const bool thin = u.size() == 0;
    if (thin) u = Eigen::Map<const Vector>(inside, k);
    const InputPolytope& region = space_.polytope();
    const Vector x = space_.to_input(u).cwiseMax(region.low).cwiseMin(region.high);
    const double distance = from_.to(x);
    bounded(thin ? promise(cell, nullptr, 0.0) : -distance);
    if (!(-distance > caught().value)) return;
    caught().value = -distance;
    caught().point = x;
    caught().state.assign(state, state + words_);
  }

 private:
  const FreeSpace& space_;
  const DistanceFrom& from_;
  Index words_;
};

// The analysis region is one point.
Nearest at_point(const NormalForm& form, const FreeSpace& space, const SearchGoal& goal,
                 const DistanceFrom& from, const NearestOptions& options) {
  SubdivisionOptions search;
  search.control = options.control;
  search.goal = goal;
  const SubdivisionResult found = subdivide(form, space, search);
  Nearest result;
  result.cells = found.cells;
  result.regions = found.regions.count;
  result.termination = found.termination;
  if (found.regions.count > 0) {
    result.point = space.origin();
    result.distance = from.to(result.point);
    result.state.assign(found.regions.state(0), found.regions.state(0) + found.regions.words);
  }
  if (found.termination == Termination::complete) result.at_least = result.distance;
  return result;
}

}  // namespace

Nearest nearest_region(const NormalForm& form, const FreeSpace& space, const SearchGoal& goal,
                       const DistanceFrom& from, const NearestOptions& options) {
  options.control.validate();
  if (goal.empty()) throw InvalidInput("the nearest region of a goal needs a goal");
  goal.validate(form);
  if (form.input_size() != space.input_size()) {
    throw InvalidInput("the analysis region does not have the inputs of the network");
  }
  if (space.dimension() == 0) return at_point(form, space, goal, from, options);
  const SearchPlan plan(form, space, options.tolerances, options.exactness);
  const GoalPlan goal_plan(plan, targets_of(form, goal), goal);
  BestFirstOptions search;
  search.control = options.control;
  search.cell = options.cell;
  search.gap = options.tolerances.optimality_gap;
  search.floor = -options.within;
  const BestFirstResult found =
      best_first(goal_plan, search, [&](const BestFirstOptions& own, StopSignal& signal) {
        return std::make_unique<NearestPoint>(form, space, from, own, signal);
      });
  Nearest result;
  result.point = found.best.point;
  if (result.point.size() > 0) result.distance = -found.best.value;
  // Bounds of cells hold as far as it was of interest to look, and no further.
  const double looked = std::min(options.within, result.distance);
  result.at_least = std::clamp(-found.best.bound, 0.0, looked);
  result.state = found.best.state;
  result.termination = found.termination;
  result.cells = found.cells;
  result.regions = found.best.regions;
  return result;
}

}  // namespace facetry
