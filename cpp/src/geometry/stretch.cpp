// The thinnest side gives the first coordinate; the others are perpendicular to it.
#include "geometry/stretch.hpp"

#include <algorithm>
#include <cmath>

#include "base/decompositions.hpp"

namespace facetry {

namespace {

constexpr double kMostMoved = 0.01;

// A side behind which the polytope is thin in its frame: across all of it.
struct Thin {
  Index side = -1;
  double thickness = 0.0;
  Vector direction;  // in the frame, of length 1
};

Thin thinnest(const Found& found, const Frame& frame, const Tolerances& tolerances) {
  Thin thin;
  thin.thickness = tolerances.thin_region;
  const BoxedRows& constraints = found.built.constraints;
  const Index k = constraints.dimension();
  Simplex simplex(tolerances);
  SimplexVertex vertex = found.built.vertex;
  for (Index r = 0; r < constraints.row_count(); ++r) {
    const Vector gradient = Eigen::Map<const Vector>(constraints.row(r), k);
    const Vector scaled = gradient.cwiseProduct(frame.half);
    const double length = scaled.norm();
    const double most =
        simplex.maximize(constraints, gradient.data(), vertex) + constraints.row(r)[k];
    if (most / length >= thin.thickness) continue;
    thin = {found.built.row_sides[r], most / length, scaled / length};
  }
  return thin;
}

// Coordinates in which the polytope is as thick behind that side as it is wide elsewhere; all sides
// become rows, made from the given numbers without rounding on the way. Nothing if that thickness
// is too small to be seen in the inputs' own numbers.
std::optional<Chart> stretched(const InputPolytope& p, const Found& found, const Frame& frame,
                               const Thin& thin, ExactSides& exact) {
  const Chart& chart = found.chart;
  const Index k = chart.dimension();
  Matrix turned(k, k);
  turned.col(0) = thin.direction;
  turned.rightCols(k - 1) = orthogonal_complement(thin.direction);
  const Vector origin = chart.origin + chart.basis * frame.middle;
  const Matrix columns = chart.basis * frame.half.asDiagonal() * turned;
  // How far apart the side and the far end of the polytope are, along the first column.
  const Vector row = exact.row_in(thin.side, origin, columns);
  const double rate = row[0];
  RowVector a;
  double limit = 0.0;
  p.side(thin.side, a, limit);
  const double raw = (a * columns.col(0))(0);  // what the side's own numbers change by
  const double slack = exact.slack_of(thin.side).value;
  const double thickness = slack / std::abs(raw);
  if (!(thickness > 0.0) || !std::isfinite(thickness) || rate == 0.0) return std::nullopt;
  const double towards = row[k] / rate - std::copysign(0.5 * thickness, rate);
  Chart result;
  result.origin = origin - columns.col(0) * towards;
  // The origin is rounded to doubles: where that moves it by a share of the thickness, the new
  // coordinates would miss the polytope.
  const double moved = a.cwiseAbs().dot(result.origin.cwiseAbs().transpose()) * 0x1p-52;
  if (moved > kMostMoved * slack) return std::nullopt;
  Vector scale = Vector::Ones(k);
  scale[0] = power_of_two(0.5 * thickness);
  result.basis = columns * scale.asDiagonal();
  result.inverse = scale.cwiseInverse().asDiagonal() * turned.transpose() *
                   frame.half.cwiseInverse().asDiagonal() * chart.inverse;
  result.low = Vector::Constant(k, -4.0 * std::sqrt(static_cast<double>(k)));
  result.high = -result.low;
  result.low_side.assign(static_cast<std::size_t>(k), -1);
  result.high_side = result.low_side;
  const Index m = p.input_size();
  const auto add = [&](Index side) {
    const Vector own = exact.row_in(side, result.origin, result.basis);
    result.rows.push_back({own.head(k), own[k], side});
  };
  for (Index i = 0; i < m; ++i) {
    if (p.low[i] >= p.high[i]) continue;
    if (std::isfinite(p.low[i])) add(i);
    if (std::isfinite(p.high[i])) add(m + i);
  }
  for (Index r = 0; r < p.A.rows(); ++r) {
    if ((p.A.row(r) * result.basis).cwiseAbs().maxCoeff() > 0.0) add(2 * m + r);
  }
  return result;
}

}  // namespace

void stretch(const InputPolytope& p, Judge& judge, const Tolerances& tolerances, Found& found) {
  if (!found.chart.equalities.empty() || !judge.exact().can_ask()) return;
  for (Index round = 0; round < found.chart.dimension(); ++round) {
    const Frame frame = frame_of(found);
    const Thin thin = thinnest(found, frame, tolerances);
    if (thin.side < 0) return;
    auto chart = stretched(p, found, frame, thin, judge.exact());
    if (!chart) return;
    auto better = full_dimensional(std::move(*chart), judge, tolerances);
    if (!better || !better->chart.equalities.empty()) return;
    found = std::move(*better);
  }
}

}  // namespace facetry
