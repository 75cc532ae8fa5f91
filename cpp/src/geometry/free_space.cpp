// From a polytope in input space to full-dimensional free coordinates: inputs with low == high are
// fixed first; the other constraints are then added one by one to a box, each with one linear
// program. A constraint that the polytope built so far can only touch is an implied equality: the
// search for coordinates starts again inside its hyperplane. Cost: O((m + rows) k) small linear
// programs in the worst case, two per free dimension and one per row in the usual one.
#include "facetry/geometry/free_space.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "base/decompositions.hpp"
#include "facetry/base/error.hpp"
#include "geometry/lp_cell.hpp"

namespace facetry {

namespace {

// An artificial box around a region that fits [-1, 1]^k.
constexpr double kArtificialSide = 1.25;
// How far out an unbounded input is searched for a bound, relative to 1.
constexpr double kFirstReach = 1e3;
constexpr double kReachStep = 1e3;
constexpr double kLastReach = 1e12;

struct Row {
  Vector gradient;
  double offset;
  Index side;
};

// The region in coordinates w of some affine subspace: x = origin + basis w, w = inverse (x -
// origin).
struct Chart {
  Vector origin;
  Matrix basis;
  Matrix inverse;
  Vector low, high;                        // of w
  std::vector<Index> low_side, high_side;  // -1: artificial
  std::vector<Row> rows;
  std::vector<Index> equalities;  // sides that were taken out

