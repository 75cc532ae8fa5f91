// A ball of radius d around the point, in any of the norms, lies in the box of radius d. So once something is
// found at a distance d within a box whose radius is at least d, nothing is closer.
#include "facetry/explain/boundary_distance.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "facetry/base/error.hpp"
#include "facetry/optimize/least_distance.hpp"

namespace facetry {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kFirstShare = 1.0 / 64.0;  // of the radius that covers the region
constexpr double kGrowth = 4.0;

// Distances from a point, in scaled inputs.
class Metric {
 public:
  Metric(const Vector& x, const BoundaryOptions& options)
      : x_(x), scale_(options.scale), norm_(options.norm), solver_(options.solver) {
    if (scale_.size() == 0) scale_ = Vector::Ones(x.size());
  }

  [[nodiscard]] const Vector& scale() const { return scale_; }

  [[nodiscard]] double distance(const Vector& point) const {
    Vector moved = Vector::Zero(x_.size());
    for (Index i = 0; i < x_.size(); ++i) {
      if (scale_[i] > 0.0) moved[i] = std::abs(point[i] - x_[i]) / scale_[i];
    }
    if (norm_ == Norm::one) return moved.sum();
    return norm_ == Norm::two ? moved.norm() : moved.maxCoeff();
  }

  // The nearest point of { u : A u <= b }, u in free coordinates; empty if none is found.
  [[nodiscard]] Vector nearest(const FreeSpace& space, const Matrix& A, const Vector& b) const {
    return norm_ == Norm::two ? nearest_by_squares(space, A, b) : nearest_by_program(space, A, b);
  }

 private:
  // Rows of the inputs that may move, scaled: M u + d is how far each has moved.
  void moves(const FreeSpace& space, Matrix& M, Vector& d) const {
    const Vector offset = space.origin() - x_;
    Index rows = 0;
    M.resize(x_.size(), space.dimension());
    d.resize(x_.size());
    for (Index i = 0; i < x_.size(); ++i) {
      if (scale_[i] == 0.0 || space.basis().row(i).isZero(0.0)) continue;
      M.row(rows) = space.basis().row(i) / scale_[i];
      d[rows++] = offset[i] / scale_[i];
    }
    M.conservativeResize(rows, Eigen::NoChange);
    d.conservativeResize(rows);
  }

  // With M = Q R and y = R u + Q^T d, the squared distance is |y|^2 plus a constant.
  [[nodiscard]] Vector nearest_by_squares(const FreeSpace& space, const Matrix& A, const Vector& b) const {
    const Index k = space.dimension();
    Matrix M;
    Vector d;
    moves(space, M, d);
    const Eigen::HouseholderQR<Eigen::MatrixXd> qr(M);
    const Eigen::MatrixXd R = qr.matrixQR().topRows(k).template triangularView<Eigen::Upper>();
    const Vector shift = (qr.householderQ().transpose() * d).head(k);
    const auto upper = R.triangularView<Eigen::Upper>();
    Matrix G = -upper.transpose().solve(Eigen::MatrixXd(A.transpose())).transpose();
    Vector h = -(b + A * upper.solve(shift));
    for (Index i = 0; i < G.rows(); ++i) {
      const double length = G.row(i).norm();
      if (length == 0.0) continue;
      G.row(i) /= length;
      h[i] /= length;
    }
    const auto y = least_distance(G, h);
    if (!y) return {};
    return upper.solve(*y - shift);
  }

  // Linf: the largest move is least; L1: the sum of bounds of the moves is.
  [[nodiscard]] Vector nearest_by_program(const FreeSpace& space, const Matrix& A, const Vector& b) const {
    const Index k = space.dimension();
    Matrix M;
    Vector d;
    moves(space, M, d);
    MixedIntegerProgram program;
    for (Index j = 0; j < k; ++j) program.add_variable(-kNoBound, kNoBound);
    std::vector<LinearTerm> objective;
    const Index bounds = norm_ == Norm::one ? M.rows() : 1;
    for (Index t = 0; t < bounds; ++t) {
      objective.push_back({program.add_variable(0.0, kNoBound), 1.0});
    }
    for (Index i = 0; i < M.rows(); ++i) {
      const Index t = objective[norm_ == Norm::one ? static_cast<std::size_t>(i) : 0].variable;
      std::vector<LinearTerm> up{{t, 1.0}};
      std::vector<LinearTerm> down{{t, 1.0}};
      for (Index j = 0; j < k; ++j) {
        up.push_back({j, -M(i, j)});
        down.push_back({j, M(i, j)});
      }
      program.add_row(std::move(up), d[i], kNoBound);
      program.add_row(std::move(down), -d[i], kNoBound);
    }
    for (Index i = 0; i < A.rows(); ++i) {
      std::vector<LinearTerm> terms;
      for (Index j = 0; j < k; ++j) terms.push_back({j, A(i, j)});
      program.add_row(std::move(terms), -kNoBound, b[i]);
    }
    program.set_objective(std::move(objective), 0.0, false);
    const MipSolution solution = solver_->solve(program);
    if (solution.values.empty()) return {};
    return Eigen::Map<const Vector>(solution.values.data(), k);
  }

