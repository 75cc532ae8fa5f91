// One backward sweep: wanted rows join when the sweep reaches their stage.
#include "state/linearise.hpp"

#include <algorithm>
#include <cmath>

#include "base/lengths.hpp"

namespace facetry {

// Replaces rows over the stage's values by rows over its pre-activations and, behind those, over
// the values it carries.
void Lineariser::through_units(const Stage& stage, const StateWord* state, Matrix& left,
                               Vector& offsets) const {
  const Index pre = stage.map.rows();
  Matrix result = Matrix::Zero(left.rows(), pre + size_of(stage.carried));
  for (Index u = 0; u < size_of(stage.units); ++u) {
    const Unit& unit = stage.units[u];
    const Index piece = layout_.get(state, stage.first_unit + u);
    if (unit.kind == UnitKind::maximum) {
      result.col(unit.first_row + piece) += left.col(u);
      continue;
    }
    const PiecewiseFunction& function = form_.function(unit);
    result.col(unit.first_row) += function.slope(piece) * left.col(u);
    offsets += function.intercept(piece) * left.col(u);
  }
  result.rightCols(size_of(stage.carried)) = left.rightCols(size_of(stage.carried));
  left = std::move(result);
}

namespace {

// Rows over pre-activations and carried values become rows over the values of the stage before.
void through_map(const Stage& stage, Matrix& left, Vector& offsets) {
  const Index pre = stage.map.rows();
  Matrix result;
  stage.map.multiply_left(left.leftCols(pre), result, offsets);
  for (Index c = 0; c < size_of(stage.carried); ++c) {
    result.col(stage.carried[c]) += left.col(pre + c);
  }
  left = std::move(result);
}

}  // namespace

AffineFunctions Lineariser::model(const StateWord* state) const {
  const Index n = form_.output_size();
  Matrix left;
  Vector offsets = Vector::Zero(n);
  form_.output().multiply_left(Matrix::Identity(n, n), left, offsets);
  for (Index s = size_of(form_.stages()) - 1; s >= 0; --s) {
    through_units(form_.stages()[s], state, left, offsets);
    through_map(form_.stages()[s], left, offsets);
  }
  return {std::move(left), std::move(offsets)};
}

AffineFunctions Lineariser::boundaries(const StateWord* state,
                                       const std::vector<Boundary>& boundaries) const {
  const Index count = size_of(boundaries);
  Matrix left;
  Vector offsets = Vector::Zero(count);
  if (form_.stages().empty()) return {Matrix::Zero(count, form_.input_size()), offsets};
  for (Index s = size_of(form_.stages()) - 1; s >= 0; --s) {
    const Stage& stage = form_.stages()[s];
    if (left.size() > 0) {
      through_units(stage, state, left, offsets);
    } else {
      left = Matrix::Zero(count, stage.map.rows() + size_of(stage.carried));
    }
    for (Index i = 0; i < count; ++i) {
      const Index number = boundaries[i].unit;
      if (form_.stage_of(number) != s) continue;
      const Unit& unit = stage.units[number - stage.first_unit];
      const Index piece = layout_.get(state, number);
      if (unit.kind == UnitKind::maximum) {
        left(i, unit.first_row + piece) += 1.0;
        left(i, unit.first_row + boundaries[i].boundary) -= 1.0;
      } else {
        const double sign = piece > boundaries[i].boundary ? 1.0 : -1.0;
        left(i, unit.first_row) = sign;
        offsets[i] -= sign * form_.function(unit).breakpoints()[boundaries[i].boundary];
      }
    }
    through_map(stage, left, offsets);
  }
  return {std::move(left), std::move(offsets)};
}

std::vector<double> to_free_rows(const AffineFunctions& functions, const FreeSpace& space) {
  const Index k = space.dimension();
  const Matrix gradients = functions.gradients * space.basis();
  const Vector offsets = functions.gradients * space.origin() + functions.offsets;
  std::vector<double> rows;
  rows.reserve(static_cast<std::size_t>(gradients.rows() * (k + 1)));
  for (Index i = 0; i < gradients.rows(); ++i) {
    const double length = length_of(gradients.row(i));
    for (Index j = 0; j < k; ++j) rows.push_back(gradients(i, j) / length);
    rows.push_back(offsets[i] / length);
  }
  return rows;
}

}  // namespace facetry
