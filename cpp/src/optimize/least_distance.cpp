// LDP: with E = (G^T; h^T) and f = (0, ..., 0, 1), let w >= 0 minimise |E w - f| and r = E w - f.
// The set is empty if r = 0; else y = -r[0..n-1] / r[n].
#include "optimize/least_distance.hpp"

#include <vector>

#include "base/decompositions.hpp"

namespace facetry {

namespace {

// min |E w - f| over w >= 0 (NNLS, Lawson & Hanson 1974, chapter 23).
class NonNegativeLeastSquares {
 public:
  NonNegativeLeastSquares(const Matrix& E, const Vector& f, double tolerance)
      : E_(E), f_(f), tolerance_(tolerance), w_(Vector::Zero(E.cols())), free_(E.cols(), false) {}

  Vector solve() {
    const Index limit = 10 * (E_.cols() + 10);
    for (Index step = 0; step < limit; ++step) {
      const Index entering = steepest();
      if (entering < 0) break;
      free_[entering] = true;
      settle(entering);
    }
    return w_;
  }

 private:
  // The variable at zero whose growth helps most; -1 if none does.
  [[nodiscard]] Index steepest() const {
    const Vector gradient = E_.transpose() * (f_ - E_ * w_);
    Index best = -1;
    double most = tolerance_;
    for (Index j = 0; j < gradient.size(); ++j) {
      if (free_[j] || barred_ == j || gradient[j] <= most) continue;
      most = gradient[j];
      best = j;
    }
    return best;
  }

  // Solves for the free variables, and gives back to zero what turns negative on the way.
  void settle(Index entering) {
    while (true) {
      std::vector<Index> columns;
      for (Index j = 0; j < w_.size(); ++j) {
        if (free_[j]) columns.push_back(j);
      }
      if (columns.empty()) return;
      const Vector next = unconstrained(columns);
      double share = 1.0;
      for (std::size_t i = 0; i < columns.size(); ++i) {
        if (next[static_cast<Index>(i)] > 0.0) continue;
        const double from = w_[columns[i]];
        share = std::min(share, from / (from - next[static_cast<Index>(i)]));
      }
      for (std::size_t i = 0; i < columns.size(); ++i) {
        double& value = w_[columns[i]];
        value += share * (next[static_cast<Index>(i)] - value);
      }
      if (share >= 1.0) {
        barred_ = -1;
        return;
      }
      for (const Index j : columns) {
        if (w_[j] > tolerance_ * tolerance_) continue;
        w_[j] = 0.0;
        free_[j] = false;
        if (j == entering) barred_ = j;  // rounding let it in: not again at once
      }
    }
  }

  [[nodiscard]] Vector unconstrained(const std::vector<Index>& columns) const {
    ColumnMatrix part(E_.rows(), size_of(columns));
    for (Index i = 0; i < part.cols(); ++i)
      part.col(i) = E_.col(columns[static_cast<std::size_t>(i)]);
    return least_squares(part, f_);
  }

  const Matrix& E_;
  const Vector& f_;
  double tolerance_;
  Vector w_;
  std::vector<bool> free_;
  Index barred_ = -1;
};

}  // namespace

LeastDistance least_distance(const MatrixView& G, const VectorView& h,
                             const Tolerances& tolerances) {
  const Index n = G.cols();
  LeastDistance result;
  result.weights = Vector::Zero(G.rows());
  if (G.rows() == 0 || h.maxCoeff() <= 0.0) {
    result.point = Vector::Zero(n);
    return result;
  }
  // Scaled so that the sought length is about 1: h = 1 at the row that asks for most.
  const double scale = h.maxCoeff();
  Matrix E(n + 1, G.rows());
  E.topRows(n) = G.transpose();
  E.row(n) = h.transpose() / scale;
  Vector f = Vector::Zero(n + 1);
  f[n] = 1.0;
  const double small = 0.01 * tolerances.least_distance;
  result.weights = NonNegativeLeastSquares(E, f, small).solve();
  const Vector r = E * result.weights - f;
  if (r.norm() <= small || r[n] >= 0.0) return result;
  Vector y = -scale / r[n] * r.head(n);
  const double room = tolerances.least_distance * (1.0 + y.norm());
  if ((G * y - h).minCoeff() >= -room) result.point = std::move(y);
  return result;
}

}  // namespace facetry
