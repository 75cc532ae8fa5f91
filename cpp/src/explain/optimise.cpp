// A user of the best-first search: the objective is a target that the search bounds by itself.
#include "facetry/explain/optimise.hpp"

#include <algorithm>
#include <cmath>

#include "base/rounding.hpp"
#include "facetry/base/error.hpp"
#include "facetry/network/linear_bounds.hpp"
#include "facetry/search/best_first.hpp"
#include "network/input_check.hpp"

namespace facetry {

void OptimiseOptions::validate() const {
  SearchOptions::validate();
  if (target && !std::isfinite(*target)) throw InvalidInput("target must be a finite number");
  if (!(gap >= 0.0) || !std::isfinite(gap)) throw InvalidInput("gap must be a number >= 0");
}

namespace {

// The largest value of a linear combination of outputs, as the network computes it.
class LargestValue : public ValueObjective {
 public:
  LargestValue(const NormalForm& form, const Vector& weights) : form_(form), weights_(weights) {}

  const Vector& weights() const override { return weights_; }
  double value(const Vector& point) const override {
    return weights_.dot(form_.evaluate(point.transpose()).row(0));
  }

 private:
  const NormalForm& form_;
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
  require_same_inputs(form, space);
  require_range(form, space, weights);
  if (space.dimension() == 0) return at_point(form, space, weights);
  BestFirstOptions search;
  search.take(options);
  search.gap = options.gap;
  search.target = options.target;
  const BestFirstResult found = search_best_first(form, space, LargestValue(form, weights), search);
  Optimum optimum;
  optimum.point = found.point;
  optimum.value = found.value;
  optimum.bound = std::max(found.bound, found.value);  // as it is computed, it may be rounded up
  optimum.regions = found.regions;
  optimum.cells = found.cells;
  optimum.termination = found.termination;
  return optimum;
}

}  // namespace facetry
