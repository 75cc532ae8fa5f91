#include "polytopes.hpp"

#include <Eigen/LU>

namespace facetry::testing {

std::optional<Vector> solution_of(const Eigen::MatrixXd& matrix, const Vector& right) {
  const Index k = matrix.rows();
  const Eigen::FullPivLU<Eigen::MatrixXd> factors(matrix);
  if (!(std::abs(factors.matrixLU()(k - 1, k - 1)) > 1e-9)) return std::nullopt;
  return factors.solve(right);
}

}  // namespace facetry::testing
