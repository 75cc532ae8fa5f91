// SmallSimplex and its kernels against Simplex, and every instruction set against the plainest.
#include "optimize/small_simplex.hpp"

#include <doctest/doctest.h>

#include <cstring>

#include "../../../cpp/src/optimize/small_simplex_kernels.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

using Answer = SmallSimplex::Answer;

constexpr Shape kShapes[] = {Shape::random, Shape::integer, Shape::one_vertex, Shape::repeated};

// The rows of a polytope as planes, and the corner `low` of its box as a vertex.
struct Planes {
  WorkArray<double> data, edges, point;
  std::vector<std::int32_t> basis;
  DenseRows rows;

  explicit Planes(const BoxedRows& polytope) {
    const Rows all = rows_of(polytope);
    const Index k = polytope.dimension();
    const Index width = (k + 7) / 8 * 8;
    rows = {nullptr, k, size_of(all), (size_of(all) + 7) / 8 * 8};
    data.ensure((k + 1) * rows.stride);
    for (Index c = 0; c <= k; ++c) {
      for (Index r = 0; r < rows.stride; ++r) {
        data[c * rows.stride + r] = r < rows.count ? all[r][c] : (c == k ? 1.0 : 0.0);
      }
    }
    rows.data = data.data();
    edges.ensure(k * width);
    point.ensure(width);
    std::fill_n(edges.data(), k * width, 0.0);
    std::fill_n(point.data(), width, 0.0);
    for (Index i = 0; i < k; ++i) {
      edges[i * width + i] = 1.0;
      point[i] = polytope.low[i];
      basis.push_back(static_cast<std::int32_t>(i));
    }
  }
};

// A simplex at a vertex of all rows.
void start(SmallSimplex& simplex, const Planes& planes, const BoxedRows& polytope) {
  const Index k = polytope.dimension();
  simplex.attach(planes.rows);
  for (Index r = 2 * k; r < planes.rows.count; ++r) simplex.leave_out(r);
  simplex.place(planes.edges.data(), planes.point.data(), planes.basis.data(), 0);
  for (Index r = 0; r < polytope.row_count(); ++r) {
    simplex.maximize(polytope.row(r));
    simplex.bring_back(2 * k + r);
  }
}

SimplexVertex slow_start(const BoxedRows& polytope) {
  BoxedRows growing{polytope.low, polytope.high, {}};
  SimplexVertex vertex = SimplexVertex::corner(growing);
  for (Index r = 0; r < polytope.row_count(); ++r) {
    Simplex().maximize(growing, polytope.row(r), vertex);
    growing.add(polytope.row(r));
  }
  return vertex;
}

Vector point_of(const SmallSimplex& simplex, Index k) {
  return Eigen::Map<const Vector>(simplex.point(), k);
}

}  // namespace

TEST_CASE("Small: maximize agrees with the slow simplex, at a vertex of all rows") {
  Random random(71);
  for (const Index k : {1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 17}) {
    for (const Shape shape : kShapes) {
      for (int round = 0; round < 6; ++round) {
        CAPTURE(k);
        CAPTURE(round);
        const BoxedRows polytope = random_polytope(random, k, random.between(0, 30), shape);
        const Planes planes(polytope);
        SmallSimplex simplex(k);
        start(simplex, planes, polytope);
        SimplexVertex vertex = slow_start(polytope);
        for (int objective = 0; objective < 5; ++objective) {
          const Vector goal = shape == Shape::random ? random.direction(k) : random.integers(k, 1);
          const double most = simplex.maximize(goal.data());
          REQUIRE(most ==
                  doctest::Approx(Simplex().maximize(polytope, goal.data(), vertex)).epsilon(1e-9));
          const Vector u = point_of(simplex, k);
          for (Index c = 0; c < polytope.constraint_count(); ++c) {
            REQUIRE(polytope.slack(c, u) >= -1e-10);
          }
          for (Index j = 0; j < k; ++j) {
            REQUIRE(std::abs(polytope.slack(simplex.basis()[j], u)) <= 1e-9);
          }
        }
      }
    }
  }
}

TEST_CASE("Small: a long climb keeps its edges exact") {
  Random random(72);
  const Index k = 8;
  const BoxedRows polytope = random_polytope(random, k, 60, Shape::random);
  const Planes planes(polytope);
  SmallSimplex simplex(k);
  start(simplex, planes, polytope);
  for (int round = 0; round < 200; ++round) {
    simplex.maximize(random.direction(k).data());
    REQUIRE(simplex.age() <= 64);
  }
  Vector gradient;
  for (Index i = 0; i < k; ++i) {
    polytope.gradient(simplex.basis()[i], gradient);
    for (Index j = 0; j < k; ++j) {
      double rate = 0.0;
      for (Index c = 0; c < k; ++c) rate += gradient[c] * simplex.edges()[c * 8 + j];
      REQUIRE(std::abs(rate - (i == j ? 1.0 : 0.0)) < 1e-9);
    }
  }
}

TEST_CASE("Small: maximize stops once there is enough") {
  Random random(73);
  for (int round = 0; round < 100; ++round) {
    const Index k = random.between(1, 9);
    const BoxedRows polytope = random_polytope(random, k, 12, kShapes[round % 4]);
    const Planes planes(polytope);
    const Vector goal = random.direction(k);
    SimplexVertex vertex = slow_start(polytope);
    const double most = Simplex().maximize(polytope, goal.data(), vertex);
    const double enough = most + random.uniform(-1.0, 0.3);
    SmallSimplex simplex(k);
    start(simplex, planes, polytope);
    const double found = simplex.maximize(goal.data(), enough);
    REQUIRE(found <= most + 1e-9);
    if (enough < most - 1e-9) REQUIRE(found > enough);
    if (enough > most + 1e-9) REQUIRE(found == doctest::Approx(most).epsilon(1e-9));
  }
}

