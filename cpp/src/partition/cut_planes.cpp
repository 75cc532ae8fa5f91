#include "partition/cut_planes.hpp"

#include <algorithm>
#include <cmath>

#include "base/kernels.hpp"
#include "facetry/base/rounding.hpp"
#include "facetry/geometry/cell_family.hpp"

namespace facetry {

CutPlanes::CutPlanes(const FreeSpace& space, double side_error)
    : kernels_(kernels()), k_(space.dimension()) {
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

void CutPlanes::copies_of(Index cut, double distance, std::vector<Index>& out) const {
  for (Index r = 0; r < count_; ++r) {
    double same = 0.0;
    double opposite = 0.0;
    for (Index c = 0; c <= k_; ++c) {
      const double own = rows_[c * stride_ + r];
      const double wanted = rows_[c * stride_ + sides_ + cut];
      same = std::max(same, std::abs(own - wanted));
      opposite = std::max(opposite, std::abs(own + wanted));
    }
    if (std::min(same, opposite) <= distance) out.push_back(r);
  }
}

double CutPlanes::clearance(const double* point) {
  constexpr double kNone = -1e300;  // of what lies between the last row and the end of its block
  for (Index r = count_; r < padded(count_); ++r) errors_[r] = kNone;
  return kernels_.clearance(rows_.data(), stride_, count_, k_, point, errors_.data());
}

}  // namespace facetry
