// A forward pass with every unit's state fixed: all pre-activations as affine functions, in
// whatever coordinates the input values are given in (columns: gradient entries, the offset last).
//
// A gradient that is zero up to rounding (UnitPredicates::zero_gradient) is written as zero, and so
// is the offset of such a row if it is zero up to rounding. Otherwise what cancellation left of a
// flat unit would be all that the next stage sees, and nothing there could tell it from a slope.
#pragma once

#include <vector>

#include "facetry/geometry/free_space.hpp"
#include "facetry/network/normal_form.hpp"
#include "facetry/state/activation_state.hpp"
#include "state/predicates.hpp"

namespace facetry {

class FixedStatePass {
 public:
  explicit FixedStatePass(const NormalForm& form, const Tolerances& tolerances = {})
      : form_(form),
        predicates_(form, tolerances),
        pre_(form.stages().size()),
        values_(form.stages().size() + 1),
        scale_(form.stages().size() + 1) {}

  // Sets the inputs: all coordinates of `space`.
  void start_in(const FreeSpace& space);
  // Sets the inputs: any m x c matrix.
  void start_with(Matrix inputs);

  // One stage: first its pre-activations, then, once its units' states are known, its values.
  void enter_stage(Index s);
  // Where columns are a point and its derivative: writes values that are zero up to rounding as
  // zero.
  void clear_small_offsets(Index s);
  void decide(Index s, Index u, Index piece);
  void finish_stage(Index s);

  // All stages, with the states of `state`.
  void run(const StateLayout& layout, const StateWord* state);

  [[nodiscard]] const Matrix& pre(Index s) const { return pre_[s]; }
  [[nodiscard]] const double* pre_row(Index s, Index row) const {
    return pre_[s].data() + row * pre_[s].cols();
  }
  [[nodiscard]] const Matrix& inputs(Index s) const { return values_[s]; }  // of stage s
  [[nodiscard]] const RowScale& scale(Index s) const { return scale_[s]; }  // of inputs(s)

 private:
  void clear_rounding(Index s);

  const NormalForm& form_;
  UnitPredicates predicates_;
  std::vector<Matrix> pre_;
  std::vector<Matrix> values_;
  std::vector<RowScale> scale_;
};

}  // namespace facetry