  [[nodiscard]] Index dimension() const { return low.size(); }
};

std::string at_feature(Index i) { return " at feature " + std::to_string(i); }

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

// The smallest power of two that is not below `width`, so that scaling by it is exact.
double power_of_two(double width) {
  int exponent = 0;
  const double fraction = std::frexp(width, &exponent);
  return std::ldexp(1.0, fraction == 0.5 ? exponent - 1 : exponent);
}

bool bounded_box(const InputPolytope& p) { return p.low.allFinite() && p.high.allFinite(); }

// Row r of A in the chart of a box, divided by the length of its gradient there, so that neither
// the units of the features nor the length of a row matter to the tolerances. A row on fixed
// features only is constant, and divided by the magnitudes that its offset was added up from.
Row row_in_box(const InputPolytope& p, Index r, const Chart& chart) {
  const RowVector a = p.A.row(r);
  Row row{-(a * chart.basis).transpose(), p.b[r] - a.dot(chart.origin), 2 * p.input_size() + r};
  double size = row.gradient.norm();
  if (size == 0.0) {
    size = std::abs(p.b[r]) + a.cwiseAbs().dot(chart.origin.cwiseAbs().transpose());
  }
  if (size > 0.0) {
    row.gradient /= size;
    row.offset /= size;
  }
  return row;
}

// The chart of the box [low, high]: the bounds of p, or finite stand-ins for its infinite ones.
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

// Result of building the polytope of a chart: its constraints, or an equality that it implies.
struct Built {
  BoxedRows constraints;
  std::vector<Index> row_sides;
  SimplexVertex vertex;
  std::optional<Row> equality;
  bool empty = false;
};

Built build(const Chart& chart, const Tolerances& tolerances) {
  Built built;
  built.constraints.low = chart.low;
  built.constraints.high = chart.high;
  built.vertex = SimplexVertex::corner(built.constraints);
  Simplex simplex(tolerances);
  for (const Row& given : chart.rows) {
    const double length = given.gradient.norm();
    const double scale = std::max({1.0, std::abs(given.offset), length});
    if (length <= tolerances.implied_equality * scale) {  // constant on this chart
      if (given.offset < -tolerances.implied_equality * scale) built.empty = true;
      continue;
    }
    const Row row{given.gradient / length, given.offset / length, given.side};
    const double most =
        simplex.maximize(built.constraints, row.gradient.data(), built.vertex) + row.offset;
    if (most < -tolerances.implied_equality) built.empty = true;
    if (built.empty) return built;
    if (most <= tolerances.implied_equality) {
      built.equality = row;
      return built;
    }
    const Vector down = -row.gradient;
    SimplexVertex lowest = built.vertex;
    const double least = row.offset - simplex.maximize(built.constraints, down.data(), lowest);
    if (least >= -tolerances.implied_equality) continue;  // repeats what is there
    std::vector<double> packed(row.gradient.data(), row.gradient.data() + row.gradient.size());
    packed.push_back(row.offset);
    built.constraints.add(packed.data());
    built.row_sides.push_back(row.side);
  }
  return built;
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

// The chart inside the hyperplane of `equality`: all sides become rows.
Chart restricted(const Chart& chart, const Row& equality) {
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
  for (const Row& row : chart.rows) {
    if (row.side != equality.side) add(row.gradient, row.offset, row.side);
  }
  return result;
}

// The smallest box around the polytope: itself, or by two linear programs per coordinate.
std::pair<Vector, Vector> bounding_box(const Built& built, const Tolerances& tolerances) {
  const Index d = built.constraints.dimension();
  if (built.constraints.row_count() == 0) return {built.constraints.low, built.constraints.high};
  std::pair<Vector, Vector> box{Vector(d), Vector(d)};
  Simplex simplex(tolerances);
  SimplexVertex vertex = built.vertex;
  for (Index j = 0; j < d; ++j) {
    const Vector up = Vector::Unit(d, j);
    const Vector down = -up;
    box.second[j] = simplex.maximize(built.constraints, up.data(), vertex);
    box.first[j] = -simplex.maximize(built.constraints, down.data(), vertex);
  }
  return box;
}

struct Found {
  Chart chart;
  Built built;
  Vector low, high;  // tight bounds of w
};

// Takes out implied equalities until the polytope is full-dimensional; nothing if it is empty.
std::optional<Found> full_dimensional(Chart chart, const Tolerances& tolerances) {
  while (true) {
    Built built = build(chart, tolerances);
    if (built.empty) return std::nullopt;
    if (!built.equality) {
      auto [low, high] = bounding_box(built, tolerances);
      return Found{std::move(chart), std::move(built), std::move(low), std::move(high)};
    }
    chart = restricted(chart, *built.equality);
  }
}

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
Found find_unbounded(const InputPolytope& p, const Tolerances& tolerances) {
  bool empty = true;
  for (double distance = kFirstReach; distance <= kLastReach; distance *= kReachStep) {
    StandIns reach = reach_of(p, distance);
    const auto found = full_dimensional(chart_of_box(p, reach.low, reach.high), tolerances);
    empty = !found;
    if (!found || !tighten(p, *found, reach, tolerances)) continue;
    auto closer = full_dimensional(chart_of_box(p, reach.low, reach.high), tolerances);
    if (closer) return std::move(*closer);
  }
  if (empty)
    throw RegionError("the analysis region is empty: its constraints contradict each other");
  throw RegionError(
      "the analysis region is unbounded: add bounds for every feature, or constraints that bound "
      "it");
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
  Span span = span_of(basis_);
  directions_ = std::move(span.directions);
  volume_scale_ = span.volume;
}

void FreeSpace::reduce(const Tolerances& tolerances) {
  Found found;
  if (bounded_box(polytope_)) {
    std::optional<Found> bounded =
        full_dimensional(chart_of_box(polytope_, polytope_.low, polytope_.high), tolerances);
    if (!bounded) {
      throw RegionError("the analysis region is empty: its constraints contradict each other");
    }
    found = std::move(*bounded);
  } else {
    found = find_unbounded(polytope_, tolerances);
  }
  const Chart& chart = found.chart;
  equalities_ = chart.equalities;
  const Index k = chart.dimension();
  Vector middle(k);
  Vector half(k);
  for (Index j = 0; j < k; ++j) {
    const bool whole = found.low[j] == chart.low[j] && found.high[j] == chart.high[j];
    middle[j] = whole ? 0.0 : 0.5 * (found.low[j] + found.high[j]);
    half[j] = power_of_two(std::max(found.high[j] - middle[j], middle[j] - found.low[j]));
  }
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
  return (directions_.transpose() * gradient).norm();
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
    const RowVector a = polytope_.A.row(r);
    const double magnitude = a.cwiseAbs().dot(magnitudes_.transpose()) + std::abs(polytope_.b[r]);
    if (a.dot(x) > polytope_.b[r] + relative * magnitude) return false;
  }
  return true;
}

}  // namespace facetry
