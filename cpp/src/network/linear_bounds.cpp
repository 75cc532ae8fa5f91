// Stage by stage: each stage's pre-activations are bounded in every way the method asks for, and
// the relaxations of its units follow from the best of these.
#include "facetry/network/linear_bounds.hpp"

#include <algorithm>

#include "base/rounding.hpp"
#include "network/forward_bounds.hpp"
#include "network/functionals.hpp"
#include "network/input_check.hpp"
#include "network/intervals.hpp"

namespace facetry {

namespace {

// The inputs as functions of whatever their box is given by.
class InputBox {
 public:
  explicit InputBox(const FreeSpace& space) : space_(space), inputs_(input_intervals(space)) {
    const Matrix& basis = space.basis();
    for (Index i = 0; i < basis.rows(); ++i) {
      oblique_ = oblique_ || (basis.row(i).array() != 0.0).count() > 1;
    }
    for (Index j = 0; j < basis.cols(); ++j) {
      oblique_ = oblique_ || (basis.col(j).array() != 0.0).count() > 1;
    }
    magnitudes_ = inputs_.magnitudes();
  }

  [[nodiscard]] const Intervals& intervals() const { return inputs_; }
  [[nodiscard]] const Vector& magnitudes() const { return magnitudes_; }

  // The largest values of functions of the inputs.
  [[nodiscard]] Vector largest(const Functionals& functions) const {
    Vector result = over_inputs(functions);
    if (oblique_) result = result.cwiseMin(over_free_box(functions));
    return result;
  }

 private:
  [[nodiscard]] Vector over_inputs(const Functionals& functions) const {
    const Index m = space_.input_size();
    const Matrix positive = functions.coefficients.cwiseMax(0.0);
    const Matrix negative = functions.coefficients.cwiseMin(0.0);
    return positive * inputs_.high + negative * inputs_.low + functions.offset + functions.error +
           2.0 * rounding_of(m + 8) *
               (functions.coefficients.cwiseAbs() * magnitudes_ + functions.offset.cwiseAbs());
  }

  // Inputs that depend on each other are no box, but free coordinates are.
  [[nodiscard]] Vector over_free_box(const Functionals& functions) const {
    const Index k = space_.dimension();
    const Matrix gradients = functions.coefficients * space_.basis();
    const Vector sums =
        space_.origin().cwiseAbs() + 1.01 * space_.basis().cwiseAbs().rowwise().sum();
    return gradients.cwiseMax(0.0) * space_.constraints().high +
           gradients.cwiseMin(0.0) * space_.constraints().low +
           functions.coefficients * space_.origin() + functions.offset + functions.error +
           2.0 * rounding_of(space_.input_size() + 2 * k + 12) *
               (functions.coefficients.cwiseAbs() * sums + functions.offset.cwiseAbs());
  }

  const FreeSpace& space_;
  Intervals inputs_;
  Vector magnitudes_;
  bool oblique_ = false;
};

class Bounding {
 public:
  Bounding(const NormalForm& form, const FreeSpace& space, BoundMethod method)
      : form_(form),
        space_(space),
        inputs_(space),
        forward_(method == BoundMethod::forward || method == BoundMethod::combined),
        backward_(method == BoundMethod::backward || method == BoundMethod::combined) {}

  NetworkBounds run() {
    NetworkBounds result;
    Intervals values = inputs_.intervals();
    if (forward_) affine_ = affine_inputs(space_);
    magnitudes_.push_back(inputs_.magnitudes());
    for (const Stage& stage : form_.stages()) {
      Intervals pre = rows(stage.map, values);
      values = through_units(form_, stage, pre, values);
      if (forward_) {
        affine_ = through_units(form_, stage, affine_pre_, pre, affine_);
        values.meet(on_box(affine_, space_));
      }
      magnitudes_.push_back(values.magnitudes());
      result.pre_activations.low.push_back(pre.low);
      result.pre_activations.high.push_back(pre.high);
      pre_.push_back(std::move(pre));
    }
    Intervals outputs = rows(form_.output(), values);
    result.output_low = std::move(outputs.low);
    result.output_high = std::move(outputs.high);
    return result;
  }

 private:
  // Of the rows of a map that reads the values at hand.
  Intervals rows(const AffineMap& map, const Intervals& values) {
    Intervals result = through_map(map, values);
    if (forward_) {
      affine_pre_ = through_map(map, affine_);
      result.meet(on_box(affine_pre_, space_));
    }
    if (backward_) {
      result.meet({-largest_rows(map, -1.0), largest_rows(map, 1.0)});
    }
    return result;
  }

  Vector largest_rows(const AffineMap& map, double sign) const {
    Functionals functions = Functionals::rows_of(map, sign);
    for (Index s = size_of(pre_) - 1; s >= 0; --s) {
      pull_through(form_, form_.stages()[s], {&pre_[s].low, &pre_[s].high, &magnitudes_[s]},
                   functions);
    }
    return inputs_.largest(functions);
  }

  const NormalForm& form_;
  const FreeSpace& space_;
  InputBox inputs_;
  bool forward_;
  bool backward_;
  AffineIntervals affine_, affine_pre_;
  std::vector<Intervals> pre_;
  std::vector<Vector> magnitudes_;  // of the values that each stage reads
};

}  // namespace

NetworkBounds bound_network(const NormalForm& form, const FreeSpace& space, BoundMethod method) {
  require_searchable(form, space);
  return Bounding(form, space, method).run();
}

}  // namespace facetry
