// With M = Q R and y = R u + Q^T d, the squared distance is |y|^2 plus a constant, which is 0
// unless the space is flat and does not hold the point. For the other norms: with weights w of the
// rows, g = Q G^T w has g . (M u + d) = (G^T w) . y >= h . w, so no point is closer than h . w /
// |g|, where |g| is the dual norm.
#include "geometry/distance.hpp"

#include <cmath>
#include <limits>

#include "base/decompositions.hpp"
#include "base/lengths.hpp"
#include "base/rounding.hpp"
#include "optimize/least_distance.hpp"

namespace facetry {

namespace {

double length_in(const Vector& moved, Norm norm) {
  if (moved.size() == 0) return 0.0;
  if (norm == Norm::one) return moved.cwiseAbs().sum();
  return norm == Norm::two ? length_of(moved) : moved.cwiseAbs().maxCoeff();
}

double dual_length_of(const Vector& functional, Norm norm) {
  if (norm == Norm::two) return length_of(functional);
  return length_in(functional, norm == Norm::one ? Norm::infinity : Norm::one);
}

}  // namespace

DistanceFrom::DistanceFrom(const FreeSpace& space, Vector x, Vector scale, Norm norm,
                           const MipSolver* solver)
    : x_(std::move(x)), scale_(std::move(scale)), norm_(norm), solver_(solver) {
  const Index k = space.dimension();
  const Vector offset = space.origin() - x_;
  Index rows = 0;
  M_.resize(x_.size(), k);
  d_.resize(x_.size());
  for (Index i = 0; i < x_.size(); ++i) {
    if (scale_[i] == 0.0) continue;
    M_.row(rows) = space.basis().row(i) / scale_[i];
    d_[rows++] = offset[i] / scale_[i];
  }
  M_.conservativeResize(rows, Eigen::NoChange);
  d_.conservativeResize(rows);
  if (k == 0) return;
  ThinQr factors = thin_qr(M_);
  Q_ = std::move(factors.Q);
  inverse_ = std::move(factors.inverse_R);
  if (inverse_.isDiagonal(0.0)) diagonal_ = inverse_.diagonal();
  shift_ = Q_.transpose() * d_;
}

double DistanceFrom::to(const VectorView& point) const {
  Vector moved = Vector::Zero(x_.size());
  for (Index i = 0; i < x_.size(); ++i) {
    if (scale_[i] > 0.0) moved[i] = (point[i] - x_[i]) / scale_[i];
  }
  return length_in(moved, norm_);
}

DistanceFrom::Polyhedron::Polyhedron(const DistanceFrom& from, Index most_rows, double radius)
    : from_(from), radius_(radius), G_(most_rows, from.inverse_.cols()), h_(most_rows) {
  // How far |y| goes within the radius; y is what the point moves, turned.
  if (from.norm_ == Norm::infinity) radius_ *= std::sqrt(static_cast<double>(from.M_.rows()));
}

void DistanceFrom::Polyhedron::add(const double* row) {
  const Index k = G_.cols();
  const Eigen::Map<const RowVector> gradient(row, k);
  auto out = G_.row(count_);
  if (from_.diagonal_.size() > 0) {
    out = gradient.cwiseProduct(from_.diagonal_.transpose());
  } else {
    out.noalias() = gradient * from_.inverse_;
  }
  double& h = h_[count_];
  h = out.dot(from_.shift_) - row[k];
  const double length = length_of(out);
  if (length > 0.0) {
    out /= length;
    h /= length;
  }
  if (h > -radius_) ++count_;
}

double DistanceFrom::at_least(const Polyhedron& polyhedron) const {
  const auto G = polyhedron.G_.topRows(polyhedron.count_);
  const auto h = polyhedron.h_.head(polyhedron.count_);
  const Vector weights = least_distance(G, h).weights;
  const Vector pulled = G.transpose() * weights;
  const double room = rounding_of(weights.size() + 2 * pulled.size() + 16) *
                      weights.dot(Vector(h.cwiseAbs().array() + shift_.norm() + 1.0));
  const double along = h.dot(weights) - room;
  if (!(along > 0.0)) return 0.0;
  return along / (dual_length_of(norm_ == Norm::two ? pulled : Vector(Q_ * pulled), norm_) + room);
}

// The row is g . (M u + d) plus a constant, with g = Q G^T as above, and |g . v| is at most |g|
// |v|.
Range DistanceFrom::range_within(double radius, const double* row, Index step) const {
  const Index k = inverse_.cols();
  const Eigen::Map<const RowVector, 0, Eigen::InnerStride<>> gradient(row, k,
                                                                      Eigen::InnerStride<>(step));
  const Vector pulled = diagonal_.size() > 0 ? Vector(gradient.transpose().cwiseProduct(diagonal_))
                                             : Vector((gradient * inverse_).transpose());
  const double reach =
      radius * dual_length_of(norm_ == Norm::two ? pulled : Vector(Q_ * pulled), norm_);
  const double offset = row[k * step];
  const double centre = offset - pulled.dot(shift_);
  const double room =
      rounding_of(4 * k + 16) * (std::abs(offset) + reach + pulled.norm() * (shift_.norm() + 1.0));
  return {centre - reach - room, centre + reach + room};
}

Vector DistanceFrom::nearest(const Matrix& rows) const {
  if (norm_ != Norm::two) return nearest_by_program(rows);
  Polyhedron polyhedron(*this, rows.rows(), std::numeric_limits<double>::infinity());
  for (Index i = 0; i < rows.rows(); ++i) polyhedron.add(rows.row(i).data());
  const Vector y = least_distance(polyhedron.G_, polyhedron.h_).point;
  if (y.size() == 0) return {};
  return inverse_ * (y - shift_);
}

// Linf: the largest move is least; L1: the sum of bounds of the moves is.
Vector DistanceFrom::nearest_by_program(const Matrix& rows) const {
  const Index k = inverse_.cols();
  MixedIntegerProgram program;
  for (Index j = 0; j < k; ++j) program.add_variable(-kNoBound, kNoBound);
  std::vector<LinearTerm> objective;
  const Index bounds = norm_ == Norm::one ? M_.rows() : 1;
  for (Index t = 0; t < bounds; ++t)
    objective.push_back({program.add_variable(0.0, kNoBound), 1.0});
  for (Index i = 0; i < M_.rows(); ++i) {
    const Index t = objective[norm_ == Norm::one ? static_cast<std::size_t>(i) : 0].variable;
    std::vector<LinearTerm> up{{t, 1.0}};
    std::vector<LinearTerm> down{{t, 1.0}};
    for (Index j = 0; j < k; ++j) {
      up.push_back({j, -M_(i, j)});
      down.push_back({j, M_(i, j)});
    }
    program.add_row(std::move(up), d_[i], kNoBound);
    program.add_row(std::move(down), -d_[i], kNoBound);
  }
  for (Index i = 0; i < rows.rows(); ++i) {
    std::vector<LinearTerm> terms;
    for (Index j = 0; j < k; ++j) terms.push_back({j, rows(i, j)});
    program.add_row(std::move(terms), -rows(i, k), kNoBound);
  }
  program.set_objective(std::move(objective), 0.0, false);
  const MipSolution solution = solver_->solve(program);
  if (solution.values.empty()) return {};
  return Eigen::Map<const Vector>(solution.values.data(), k);
}

}  // namespace facetry
