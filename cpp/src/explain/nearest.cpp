// A user of the best-first search: cells promise the distance to them, negated.
#include "explain/nearest.hpp"

#include <algorithm>

#include "facetry/base/error.hpp"
#include "facetry/search/best_first.hpp"
#include "network/input_check.hpp"
#include "search/subdivision.hpp"

namespace facetry {

namespace {

// Distances, negated: the largest is sought.
class NearestPoint : public CellObjective {
 public:
  NearestPoint(const FreeSpace& space, const DistanceFrom& from) : space_(space), from_(from) {}

  double promise(const CellRows& cell, double enough) const override {
    const Index k = space_.dimension();
    DistanceFrom::Polyhedron part(from_, cell.count, -enough);
    Vector own(k + 1);
    for (Index r = 0; r < cell.count; ++r) {
      cell.row(r, own.data());
      own[k] += cell.errors[r];
      part.add(own.data());
    }
    return -from_.at_least(part);
  }

  void narrow(const RowPlanes& rows, double enough, double* low, double* high) const override {
    const double radius = -enough;
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

  Find best_of(const CellRows& region, const StateWord*, const double* inside,
               double enough) const override {
    const Index k = space_.dimension();
    Matrix rows(region.count, k + 1);
    for (Index r = 0; r < region.count; ++r) region.row(r, rows.row(r).data());
    Vector u = from_.nearest(rows);
    // Too thin for the projection: the point inside is near enough to count, but proves nothing.
    const bool thin = u.size() == 0;
    if (thin) u = Eigen::Map<const Vector>(inside, k);
    const InputPolytope& whole = space_.polytope();
    Find find;
    find.point = space_.to_input(u).cwiseMax(whole.low).cwiseMin(whole.high);
    find.value = -from_.to(find.point);
    find.bound = thin ? promise(region, enough) : find.value;
    return find;
  }

 private:
  const FreeSpace& space_;
  const DistanceFrom& from_;
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
  require_searchable(form, space);
  if (space.dimension() == 0) return at_point(form, space, goal, from, options);
  BestFirstOptions search;
  search.take(options);
  search.gap = options.tolerances.optimality_gap;
  search.floor = -options.within;
  const BestFirstResult found =
      search_best_first(form, space, goal, NearestPoint(space, from), search);
  Nearest result;
  result.point = found.point;
  if (result.point.size() > 0) result.distance = -found.value;
  // Bounds of cells hold as far as it was of interest to look, and no further.
  const double looked = std::min(options.within, result.distance);
  result.at_least = std::clamp(-found.bound, 0.0, looked);
  result.state = found.state;
  result.termination = found.termination;
  result.cells = found.cells;
  result.regions = found.regions;
  return result;
}

}  // namespace facetry
