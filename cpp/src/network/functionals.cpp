// One step of reverse accumulation per stage. A coefficient that is rounded changes its function by
// that much times the value it belongs to, so every error is bounded against largest magnitudes of
// values.
#include "network/functionals.hpp"

#include <cmath>

#include "base/rounding.hpp"
#include "network/relaxation.hpp"

namespace facetry {

Functionals Functionals::identity(Index count, double sign) {
  Functionals result;
  result.coefficients = sign * Matrix::Identity(count, count);
  result.offset = Vector::Zero(count);
  result.error = Vector::Zero(count);
  return result;
}

Functionals Functionals::rows_of(const AffineMap& map, double sign) {
  Functionals result;
  result.coefficients = Matrix::Zero(map.rows(), map.columns());
  for (Index r = 0; r < map.rows(); ++r) {
    map.for_row(r, [&](Index j, double weight) { result.coefficients(r, j) = sign * weight; });
  }
  result.offset = sign * map.bias();
  result.error = Vector::Zero(map.rows());
  return result;
}

void pull_through_map(const AffineMap& map, const Vector& magnitudes, Functionals& functions) {
  functions.error +=
      rounding_of(map.rows() + 8) *
      (functions.coefficients.cwiseAbs() * map.term_sums(magnitudes) + functions.offset.cwiseAbs());
  Matrix pulled;
  map.multiply_left(functions.coefficients, pulled, functions.offset);
  functions.coefficients = std::move(pulled);
}

void pull_through_units(const NormalForm& form, const Stage& stage, const Vector& pre_low,
                        const Vector& pre_high, const Vector& before, Functionals& functions,
                        Matrix& carried) {
  const Index count = functions.count();
  const Index units = size_of(stage.units);
  Matrix rows = Matrix::Zero(count, stage.map.rows());
  Vector sums = functions.offset.cwiseAbs();  // of the magnitudes of all terms
  for (Index u = 0; u < units; ++u) {
    const Relaxation relaxation = relax(form, stage.units[u], pre_low, pre_high);
    for (Index f = 0; f < count; ++f) {
      const double weight = functions.coefficients(f, u);
      if (weight == 0.0) continue;
      const RowLine& line = weight > 0.0 ? relaxation.high : relaxation.low;
      rows(f, line.row) += weight * line.slope;
      functions.offset[f] += weight * line.intercept;
      const double most = std::max(std::abs(pre_low[line.row]), std::abs(pre_high[line.row]));
      sums[f] += std::abs(weight) * (std::abs(line.slope) * most + std::abs(line.intercept));
    }
  }
  carried = Matrix::Zero(count, stage.map.columns());
  for (Index c = 0; c < size_of(stage.carried); ++c) {
    const Index from = stage.carried[c];
    carried.col(from) += functions.coefficients.col(units + c);
    sums += before[from] * functions.coefficients.col(units + c).cwiseAbs();
  }
  functions.error += rounding_of(stage.width() + 8) * sums;
  functions.coefficients = std::move(rows);
}

void pull_through(const NormalForm& form, const Stage& stage, const StageBounds& bounds,
                  Functionals& functions) {
  Matrix carried;
  pull_through_units(form, stage, *bounds.pre_low, *bounds.pre_high, *bounds.before, functions,
                     carried);
  pull_through_map(stage.map, *bounds.before, functions);
  if (!stage.carried.empty()) add_carried(carried, *bounds.before, functions);
}

void add_carried(const Matrix& carried, const Vector& magnitudes, Functionals& functions) {
  functions.coefficients += carried;
  functions.error += rounding_of(4) * (functions.coefficients.cwiseAbs() * magnitudes);
}

}  // namespace facetry
