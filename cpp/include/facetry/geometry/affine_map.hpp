// An affine map v -> W v + b, stored dense or sparse, whichever is smaller. Immutable once built.
#pragma once

#include <vector>

#include "facetry/base/linear_algebra.hpp"

namespace facetry {

// Sparse rows (compressed rows): row i has the entries offsets[i] .. offsets[i+1].
struct SparseRows {
  std::vector<Index> offsets{0};
  std::vector<Index> columns;
  std::vector<double> weights;

  [[nodiscard]] Index rows() const { return size_of(offsets) - 1; }
};

class AffineMap {
 public:
  AffineMap() = default;

  // REQUIRES: columns of `rows` lie in [0, column_count), each at most once per row; bias has one
  // element per row.
  AffineMap(const SparseRows& rows, Vector bias, Index column_count);

  [[nodiscard]] Index rows() const { return bias_.size(); }
  [[nodiscard]] Index columns() const { return columns_; }
  [[nodiscard]] bool is_dense() const { return dense_.size() > 0; }
  // The weights of row i of a dense map, one for each column.
  [[nodiscard]] const double* dense_row(Index i) const { return dense_.data() + i * columns_; }
  [[nodiscard]] const Vector& bias() const { return bias_; }

  // Sum of the magnitudes of each row's weights: the scale of rounding in W v.
  [[nodiscard]] const Vector& row_norms() const { return row_norms_; }

  // out = W values (without the bias). `out` is resized.
  // Cost: entries x values.cols(). REQUIRES: values has columns() rows.
  void multiply(const MatrixView& values, Matrix& out) const;

  // The composition with affine functions: row j of `values` is (gradient, offset), the offset
  // in the last column; so is row i of the result. Made for few columns and values of which many
  // are zero (units that are off): those cost nothing.
  void compose(const MatrixView& values, Matrix& out) const;

  // out = left W, and offset += left b: one step of reverse accumulation.
  // REQUIRES: left has rows() columns, offset one element per row of left.
  void multiply_left(const MatrixView& left, Matrix& out, Vector& offset) const;

  // For each row the sum of the magnitudes of its terms, bias included, where the values have these
  // magnitudes.
  // REQUIRES: columns() elements, none negative.
  [[nodiscard]] Vector term_sums(const Vector& magnitudes) const;

  // Calls visit(column, weight) for each stored entry of row i.
  template <class Visit>
  void for_row(Index i, Visit&& visit) const {
    if (is_dense()) {
      for (Index j = 0; j < columns_; ++j) visit(j, dense_(i, j));
    } else {
      for (Index e = sparse_.offsets[i]; e < sparse_.offsets[i + 1]; ++e) {
        visit(sparse_.columns[e], sparse_.weights[e]);
      }
    }
  }

 private:
  Matrix dense_;
  Matrix transposed_;  // of dense_: the weights of one column stand together
  SparseRows sparse_;
  Vector bias_;
  Vector row_norms_;
  Index columns_ = 0;
};

}  // namespace facetry
