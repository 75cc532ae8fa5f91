// A guess of the distance to another choice: the hyperplanes between the choices of a point's own
// linear model, tried from the nearest on, each by a walk to where the network itself decides
// otherwise.
#include "explain/boundary_guess.hpp"

#include <algorithm>
#include <numeric>

#include "base/infinity.hpp"
#include "base/lengths.hpp"
#include "explain/choice.hpp"
#include "state/linearise.hpp"

namespace facetry {

namespace {

constexpr int kGuessSteps = 10;
constexpr int kHalvings = 30;        // of a segment that ends where the choice is another one
constexpr Index kCandidates = 3;     // choices that are looked at in a step
constexpr double kOvershoot = 1.01;  // on the boundary itself nothing has changed

class Guess {
 public:
  Guess(const NormalForm& form, const FreeSpace& space, const Query& query, const Vector& x,
        Index from, const DistanceFrom& distance)
      : form_(form),
        space_(space),
        query_(query),
        x_(x),
        from_(from),
        distance_(distance),
        layout_(form),
        lineariser_(form, layout_) {
    const BoxedRows& sides = space.constraints();
    rows_.resize(sides.constraint_count() + 1, space.dimension() + 1);
    Vector gradient;
    for (Index c = 0; c < sides.constraint_count(); ++c) {
      sides.gradient(c, gradient);
      rows_.row(c).head(space.dimension()) = gradient.transpose();
      rows_(c, space.dimension()) = sides.slack(c, Vector::Zero(space.dimension()));
    }
  }

  double run() {
    double best = kInfinity;
    Vector at = x_;
    for (int step = 0; step < kGuessSteps; ++step) {
      const Vector next = nearest_change(at);
      if (next.size() == 0) break;
      at = inside(x_ + kOvershoot * (next - x_));
      if (choice_at(form_, query_, at) == from_) continue;
      at = first_change(at);
      const double distance = distance_.to(at);
      if (distance >= best) break;
      best = distance;
    }
    return best;
  }

 private:
  [[nodiscard]] Vector inside(const Vector& point) const {
    const InputPolytope& region = space_.polytope();
    return point.cwiseMax(region.low).cwiseMin(region.high);
  }

  // The last point of the segment from x, by halves, where the choice is another one.
  [[nodiscard]] Vector first_change(const Vector& end) const {
    double low = 0.0;
    double high = 1.0;
    for (int i = 0; i < kHalvings; ++i) {
      const double middle = 0.5 * (low + high);
      (choice_at(form_, query_, inside(x_ + middle * (end - x_))) == from_ ? low : high) = middle;
    }
    return inside(x_ + high * (end - x_));
  }

  // Where the linear model at a point has its nearest change; empty if it has none in the region.
  [[nodiscard]] Vector nearest_change(const Vector& at) {
    const Matrix leads = leads_at(at);
    std::vector<Index> order(static_cast<std::size_t>(leads.rows()));
    std::iota(order.begin(), order.end(), Index{0});
    const Index k = space_.dimension();
    const Vector u = space_.to_free(x_);
    Vector steps(leads.rows());
    for (Index i = 0; i < leads.rows(); ++i) {
      const double length = length_of(leads.row(i).head(k));
      steps[i] = length > 0.0 ? -(leads.row(i).head(k).dot(u) + leads(i, k)) / length : kInfinity;
    }
    std::sort(order.begin(), order.end(), [&](Index a, Index b) { return steps[a] < steps[b]; });
    Vector best;
    for (Index c = 0; c < std::min(kCandidates, leads.rows()); ++c) {
      if (steps[order[c]] == kInfinity) break;
      rows_.row(rows_.rows() - 1) = leads.row(order[c]);
      const Vector found = distance_.nearest(rows_);
      if (found.size() == 0) continue;
      const Vector point = inside(space_.to_input(found));
      if (best.size() == 0 || distance_.to(point) < distance_.to(best)) best = point;
    }
    return best;
  }

  // How far each other choice is ahead, on the linear model at a point, in free coordinates.
  [[nodiscard]] Matrix leads_at(const Vector& at) const {
    std::vector<StateWord> state(static_cast<std::size_t>(layout_.words()), 0);
    const auto pieces = form_.states(at.transpose());
    for (Index u = 0; u < layout_.units(); ++u) layout_.set(state.data(), u, pieces(0, u));
    const AffineFunctions model = lineariser_.model(state.data());
    Matrix rows(model.gradients.rows(), space_.dimension() + 1);
    rows.leftCols(space_.dimension()) = model.gradients * space_.basis();
    rows.col(space_.dimension()) = model.offsets + model.gradients * space_.origin();
    if (query_.decision == Query::Decision::threshold) {
      rows(0, space_.dimension()) -= query_.threshold;
      return from_ == 1 ? Matrix(-rows) : rows;
    }
    const double sign = query_.decision == Query::Decision::lowest ? -1.0 : 1.0;
    Matrix leads(rows.rows() - 1, rows.cols());
    for (Index i = 0, next = 0; i < rows.rows(); ++i) {
      if (i != from_) leads.row(next++) = sign * (rows.row(i) - rows.row(from_));
    }
    return leads;
  }

  const NormalForm& form_;
  const FreeSpace& space_;
  const Query& query_;
  const Vector& x_;
  Index from_;
  const DistanceFrom& distance_;
  StateLayout layout_;
  Lineariser lineariser_;
  Matrix rows_;  // the sides of the region, and one more
};

}  // namespace

double guess_distance(const NormalForm& form, const FreeSpace& space, const Query& query,
                      const Vector& x, Index from, const DistanceFrom& distance) {
  return Guess(form, space, query, x, from, distance).run();
}

}  // namespace facetry
