// Rows in planes, so that the clearance of a point from all of them is one pass.
#include "search/path/cut_planes.hpp"

#include <algorithm>
#include <cmath>

#include "base/rounding.hpp"
#include "geometry/cell_family.hpp"
#include "kernels/row_kernels.hpp"

namespace facetry {

CutPlanes::CutPlanes(const FreeSpace& space, double side_error)
    : kernels_(row_kernels()), k_(space.dimension()) {
  const BoxedRows& constraints = space.constraints();
  std::vector<double> row(static_cast<std::size_t>(k_ + 1));
  Vector gradient;
  for (Index c = 0; c < constraints.constraint_count(); ++c) {
    constraints.gradient(c, gradient);
    std::copy_n(gradient.data(), k_, row.begin());
    row[k_] = constraints.slack(c, Vector::Zero(k_));
    add(row.data(), side_error + value_rounding(row.data(), k_), true);
  }
  sides_ = count_;
}

void CutPlanes::ensure_room() {
  if (count_ < stride_) return;
  const Index stride = std::max<Index>(64, 2 * stride_);
  WorkArray<double> wider((k_ + 1) * stride);
  std::fill_n(wider.data(), (k_ + 1) * stride, 0.0);
  for (Index c = 0; c <= k_; ++c) {
    std::copy_n(rows_.data() + c * stride_, count_, wider.data() + c * stride);
  }
  WorkArray<double> errors(stride);
  std::copy_n(errors_.data(), count_, errors.data());
  rows_ = std::move(wider);
  errors_ = std::move(errors);
  values_ = WorkArray<double>(stride);
  unused_ = WorkArray<double>(stride);
  stride_ = stride;
}

void CutPlanes::add(const double* row, double error, bool above) {
  ensure_room();
  const double sign = above ? 1.0 : -1.0;
  for (Index c = 0; c <= k_; ++c) rows_[c * stride_ + count_] = sign * row[c];
  errors_[count_++] = error;
}

void CutPlanes::turn_last() {
  for (Index c = 0; c <= k_; ++c) rows_[c * stride_ + count_ - 1] *= -1.0;
}

void CutPlanes::keep(Index count) { count_ = sides_ + count; }

void CutPlanes::least_values(const KernelPoints& points, WorkArray<double>& out) {
  out.ensure(stride_);
  unused_.ensure(stride_);
  kernels_.ranges(rows_.data(), stride_, count_, k_, points, out.data(), unused_.data());
}

bool CutPlanes::only_breaks(Index own, const double* point) {
  kernels_.ranges(rows_.data(), stride_, count_, k_, {point, 1, 1, 1}, values_.data(),
                  unused_.data());
  for (Index r = 0; r < count_; ++r) {
    if ((r == own ? -values_[r] : values_[r]) <= errors_[r]) return false;
  }
  return true;
}

bool CutPlanes::step_across(Index own, const double* from, double* out) const {
  const double here = value(own, from);
  double next = 2.0 * here;
  for (Index r = 0; r < count_; ++r) {
    double slope = 0.0;
    for (Index c = 0; c < k_; ++c) slope += rows_[c * stride_ + r] * rows_[c * stride_ + own];
    if (r != own && slope * next > value(r, from)) next = value(r, from) / slope;
  }
  for (Index c = 0; c < k_; ++c) out[c] = from[c] - 0.5 * (here + next) * rows_[c * stride_ + own];
  return next > here;
}

double CutPlanes::clearance(const double* point) {
  constexpr double kNone = -1e300;  // of what lies between the last row and the end of its block
  for (Index r = count_; r < padded(count_); ++r) errors_[r] = kNone;
  return kernels_.clearance(rows_.data(), stride_, count_, k_, point, errors_.data());
}

}  // namespace facetry
