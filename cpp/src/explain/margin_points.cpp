// Points for verification: sampling, exact checks of candidates, and climbing along gradients of
// linear models.
#include "explain/margin_points.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include "base/exact_row.hpp"
#include "facetry/partition/partition.hpp"

namespace facetry {

namespace {

constexpr Index kMostCorners = 256;
constexpr Index kClimbSteps = 24;
constexpr double kFirstStep = 0.5;  // of the box's sides
constexpr double kShorter = 0.8;

// Uniform in [0, 1), the same on every machine.
class Uniform {
 public:
  double operator()() { return std::ldexp(static_cast<double>(engine_() >> 11), -53); }
  bool coin() { return (engine_() >> 63) != 0; }

 private:
  std::mt19937_64 engine_{0};
};

std::vector<Index> free_inputs(const PropertyCase& box) {
  std::vector<Index> free;
  for (Index i = 0; i < box.low.size(); ++i) {
    if (box.low[i] < box.high[i]) free.push_back(i);
  }
  return free;
}

Vector into_box(const PropertyCase& box, const Vector& point) {
  return point.cwiseMax(box.low).cwiseMin(box.high);
}

bool fulfils(const Conjunction& conjunction, const Vector& outputs) {
  if (!outputs.allFinite()) return false;
  for (Index c = 0; c < conjunction.thresholds.size(); ++c) {
    ExactRow sum = ExactRow::zero(1);
    for (Index i = 0; i < outputs.size(); ++i) {
      const double weight = conjunction.weights(c, i);
      if (weight != 0.0) sum.add(weight, ExactRow::of(&outputs[i], 1));
    }
    sum.add_to_offset(-conjunction.thresholds[c]);
    if (sum.offset_sign() < 0) return false;
  }
  return true;
}

// For each point the sign of its least condition's gradient, in every input.
Matrix uphill(const NormalForm& form, const Conjunction& conjunction, const Matrix& points,
              const Matrix& values, int threads) {
  const Index n = form.output_size();
  const Index m = form.input_size();
  std::vector<double> coef(static_cast<std::size_t>(points.rows() * n * m));
  std::vector<double> intercept(static_cast<std::size_t>(points.rows() * n));
  explain_points(form, points, threads, coef.data(), intercept.data());
  Matrix directions(points.rows(), m);
  for (Index p = 0; p < points.rows(); ++p) {
    Index least = 0;
    values.row(p).minCoeff(&least);
    const Eigen::Map<const Matrix> own(coef.data() + p * n * m, n, m);
    const RowVector gradient = conjunction.weights.row(least) * own;
    directions.row(p) = gradient.array().sign();
  }
  return directions;
}

}  // namespace

double touching(const Conjunction& conjunction, const Tolerances& tolerances) {
  const Vector& thresholds = conjunction.thresholds;
  const double largest = thresholds.size() > 0 ? thresholds.cwiseAbs().maxCoeff() : 0.0;
  return tolerances.touching_margin * (1.0 + largest);
}

Matrix starting_points(const PropertyCase& box, Index samples) {
  const std::vector<Index> free = free_inputs(box);
  const Index m = box.low.size();
  const Vector middle = into_box(box, box.low + (box.high - box.low) / 2.0);
  if (free.empty()) return middle.transpose();
  const bool all = size_of(free) < 63 && (Index{1} << free.size()) <= kMostCorners;
  const Index corners = all ? Index{1} << free.size() : kMostCorners;
  Matrix points(1 + corners + samples, m);
  points.row(0) = middle.transpose();
  Uniform uniform;
  for (Index c = 0; c < corners; ++c) {
    points.row(1 + c) = box.low.transpose();
    for (Index f = 0; f < size_of(free); ++f) {
      const bool high = all ? ((c >> f) & 1) != 0 : uniform.coin();
      if (high) points(1 + c, free[f]) = box.high[free[f]];
    }
  }
  for (Index s = 0; s < samples; ++s) {
    Vector point(m);
    for (Index i = 0; i < m; ++i) point[i] = box.low[i] + uniform() * (box.high[i] - box.low[i]);
    points.row(1 + corners + s) = into_box(box, point).transpose();
  }
  return points;
}

Vector margins(const Conjunction& conjunction, const Matrix& outputs) {
  if (conjunction.thresholds.size() == 0) {
    return Vector::Constant(outputs.rows(), std::numeric_limits<double>::infinity());
  }
  const Matrix values =
      (outputs * conjunction.weights.transpose()).rowwise() - conjunction.thresholds.transpose();
  return values.rowwise().minCoeff();
}

std::vector<Index> most_promising(const Vector& margins, Index count) {
  std::vector<Index> order(static_cast<std::size_t>(margins.size()));
  std::iota(order.begin(), order.end(), Index{0});
  // NaN is no margin: it comes last.
  const auto key = [&](Index i) {
    return std::isnan(margins[i]) ? -std::numeric_limits<double>::infinity() : margins[i];
  };
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return key(a) > key(b); });
  order.resize(static_cast<std::size_t>(std::min(count, size_of(order))));
  return order;
}

std::optional<Witness> first_witness(const NormalForm& form, const Conjunction& conjunction,
                                     const Matrix& points, const Matrix& outputs,
                                     const Tolerances& tolerances) {
  const Vector found = margins(conjunction, outputs);
  const double room = touching(conjunction, tolerances);
  for (const Index i : most_promising(found, kMostCorners)) {
    if (!(found[i] >= -room)) break;
    // Alone: in a block of points sums may be added up in another order.
    const Matrix point = points.row(i);
    const Vector alone = form.evaluate(point).row(0).transpose();
    if (fulfils(conjunction, alone)) return Witness{point.row(0).transpose(), alone};
  }
  return std::nullopt;
}

std::optional<Witness> climb(const NormalForm& form, const PropertyCase& box,
                             const Conjunction& conjunction, Matrix points, int threads,
                             const Tolerances& tolerances, const std::function<bool()>& go_on) {
  if (conjunction.thresholds.size() == 0 || points.rows() == 0) return std::nullopt;
  const RowVector sides = (box.high - box.low).transpose();
  Matrix outputs = form.evaluate(points);
  double length = kFirstStep;
  for (Index step = 0; step < kClimbSteps; ++step, length *= kShorter) {
    if (!go_on()) return std::nullopt;
    const Matrix values =
        (outputs * conjunction.weights.transpose()).rowwise() - conjunction.thresholds.transpose();
    const Matrix directions = uphill(form, conjunction, points, values, threads);
    Matrix moved = points;
    for (Index p = 0; p < points.rows(); ++p) {
      const RowVector further =
          points.row(p).array() + length * sides.array() * directions.row(p).array();
      moved.row(p) = into_box(box, further.transpose()).transpose();
    }
    const Matrix beyond = form.evaluate(moved);
    const Vector before = values.rowwise().minCoeff();
    const Vector after = margins(conjunction, beyond);
    for (Index p = 0; p < points.rows(); ++p) {
      if (!(after[p] >= before[p])) continue;
      points.row(p) = moved.row(p);
      outputs.row(p) = beyond.row(p);
    }
    if (auto witness = first_witness(form, conjunction, points, outputs, tolerances))
      return witness;
  }
  return std::nullopt;
}

}  // namespace facetry
