// A pass through the stages with all states fixed, on rows of gradients and offsets.
#include "state/fixed_state_pass.hpp"

#include <algorithm>
#include <cmath>

namespace facetry {

void FixedStatePass::start_in(const FreeSpace& space) {
  const Index k = space.dimension();
  Matrix inputs(space.input_size(), k + 1);
  inputs.leftCols(k) = space.basis();
  inputs.col(k) = space.origin();
  start_with(std::move(inputs));
}

void FixedStatePass::start_with(Matrix inputs) {
  values_[0] = std::move(inputs);
  scale_[0] = scale_of(values_[0]);
  for (Index s = 0; s < size_of(form_.stages()); ++s) {
    values_[s + 1].resize(form_.stages()[s].width(), values_[0].cols());
  }
}

void FixedStatePass::enter_stage(Index s) {
  form_.stages()[s].map.compose(values_[s], pre_[s]);
  clear_rounding(s);
}

void FixedStatePass::clear_rounding(Index s) {
  const Stage& stage = form_.stages()[s];
  const Index k = pre_[s].cols() - 1;
  for (Index r = 0; r < pre_[s].rows(); ++r) {
    double* row = pre_[s].data() + r * (k + 1);
    if (!predicates_.zero_gradient(stage, r, row, values_[s], scale_[s])) continue;
    std::fill(row, row + k, 0.0);
    if (std::abs(row[k]) <= predicates_.offset_noise(stage, r, scale_[s])) row[k] = 0.0;
  }
}

void FixedStatePass::clear_small_offsets(Index s) {
  const Index k = pre_[s].cols() - 1;
  for (Index r = 0; r < pre_[s].rows(); ++r) {
    double& offset = pre_[s](r, k);
    if (std::abs(offset) <= predicates_.offset_noise(form_.stages()[s], r, scale_[s])) offset = 0.0;
  }
}

void FixedStatePass::decide(Index s, Index u, Index piece) {
  const Unit& unit = form_.stages()[s].units[u];
  auto value = values_[s + 1].row(u);
  if (unit.kind == UnitKind::maximum) {
    value = pre_[s].row(unit.first_row + piece);
    return;
  }
  const PiecewiseFunction& function = form_.function(unit);
  value = function.slope(piece) * pre_[s].row(unit.first_row);
  value[value.size() - 1] += function.intercept(piece);
}

void FixedStatePass::finish_stage(Index s) {
  const Stage& stage = form_.stages()[s];
  for (Index c = 0; c < size_of(stage.carried); ++c) {
    values_[s + 1].row(size_of(stage.units) + c) = values_[s].row(stage.carried[c]);
  }
  scale_[s + 1] = scale_of(values_[s + 1]);
}

void FixedStatePass::run(const StateLayout& layout, const StateWord* state) {
  for (Index s = 0; s < size_of(form_.stages()); ++s) {
    enter_stage(s);
    const Stage& stage = form_.stages()[s];
    for (Index u = 0; u < size_of(stage.units); ++u) {
      decide(s, u, layout.get(state, stage.first_unit + u));
    }
    finish_stage(s);
  }
}

}  // namespace facetry
