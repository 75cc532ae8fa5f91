// Charts of boxes, and of the hyperplanes in them.
#include "geometry/charts.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/decompositions.hpp"
#include "base/lengths.hpp"
#include "facetry/base/error.hpp"

namespace facetry {

double power_of_two(double width) {
  int exponent = 0;
  const double fraction = std::frexp(width, &exponent);
  return std::ldexp(1.0, fraction == 0.5 ? exponent - 1 : exponent);
}

std::pair<RowVector, double> scaled_row(const InputPolytope& p, Index r) {
  const RowVector a = p.A.row(r);
  const double most = a.cwiseAbs().maxCoeff();
  if (most == 0.0 || (most > 0x1p-400 && most < 0x1p+400)) return {a, p.b[r]};
  const double by = 1.0 / power_of_two(most);
  return {a * by, p.b[r] * by};
}

namespace {

// Row r of A in the chart of a box, divided by the length of its gradient there, so that neither
// the units of the features nor the length of a row matter to the tolerances. A row on fixed
// features only is constant, and divided by the magnitudes that its offset was added up from.
ChartRow row_in_box(const InputPolytope& p, Index r, const Chart& chart) {
  const auto [a, limit] = scaled_row(p, r);
  ChartRow row{-(a * chart.basis).transpose(), limit - a.dot(chart.origin), 2 * p.input_size() + r};
  double size = length_of(row.gradient);
  if (size == 0.0) {
    size = std::abs(limit) + a.cwiseAbs().dot(chart.origin.cwiseAbs().transpose());
  }
  if (size > 0.0) {
    row.gradient /= size;
    row.offset /= size;
  }
  return row;
}

// Columns that span the hyperplane normal . v = 0; unit vectors if the normal is one.
Matrix hyperplane_basis(const Vector& normal) {
  const Index d = normal.size();
  Index axis = 0;
  normal.cwiseAbs().maxCoeff(&axis);
  Matrix columns = Matrix::Zero(d, d - 1);
  if (std::abs(normal[axis]) == 1.0) {
    for (Index j = 0; j < d - 1; ++j) columns(j < axis ? j : j + 1, j) = 1.0;
    return columns;
  }
  return orthogonal_complement(normal);
}

}  // namespace

Chart chart_of_box(const InputPolytope& p, const Vector& low, const Vector& high) {
  const Index m = p.input_size();
  std::vector<Index> free;
  for (Index i = 0; i < m; ++i) {
    if (p.low[i] < p.high[i]) free.push_back(i);
  }
  const Index k = size_of(free);
  Chart chart{low, Matrix::Zero(m, k), Matrix::Zero(k, m), Vector(k), Vector(k), {}, {}, {}, {}};
  for (Index j = 0; j < k; ++j) {
    const Index i = free[j];
    const double middle = 0.5 * low[i] + 0.5 * high[i];
    const double half = power_of_two(0.5 * high[i] - 0.5 * low[i]);
    if (half == 0.0 || !std::isfinite(half)) {
      throw RegionError("the range of a feature is too narrow or too wide for double precision" +
                        at_feature(i));
    }
    chart.origin[i] = middle;
    chart.basis(i, j) = half;
    chart.inverse(j, i) = 1.0 / half;
    chart.low[j] = (low[i] - middle) / half;
    chart.high[j] = (high[i] - middle) / half;
    chart.low_side.push_back(std::isfinite(p.low[i]) ? i : -1);
    chart.high_side.push_back(std::isfinite(p.high[i]) ? m + i : -1);
  }
  for (Index r = 0; r < p.A.rows(); ++r) {
    chart.rows.push_back(row_in_box(p, r, chart));
  }
  return chart;
}

Chart restricted(const Chart& chart, const ChartRow& equality) {
  const Index d = chart.dimension();
  const Vector start = -equality.offset * equality.gradient;
  const Matrix columns = hyperplane_basis(equality.gradient);
  // Twice as far as the polytope can reach, so that no side of it looks like a repetition of these.
  const double radius = 2.0 * (start.norm() + std::sqrt(static_cast<double>(d)) *
                                                  std::max(chart.low.cwiseAbs().maxCoeff(),
                                                           chart.high.cwiseAbs().maxCoeff()));
  Chart result;
  result.origin = chart.origin + chart.basis * start;
  result.basis = chart.basis * columns;
  result.inverse = columns.transpose() * chart.inverse;
  result.low = Vector::Constant(d - 1, -radius);
  result.high = Vector::Constant(d - 1, radius);
  result.equalities = chart.equalities;
  result.equalities.push_back(equality.side);
  result.low_side.assign(static_cast<std::size_t>(d - 1), -1);
  result.high_side = result.low_side;
  const auto add = [&](const Vector& gradient, double offset, Index side) {
    result.rows.push_back({columns.transpose() * gradient, offset + gradient.dot(start), side});
  };
  for (Index j = 0; j < d; ++j) {
    if (chart.low_side[j] >= 0) add(Vector::Unit(d, j), -chart.low[j], chart.low_side[j]);
    if (chart.high_side[j] >= 0) add(-Vector::Unit(d, j), chart.high[j], chart.high_side[j]);
  }
  for (const ChartRow& row : chart.rows) {
    if (row.side != equality.side) add(row.gradient, row.offset, row.side);
  }
  return result;
}

}  // namespace facetry
