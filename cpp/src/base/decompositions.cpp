// Eigen's decompositions behind plain functions. The only file that includes more than Eigen's
// core.
#include "base/decompositions.hpp"

#include <Eigen/LU>
#include <Eigen/QR>
#include <Eigen/SVD>
#include <cmath>

namespace facetry {

Matrix orthogonal_complement(const Vector& normal) {
  const Eigen::HouseholderQR<ColumnMatrix> factors{ColumnMatrix(normal)};
  const ColumnMatrix q = factors.householderQ();
  return q.rightCols(normal.size() - 1);
}

ThinQr thin_qr(const Matrix& M) {
  const Index k = M.cols();
  const Eigen::HouseholderQR<ColumnMatrix> factors(M);
  ThinQr result;
  result.Q = factors.householderQ() * ColumnMatrix::Identity(M.rows(), k);
  const ColumnMatrix R = factors.matrixQR().topRows(k).triangularView<Eigen::Upper>();
  result.inverse_R = R.triangularView<Eigen::Upper>().solve(ColumnMatrix::Identity(k, k));
  return result;
}

Span span_of(const Matrix& columns) {
  const Index k = columns.cols();
  const Eigen::ColPivHouseholderQR<ColumnMatrix> factors{ColumnMatrix(columns)};
  Span span;
  span.directions = factors.householderQ() * ColumnMatrix::Identity(columns.rows(), k);
  span.volume = std::abs(factors.matrixR().diagonal().head(k).prod());
  return span;
}

RightSingular right_singular(const ColumnMatrix& M) {
  const Eigen::JacobiSVD<ColumnMatrix> factors(M, Eigen::ComputeThinV);
  return {factors.singularValues(), factors.matrixV()};
}

Vector least_squares(const ColumnMatrix& M, const Vector& f) {
  return M.colPivHouseholderQr().solve(f);
}

Inverted inverted(const Matrix& M, const Vector& f) {
  const Eigen::PartialPivLU<Matrix> factors(M);
  return {factors.inverse(), factors.solve(f)};
}

}  // namespace facetry
