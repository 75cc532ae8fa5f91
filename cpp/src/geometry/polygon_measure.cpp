// All loops run over the edges and have no branch, so that compilers take several at once.
#include "geometry/polygon_measure.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace facetry {

bool PolygonMeasure::measure(double* rows, Index count, const double* near, double* out) {
  constexpr Index kPlane = MovedRows::kPlane;
  if (count < 3 || count > kMostEdges) return false;
  // The first edge again behind the last.
  for (Index c = 0; c < 3; ++c) rows[c * kPlane + count] = rows[c * kPlane];
  rows_.move(rows, count + 1, near);
  const double* a = rows_.data();
  const double* b = a + kPlane;
  const double* offset = b + kPlane;
  std::array<double, kPlane> weight;
  double most = 0.0;
  // Corner e + 1, where edges e and e + 1 meet.
  for (Index e = 0; e < count; ++e) {
    const double determinant = a[e] * b[e + 1] - b[e] * a[e + 1];
    const double inverse = 1.0 / determinant;
    x_[e + 1] = (b[e] * offset[e + 1] - b[e + 1] * offset[e]) * inverse;
    y_[e + 1] = (a[e + 1] * offset[e] - a[e] * offset[e + 1]) * inverse;
    weight[e] = std::abs(inverse);
    most = std::max(most, weight[e]);
  }
  if (!(most < std::numeric_limits<double>::infinity())) return false;
  x_[0] = x_[count];
  y_[0] = y_[count];
  double sum = 0.0;
  for (Index e = 0; e < count; ++e) {
    const double height = std::max(0.0, a[e] * x_[0] + b[e] * y_[0] + offset[e]);
    const double along = std::max(0.0, a[e + 1] * x_[e] + b[e + 1] * y_[e] + offset[e + 1]);
    area_[e] = height * along * weight[e];
  }
  area_[0] = 0.0;  // these two edges meet at the corner that the fan starts from
  area_[count - 1] = 0.0;
  for (Index e = 0; e < count; ++e) sum += area_[e];
  out[0] = 0.5 * sum;
  if (moments_) {
    add_moments(count, out);
    rows_.move_back(out);
  }
  return true;
}

// Of a triangle with corners p, their sum s and area A: A s / 3, and A / 12 (s_i s_j + sum p_i
// p_j).
void PolygonMeasure::add_moments(Index count, double* out) const {
  double sums[5] = {};
  for (Index e = 1; e + 1 < count; ++e) {
    const double s = x_[0] + x_[e] + x_[e + 1];
    const double t = y_[0] + y_[e] + y_[e + 1];
    sums[0] += area_[e] * s;
    sums[1] += area_[e] * t;
    sums[2] += area_[e] * (s * s + x_[0] * x_[0] + x_[e] * x_[e] + x_[e + 1] * x_[e + 1]);
    sums[3] += area_[e] * (s * t + x_[0] * y_[0] + x_[e] * y_[e] + x_[e + 1] * y_[e + 1]);
    sums[4] += area_[e] * (t * t + y_[0] * y_[0] + y_[e] * y_[e] + y_[e + 1] * y_[e + 1]);
  }
  out[1] = sums[0] / 6.0;
  out[2] = sums[1] / 6.0;
  for (int i = 2; i < 5; ++i) out[i + 1] = sums[i] / 24.0;
}

}  // namespace facetry