TEST_CASE("Small: rows are needed exactly when the slow simplex says so") {
  Random random(74);
  for (const Index k : {1, 2, 3, 5, 8, 10}) {
    for (const Shape shape : kShapes) {
      for (int round = 0; round < 8; ++round) {
        CAPTURE(k);
        CAPTURE(round);
        const BoxedRows polytope = random_polytope(random, k, random.between(1, 16), shape);
        const Planes planes(polytope);
        SimplexVertex vertex = slow_start(polytope);
        std::vector<char> redundant;
        Simplex().find_redundant(polytope, vertex, redundant);
        SmallSimplex simplex(k);
        std::vector<char> found(redundant.size(), 0);
        for (Index c = planes.rows.count - 1; c >= 0; --c) {
          start(simplex, planes, polytope);
          bool usable = true;  // the slow one's vertex avoids rows that were left out; so must this
          for (Index j = 0; j < k; ++j) usable = usable && !found[simplex.basis()[j]];
          if (!usable) break;
          for (Index r = 0; r < planes.rows.count; ++r) {
            if (found[r]) simplex.leave_out(r);
          }
          simplex.begin_test(c);
          Answer answer = Answer::open;
          while (answer == Answer::open) answer = simplex.continue_test();
          found[c] = answer == Answer::no;
          REQUIRE(found[c] == redundant[c]);
          if (answer != Answer::yes_at_vertex) continue;
          REQUIRE(std::abs(polytope.slack(c, point_of(simplex, k))) <= 1e-9);
        }
      }
    }
  }
}

TEST_CASE("Small: a chase finds whether a face reaches a hyperplane") {
  Random random(75);
  int reached = 0;
  int missed = 0;
  for (int round = 0; round < 300; ++round) {
    const Index k = random.between(2, 9);
    const BoxedRows polytope = random_polytope(random, k, 10, Shape::random);
    const Planes planes(polytope);
    SmallSimplex simplex(k);
    start(simplex, planes, polytope);
    Vector target(k + 1);
    target << random.direction(k), random.uniform(-2.0, 0.0);
    const double value = target.head(k).dot(point_of(simplex, k)) + target[k];
    if (value >= 0.0) continue;
    const Index edge = random.below(k);
    const Index row = simplex.basis()[edge];
    BoxedRows face = polytope;  // the slow truth: the same with the row turned round as well
    Vector gradient;
    polytope.gradient(row, gradient);
    add_row(face, -gradient, -polytope.slack(row, Vector::Zero(k)));
    SimplexVertex vertex;
    for (Index j = 0; j < k; ++j) vertex.basis.push_back(simplex.basis()[j]);
    Simplex::refresh(face, vertex);
    const double most = Simplex().maximize(face, target.data(), vertex) + target[k];
    simplex.begin_chase(target.data(), value, edge);
    Answer answer = Answer::open;
    while (answer == Answer::open) answer = simplex.continue_chase();
    REQUIRE((answer == Answer::yes_at_vertex) == (most > 0.0));
    REQUIRE(simplex.basis()[edge] == row);
    const Vector u = point_of(simplex, k);
    const double end = target.head(k).dot(u) + target[k];
    REQUIRE(std::abs(end - std::min(most, 0.0)) < 1e-9);
    REQUIRE(std::abs(polytope.slack(row, u)) < 1e-9);
    ++(most > 0.0 ? reached : missed);
  }
  CHECK(reached > 30);
  CHECK(missed > 30);
}

TEST_CASE("Small: edges of a cube are followed to their ends") {
  const BoxedRows polytope{Vector::Constant(3, -2.0), Vector::Constant(3, 5.0), {}};
  const Planes planes(polytope);
  SmallSimplex simplex(3);
  start(simplex, planes, polytope);
  for (Index j = 0; j < 3; ++j) CHECK(simplex.edge_length(j) == 7.0);
  simplex.measure();
  CHECK(simplex.least_slack() == 1.0);  // of the padding
  CHECK(simplex.edge_square(0) == 1.0);
}

TEST_CASE("Small: many rows through one vertex do not make it run in circles") {
  Random random(76);
  for (Index k = 2; k <= 9; ++k) {
    const BoxedRows polytope = random_polytope(random, k, 60, Shape::one_vertex);
    const Planes planes(polytope);
    SmallSimplex simplex(k);
    start(simplex, planes, polytope);
    for (int round = 0; round < 30; ++round) {
      REQUIRE_NOTHROW(simplex.maximize(random.integers(k, 2).data()));
    }
  }
}

TEST_CASE("Small: every instruction set computes the same, bit for bit") {
  Random random(77);
  const auto tables = available_simplex_kernels();
  REQUIRE(!tables.empty());
  for (int round = 0; round < 60; ++round) {
    const Index k = random.between(1, 12);
    const BoxedRows polytope = random_polytope(random, k, 21, kShapes[round % 4]);
    const Planes planes(polytope);
    const Vector goal = random.direction(k);
    std::vector<double> first;
    for (const SimplexKernelTable* table : tables) {
      SmallSimplex simplex(k, {}, *table);
      start(simplex, planes, polytope);
      simplex.maximize(goal.data());
      simplex.measure();
      std::vector<double> result(simplex.point(), simplex.point() + k);
      result.insert(result.end(), simplex.edges(), simplex.edges() + k * ((k + 7) / 8 * 8));
      result.push_back(simplex.least_slack());
      if (first.empty()) first = result;
      CAPTURE(table->name);
      REQUIRE(std::memcmp(first.data(), result.data(), first.size() * sizeof(double)) == 0);
    }
  }
}
