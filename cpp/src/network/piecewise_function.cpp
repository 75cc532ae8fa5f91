// Checks of a function's pieces, and the common functions.
#include "facetry/network/piecewise_function.hpp"

#include <algorithm>
#include <cmath>

#include "facetry/base/error.hpp"

namespace facetry {

namespace {

bool all_finite(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

bool meet(double left, double right, double scale) {
  return std::abs(left - right) <= Tolerances{}.continuity * (1.0 + scale);
}

}  // namespace

PiecewiseFunction::PiecewiseFunction(std::vector<double> breakpoints, std::vector<double> slopes,
                                     std::vector<double> intercepts)
    : breakpoints_(std::move(breakpoints)),
      slopes_(std::move(slopes)),
      intercepts_(std::move(intercepts)) {
  if (slopes_.empty() || intercepts_.size() != slopes_.size() ||
      breakpoints_.size() + 1 != slopes_.size()) {
    throw InvalidInput("a function of p pieces needs p-1 breakpoints, p slopes and p intercepts");
  }
  if (!all_finite(breakpoints_) || !all_finite(slopes_) || !all_finite(intercepts_)) {
    throw InvalidInput("a piecewise function needs finite breakpoints, slopes and intercepts");
  }
  for (Index i = 0; i + 1 < pieces(); ++i) {
    const double t = breakpoints_[i];
    if (i > 0 && breakpoints_[i - 1] >= t) {
      throw InvalidInput("the breakpoints of a piecewise function must ascend strictly");
    }
    const double left = slopes_[i] * t + intercepts_[i];
    const double right = slopes_[i + 1] * t + intercepts_[i + 1];
    const double scale_left = std::abs(slopes_[i] * t) + std::abs(intercepts_[i]);
    const double scale_right = std::abs(slopes_[i + 1] * t) + std::abs(intercepts_[i + 1]);
    if (!meet(left, right, std::max(scale_left, scale_right))) {
      throw InvalidInput("a piecewise function must be continuous; it jumps at " +
                         std::to_string(t));
    }
  }
  is_relu_ = pieces() == 2 && breakpoints_[0] == 0.0 && slopes_[0] == 0.0 && slopes_[1] == 1.0 &&
             intercepts_[0] == 0.0 && intercepts_[1] == 0.0;
}

PiecewiseFunction PiecewiseFunction::identity() { return {{}, {1.0}, {0.0}}; }
PiecewiseFunction PiecewiseFunction::relu() { return leaky_relu(0.0); }
PiecewiseFunction PiecewiseFunction::leaky_relu(double alpha) {
  return {{0.0}, {alpha, 1.0}, {0.0, 0.0}};
}
PiecewiseFunction PiecewiseFunction::absolute() { return leaky_relu(-1.0); }

PiecewiseFunction PiecewiseFunction::clip(double low, double high) {
  if (std::isnan(low) || std::isnan(high) || low > high) {
    throw InvalidInput("clip needs low <= high");
  }
  if (low == high) return {{}, {0.0}, {low}};
  std::vector<double> breakpoints;
  std::vector<double> slopes{1.0};
  std::vector<double> intercepts{0.0};
  if (std::isfinite(low)) {
    breakpoints.insert(breakpoints.begin(), low);
    slopes.insert(slopes.begin(), 0.0);
    intercepts.insert(intercepts.begin(), low);
  }
  if (std::isfinite(high)) {
    breakpoints.push_back(high);
    slopes.push_back(0.0);
    intercepts.push_back(high);
  }
  return {breakpoints, slopes, intercepts};
}

PiecewiseFunction PiecewiseFunction::hard_sigmoid(double alpha, double beta) {
  if (alpha == 0.0) return {{}, {0.0}, {std::clamp(beta, 0.0, 1.0)}};
  const double at_zero = -beta / alpha;
  const double at_one = (1.0 - beta) / alpha;
  if (alpha > 0) return {{at_zero, at_one}, {0.0, alpha, 0.0}, {0.0, beta, 1.0}};
  return {{at_one, at_zero}, {0.0, alpha, 0.0}, {1.0, beta, 0.0}};
}

Index PiecewiseFunction::piece_at(double q) const {
  const auto at = std::lower_bound(breakpoints_.begin(), breakpoints_.end(), q);
  return static_cast<Index>(at - breakpoints_.begin());
}

PiecewiseFunction PiecewiseFunction::simplified() const {
  std::vector<double> breakpoints;
  std::vector<double> slopes{slopes_.front()};
  std::vector<double> intercepts{intercepts_.front()};
  for (Index i = 1; i < pieces(); ++i) {
    if (slopes_[i] == slopes.back() && intercepts_[i] == intercepts.back()) continue;
    breakpoints.push_back(breakpoints_[i - 1]);
    slopes.push_back(slopes_[i]);
    intercepts.push_back(intercepts_[i]);
  }
  return {std::move(breakpoints), std::move(slopes), std::move(intercepts)};
}

}  // namespace facetry
