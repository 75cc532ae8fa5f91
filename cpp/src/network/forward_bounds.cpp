// Rounding is bounded against the sums of magnitudes over |u_i| <= 1.01, which holds the box.
#include "network/forward_bounds.hpp"

#include <algorithm>
#include <cmath>

#include "base/rounding.hpp"
#include "network/relaxation.hpp"

namespace facetry {

namespace {

// Bounds the magnitudes of the terms of each value.
Vector term_sums(const AffineIntervals& values) {
  const Index count = values.low.rows();
  Vector sums(count);
  for (Index i = 0; i < count; ++i) {
    sums[i] = 1.01 * std::max(values.low.row(i).lpNorm<1>(), values.high.row(i).lpNorm<1>()) +
              values.error[i];
  }
  return sums;
}

}  // namespace

AffineIntervals affine_inputs(const FreeSpace& space) {
  const Index k = space.dimension();
  AffineIntervals inputs;
  inputs.low.resize(space.input_size(), k + 1);
  inputs.low.leftCols(k) = space.basis();
  inputs.low.col(k) = space.origin();
  inputs.high = inputs.low;
  inputs.error = Vector::Zero(space.input_size());
  if (k > 0) inputs.error = rounding_of(k + 4) * term_sums(inputs);
  return inputs;
}

AffineIntervals through_map(const AffineMap& map, const AffineIntervals& values) {
  const Index width = values.low.cols();
  AffineIntervals result;
  result.low = Matrix::Zero(map.rows(), width);
  result.low.col(width - 1) = map.bias();
  result.high = result.low;
  result.error = Vector::Zero(map.rows());
  const Vector sums = term_sums(values);
  for (Index r = 0; r < map.rows(); ++r) {
    double magnitude = std::abs(map.bias()[r]);
    double error = 0.0;
    Index terms = 6;
    map.for_row(r, [&](Index j, double weight) {
      if (weight == 0.0) return;
      const bool up = weight > 0.0;
      result.low.row(r) += weight * (up ? values.low : values.high).row(j);
      result.high.row(r) += weight * (up ? values.high : values.low).row(j);
      magnitude += std::abs(weight) * sums[j];
      error += std::abs(weight) * values.error[j];
      ++terms;
    });
    result.error[r] = (1.0 + rounding_of(terms)) * error + 2.0 * rounding_of(terms) * magnitude;
  }
  return result;
}

AffineIntervals through_units(const NormalForm& form, const Stage& stage,
                              const AffineIntervals& pre, const Intervals& bounds,
                              const AffineIntervals& before) {
  const Index width = pre.low.cols();
  const Index units = size_of(stage.units);
  const Vector sums = term_sums(pre);
  AffineIntervals result{Matrix(stage.width(), width), Matrix(stage.width(), width),
                         Vector(stage.width())};
  for (Index u = 0; u < units; ++u) {
    const Relaxation relaxation = relax(form, stage.units[u], bounds.low, bounds.high);
    double error = 0.0;
    const auto write = [&](const RowLine& line, bool above, Matrix& out) {
      const bool take_high = above == (line.slope >= 0.0);
      out.row(u) = line.slope * (take_high ? pre.high : pre.low).row(line.row);
      out(u, width - 1) += line.intercept;
      const double scale = std::abs(line.slope);
      error =
          std::max(error, 1.01 * scale * pre.error[line.row] +
                              rounding_of(4) * (scale * sums[line.row] + std::abs(line.intercept)));
    };
    write(relaxation.low, false, result.low);
    write(relaxation.high, true, result.high);
    result.error[u] = error;
  }
  for (Index c = 0; c < size_of(stage.carried); ++c) {
    result.low.row(units + c) = before.low.row(stage.carried[c]);
    result.high.row(units + c) = before.high.row(stage.carried[c]);
    result.error[units + c] = before.error[stage.carried[c]];
  }
  return result;
}

Intervals on_box(const AffineIntervals& values, const FreeSpace& space) {
  const Index k = space.dimension();
  const Index count = values.low.rows();
  const Vector& low = space.constraints().low;
  const Vector& high = space.constraints().high;
  const Vector slack = values.error + 2.0 * rounding_of(k + 6) * term_sums(values);
  Intervals result{values.low.col(k) - slack, values.high.col(k) + slack};
  for (Index i = 0; i < count; ++i) {
    for (Index j = 0; j < k; ++j) {
      const double down = values.low(i, j);
      const double up = values.high(i, j);
      result.low[i] += std::min(down * low[j], down * high[j]);
      result.high[i] += std::max(up * low[j], up * high[j]);
    }
  }
  return result;
}

}  // namespace facetry
