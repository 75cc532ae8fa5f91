#include "optimize/simplex.hpp"

#include <doctest/doctest.h>

#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

constexpr Shape kShapes[] = {Shape::random, Shape::integer, Shape::one_vertex, Shape::repeated};

// The corner of the box, moved into the rows one by one as cells do.
SimplexVertex start_of(const BoxedRows& polytope) {
  BoxedRows growing{polytope.low, polytope.high, {}};
  SimplexVertex vertex = SimplexVertex::corner(growing);
  Simplex simplex;
  for (Index r = 0; r < polytope.row_count(); ++r) {
    simplex.maximize(growing, polytope.row(r), vertex);
    growing.add(polytope.row(r));
  }
  return vertex;
}

double worst_slack(const BoxedRows& polytope, const Vector& u) {
  double worst = 1e300;
  for (Index c = 0; c < polytope.constraint_count(); ++c) {
    worst = std::min(worst, polytope.slack(c, u));
  }
  return worst;
}

}  // namespace

TEST_CASE("A corner of a box is a vertex with its edges") {
  const BoxedRows polytope{Vector::Constant(3, -2.0), Vector::Constant(3, 5.0), {}};
  const SimplexVertex vertex = SimplexVertex::corner(polytope);
  CHECK(vertex.point == polytope.low);
  CHECK(vertex.basis == std::vector<Index>{0, 1, 2});
  CHECK(vertex.edges == Matrix::Identity(3, 3));
}

TEST_CASE("maximize agrees with trying every vertex, and ends at a vertex that attains it") {
  Random random(11);
  for (Index k = 1; k <= 5; ++k) {
    for (const Shape shape : kShapes) {
      for (int round = 0; round < 12; ++round) {
        const BoxedRows polytope =
            random_polytope(random, k, random.between(0, k < 5 ? 8 : 5), shape);
        const Rows rows = rows_of(polytope);
        SimplexVertex vertex = start_of(polytope);
        Simplex simplex;
        for (int objective = 0; objective < 4; ++objective) {
          const Vector goal = shape == Shape::random ? random.direction(k) : random.integers(k, 1);
          const double most = simplex.maximize(polytope, goal.data(), vertex);
          CAPTURE(k);
          CAPTURE(round);
          REQUIRE(most == doctest::Approx(brute_force_maximum(rows, goal)).epsilon(1e-9));
          REQUIRE(goal.dot(vertex.point) == doctest::Approx(most).epsilon(1e-12));
          REQUIRE(worst_slack(polytope, vertex.point) >= -1e-10);
          for (const Index c : vertex.basis) {
            REQUIRE(std::abs(polytope.slack(c, vertex.point)) <= 1e-9);
          }
        }
      }
    }
  }
}

TEST_CASE("maximize is deterministic") {
  Random random(12);
  const BoxedRows polytope = random_polytope(random, 4, 20, Shape::integer);
  const Vector goal = Vector::Ones(4);
  SimplexVertex first = start_of(polytope);
  SimplexVertex second = start_of(polytope);
  Simplex one;
  Simplex two;
  CHECK(one.maximize(polytope, goal.data(), first) == two.maximize(polytope, goal.data(), second));
  CHECK(first.basis == second.basis);
  CHECK(first.point == second.point);
}

TEST_CASE("maximize stops once there is enough, and says so only if there is") {
  Random random(13);
  for (int round = 0; round < 200; ++round) {
    const Index k = random.between(1, 4);
    const BoxedRows polytope = random_polytope(random, k, 6, kShapes[round % 4]);
    const Vector goal = random.direction(k);
    const double most = brute_force_maximum(rows_of(polytope), goal);
    const double enough = most + random.uniform(-1.0, 0.3);
    SimplexVertex vertex = start_of(polytope);
    const double found = Simplex().maximize(polytope, goal.data(), vertex, enough);
    REQUIRE(found <= most + 1e-9);
    if (enough < most - 1e-9) REQUIRE(found > enough);
    if (enough > most + 1e-9) REQUIRE(found == doctest::Approx(most).epsilon(1e-9));
  }
}

