// For a given slope the closest line above a piecewise-linear function g on an interval has the intercept
// max (g(t) - slope * t), which is attained at an end of the interval or at a breakpoint.
#include "facetry/network/relaxation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "facetry/base/rounding.hpp"

namespace facetry {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Sample {
  double at;
  double value;
  double error;  // what the value may be off by
};

// Where g may have an extreme after a line is taken off: with both pieces at a breakpoint, because
// they need not meet exactly.
std::vector<Sample> samples_of(const PiecewiseFunction& g, double low, double high) {
  std::vector<Sample> samples;
  const auto take = [&](Index piece, double t) {
    const double product = g.slope(piece) * t;
    const double error = rounding_of(3) * (std::abs(product) + std::abs(g.intercept(piece)));
    samples.push_back({t, product + g.intercept(piece), error});
  };
  take(g.piece_at(low), low);
  for (Index b = 0; b + 1 < g.pieces(); ++b) {
    const double t = g.breakpoints()[b];
    if (t < low || t > high) continue;
    take(b, t);
    take(b + 1, t);
  }
  take(g.piece_at(high), high);
  return samples;
}

std::vector<double> slopes_of(const PiecewiseFunction& g, const std::vector<Sample>& samples) {
  const Sample& first = samples.front();
  const Sample& last = samples.back();
  std::vector<double> slopes;
  for (Index p = g.piece_at(first.at); p <= g.piece_at(last.at); ++p) slopes.push_back(g.slope(p));
  const double chord = (last.value - first.value) / (last.at - first.at);
  if (std::isfinite(chord)) slopes.push_back(chord);
  return slopes;
}

// The line above (sign = 1) or below (sign = -1) all samples that is closest at the middle.
RowLine closest_line(const std::vector<Sample>& samples, const std::vector<double>& slopes,
                     double sign) {
  const double middle = 0.5 * samples.front().at + 0.5 * samples.back().at;
  RowLine best;
  double best_distance = kInfinity;
  for (const double slope : slopes) {
    double intercept = -kInfinity;
    for (const Sample& s : samples) {
      const double rest = sign * (s.value - slope * s.at);
      const double error = s.error + rounding_of(4) * (std::abs(s.value) + std::abs(slope * s.at));
      intercept = std::max(intercept, rest + error);
    }
    const double distance = sign * slope * middle + intercept;
    if (distance >= best_distance) continue;
    best_distance = distance;
    best = {0, slope, sign * intercept};
  }
  return best;
}

Relaxation relax_piecewise(const PiecewiseFunction& g, Index row, double low, double high) {
  const Index piece = g.piece_at(low);
  if (piece == g.piece_at(high)) {
    const RowLine line{row, g.slope(piece), g.intercept(piece)};
    return {line, line};
  }
  const std::vector<Sample> samples = samples_of(g, low, high);
  const std::vector<double> slopes = slopes_of(g, samples);
  Relaxation result{closest_line(samples, slopes, -1.0), closest_line(samples, slopes, 1.0)};
  result.low.row = row;
  result.high.row = row;
  return result;
}

// Below: the argument that is certain to reach furthest. Above: it too if no other can pass it.
Relaxation relax_maximum(const Unit& unit, const Vector& low, const Vector& high) {
  Index best = unit.first_row;
  for (Index r = best + 1; r < unit.first_row + unit.row_count; ++r) {
    if (low[r] > low[best]) best = r;
  }
  const RowLine line{best, 1.0, 0.0};
  double others = -kInfinity;
  for (Index r = unit.first_row; r < unit.first_row + unit.row_count; ++r) {
    if (r != best) others = std::max(others, high[r]);
  }
  if (others <= low[best]) return {line, line};
  return {line, {best, 0.0, std::max(others, high[best])}};
}

}  // namespace

Relaxation relax(const NormalForm& form, const Unit& unit, const Vector& low, const Vector& high) {
  if (unit.kind == UnitKind::maximum) return relax_maximum(unit, low, high);
  const Index row = unit.first_row;
  return relax_piecewise(form.function(unit), row, low[row], high[row]);
}

}  // namespace facetry
