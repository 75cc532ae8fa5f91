// An affine map by columns, for adding up its result one input value at a time: what a unit's value
// contributes to all rows of the next stage is one column times the value's row.
#pragma once

#include <cstdint>
#include <vector>

#include "base/work_array.hpp"
#include "facetry/geometry/affine_map.hpp"
#include "geometry/cell_family.hpp"

namespace facetry {

struct RowKernels;

// Values to add: entry c of the affine function of value which[j] is values[j][c * step].
struct Contributions {
  const Index* which = nullptr;
  const double* const* values = nullptr;
  Index step = 1;
  Index count = 0;
};

class MapColumns {
 public:
  MapColumns() = default;
  // `width` = k + 1, the length of the affine functions that will be added. `magnitudes`: of the
  // weights and biases only.
  MapColumns(const AffineMap& map, Index width, bool magnitudes = false);

  [[nodiscard]] Index rows() const { return rows_; }
  [[nodiscard]] Index stride() const { return stride_; }
  // How many numbers a sum has: width() planes of stride().
  [[nodiscard]] Index size() const { return width_ * stride_; }
  [[nodiscard]] bool is_dense() const { return dense_; }
  // The sum without any contribution: the biases.
  [[nodiscard]] const double* bias() const { return bias_.data(); }

  // REQUIRES of all that follows: planes are aligned as kernels want them (WorkArray's are).
  // out = in + the contributions, in their order. `in` and `out` may be the same. `columns` is work
  // space. Cost: the entries of the columns, times width.
  void add(const double* in, double* out, const Contributions& values,
           std::vector<const double*>& columns) const;
  // The same for values which[j] = index[j] whose affine functions are rows of planes: entry c is
  // planes[c * planes_stride + index[j]].
  void add_rows(const double* in, double* out, const double* planes, Index planes_stride,
                const std::int32_t* index, Index count) const;
  // The same for a map with one row, of the values that are marked in `bits`: their rows are planes
  // of planes_stride, the number of values padded, and beyond the last value finite and not marked.
  void add_marked(const double* in, double* out, const double* planes, Index planes_stride,
                  const std::uint64_t* bits) const;
  // The sum of a column's entries times weights, one for each row.
  [[nodiscard]] double weighted(Index column, const double* weights) const;
  [[nodiscard]] bool has_one_row() const { return dense_ && rows_ == 1; }
  // Such a sum row by row, width() numbers each. REQUIRES is_dense() or count == 0.
  void write_rows(const double* in, const double* planes, Index planes_stride,
                  const std::int32_t* index, Index count, double* out) const;

 private:
  void add_sparse(double* out, Index column, const double* value, Index step) const;

  Index rows_ = 0;
  Index stride_ = 0;
  Index width_ = 0;
  bool dense_ = true;
  const RowKernels* kernels_ = nullptr;
  WorkArray<double> bias_;      // width planes
  WorkArray<double> columns_;   // dense: one column after the other, `stride` each
  WorkArray<double> only_row_;  // of a map with one row
  std::vector<Index> offsets_;  // sparse: of each column in the arrays below
  std::vector<Index> row_numbers_;
  std::vector<double> weights_;
};

}  // namespace facetry
