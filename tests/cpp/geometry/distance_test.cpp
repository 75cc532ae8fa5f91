// Distances from a point: against formulas for one row, and against points of polyhedra.
#include "geometry/distance.hpp"

#include <doctest/doctest.h>

#include <array>

#include "facetry/optimize/mixed_integer_program.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::array kNorms{Norm::one, Norm::two, Norm::infinity};

// Linear programs by trying all vertices; variables within 50.
class VertexSolver final : public MipSolver {
 public:
  [[nodiscard]] MipSolution solve(const MixedIntegerProgram& program) const override {
    const Index n = size_of(program.variables);
    Rows rows;
    const auto add = [&](const std::vector<LinearTerm>& terms, double low, double sign) {
      Vector row = Vector::Zero(n + 1);
      for (const LinearTerm& term : terms) row[term.variable] += sign * term.coefficient;
      row[n] = -sign * low;
      if (row.head(n).norm() > 0.0) rows.push_back(row);
    };
    for (Index v = 0; v < n; ++v) {
      add({{v, 1.0}}, std::max(program.variables[v].low, -50.0), 1.0);
      add({{v, 1.0}}, std::min(program.variables[v].high, 50.0), -1.0);
    }
    for (const auto& row : program.rows) {
      if (row.low > -kNoBound) add(row.terms, row.low, 1.0);
      if (row.high < kNoBound) add(row.terms, row.high, -1.0);
    }
    MipSolution best;
    best.status = SolveStatus::infeasible;
    for (const Vector& vertex : brute_force_vertices(rows)) {
      double value = 0.0;
      for (const LinearTerm& term : program.objective) {
        value += term.coefficient * vertex[term.variable];
      }
      if (!best.values.empty() && value >= best.objective) continue;
      best.status = SolveStatus::optimal;
      best.objective = value;
      best.values.assign(vertex.data(), vertex.data() + n);
    }
    return best;
  }
};

const VertexSolver kSolver;

double length(const Vector& v, Norm norm) {
  if (norm == Norm::one) return v.lpNorm<1>();
  return norm == Norm::two ? v.norm() : v.lpNorm<Eigen::Infinity>();
}
Norm dual(Norm norm) {
  if (norm == Norm::two) return norm;
  return norm == Norm::one ? Norm::infinity : Norm::one;
}

// A box, and a plane in three dimensions.
std::vector<FreeSpace> spaces() {
  InputPolytope plane = cube(3);
  add_constraint(plane, Vector{{1.0, 2.0, -1.0}}, 0.3);
  add_constraint(plane, Vector{{-1.0, -2.0, 1.0}}, -0.3);
  return {FreeSpace(cube(2, 1.5)), FreeSpace(plane)};
}

Vector scales(Random& random, Index m) {
  return random.point_in(Vector::Constant(m, 0.5), Vector::Constant(m, 2.0));
}

Matrix rows_in(Random& random, Index k, Index count) {
  Matrix rows(count, k + 1);
  for (Index i = 0; i < count; ++i) {
    rows.row(i) << random.direction(k).transpose(), random.uniform(-0.6, 0.3);
  }
  return rows;
}

bool inside(const Matrix& rows, const Vector& u, double slack) {
  return ((rows.leftCols(u.size()) * u + rows.col(u.size())).array() >= -slack).all();
}

}  // namespace

TEST_CASE("The distance of a point: units of inputs, and inputs that do not count") {
  const FreeSpace space(cube(3, 4.0));
  const Vector x{{0.0, 1.0, 0.0}}, scale{{2.0, 0.0, 0.5}}, point{{-3.0, 4.0, 1.0}};
  CHECK(DistanceFrom(FreeSpace(box(Vector{{-4, 1, -4}}, Vector{{4, 1, 4}})), x, scale, Norm::two,
                     nullptr)
            .to(point) == doctest::Approx(2.5));
  CHECK(DistanceFrom(space, x, Vector::Ones(3), Norm::one, &kSolver).to(point) == 7.0);
  CHECK(DistanceFrom(space, x, Vector::Ones(3), Norm::infinity, &kSolver).to(point) == 3.0);
  CHECK(DistanceFrom(space, x, Vector::Ones(3), Norm::two, nullptr).to(x) == 0.0);
}

