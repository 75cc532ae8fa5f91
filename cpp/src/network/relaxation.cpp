// For a given slope the closest line above a piecewise-linear function g on an interval has the
// intercept max (g(t) - slope * t), which is attained at an end of the interval or at a breakpoint.
#include "network/relaxation.hpp"

#include <algorithm>
#include <cmath>

#include "base/infinity.hpp"
#include "base/rounding.hpp"

namespace facetry {

namespace {

struct Sample {
  double at;
  double value;
  double error;  // what the value may be off by
};

Sample sample(const PiecewiseFunction& g, Index piece, double t) {
  const double product = g.slope(piece) * t;
  const double error = rounding_of(3) * (std::abs(product) + std::abs(g.intercept(piece)));
  return {t, product + g.intercept(piece), error};
}

// Visits where g may have an extreme after a line is taken off: the ends, and breakpoints with both
// pieces, because they need not meet exactly.
template <class Visit>
void for_samples(const PiecewiseFunction& g, double low, double high, Visit&& visit) {
  visit(sample(g, g.piece_at(low), low));
  for (Index b = 0; b + 1 < g.pieces(); ++b) {
    const double t = g.breakpoints()[b];
    if (t < low || t > high) continue;
    visit(sample(g, b, t));
    visit(sample(g, b + 1, t));
  }
  visit(sample(g, g.piece_at(high), high));
}

double chord_of(const PiecewiseFunction& g, double low, double high) {
  const double chord = (g(high) - g(low)) / (high - low);
  return std::isfinite(chord) ? chord : 0.0;
}

// The least intercept of a line above (sign = 1) or, negated, below (sign = -1) g on the interval.
double intercept_of(const PiecewiseFunction& g, double low, double high, double slope,
                    double sign) {
  double intercept = -kInfinity;
  for_samples(g, low, high, [&](const Sample& s) {
    const double rest = sign * (s.value - slope * s.at);
    const double error = s.error + rounding_of(4) * (std::abs(s.value) + std::abs(slope * s.at));
    intercept = std::max(intercept, rest + error);
  });
  return intercept;
}

// The line above or below g that is closest at the middle of the interval.
RowLine closest_line(const PiecewiseFunction& g, double low, double high, double sign) {
  const double middle = 0.5 * low + 0.5 * high;
  RowLine best;
  double best_distance = kInfinity;
  const auto consider = [&](double slope) {
    const double intercept = intercept_of(g, low, high, slope, sign);
    const double distance = sign * slope * middle + intercept;
    if (distance >= best_distance) return;
    best_distance = distance;
    best = {0, slope, sign * intercept};
  };
  for (Index p = g.piece_at(low); p <= g.piece_at(high); ++p) consider(g.slope(p));
  consider(chord_of(g, low, high));
  return best;
}

// The commonest case, with the same lines: the chord above, which is moved up by what its slope is
// rounded by; below, 0 or the row itself.
Relaxation relax_relu(Index row, double low, double high) {
  if (low >= 0.0 || high <= 0.0) {
    const RowLine line{row, low >= 0.0 ? 1.0 : 0.0, 0.0};
    return {line, line};
  }
  const double slope = high / (high - low);
  const double room = rounding_of(8) * (high - low);
  const double below = high > -low ? 1.0 : 0.0;
  return {{row, below, 0.0}, {row, slope, -slope * low + room}};
}

Relaxation relax_piecewise(const PiecewiseFunction& g, Index row, double low, double high) {
  if (g.is_relu()) return relax_relu(row, low, high);
  const Index piece = g.piece_at(low);
  if (piece == g.piece_at(high)) {
    const RowLine line{row, g.slope(piece), g.intercept(piece)};
    return {line, line};
  }
  Relaxation result{closest_line(g, low, high, -1.0), closest_line(g, low, high, 1.0)};
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

Band band(const NormalForm& form, const Unit& unit, const Vector& low, const Vector& high) {
  if (unit.kind == UnitKind::maximum) {
    const Relaxation lines = relax_maximum(unit, low, high);
    if (lines.low.slope == lines.high.slope) return {lines.low.row, 1.0, 0.0, 0.0};
    const double least = low[lines.low.row];
    const double most = lines.high.intercept;
    const double half = 0.5 * (most - least);
    return {lines.low.row, 0.0, least + half,
            half + rounding_of(4) * (std::abs(least) + std::abs(most))};
  }
  const PiecewiseFunction& g = form.function(unit);
  const double from = low[unit.first_row];
  const double to = high[unit.first_row];
  const Index piece = g.piece_at(from);
  if (piece == g.piece_at(to)) return {unit.first_row, g.slope(piece), g.intercept(piece), 0.0};
  if (g.is_relu()) {
    const RowLine chord = relax_relu(unit.first_row, from, to).high;
    const double half = 0.5 * chord.intercept + rounding_of(8) * (to - from);
    return {unit.first_row, chord.slope, half, half};
  }
  const double slope = chord_of(g, from, to);
  const double above = intercept_of(g, from, to, slope, 1.0);
  const double below = -intercept_of(g, from, to, slope, -1.0);
  const double half = 0.5 * (above - below);
  return {unit.first_row, slope, below + half,
          half + rounding_of(4) * (std::abs(above) + std::abs(below))};
}

}  // namespace facetry
