// Values with what they may be off by, stage by stage.
#include "state/proven_pass.hpp"

#include <algorithm>
#include <cmath>

#include "base/rounding.hpp"

namespace facetry {

ProvenPass::ProvenPass(const NormalForm& form)
    : form_(form),
      exact_(form),
      pre_(form.stages().size()),
      values_(form.stages().size() + 1),
      errors_(form.stages().size() + 1),
      rooms_(form.stages().size()) {
  for (Index s = 0; s < size_of(form.stages()); ++s) {
    values_[s + 1].resize(form.stages()[s].width(), 1);
    errors_[s + 1].resize(form.stages()[s].width());
    pieces_.emplace_back(form.stages()[s].units.size());
  }
}

void ProvenPass::start(const VectorView& x) {
  x_ = x;
  exact_started_ = false;
  values_[0] = x;
  errors_[0] = Vector::Zero(x.size());
  if (!form_.stages().empty()) enter_stage(0);
}

void ProvenPass::enter_stage(Index s) {
  const AffineMap& map = form_.stages()[s].map;
  map.compose(values_[s], pre_[s]);
  const double share = rounding_of(map.columns() + 8);
  const Vector bias = map.bias().cwiseAbs();
  const Vector terms = map.term_sums(errors_[s] + share * values_[s].col(0).cwiseAbs());
  rooms_[s] = 1.01 * (terms - bias).cwiseMax(0.0) + 2.0 * share * bias;
  for (Index r = 0; r < map.rows(); ++r) {
    if (map.row_norms()[r] == 0.0) rooms_[s][r] = 0.0;  // the bias, and nothing is rounded
  }
}

double ProvenPass::scale(Index stage) const {
  return values_[stage].rows() > 0 ? values_[stage].cwiseAbs().maxCoeff() : 0.0;
}

void ProvenPass::decide(Index s, Index u, Index piece) {
  const Unit& unit = form_.stages()[s].units[u];
  pieces_[s][u] = piece;
  if (unit.kind == UnitKind::maximum) {
    values_[s + 1](u, 0) = pre_[s](unit.first_row + piece, 0);
    errors_[s + 1][u] = rooms_[s][unit.first_row + piece];
    return;
  }
  const PiecewiseFunction& function = form_.function(unit);
  const double sloped = function.slope(piece) * pre_[s](unit.first_row, 0);
  values_[s + 1](u, 0) = sloped + function.intercept(piece);
  errors_[s + 1][u] = 1.01 * std::abs(function.slope(piece)) * rooms_[s][unit.first_row] +
                      rounding_of(4) * (std::abs(sloped) + std::abs(function.intercept(piece)));
}

void ProvenPass::finish_stage(Index s) {
  const Stage& stage = form_.stages()[s];
  for (Index c = 0; c < size_of(stage.carried); ++c) {
    values_[s + 1](size_of(stage.units) + c, 0) = values_[s](stage.carried[c], 0);
    errors_[s + 1][size_of(stage.units) + c] = errors_[s][stage.carried[c]];
  }
  if (s + 1 < size_of(form_.stages())) enter_stage(s + 1);
}

ExactValues& ProvenPass::exact() {
  if (!exact_started_) exact_.start(x_);
  exact_started_ = true;
  return exact_;
}

int ProvenPass::sign_to(Index s, Index row, double t) {
  const double lead = pre_[s](row, 0) - t;
  if (std::abs(lead) > rooms_[s][row] * 1.01) return lead > 0.0 ? 1 : -1;
  return exact().compare_to(s, row, t);
}

int ProvenPass::sign_between(Index s, Index row, Index other) {
  const double lead = pre_[s](row, 0) - pre_[s](other, 0);
  if (std::abs(lead) > (rooms_[s][row] + rooms_[s][other]) * 1.01) return lead > 0.0 ? 1 : -1;
  return exact().compare(s, row, other);
}

}  // namespace facetry
