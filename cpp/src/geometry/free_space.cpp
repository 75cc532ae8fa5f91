// From a polytope in input space to full-dimensional free coordinates: inputs with low == high are
// fixed first, implied equalities are taken out (full_dimensional.hpp), a polytope that is thin in
// an oblique direction is turned and stretched. Cost: O((m + rows) k) small linear programs in the
// worst case, two per free dimension and one per row in the usual one.
#include "facetry/geometry/free_space.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "base/decompositions.hpp"
#include "base/lengths.hpp"
#include "facetry/base/error.hpp"
#include "geometry/lp_cell.hpp"
#include "geometry/stretch.hpp"

namespace facetry {

namespace {

// An artificial box around a region that fits [-1, 1]^k.
constexpr double kArtificialSide = 1.25;
// How far out an unbounded input is searched for a bound, relative to 1.
constexpr double kFirstReach = 1e3;
constexpr double kReachStep = 1e3;
constexpr double kLastReach = 1e12;

void validate(const InputPolytope& p) {
  const Index m = p.input_size();
  if (m < 1) throw InvalidInput("an analysis region needs at least one feature");
  if (p.high.size() != m) throw InvalidInput("low and high differ in length");
  if (p.A.rows() != p.b.size() || (p.A.rows() > 0 && p.A.cols() != m)) {
    throw InvalidInput("A must have one column per feature and one row per element of b");
  }
  if (!p.A.allFinite() || !p.b.allFinite()) throw RegionError("A and b must be finite");
  for (Index i = 0; i < m; ++i) {
    if (std::isnan(p.low[i]) || std::isnan(p.high[i])) throw RegionError("NaN" + at_feature(i));
    if (p.low[i] > p.high[i]) {
      throw RegionError("low > high" + at_feature(i) + ": " + std::to_string(p.low[i]) + " > " +
                        std::to_string(p.high[i]));
    }
    if (p.low[i] == std::numeric_limits<double>::infinity() ||
        p.high[i] == -std::numeric_limits<double>::infinity()) {
      throw RegionError("the region is empty: an infinite bound on the wrong side" + at_feature(i));
    }
  }
}

bool bounded_box(const InputPolytope& p) { return p.low.allFinite() && p.high.allFinite(); }

// Finite stand-ins for infinite bounds.
struct StandIns {
  Vector low, high;
};

StandIns reach_of(const InputPolytope& p, double distance) {
  StandIns reach{p.low, p.high};
  for (Index i = 0; i < p.input_size(); ++i) {
    if (!std::isfinite(p.low[i])) reach.low[i] = std::min(-distance, p.high[i] - distance);
    if (!std::isfinite(p.high[i])) reach.high[i] = std::max(distance, p.low[i] + distance);
  }
  return reach;
}

// Moves the stand-ins in `reach` close to the polytope; false if the polytope touches one.
bool tighten(const InputPolytope& p, const Found& found, StandIns& reach,
             const Tolerances& tolerances) {
  Simplex simplex(tolerances);
  SimplexVertex vertex = found.built.vertex;
  const StandIns before = reach;
  for (Index i = 0; i < p.input_size(); ++i) {
    if (std::isfinite(p.low[i]) && std::isfinite(p.high[i])) continue;
    double least = found.chart.origin[i];
    double most = least;
    if (found.chart.dimension() > 0) {
      const Vector up = found.chart.basis.row(i).transpose();
      const Vector down = -up;
      most += simplex.maximize(found.built.constraints, up.data(), vertex);
      least -= simplex.maximize(found.built.constraints, down.data(), vertex);
    }
    const double margin = tolerances.touching * (before.high[i] - before.low[i]);
    const bool low_open = !std::isfinite(p.low[i]);
    const bool high_open = !std::isfinite(p.high[i]);
    if (low_open && least <= before.low[i] + margin) return false;
    if (high_open && most >= before.high[i] - margin) return false;
    const double room = 0.5 * (most - least) + margin;
    if (low_open) reach.low[i] = least - room;
    if (high_open) reach.high[i] = most + room;
  }
  return true;
}

// Finds the region where some inputs have no bounds of their own: looks further and further out
// until no stand-in is touched, then once more with stand-ins close by, for precision.
Found find_unbounded(const InputPolytope& p, Judge& judge, const Tolerances& tolerances) {
  bool empty = true;
  for (double distance = kFirstReach; distance <= kLastReach; distance *= kReachStep) {
    StandIns reach = reach_of(p, distance);
    const auto found = full_dimensional(chart_of_box(p, reach.low, reach.high), judge, tolerances);
    empty = !found;
    if (!found || !tighten(p, *found, reach, tolerances)) continue;
    auto closer = full_dimensional(chart_of_box(p, reach.low, reach.high), judge, tolerances);
    if (closer) return std::move(*closer);
  }
  // Far out nothing may be found of what is empty: a contradiction is one wherever it is.
  const bool ask = !empty && p.A.rows() > 0 && judge.exact().can_ask();
  if (ask) empty = judge.exact().slack_of(2 * p.input_size()).empty;
  if (empty)
    throw RegionError("the analysis region is empty: its constraints contradict each other");
  throw RegionError(
      "the analysis region is unbounded: add bounds for every feature, or constraints that bound "
      "it");
}

// Does every column change one input, and every input follow one column at most?
bool along_axes(const Matrix& basis) {
  const auto varies = (basis.array() != 0.0).cast<Index>();
  return (varies.colwise().sum() == 1).all() && (varies.rowwise().sum() <= 1).all();
}

}  // namespace

void InputPolytope::side(Index number, RowVector& a, double& limit) const {
  const Index m = input_size();
  a = RowVector::Zero(m);
  if (number < m) {
    a[number] = -1.0;
    limit = -low[number];
  } else if (number < 2 * m) {
    a[number - m] = 1.0;
    limit = high[number - m];
  } else {
    a = A.row(number - 2 * m);
    limit = b[number - 2 * m];
  }
}

FreeSpace::FreeSpace(const InputPolytope& polytope, const Tolerances& tolerances)
    : polytope_(polytope) {
  validate(polytope_);
  reduce(tolerances);
  const Index k = dimension();
  magnitudes_ = origin_.cwiseAbs() + basis_.cwiseAbs().rowwise().sum();
  directions_ = Matrix::Zero(input_size(), k);
  if (k == 0) return;
  if (along_axes(basis_)) {  // no decomposition: with hundreds of inputs it takes a second
    directions_ = basis_.array().sign();
    for (Index j = 0; j < k; ++j) volume_scale_ *= basis_.col(j).cwiseAbs().maxCoeff();
    return;
  }
  Span span = span_of(basis_);
  directions_ = std::move(span.directions);
  volume_scale_ = span.volume;
}

void FreeSpace::reduce(const Tolerances& tolerances) {
  Found found;
  Judge judge(polytope_, tolerances);
  if (bounded_box(polytope_)) {
    std::optional<Found> bounded =
        full_dimensional(chart_of_box(polytope_, polytope_.low, polytope_.high), judge, tolerances);
    if (!bounded) {
      throw RegionError("the analysis region is empty: its constraints contradict each other");
    }
    found = std::move(*bounded);
  } else {
    found = find_unbounded(polytope_, judge, tolerances);
  }
  stretch(polytope_, judge, tolerances, found);
  const Chart& chart = found.chart;
  equalities_ = chart.equalities;
  const Index k = chart.dimension();
  const auto [middle, half] = frame_of(found);
  origin_ = chart.origin + chart.basis * middle;
  basis_ = chart.basis * half.asDiagonal();
  inverse_ = half.cwiseInverse().asDiagonal() * chart.inverse;
  constraints_.low = Vector(k);
  constraints_.high = Vector(k);
  sides_.assign(static_cast<std::size_t>(2 * k), -1);
  for (Index j = 0; j < k; ++j) {
    const double low = (chart.low[j] - middle[j]) / half[j];
    const double high = (chart.high[j] - middle[j]) / half[j];
    const bool near_low = chart.low_side[j] >= 0 && low > -kArtificialSide;
    const bool near_high = chart.high_side[j] >= 0 && high < kArtificialSide;
    constraints_.low[j] = near_low ? low : -kArtificialSide;
    constraints_.high[j] = near_high ? high : kArtificialSide;
    if (near_low) sides_[j] = chart.low_side[j];
    if (near_high) sides_[k + j] = chart.high_side[j];
  }
  const BoxedRows& built = found.built.constraints;
  for (Index r = 0; r < built.row_count(); ++r) {
    std::vector<double> row(built.row(r), built.row(r) + k + 1);
    for (Index j = 0; j < k; ++j) row[k] += row[j] * middle[j];
    double length = 0.0;
    for (Index j = 0; j < k; ++j) {
      row[j] *= half[j];
      length += row[j] * row[j];
    }
    for (double& entry : row) entry /= std::sqrt(length);
    constraints_.add(row.data());
    sides_.push_back(found.built.row_sides[r]);
  }
}

double FreeSpace::free_norm(const VectorView& gradient) const {
  return length_of(directions_.transpose() * gradient);
}

std::vector<Index> FreeSpace::free_features() const {
  std::vector<Index> features;
  for (Index i = 0; i < input_size(); ++i) {
    if (dimension() > 0 && basis_.row(i).cwiseAbs().maxCoeff() > 0.0) features.push_back(i);
  }
  return features;
}

Vector FreeSpace::interior_point() const {
  if (dimension() == 0) return origin_;
  Vector centre;
  LpCell(*this).inscribed_ball(centre);
  return to_input(centre);
}

Vector FreeSpace::to_free(const VectorView& x) const { return inverse_ * (x - origin_); }

bool FreeSpace::contains(const VectorView& x) const {
  const double relative = Tolerances{}.outside;
  for (Index i = 0; i < input_size(); ++i) {
    const double room = relative * magnitudes_[i];
    if (!(x[i] >= polytope_.low[i] - room && x[i] <= polytope_.high[i] + room)) return false;
  }
  for (Index r = 0; r < polytope_.A.rows(); ++r) {
    const auto [a, limit] = scaled_row(polytope_, r);
    const double magnitude = a.cwiseAbs().dot(magnitudes_.transpose()) + std::abs(limit);
    if (a.dot(x) > limit + relative * magnitude) return false;
  }
  return true;
}

}  // namespace facetry
