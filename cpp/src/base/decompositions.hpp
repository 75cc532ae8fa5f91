// The matrix decompositions that the library uses, each compiled once: their templates are large,
// and in every file that calls them they cost a good part of the build.
//
// Guarantees, in double precision:
//   1. Deterministic: same numbers in, same bits out.
//   2. Factors have orthonormal columns up to rounding, and products of factors give the matrix
//      back.
// All are O(rows * columns^2), and of arrays by value: no view is kept.
#pragma once

#include "facetry/base/linear_algebra.hpp"

namespace facetry {

// Columns below one another in memory, as the decompositions work on them.
using ColumnMatrix = Eigen::MatrixXd;

// The d-1 orthonormal columns that are perpendicular to a vector of d >= 1 elements (Householder).
// REQUIRES: normal is not zero.
[[nodiscard]] Matrix orthogonal_complement(const Vector& normal);

// M = Q R with R upper triangular.
struct ThinQr {
  Matrix Q;          // rows x columns
  Matrix inverse_R;  // columns x columns; not finite where M has not full column rank
};
// REQUIRES: at least as many rows as columns, and a column.
[[nodiscard]] ThinQr thin_qr(const Matrix& M);

// An orthonormal basis of the space that the columns span, and the volume of the box that they are
// the edges of (Householder with column pivoting).
struct Span {
  Matrix directions;  // rows x columns
  double volume = 0.0;
};
// REQUIRES: at least as many rows as columns, and a column.
[[nodiscard]] Span span_of(const Matrix& columns);

// M = U diag(values) V^T, values in descending order (two-sided Jacobi).
struct RightSingular {
  Vector values;
  ColumnMatrix V;  // columns x columns
};
// REQUIRES: at least as many rows as columns, and a column.
[[nodiscard]] RightSingular right_singular(const ColumnMatrix& M);

// A v with the least |M v - f| (Householder with column pivoting). A column of zeros gets a zero;
// where columns depend on others up to rounding, elements may be huge.
[[nodiscard]] Vector least_squares(const ColumnMatrix& M, const Vector& f);

// The inverse of a square matrix, and the solution of M v = f (LU with partial pivoting).
struct Inverted {
  Matrix inverse;
  Vector solution;
};
// REQUIRES: M is regular; the elements are not finite otherwise.
[[nodiscard]] Inverted inverted(const Matrix& M, const Vector& f);

}  // namespace facetry
