// Polytopes for tests, and the slow truth about them: all vertices by trying every k constraints.
#pragma once

#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

#include "facetry/geometry/free_space.hpp"
#include "optimize/simplex.hpp"
#include "random.hpp"

namespace facetry::testing {

// Constraints a . u + b >= 0 with |a| = 1, one (k+1 numbers) each.
using Rows = std::vector<Vector>;

inline Rows rows_of(const BoxedRows& polytope) {
  Rows rows;
  const Index k = polytope.dimension();
  Vector gradient;
  for (Index c = 0; c < polytope.constraint_count(); ++c) {
    polytope.gradient(c, gradient);
    Vector row(k + 1);
    row << gradient, polytope.slack(c, Vector::Zero(k));
    rows.push_back(row);
  }
  return rows;
}

inline double value(const Vector& row, const Vector& u) {
  return row.head(u.size()).dot(u) + row[u.size()];
}

// The solution of a system with as many equations as unknowns (polytopes.cpp); nothing if it is
// about singular.
std::optional<Vector> solution_of(const Eigen::MatrixXd& matrix, const Vector& right);

// Vertices of { all rows >= 0 }, a vertex as often as bases meet in it. Cost: n choose k.
inline std::vector<Vector> brute_force_vertices(const Rows& rows, double slack = 1e-9) {
  std::vector<Vector> found;
  const Index n = size_of(rows);
  const Index k = rows.front().size() - 1;
  if (n < k) return found;
  std::vector<Index> chosen(k);
  for (Index i = 0; i < k; ++i) chosen[i] = i;
  while (true) {
    Eigen::MatrixXd matrix(k, k);
    Vector right(k);
    for (Index i = 0; i < k; ++i) {
      matrix.row(i) = rows[chosen[i]].head(k).transpose();
      right[i] = -rows[chosen[i]][k];
    }
    if (const std::optional<Vector> u = solution_of(matrix, right)) {
      const auto holds = [&](const Vector& row) { return value(row, *u) >= -slack; };
      if (std::all_of(rows.begin(), rows.end(), holds)) found.push_back(*u);
    }
    Index at = k - 1;
    while (at >= 0 && chosen[at] == n - k + at) --at;
    if (at < 0) return found;
    ++chosen[at];
    for (Index i = at + 1; i < k; ++i) chosen[i] = chosen[i - 1] + 1;
  }
}

inline double brute_force_maximum(const Rows& rows, const Vector& objective) {
  double most = -std::numeric_limits<double>::infinity();
  for (const Vector& u : brute_force_vertices(rows)) most = std::max(most, objective.dot(u));
  return most;
}

// How far { rows } reaches outside its row c when that one is left out (rows marked in `ignored`
// are left out too). Far away a box stands in for infinity.
inline double reach_without(const Rows& rows, Index c, const std::vector<char>& ignored) {
  constexpr double kFar = 100.0;
  const Index k = rows.front().size() - 1;
  Rows rest;
  for (Index i = 0; i < size_of(rows); ++i) {
    if (i != c && !ignored[i]) rest.push_back(rows[i]);
  }
  for (Index i = 0; i < k; ++i) {
    for (const double sign : {1.0, -1.0}) {
      Vector row = Vector::Zero(k + 1);
      row[i] = sign;
      row[k] = kFar;
      rest.push_back(row);
    }
  }
  return brute_force_maximum(rest, -rows[c].head(k)) - rows[c][k];
}

// The box [-1, 1]^k.
inline BoxedRows unit_box(Index k) {
  return {Vector::Constant(k, -1.0), Vector::Constant(k, 1.0), {}};
}

inline void add_row(BoxedRows& polytope, const Vector& gradient, double offset) {
  const double length = gradient.norm();
  std::vector<double> row;
  for (Index i = 0; i < gradient.size(); ++i) row.push_back(gradient[i] / length);
  row.push_back(offset / length);
  polytope.add(row.data());
}

enum class Shape { random, integer, one_vertex, repeated };

// Sides of an analysis region, as the origins of facets.
inline std::vector<Origin> sides(const std::vector<Index>& numbers) {
  std::vector<Origin> result;
  for (const Index number : numbers) result.push_back(Origin::side(number));
  return result;
}

// A polytope around the origin, or (one_vertex) with the corner (-1, ..., -1) on every row.
inline BoxedRows random_polytope(Random& random, Index k, Index rows, Shape shape) {
  BoxedRows polytope = unit_box(k);
  for (Index r = 0; r < rows; ++r) {
    if (shape == Shape::integer) {
      add_row(polytope, random.integers(k, 2), static_cast<double>(random.between(0, 3)));
    } else if (shape == Shape::one_vertex) {
      Vector gradient = random.integers(k, 2);
      if (gradient.sum() < 0) gradient = -gradient;
      add_row(polytope, gradient, gradient.sum());
    } else if (shape == Shape::repeated && r > 0 && random.chance(0.5)) {
      const Index copy = random.below(polytope.row_count());
      const std::vector<double> row(polytope.row(copy), polytope.row(copy) + k + 1);
      polytope.add(row.data());
    } else {
      add_row(polytope, random.direction(k), random.uniform(0.05, 1.2));
    }
  }
  return polytope;
}

// Regions of analysis.
inline InputPolytope box(const Vector& low, const Vector& high) {
  return {low, high, Matrix(0, low.size()), Vector(0)};
}
inline InputPolytope cube(Index m, double half = 1.0) {
  return box(Vector::Constant(m, -half), Vector::Constant(m, half));
}
inline void add_constraint(InputPolytope& polytope, const Vector& a, double b) {
  polytope.A.conservativeResize(polytope.A.rows() + 1, polytope.input_size());
  polytope.A.row(polytope.A.rows() - 1) = a.transpose();
  polytope.b.conservativeResize(polytope.b.size() + 1);
  polytope.b[polytope.b.size() - 1] = b;
}

// The part of a cube where the inputs add up to zero: a cut in no direction of an input.
inline InputPolytope slanted(Index m) {
  InputPolytope polytope = cube(m);
  add_constraint(polytope, Vector::Ones(m), 0.0);
  add_constraint(polytope, -Vector::Ones(m), 0.0);
  return polytope;
}

}  // namespace facetry::testing
