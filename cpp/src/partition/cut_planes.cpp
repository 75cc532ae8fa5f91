#include "partition/cut_planes.hpp"

#include <algorithm>
#include <cmath>

#include "base/kernels.hpp"
#include "facetry/base/rounding.hpp"
#include "facetry/geometry/cell_family.hpp"

namespace facetry {

CutPlanes::CutPlanes(const FreeSpace& space, double side_error) : k_(space.dimension()) {
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
  rows_ = std::move(wider);
  stride_ = stride;
  values_.ensure(stride);
  unused_.ensure(stride);
}

void CutPlanes::add(const double* row, double error, bool above) {
  ensure_room();
  const double sign = above ? 1.0 : -1.0;
  for (Index c = 0; c <= k_; ++c) rows_[c * stride_ + count_] = sign * row[c];
  errors_.resize(static_cast<std::size_t>(count_));
  errors_.push_back(error);
  ++count_;
}

void CutPlanes::turn_last() {
  for (Index c = 0; c <= k_; ++c) rows_[c * stride_ + count_ - 1] *= -1.0;
}

void CutPlanes::keep(Index count) { count_ = sides_ + count; }

bool CutPlanes::only_breaks(Index own, const double* point) {
  kernels().ranges(rows_.data(), stride_, count_, k_, {point, 1, 1, 1}, values_.data(),
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
  kernels().ranges(rows_.data(), stride_, count_, k_, {point, 1, 1, 1}, values_.data(),
                   unused_.data());
  double least = values_[0] - errors_[0];
  for (Index r = 1; r < count_; ++r) least = std::min(least, values_[r] - errors_[r]);
  return least;
}

}  // namespace facetry