  const Vector& x_;
  Vector scale_;
  Norm norm_;
  const MipSolver* solver_;
};

Query change_from(const Query& query, Index top) {
  Query change;
  change.decision = query.decision;
  change.threshold = query.threshold;
  change.top = top;
  change.change = true;
  return change;
}

Index choice_at(const NormalForm& form, const Query& query, const Vector& x) {
  const RowVector outputs = form.evaluate(x.transpose()).row(0);
  Index choice = 0;
  switch (query.decision) {
    case Query::Decision::threshold: return outputs[0] > query.threshold ? 1 : 0;
    case Query::Decision::lowest: outputs.minCoeff(&choice); return choice;
    default: outputs.maxCoeff(&choice); return choice;
  }
}

// Looks at the regions of an answer for a nearer point.
void take_nearest(const QueryAnswer& found, const Metric& metric, BoundaryPoint& best) {
  const Partition& regions = *found.regions;
  const FreeSpace& space = regions.space();
  const auto& offsets = regions.regions().facet_offsets;
  for (Index i = 0; i < regions.size(); ++i) {
    const Index facets = offsets[i + 1] - offsets[i];
    Matrix A(facets, space.input_size());
    Vector b(facets);
    regions.halfspaces({i, i + 1}, 1, A.data(), b.data());
    Vector u = metric.nearest(space, A * space.basis(), b - A * space.origin());
    if (u.size() == 0) {  // too thin for the projection: its interior point is near enough
      u = Eigen::Map<const Vector>(regions.regions().interior_point(i), space.dimension());
    }
    const Vector point = space.to_input(u);
    const double distance = metric.distance(point);
    if (distance >= best.distance) continue;
    best.distance = distance;
    best.point = point;
    best.to = found.top[i];
  }
}

// The part of the region within a radius of x.
InputPolytope around(const InputPolytope& region, const Vector& x, const Vector& scale, double radius) {
  InputPolytope part = region;
  part.low = region.low.cwiseMax(x - radius * scale);
  part.high = region.high.cwiseMin(x + radius * scale);
  return part;
}

// The radius at which the whole region is within.
double covering_radius(const FreeSpace& space, const Vector& x, const Vector& scale) {
  const BoxedRows& box = space.constraints();
  const Vector centre = space.to_input(0.5 * (box.low + box.high));
  const Vector half = 0.5 * (space.basis().cwiseAbs() * (box.high - box.low));
  double radius = 0.0;
  for (Index i = 0; i < x.size(); ++i) {
    if (scale[i] == 0.0) continue;
    radius = std::max(radius, (std::abs(centre[i] - x[i]) + half[i]) / scale[i]);
  }
  return 1.01 * radius;
}

void check(const NormalForm& form, const FreeSpace& space, const Query& query, const Vector& x,
           const BoundaryOptions& options) {
  if (query.decision == Query::Decision::none) {
    throw InvalidInput("a distance to the decision boundary needs a model with a decision");
  }
  if (x.size() != form.input_size() || (options.scale.size() != 0 && options.scale.size() != x.size())) {
    throw InvalidInput("the point and the scales need one number for each input");
  }
  if (!x.allFinite() || !options.scale.allFinite() || (options.scale.array() < 0.0).any()) {
    throw InvalidInput("the point must be finite, and the scales finite and >= 0");
  }
  if (options.norm != Norm::two && options.solver == nullptr) {
    throw InvalidInput("distances in L1 and Linf need a solver of linear programs");
  }
  if (!space.contains(x)) throw RegionError("the point is not in the analysis region");
}

}  // namespace

BoundaryPoint boundary_distance(const std::shared_ptr<const NormalForm>& form,
                                const std::shared_ptr<const FreeSpace>& space, const Query& query,
                                const Vector& x, const BoundaryOptions& options) {
  check(*form, *space, query, x, options);
  const InputPolytope& region = space->polytope();
  const Vector centre = x.cwiseMax(region.low).cwiseMin(region.high);
  const Metric metric(centre, options);
  BoundaryPoint best;
  best.distance = kInfinity;
  best.from = choice_at(*form, query, centre);
  const Query change = change_from(query, best.from);
  change.validate(form->output_size());
  const double cover = covering_radius(*space, centre, metric.scale());
  SubdivisionOptions search = options.search;
  search.max_regions.reset();
  for (double radius = kFirstShare * cover;; radius *= kGrowth) {
    radius = std::min(std::min(radius, cover), best.distance);  // what was found says how far to look
    const auto part = std::make_shared<FreeSpace>(around(region, centre, metric.scale(), radius));
    const QueryAnswer found = answer(form, part, change, search);
    best.cells += found.cells;
    take_nearest(found, metric, best);
    best.termination = found.regions->termination();
    if (best.termination != Termination::complete) return best;
    best.proven = std::min(radius, best.distance);
    if (best.distance <= radius) return best;
    if (radius >= cover) {
      best.proven = best.distance;
      return best;
    }
    if (best.distance < kInfinity) radius = best.distance / kGrowth;
  }
}

}  // namespace facetry
