#include "base/decompositions.hpp"

#include <doctest/doctest.h>

#include "random.hpp"

using namespace facetry;
using facetry::testing::Random;

namespace {

constexpr double kRoom = 1e-12;

Matrix random_matrix(Random& random, Index rows, Index columns) {
  Matrix matrix(rows, columns);
  for (Index i = 0; i < matrix.size(); ++i) matrix.data()[i] = random.normal();
  return matrix;
}

double far_from_orthonormal(const Matrix& columns) {
  const Matrix gram = columns.transpose() * columns;
  return (gram - Matrix::Identity(gram.rows(), gram.cols())).cwiseAbs().maxCoeff();
}

double apart(const Matrix& a, const Matrix& b) { return (a - b).cwiseAbs().maxCoeff(); }

}  // namespace

TEST_CASE("2: a complement is orthonormal and perpendicular") {
  Random random(1);
  for (Index d = 2; d < 8; ++d) {
    const Vector normal = random_matrix(random, d, 1);
    const Matrix complement = orthogonal_complement(normal);
    CHECK(complement.cols() == d - 1);
    CHECK(far_from_orthonormal(complement) < kRoom);
    CHECK((normal.transpose() * complement).cwiseAbs().maxCoeff() < kRoom);
  }
  CHECK(orthogonal_complement(Vector::Ones(1)).cols() == 0);
}

TEST_CASE("2: Q R is the matrix") {
  Random random(2);
  for (Index k = 1; k < 6; ++k) {
    const Matrix M = random_matrix(random, k + 3, k);
    const ThinQr factors = thin_qr(M);
    CHECK(far_from_orthonormal(factors.Q) < kRoom);
    CHECK(apart(M * factors.inverse_R, factors.Q) < 1e3 * kRoom);
    for (Index i = 0; i < k; ++i) {
      for (Index j = 0; j < i; ++j) CHECK(factors.inverse_R(i, j) == 0.0);
    }
  }
}

TEST_CASE("2: a span keeps its columns and knows their volume") {
  Random random(3);
  const Matrix columns = random_matrix(random, 5, 3);
  const Span span = span_of(columns);
  CHECK(far_from_orthonormal(span.directions) < kRoom);
  CHECK(apart(span.directions * (span.directions.transpose() * columns), columns) < kRoom);
  Matrix box = Matrix::Zero(4, 2);
  box(3, 0) = -3.0;
  box(1, 1) = 0.5;
  CHECK(span_of(box).volume == doctest::Approx(1.5));
}

TEST_CASE("2: singular values descend, and V turns the matrix into perpendicular columns") {
  Random random(4);
  const ColumnMatrix M = random_matrix(random, 6, 4);
  const RightSingular factors = right_singular(M);
  CHECK(far_from_orthonormal(factors.V) < kRoom);
  const Matrix turned = M * factors.V;
  const Matrix gram = turned.transpose() * turned;
  CHECK(apart(gram, Matrix(factors.values.cwiseAbs2().asDiagonal())) < 100.0 * kRoom);
  for (Index i = 1; i < 4; ++i) CHECK(factors.values[i] <= factors.values[i - 1]);
}

TEST_CASE("2: least squares leaves a residual that no column explains") {
  Random random(5);
  const ColumnMatrix M = random_matrix(random, 7, 3);
  const Vector f = random_matrix(random, 7, 1);
  const Vector v = least_squares(M, f);
  CHECK((M.transpose() * (M * v - f)).cwiseAbs().maxCoeff() < 100.0 * kRoom);
  ColumnMatrix with_zeros(7, 2);
  with_zeros << Vector::Zero(7), M.col(0);
  CHECK(least_squares(with_zeros, f)[0] == 0.0);
}

TEST_CASE("2: an inverse and a solution; 1: the same bits again") {
  Random random(6);
  const Matrix M = random_matrix(random, 5, 5);
  const Vector f = random_matrix(random, 5, 1);
  const Inverted found = inverted(M, f);
  CHECK(apart(M * found.inverse, Matrix::Identity(5, 5)) < 1e3 * kRoom);
  CHECK((M * found.solution - f).cwiseAbs().maxCoeff() < 1e3 * kRoom);
  CHECK(inverted(M, f).inverse == found.inverse);
}