TEST_CASE("Ignored constraints are left out, and nothing bounded remains infinite") {
  BoxedRows polytope = unit_box(2);
  add_row(polytope, Vector{{-1.0, -1.0}}, 1.0);  // x + y <= 1
  const Vector goal{{1.0, 1.0}};
  SimplexVertex vertex = SimplexVertex::corner(polytope);
  std::vector<char> ignored(5, 0);
  CHECK(Simplex().maximize(polytope, goal.data(), vertex, 1e9, &ignored) == doctest::Approx(1.0));
  vertex = SimplexVertex::corner(polytope);
  ignored[4] = 1;
  CHECK(Simplex().maximize(polytope, goal.data(), vertex, 1e9, &ignored) == doctest::Approx(2.0));
  vertex = SimplexVertex::corner(polytope);
  ignored[2] = 1;
  CHECK(std::isinf(Simplex().maximize(polytope, goal.data(), vertex, 1e9, &ignored)));
}

TEST_CASE("refresh recomputes point and edges from the basis") {
  Random random(14);
  const BoxedRows polytope = random_polytope(random, 4, 10, Shape::random);
  SimplexVertex vertex = start_of(polytope);
  const Vector goal = random.direction(4);
  Simplex().maximize(polytope, goal.data(), vertex);
  SimplexVertex again = vertex;
  again.point.setZero();
  again.edges.setZero();
  Simplex::refresh(polytope, again);
  CHECK((again.point - vertex.point).cwiseAbs().maxCoeff() < 1e-10);
  CHECK((again.edges - vertex.edges).cwiseAbs().maxCoeff() < 1e-8);
}

TEST_CASE("Many rows through one vertex do not make the simplex method run in circles") {
  Random random(15);
  for (Index k = 2; k <= 8; ++k) {
    const BoxedRows polytope = random_polytope(random, k, 60, Shape::one_vertex);
    SimplexVertex vertex = start_of(polytope);
    for (int round = 0; round < 30; ++round) {
      const Vector goal = random.integers(k, 2);
      REQUIRE_NOTHROW(Simplex().maximize(polytope, goal.data(), vertex));
      REQUIRE(worst_slack(polytope, vertex.point) >= -1e-10);
    }
  }
}

TEST_CASE("find_redundant agrees with the definition, constraint by constraint from the last") {
  Random random(16);
  const Tolerances tolerances;
  int compared = 0;
  for (Index k = 1; k <= 4; ++k) {
    for (const Shape shape : kShapes) {
      for (int round = 0; round < 12; ++round) {
        const BoxedRows polytope = random_polytope(random, k, random.between(1, 7), shape);
        const Rows rows = rows_of(polytope);
        std::vector<char> expected(rows.size(), 0);
        bool clear = true;  // nothing within a factor of 10 of the tolerance
        for (Index c = size_of(rows) - 1; c >= 0; --c) {
          const double reach = reach_without(rows, c, expected);
          clear = clear && (reach < tolerances.cut / 10 || reach > tolerances.cut * 10);
          if (reach <= tolerances.cut) expected[c] = 1;
        }
        if (!clear) continue;
        SimplexVertex vertex = start_of(polytope);
        std::vector<char> redundant;
        Simplex().find_redundant(polytope, vertex, redundant);
        CAPTURE(k);
        CAPTURE(round);
        REQUIRE(redundant == expected);
        REQUIRE(worst_slack(polytope, vertex.point) >= -tolerances.cut);
        ++compared;
      }
    }
  }
  CHECK(compared > 150);
}

TEST_CASE("find_redundant keeps the first of several equal rows") {
  BoxedRows polytope = unit_box(2);
  for (int copy = 0; copy < 3; ++copy) add_row(polytope, Vector{{-1.0, -1.0}}, 1.0);
  add_row(polytope, Vector{{-1.0, 0.0}}, 1.0);  // the box's own side
  SimplexVertex vertex = start_of(polytope);
  std::vector<char> redundant;
  Simplex().find_redundant(polytope, vertex, redundant);
  CHECK(redundant == std::vector<char>{0, 0, 0, 0, 0, 1, 1, 1});
}
