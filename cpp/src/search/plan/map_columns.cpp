// Columns of a map padded for kernels, and sums of them.
#include "search/plan/map_columns.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/row_kernels.hpp"

namespace facetry {

MapColumns::MapColumns(const AffineMap& map, Index width, bool magnitudes)
    : rows_(map.rows()),
      stride_(padded(map.rows())),
      width_(width),
      dense_(map.is_dense()),
      kernels_(&row_kernels()) {
  const auto taken = [&](double x) { return magnitudes ? std::abs(x) : x; };
  bias_.ensure(size());
  std::fill_n(bias_.data(), size(), 0.0);
  std::transform(map.bias().data(), map.bias().data() + rows_, bias_.data() + (width - 1) * stride_,
                 taken);
  if (dense_) {
    columns_.ensure(map.columns() * stride_);
    std::fill_n(columns_.data(), map.columns() * stride_, 0.0);
    for (Index i = 0; i < rows_; ++i) {
      map.for_row(i, [&](Index j, double weight) { columns_[j * stride_ + i] = taken(weight); });
    }
    if (rows_ != 1) return;
    only_row_.ensure(padded(map.columns()));
    std::fill_n(only_row_.data(), padded(map.columns()), 0.0);
    for (Index j = 0; j < map.columns(); ++j) only_row_[j] = columns_[j * stride_];
    return;
  }
  offsets_.assign(static_cast<std::size_t>(map.columns() + 1), 0);
  for (Index i = 0; i < rows_; ++i) {
    map.for_row(i, [&](Index j, double) { ++offsets_[j + 1]; });
  }
  for (Index j = 0; j < map.columns(); ++j) offsets_[j + 1] += offsets_[j];
  row_numbers_.resize(static_cast<std::size_t>(offsets_.back()));
  weights_.resize(row_numbers_.size());
  std::vector<Index> next(offsets_.begin(), offsets_.end() - 1);
  for (Index i = 0; i < rows_; ++i) {
    map.for_row(i, [&](Index j, double weight) {
      row_numbers_[next[j]] = i;
      weights_[next[j]++] = taken(weight);
    });
  }
}

void MapColumns::add(const double* in, double* out, const Contributions& values,
                     std::vector<const double*>& columns) const {
  if (!dense_) {
    if (in != out) std::copy_n(in, size(), out);
    for (Index v = 0; v < values.count; ++v) {
      add_sparse(out, values.which[v], values.values[v], values.step);
    }
    return;
  }
  if (size_of(columns) < values.count) columns.resize(static_cast<std::size_t>(2 * values.count));
  for (Index j = 0; j < values.count; ++j) columns[j] = columns_.data() + values.which[j] * stride_;
  kernels_->accumulate(in, out, stride_, width_, columns.data(), values.values, values.step,
                       values.count);
}

void MapColumns::add_rows(const double* in, double* out, const double* planes, Index planes_stride,
                          const std::int32_t* index, Index count) const {
  if (!dense_) {
    if (in != out) std::copy_n(in, size(), out);
    for (Index j = 0; j < count; ++j) add_sparse(out, index[j], planes + index[j], planes_stride);
    return;
  }
  kernels_->accumulate_rows(in, out, stride_, width_, columns_.data(), planes, planes_stride, index,
                            count);
}

void MapColumns::add_marked(const double* in, double* out, const double* planes,
                            Index planes_stride, const std::uint64_t* bits) const {
  double sums[9];  // width() may be more: then in parts
  for (Index c = 0; c < width_; c += 9) {
    const Index width = std::min<Index>(9, width_ - c);
    kernels_->marked_sums(in + c * stride_, stride_, planes + c * planes_stride, planes_stride,
                          planes_stride, width, only_row_.data(), bits, sums);
    for (Index i = 0; i < width; ++i) {
      std::fill_n(out + (c + i) * stride_, stride_, 0.0);
      out[(c + i) * stride_] = sums[i];
    }
  }
}

void MapColumns::write_rows(const double* in, const double* planes, Index planes_stride,
                            const std::int32_t* index, Index count, double* out) const {
  for (Index i = 0; i < rows_; ++i) {
    for (Index c = 0; c < width_; ++c) {
      double sum = in[c * stride_ + i];
      for (Index j = 0; j < count; ++j) {
        sum += columns_[index[j] * stride_ + i] * planes[c * planes_stride + index[j]];
      }
      *out++ = sum;
    }
  }
}

void MapColumns::add_sparse(double* out, Index column, const double* value, Index step) const {
  for (Index e = offsets_[column]; e < offsets_[column + 1]; ++e) {
    double* sum = out + row_numbers_[e];
    for (Index c = 0; c < width_; ++c) sum[c * stride_] += weights_[e] * value[c * step];
  }
}

double MapColumns::weighted(Index column, const double* weights) const {
  double sum = 0.0;
  if (dense_) {
    const double* entries = columns_.data() + column * stride_;
    return Eigen::Map<const Vector>(entries, rows_).dot(Eigen::Map<const Vector>(weights, rows_));
  }
  for (Index e = offsets_[column]; e < offsets_[column + 1]; ++e) {
    sum += weights_[e] * weights[row_numbers_[e]];
  }
  return sum;
}

}  // namespace facetry
