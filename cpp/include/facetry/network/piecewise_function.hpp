// A continuous piecewise-linear function of one variable, with any finite number of pieces: ReLU,
// LeakyReLU, PReLU, Clip, HardSigmoid, Abs, ... [METHOD section 1, "unit"].
#pragma once

#include <vector>

#include "facetry/base/index.hpp"
#include "facetry/base/tolerances.hpp"

namespace facetry {

class PiecewiseFunction {
 public:
  // Piece i is q -> slopes[i] q + intercepts[i] on [breakpoints[i-1], breakpoints[i]]; the first
  // and last reach to infinity. Throws InvalidInput unless the sizes are p-1, p, p with p >= 1,
  // everything is finite, breakpoints ascend strictly and adjacent pieces meet.
  PiecewiseFunction(std::vector<double> breakpoints, std::vector<double> slopes,
                    std::vector<double> intercepts);

  [[nodiscard]] static PiecewiseFunction identity();
  [[nodiscard]] static PiecewiseFunction relu();
  [[nodiscard]] static PiecewiseFunction leaky_relu(double alpha);
  [[nodiscard]] static PiecewiseFunction absolute();
  // low and high may be infinite; REQUIRES low <= high (equal: a constant).
  [[nodiscard]] static PiecewiseFunction clip(double low, double high);
  // max(0, min(1, alpha q + beta)); REQUIRES alpha finite (0: a constant).
  [[nodiscard]] static PiecewiseFunction hard_sigmoid(double alpha, double beta);

  [[nodiscard]] Index pieces() const { return size_of(slopes_); }
  [[nodiscard]] const std::vector<double>& breakpoints() const { return breakpoints_; }
  [[nodiscard]] const std::vector<double>& slopes() const { return slopes_; }
  [[nodiscard]] const std::vector<double>& intercepts() const { return intercepts_; }
  [[nodiscard]] double slope(Index piece) const { return slopes_[piece]; }
  [[nodiscard]] double intercept(Index piece) const { return intercepts_[piece]; }

  // max(0, q), the commonest: what can be done faster for it asks this.
  [[nodiscard]] bool is_relu() const { return is_relu_; }

  // The lowest piece whose closed interval holds q. Cost: logarithmic in pieces().
  [[nodiscard]] Index piece_at(double q) const;

  [[nodiscard]] double operator()(double q) const {
    const Index piece = piece_at(q);
    return slopes_[piece] * q + intercepts_[piece];
  }

  // The same function with neighbouring pieces of equal slope and intercept merged.
  [[nodiscard]] PiecewiseFunction simplified() const;

  [[nodiscard]] bool operator==(const PiecewiseFunction&) const = default;

 private:
  std::vector<double> breakpoints_;
  std::vector<double> slopes_;
  std::vector<double> intercepts_;
  bool is_relu_ = false;
};

}  // namespace facetry
