#include "facetry/search/optimise.hpp"

#include <cmath>
#include <memory>

#include "facetry/base/error.hpp"
#include "facetry/base/rounding.hpp"
#include "search/best_first.hpp"

namespace facetry {

void OptimiseOptions::validate() const {
  SearchOptions::validate();
  if (target && !std::isfinite(*target)) throw InvalidInput("target must be a finite number");
  if (!(gap >= 0.0) || !std::isfinite(gap)) throw InvalidInput("gap must be a number >= 0");
}

namespace {

// The largest value of a linear combination of outputs.
class LargestValue : public Objective {
 public:
  LargestValue(const NormalForm& form, const FreeSpace& space, const Vector& weights,
               const BestFirstOptions& options, StopSignal& signal)
      : Objective(options, signal), form_(form), space_(space), weights_(weights) {}

  void reached(const double* point) override {
    ++caught().regions;
    const Vector x = inside(point);
    const double value = weights_.dot(form_.evaluate(x.transpose()).row(0));
    if (!(value > caught().value)) return;
    caught().value = value;
    caught().point = x;
  }

 private:
  // The point in input space; what rounding put outside the bounds of an input goes back.
  [[nodiscard]] Vector inside(const double* point) const {
    const Vector u = Eigen::Map<const Vector>(point, space_.dimension());
    const InputPolytope& region = space_.polytope();
    return space_.to_input(u).cwiseMax(region.low).cwiseMin(region.high);
  }

  const NormalForm& form_;
  const FreeSpace& space_;
  const Vector& weights_;
};

Optimum at_point(const NormalForm& form, const FreeSpace& space, const Vector& weights) {
  Optimum optimum;
  optimum.point = space.origin();
  optimum.value = weights.dot(form.evaluate(optimum.point.transpose()).row(0));
  const NetworkBounds bounds = bound_network(form, space, BoundMethod::interval);
  const Vector most = weights.cwiseMax(0.0).cwiseProduct(bounds.output_high) +
                      weights.cwiseMin(0.0).cwiseProduct(bounds.output_low);
  optimum.bound = most.sum() + rounding_of(weights.size() + 4) * most.cwiseAbs().sum();
  optimum.cells = optimum.regions = 1;
  return optimum;
}

}  // namespace

Optimum maximise(const NormalForm& form, const FreeSpace& space, const Vector& weights,
                 const OptimiseOptions& options) {
  options.validate();
  if (weights.size() != form.output_size() || !weights.allFinite()) {
    throw InvalidInput("an objective needs one finite weight for each output");
  }
  if (form.input_size() != space.input_size()) {
    throw InvalidInput("the analysis region does not have the inputs of the network");
  }
  if (space.dimension() == 0) return at_point(form, space, weights);
  const SearchPlan plan(form, space, options.tolerances, options.exactness);
  GoalTargets targets;
  targets.map = size_of(form.stages());
  targets.coefficients = weights.transpose();
  targets.offset = Vector::Zero(1);
  const GoalPlan goal(plan, std::move(targets), {});
  BestFirstOptions search;
  search.control = options.control;
  search.cell = options.cell;
  search.gap = options.gap;
  search.target = options.target;
  const BestFirstResult found = best_first(goal, search, [&](const BestFirstOptions& own, StopSignal& signal) {
    return std::make_unique<LargestValue>(form, space, weights, own, signal);
  });
  Optimum optimum;
  optimum.point = found.best.point;
  optimum.value = found.best.value;
  optimum.bound = found.best.bound;
  optimum.regions = found.best.regions;
  optimum.cells = found.cells;
  optimum.termination = found.termination;
  return optimum;
}

}  // namespace facetry
