#include "facetry/geometry/affine_map.hpp"

#include <doctest/doctest.h>

#include "facetry/base/error.hpp"
#include "random.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

struct Both {
  AffineMap map;
  Matrix dense;
};

// A map with the given share of entries, and the same as a plain matrix.
Both random_map(Random& random, Index rows, Index columns, double share) {
  SparseRows sparse;
  Matrix dense = Matrix::Zero(rows, columns);
  Vector bias(rows);
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < columns; ++j) {
      if (!random.chance(share)) continue;
      dense(i, j) = random.normal();
      sparse.columns.push_back(j);
      sparse.weights.push_back(dense(i, j));
    }
    sparse.offsets.push_back(size_of(sparse.columns));
    bias[i] = random.normal();
  }
  return {AffineMap(sparse, bias, columns), dense};
}

}  // namespace

TEST_CASE("Sparse and dense maps agree with plain matrices in every operation") {
  Random random(31);
  for (const double share : {0.0, 0.1, 0.3, 1.0}) {
    for (const Index columns : {1, 9}) {
      const Index rows = 12;
      const auto [map, dense] = random_map(random, rows, columns, share);
      CHECK(map.rows() == rows);
      CHECK(map.columns() == columns);
      CHECK((map.row_norms() - dense.cwiseAbs().rowwise().sum()).norm() < 1e-12);
      const Matrix values = Matrix::Random(columns, 4);
      Matrix out;
      map.multiply(values, out);
      CHECK((out - dense * values).norm() < 1e-12);
      map.compose(values, out);
      Matrix expected = dense * values;
      expected.col(3) += map.bias();
      CHECK((out - expected).norm() < 1e-12);
      const Matrix left = Matrix::Random(3, rows);
      Vector offset = Vector::Ones(3);
      map.multiply_left(left, out, offset);
      CHECK((out - left * dense).norm() < 1e-12);
      CHECK((offset - (Vector::Ones(3) + left * map.bias())).norm() < 1e-12);
      Matrix visited = Matrix::Zero(rows, columns);
      for (Index i = 0; i < rows; ++i) {
        map.for_row(i, [&](Index j, double weight) { visited(i, j) += weight; });
      }
      CHECK(visited == dense);
    }
  }
}

TEST_CASE("A map from no values is its bias") {
  SparseRows rows;
  rows.offsets = {0, 0, 0};
  const AffineMap map(rows, Vector{{1.0, 2.0}}, 0);
  Matrix out;
  map.compose(Matrix(0, 3), out);
  CHECK(out == Matrix{{0.0, 0.0, 1.0}, {0.0, 0.0, 2.0}});
}

TEST_CASE("Columns and lengths that do not fit are refused") {
  SparseRows rows;
  rows.offsets = {0, 1};
  rows.columns = {3};
  rows.weights = {1.0};
  CHECK_THROWS_AS(AffineMap(rows, Vector::Zero(1), 3), InvalidInput);
  CHECK_THROWS_AS(AffineMap(rows, Vector::Zero(2), 4), InvalidInput);
  CHECK_NOTHROW(AffineMap(rows, Vector::Zero(1), 4));
  rows.columns = {-1};
  CHECK_THROWS_AS(AffineMap(rows, Vector::Zero(1), 4), InvalidInput);
}
