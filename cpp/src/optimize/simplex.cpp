// Primal simplex in the space of u with an explicit inverse of the basis. One pivot costs
// O(rows * k + k^2). Ties in the ratio test go to the largest pivot; after a run of steps of length
// zero Bland's rule takes over until a real step is made.
#include "optimize/simplex.hpp"

#include <algorithm>
#include <cmath>

#include "base/decompositions.hpp"
#include "facetry/base/error.hpp"

namespace facetry {

namespace {

constexpr Index kStallsBeforeBland = 12;
constexpr Index kPivotsBeforeRefresh = 64;

}  // namespace

double BoxedRows::slack(Index constraint, const Vector& u) const {
  const Index k = dimension();
  if (constraint < k) return u[constraint] - low[constraint];
  if (constraint < 2 * k) return high[constraint - k] - u[constraint - k];
  const double* r = row(constraint - 2 * k);
  double sum = r[k];
  for (Index i = 0; i < k; ++i) sum += r[i] * u[i];
  return sum;
}

double BoxedRows::rate(Index constraint, const Vector& direction) const {
  const Index k = dimension();
  if (constraint < k) return direction[constraint];
  if (constraint < 2 * k) return -direction[constraint - k];
  const double* r = row(constraint - 2 * k);
  double sum = 0.0;
  for (Index i = 0; i < k; ++i) sum += r[i] * direction[i];
  return sum;
}

void BoxedRows::gradient(Index constraint, Vector& out) const {
  const Index k = dimension();
  out.setZero(k);
  if (constraint < k) {
    out[constraint] = 1.0;
  } else if (constraint < 2 * k) {
    out[constraint - k] = -1.0;
  } else {
    const double* r = row(constraint - 2 * k);
    for (Index i = 0; i < k; ++i) out[i] = r[i];
  }
}

SimplexVertex SimplexVertex::corner(const BoxedRows& polytope) {
  const Index k = polytope.dimension();
  SimplexVertex vertex;
  for (Index i = 0; i < k; ++i) vertex.basis.push_back(i);
  vertex.edges = Matrix::Identity(k, k);
  vertex.point = polytope.low;
  return vertex;
}

void Simplex::refresh(const BoxedRows& polytope, SimplexVertex& vertex) {
  const Index k = polytope.dimension();
  Matrix rows(k, k);
  Vector offsets(k);
  Vector gradient;
  const Vector origin = Vector::Zero(k);
  for (Index j = 0; j < k; ++j) {
    polytope.gradient(vertex.basis[j], gradient);
    rows.row(j) = gradient.transpose();
    offsets[j] = polytope.slack(vertex.basis[j], origin);
  }
  Inverted basis = inverted(rows, -offsets);
  vertex.edges = std::move(basis.inverse);
  vertex.point = std::move(basis.solution);
}

Index Simplex::entering_edge(const double* objective, const SimplexVertex& vertex,
                             bool bland) const {
  const Index k = vertex.point.size();
  Index best = -1;
  double best_rate = tolerances_.simplex_pivot;
  for (Index j = 0; j < k; ++j) {
    double rate = 0.0;
    double length = 0.0;
    for (Index i = 0; i < k; ++i) {
      const double e = vertex.edges(i, j);
      rate += objective[i] * e;
      length += e * e;
    }
    rate /= std::sqrt(length);
    if (bland) {
      const bool lower = best < 0 || vertex.basis[j] < vertex.basis[best];
      if (rate > tolerances_.simplex_pivot && lower) best = j;
    } else if (rate > best_rate) {
      best = j;
      best_rate = rate;
    }
  }
  return best;
}

Simplex::Step Simplex::longest_step(const BoxedRows& polytope, const SimplexVertex& vertex,
                                    const Vector& direction, bool bland,
                                    const std::vector<char>* ignored) const {
  // Two passes [Harris 1973]: how far can we go if every constraint gives way a little, then the
  // constraint with the largest pivot among those that are met by then.
  const double give = bland ? 0.0 : tolerances_.ratio_test;
  const double smallest = tolerances_.simplex_pivot * direction.norm();
  double limit = std::numeric_limits<double>::infinity();
  for (Index c = 0; c < polytope.constraint_count(); ++c) {
    if (in_basis_[c] || (ignored != nullptr && (*ignored)[c])) continue;
    const double rate = polytope.rate(c, direction);
    if (rate >= -smallest) continue;
    limit = std::min(limit, (std::max(0.0, polytope.slack(c, vertex.point)) + give) / -rate);
  }
  Step step;
  double largest = 0.0;
  for (Index c = 0; c < polytope.constraint_count(); ++c) {
    if (in_basis_[c] || (ignored != nullptr && (*ignored)[c])) continue;
    const double rate = polytope.rate(c, direction);
    if (rate >= -smallest) continue;
    const double length = std::max(0.0, polytope.slack(c, vertex.point)) / -rate;
    if (length > limit || -rate <= largest) continue;
    step = {c, length};
    if (bland) break;  // the lowest number
    largest = -rate;
  }
  return step;
}

void Simplex::pivot(const BoxedRows& polytope, SimplexVertex& vertex, Index edge, Index entering) {
  const Index k = vertex.point.size();
  polytope.gradient(entering, gradient_);
  const Vector rates = vertex.edges.transpose() * gradient_;
  const Vector column = vertex.edges.col(edge) / rates[edge];
  for (Index j = 0; j < k; ++j) {
    if (j != edge) vertex.edges.col(j) -= rates[j] * column;
  }
  vertex.edges.col(edge) = column;
  in_basis_[vertex.basis[edge]] = 0;
  in_basis_[entering] = 1;
  vertex.basis[edge] = entering;
}

namespace {

// A bounded cell has no unbounded edge; one whose constraint is left out may have.
double unbounded(const std::vector<char>* ignored) {
  if (ignored == nullptr) throw NumericalError("a linear program over a bounded cell ran away");
  return std::numeric_limits<double>::infinity();
}

}  // namespace

double Simplex::maximize(const BoxedRows& polytope, const double* objective, SimplexVertex& vertex,
                         double enough, const std::vector<char>* ignored) {
  const Index k = polytope.dimension();
  mark_basis(polytope, vertex);
  const Eigen::Map<const Vector> goal(objective, k);
  const Index most_pivots = 1000 + 50 * polytope.constraint_count();
  Index stalls = 0;
  for (Index pivots = 1; pivots <= most_pivots; ++pivots) {
    const double value = goal.dot(vertex.point);
    if (value > enough) return value;
    const bool bland = stalls > kStallsBeforeBland;
    const Index edge = entering_edge(objective, vertex, bland);
    if (edge < 0) return value;
    const Vector direction = vertex.edges.col(edge);
    const Step step = longest_step(polytope, vertex, direction, bland, ignored);
    if (step.blocking < 0) return unbounded(ignored);
    stalls = step.length * direction.norm() > tolerances_.on_hyperplane ? 0 : stalls + 1;
    vertex.point += step.length * direction;
    pivot(polytope, vertex, edge, step.blocking);
    if (pivots % kPivotsBeforeRefresh == 0) refresh(polytope, vertex);
  }
  throw NumericalError("a linear program did not converge");
}

void Simplex::mark_basis(const BoxedRows& polytope, const SimplexVertex& vertex) {
  in_basis_.assign(static_cast<std::size_t>(polytope.constraint_count()), 0);
  for (const Index c : vertex.basis) in_basis_[c] = 1;
}

// Leaves c marked, and `vertex` off it, if it is not needed; else unmarks it again.
bool Simplex::is_needed(const BoxedRows& polytope, Index c, SimplexVertex& vertex,
                        std::vector<char>& ignored) {
  SimplexVertex moving = vertex;
  const Index k = polytope.dimension();
  Vector outward;
  polytope.gradient(c, outward);
  outward = -outward;
  const double at_zero = polytope.slack(c, Vector::Zero(k));
  const double enough = at_zero + tolerances_.cut;  // outward . u beyond this: outside by the cut
  ignored[c] = 1;
  bool needed = false;
  const auto at = std::find(moving.basis.begin(), moving.basis.end(), c);
  if (at != moving.basis.end()) {
    // Loosen c itself: step along its edge to the outside, onto another constraint.
    const Index edge = static_cast<Index>(at - moving.basis.begin());
    mark_basis(polytope, moving);
    const Vector direction = -moving.edges.col(edge);
    const Step step = longest_step(polytope, moving, direction, false, &ignored);
    needed = step.blocking < 0;  // nothing else stops the move
    if (!needed) {
      moving.point += step.length * direction;
      pivot(polytope, moving, edge, step.blocking);
    }
  }
  needed = needed || maximize(polytope, outward.data(), moving, enough, &ignored) > enough;
  if (needed) {
    ignored[c] = 0;
  } else {
    vertex = std::move(moving);
  }
  return needed;
}

void Simplex::find_redundant(const BoxedRows& polytope, SimplexVertex& vertex,
                             std::vector<char>& ignored) {
  ignored.assign(static_cast<std::size_t>(polytope.constraint_count()), 0);
  for (Index c = polytope.constraint_count() - 1; c >= 0; --c) {
    is_needed(polytope, c, vertex, ignored);
  }
}

}  // namespace facetry
