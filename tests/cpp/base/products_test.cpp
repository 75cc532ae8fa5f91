#include "base/products.hpp"

#include <doctest/doctest.h>

#include "random.hpp"

using namespace facetry;
using facetry::testing::Random;

namespace {

// Sums of integers are exact: whatever their order, the bits must be the same.
Matrix integers(Random& random, Index rows, Index columns) {
  Matrix matrix(rows, columns);
  for (Index i = 0; i < matrix.size(); ++i)
    matrix.data()[i] = static_cast<double>(random.between(-9, 9));
  return matrix;
}

Matrix by_hand(const Matrix& a, const Matrix& b) {
  Matrix product = Matrix::Zero(a.rows(), b.cols());
  for (Index i = 0; i < a.rows(); ++i) {
    for (Index j = 0; j < b.cols(); ++j) {
      for (Index e = 0; e < a.cols(); ++e) product(i, j) += a(i, e) * b(e, j);
    }
  }
  return product;
}

}  // namespace

TEST_CASE("Products are right in every order of memory, small and large") {
  Random random(3);
  for (const Index size : {1, 3, 17, 70}) {
    const Matrix a = integers(random, size, size + 2);
    const Matrix b = integers(random, size + 2, size + 1);
    const Matrix expected = by_hand(a, b);
    const Eigen::MatrixXd a_columns = a;
    const Eigen::MatrixXd b_columns = b;
    CHECK(Matrix(a * b) == expected);
    CHECK(Matrix(a * b_columns) == expected);
    CHECK(Matrix(a_columns * b) == expected);
    CHECK(Matrix(a_columns * b_columns) == expected);
    CHECK(Eigen::MatrixXd(a * b) == expected);
    CHECK(Vector(a * b.col(0)) == expected.col(0));
    CHECK(Vector(a_columns * b_columns.col(0)) == expected.col(0));
  }
}
