// A ball of radius d around the point, in any of the norms, lies in the box of radius d. So once
// something is found at a distance d within a box whose radius is at least d, nothing is closer.
// Small boxes come first because bounds are closer there, and fewer units change their states.
#include "facetry/explain/boundary_distance.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/infinity.hpp"
#include "explain/boundary_guess.hpp"
#include "explain/choice.hpp"
#include "explain/nearest.hpp"
#include "explain/query_writer.hpp"
#include "facetry/base/error.hpp"
#include "search/regions_of_states.hpp"

namespace facetry {

namespace {

constexpr double kFirstShare = 1.0 / 64.0;  // of the radius that covers the region
constexpr double kGrowth = 4.0;
// It is looked somewhat beyond what was found: regions there are not cut thin by the box.
constexpr double kMargin = 1.1;

Query change_from(const Query& query, Index top) {
  Query change;
  change.decision = query.decision;
  change.threshold = query.threshold;
  change.top = top;
  change.change = true;
  return change;
}

// The part of the region within a radius of x.
InputPolytope around(const InputPolytope& region, const Vector& x, const Vector& scale,
                     double radius) {
  InputPolytope part = region;
  for (Index i = 0; i < x.size(); ++i) {
    const double reach = scale[i] > 0.0 ? radius * scale[i] : 0.0;
    part.low[i] = std::max(region.low[i], x[i] - reach);
    part.high[i] = std::min(region.high[i], x[i] + reach);
  }
  return part;
}

// How far to look at most, from a guess.
double guessed_radius(const NormalForm& form, const InputPolytope& region, const Query& query,
                      const Vector& x, const Vector& scale, Index from,
                      const BoundaryOptions& options) {
  const FreeSpace whole(around(region, x, scale, kInfinity));
  if (whole.dimension() == 0) return kInfinity;
  const DistanceFrom distance(whole, x, scale, options.norm, options.solver);
  return kMargin * guess_distance(form, whole, query, x, from, distance);
}

// The radius at which the whole region is within.
double covering_radius(const FreeSpace& space, const Vector& x, const Vector& scale) {
  const BoxedRows& box = space.constraints();
  const Vector centre = space.to_input(0.5 * (box.low + box.high));
  const Vector half = 0.5 * (space.basis().cwiseAbs() * (box.high - box.low));
  double radius = 0.0;
  for (Index i = 0; i < x.size(); ++i) {
    if (scale[i] == 0.0) continue;
    radius = std::max(radius, (std::abs(centre[i] - x[i]) + half[i]) / scale[i]);
  }
  return 1.01 * radius;
}

void check(const NormalForm& form, const FreeSpace& space, const Query& query, const Vector& x,
           const BoundaryOptions& options) {
  if (query.decision == Query::Decision::none) {
    throw InvalidInput("a distance to the decision boundary needs a model with a decision");
  }
  if (x.size() != form.input_size() ||
      (options.scale.size() != 0 && options.scale.size() != x.size())) {
    throw InvalidInput("the point and the scales need one number for each input");
  }
  if (!x.allFinite() || !options.scale.allFinite() || (options.scale.array() < 0.0).any()) {
    throw InvalidInput("the point must be finite, and the scales finite and >= 0");
  }
  if (options.norm != Norm::two && options.solver == nullptr) {
    throw InvalidInput("distances in L1 and Linf need a solver of linear programs");
  }
  if (!space.contains(x)) throw RegionError("the point is not in the analysis region");
}

// A point inside the region of a state; nothing if the search in double precision that found it
// does not find it again.
Vector inside_of(const NormalForm& longer, const FreeSpace& space,
                 const std::vector<StateWord>& state, const SearchOptions& options) {
  if (space.dimension() == 0) return space.origin();
  SearchOptions one = options;
  one.control = {};
  try {
    const RegionList region = regions_of_states(longer, space, state, 1, one);
    return space.to_input(Eigen::Map<const Vector>(region.interior.data(), space.dimension()));
  } catch (const InvalidInput&) {
    if (options.exactness == Exactness::safe) throw;
    return {};
  }
}

// Moves the point from the boundary towards the inside of the region where the other choice wins,
// until that choice is clear. A region is convex, and leads are linear on it.
void cross(const NormalForm& form, const Query& query, const Vector& inside,
           const DistanceFrom& from, const Tolerances& tolerances, BoundaryPoint& best) {
  constexpr int kSteps = 44;  // halvings
  const Vector start = best.point;
  if (inside.size() == 0) {
    best.confirmed = choice_at(form, query, start) == best.to;
    return;
  }
  for (int step = kSteps; step >= 0; --step) {
    const Vector y = start + std::ldexp(1.0, -step) * (inside - start);
    const double largest = form.evaluate(y.transpose()).cwiseAbs().maxCoeff();
    const double lead = lead_at(form, query, y, best.to);
    const bool clear = lead >= tolerances.decided_margin * (1.0 + largest);
    if (!clear && step > 0) continue;
    best.point = y;
    best.confirmed = choice_at(form, query, y) == best.to;
    break;
  }
  best.point_distance = std::max(best.distance, from.to(best.point));
}

}  // namespace

BoundaryPoint boundary_distance(const std::shared_ptr<const NormalForm>& form,
                                const std::shared_ptr<const FreeSpace>& space, const Query& query,
                                const Vector& x, const BoundaryOptions& options) {
  check(*form, *space, query, x, options);
  const InputPolytope& region = space->polytope();
  const Vector centre = x.cwiseMax(region.low).cwiseMin(region.high);
  const Vector scale = options.scale.size() > 0 ? options.scale : Vector::Ones(x.size());
  BoundaryPoint best;
  Vector inside;  // the region that was found
  best.from = choice_at(*form, query, centre);
  const Query change = change_from(query, best.from);
  change.validate(form->output_size());
  const QueryWriter writer(*form, change);
  const NormalForm longer = writer.form(*form);
  const StateLayout layout(longer);
  const double cover = covering_radius(*space, centre, scale);
  double guess = guessed_radius(*form, region, query, centre, scale, best.from, options);
  NearestOptions search;
  search.take(options);
  for (double radius = kFirstShare * cover;; radius *= kGrowth) {
    if (radius >= guess) radius = std::exchange(guess, kInfinity);
    radius = std::min(std::min(radius, cover),
                      kMargin * best.distance);  // what was found says how far to look
    const FreeSpace part(around(region, centre, scale, radius));
    const DistanceFrom from(part, centre, scale, options.norm, options.solver);
    search.within = radius < cover ? radius : kInfinity;
    const Nearest found = nearest_region(longer, part, writer.goal(), from, search);
    best.cells += found.cells;
    best.termination = found.termination;
    best.proven = std::max(best.proven, std::min(found.at_least, search.within));
    if (found.distance < best.distance) {
      best.distance = found.distance;
      best.point = found.point;
      best.point_distance = found.distance;
      inside = inside_of(longer, part, found.state, options);
      Index runner_up = -1;
      writer.read(
          [&](Index unit) { return layout.get(found.state.data(), form->unit_count() + unit); },
          best.to, runner_up);
    }
    best.proven = std::min(best.proven, best.distance);
    if (best.termination != Termination::complete || best.distance <= radius || radius >= cover) {
      if (best.to >= 0) cross(*form, query, inside, from, options.tolerances, best);
      return best;
    }
    if (best.distance < kInfinity) radius = kMargin * best.distance / kGrowth;
  }
}

}  // namespace facetry
