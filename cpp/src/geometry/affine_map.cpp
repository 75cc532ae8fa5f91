// Products with an affine map in its two forms, dense and sparse.
#include "facetry/geometry/affine_map.hpp"

#include <cmath>

#include "facetry/base/error.hpp"

namespace facetry {

namespace {

// Above this share of stored entries a dense product is faster than an indexed one.
constexpr double kDenseShare = 0.25;

}  // namespace

AffineMap::AffineMap(const SparseRows& rows, Vector bias, Index column_count)
    : bias_(std::move(bias)), columns_(column_count) {
  if (rows.rows() != bias_.size()) throw InvalidInput("affine map: rows and bias differ in length");
  for (const Index column : rows.columns) {
    if (column < 0 || column >= column_count) throw InvalidInput("affine map: column out of range");
  }
  row_norms_ = Vector::Zero(rows.rows());
  for (Index i = 0; i < rows.rows(); ++i) {
    for (Index e = rows.offsets[i]; e < rows.offsets[i + 1]; ++e) {
      row_norms_[i] += std::abs(rows.weights[e]);
    }
  }
  const double cells = static_cast<double>(rows.rows()) * static_cast<double>(column_count);
  if (cells == 0.0 || static_cast<double>(rows.columns.size()) < kDenseShare * cells) {
    sparse_ = rows;
    return;
  }
  dense_ = Matrix::Zero(rows.rows(), column_count);
  for (Index i = 0; i < rows.rows(); ++i) {
    for (Index e = rows.offsets[i]; e < rows.offsets[i + 1]; ++e) {
      dense_(i, rows.columns[e]) = rows.weights[e];
    }
  }
  transposed_ = dense_.transpose();
}

void AffineMap::multiply(const MatrixView& values, Matrix& out) const {
  if (is_dense()) {
    out.noalias() = dense_ * values;
    return;
  }
  out.setZero(rows(), values.cols());
  for (Index i = 0; i < rows(); ++i) {
    for_row(i, [&](Index j, double weight) { out.row(i) += weight * values.row(j); });
  }
}

void AffineMap::compose(const MatrixView& values, Matrix& out) const {
  if (!is_dense()) {
    multiply(values, out);
    out.col(out.cols() - 1) += bias_;
    return;
  }
  // Sums run down columns of `out`, transposed meanwhile, so that the inner loop is contiguous.
  const Index rows = bias_.size();
  const Index width = values.cols();
  Matrix sums = Matrix::Zero(width, rows);
  sums.row(width - 1) = bias_.transpose();
  for (Index j = 0; j < columns_; ++j) {
    const double* weights = transposed_.data() + j * rows;
    for (Index c = 0; c < width; ++c) {
      const double value = values(j, c);
      if (value == 0.0) continue;
      double* sum = sums.data() + c * rows;
      for (Index i = 0; i < rows; ++i) sum[i] += value * weights[i];
    }
  }
  out = sums.transpose();
}

void AffineMap::multiply_left(const MatrixView& left, Matrix& out, Vector& offset) const {
  offset.noalias() += left * bias_;
  if (is_dense()) {
    out.noalias() = left * dense_;
    return;
  }
  out.setZero(left.rows(), columns_);
  for (Index i = 0; i < rows(); ++i) {
    for_row(i, [&](Index j, double weight) { out.col(j) += weight * left.col(i); });
  }
}

Vector AffineMap::term_sums(const Vector& magnitudes) const {
  Vector sums = bias_.cwiseAbs();
  if (is_dense()) {
    sums += dense_.cwiseAbs().lazyProduct(magnitudes);
    return sums;
  }
  for (Index i = 0; i < rows(); ++i) {
    for_row(i, [&](Index j, double weight) { sums[i] += std::abs(weight) * magnitudes[j]; });
  }
  return sums;
}

}  // namespace facetry