TEST_CASE("One row: the distance is what it lacks over the dual length of its gradient") {
  Random random(541);
  const FreeSpace space(cube(3));  // coordinates are the inputs
  REQUIRE(space.basis().isApprox(Matrix::Identity(3, 3)));
  for (const Norm norm : kNorms) {
    for (int round = 0; round < 50; ++round) {
      const Vector x = random.point_in(Vector::Constant(3, -1.0), Vector::Ones(3));
      const Vector scale = scales(random, 3);
      const DistanceFrom from(space, x, scale, norm, &kSolver);
      const Vector gradient = random.direction(3);
      Vector row(4);
      const double lack = random.uniform(0.1, 2.0);
      row << gradient, -lack - gradient.dot(x);
      const double expected = lack / length(gradient.cwiseProduct(scale), dual(norm));
      DistanceFrom::Polyhedron polyhedron(from, 1, kInfinity);
      polyhedron.add(row.data());
      CHECK(from.at_least(polyhedron) == doctest::Approx(expected));
      CHECK(from.at_least(polyhedron) <= expected * (1.0 + 1e-12));
      // And what the row can be within a radius.
      const Range range = from.range_within(0.5, row.data(), 1);
      const double reach = 0.5 * length(gradient.cwiseProduct(scale), dual(norm));
      CHECK(range.low <= -lack - reach);
      CHECK(range.high >= -lack + reach);
      CHECK(range.low == doctest::Approx(-lack - reach));
      CHECK(range.high == doctest::Approx(-lack + reach));
    }
  }
}

TEST_CASE("No point of a polyhedron is nearer than is said, nor than the nearest one") {
  Random random(542);
  int found = 0, none = 0;
  for (const FreeSpace& space : spaces()) {
    const Index k = space.dimension();
    for (const Norm norm : kNorms) {
      for (int round = 0; round < 12; ++round) {
        const Vector x =
            space.to_input(random.point_in(Vector::Constant(k, -0.5), Vector::Constant(k, 0.5)));
        const DistanceFrom from(space, x, scales(random, x.size()), norm, &kSolver);
        Matrix rows = rows_in(random, k, 3);
        if (round == 0) {  // empty
          rows.row(1) = -rows.row(0);
          rows(1, k) = -rows(0, k) - 0.1;
        }
        DistanceFrom::Polyhedron polyhedron(from, 3, kInfinity);
        for (Index i = 0; i < 3; ++i) polyhedron.add(rows.row(i).data());
        const double bound = from.at_least(polyhedron);
        for (int i = 0; i < 300; ++i) {
          const Vector u = random.point_in(Vector::Constant(k, -2.0), Vector::Constant(k, 2.0));
          if (!inside(rows, u, 0.0)) continue;
          REQUIRE(from.to(space.to_input(u)) >= bound * (1.0 - 1e-12));
        }
        const Vector nearest = from.nearest(rows);
        if (round == 0) {
          CHECK(nearest.size() == 0);
          CHECK(bound > 1e3);
          ++none;
          continue;
        }
        if (nearest.size() == 0) continue;
        ++found;
        REQUIRE(inside(rows, nearest, 1e-8));
        const double distance = from.to(space.to_input(nearest));
        REQUIRE(distance >= bound - 1e-9);
        if (norm == Norm::two) REQUIRE(distance == doctest::Approx(bound).epsilon(1e-7));
        for (int i = 0; i < 300; ++i) {
          const Vector u =
              nearest + 0.3 * random.point_in(Vector::Constant(k, -1.0), Vector::Ones(k));
          if (inside(rows, u, 0.0)) REQUIRE(from.to(space.to_input(u)) >= distance - 1e-8);
        }
      }
    }
  }
  CHECK(found > 30);
  CHECK(none == 6);
}

TEST_CASE("Within a radius rows keep their range, and those left out do not matter") {
  Random random(543);
  int near = 0;
  for (const FreeSpace& space : spaces()) {
    const Index k = space.dimension();
    for (const Norm norm : kNorms) {
      for (int round = 0; round < 60; ++round) {
        const Vector x = space.to_input(Vector::Zero(k));
        const DistanceFrom from(space, x, scales(random, x.size()), norm, &kSolver);
        const double radius = random.uniform(0.05, 1.5);
        const Matrix rows = rows_in(random, k, 3);
        DistanceFrom::Polyhedron all(from, 3, kInfinity), some(from, 3, radius);
        for (Index i = 0; i < 3; ++i) {
          all.add(rows.row(i).data());
          some.add(rows.row(i).data());
        }
        Matrix planes(k + 1, 4);  // entries of a row 4 apart
        planes.leftCols(3) = rows.transpose();
        for (int i = 0; i < 100; ++i) {
          const Vector u = random.point_in(Vector::Constant(k, -1.5), Vector::Constant(k, 1.5));
          if (from.to(space.to_input(u)) > radius) continue;
          for (Index r = 0; r < 3; ++r) {
            const double value = rows.row(r).head(k).dot(u) + rows(r, k);
            const Range range = from.range_within(radius, planes.data() + r, 4);
            REQUIRE(value >= range.low);
            REQUIRE(value <= range.high);
          }
          if (inside(rows, u, 0.0)) {
            REQUIRE(from.at_least(some) <= from.to(space.to_input(u)) + 1e-12);
          }
        }
        // Nearer than the radius only the rows that were kept count.
        if (norm != Norm::two || from.at_least(all) >= radius) continue;
        ++near;
        CHECK(from.at_least(some) == doctest::Approx(from.at_least(all)).epsilon(1e-7));
      }
    }
  }
  CHECK(near > 5);
}
