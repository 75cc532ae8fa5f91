// VertexCell and LpCell are each other's oracle: the same cuts must give the same answers.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "facetry/base/error.hpp"
#include "geometry/lp_cell.hpp"
#include "geometry/vertex_cell.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

static_assert(Cell<VertexCell> && Cell<LpCell>);

namespace {

const Tolerances kTolerances;

using Row = std::vector<double>;

Row row_of(const Vector& gradient, double offset) {
  const double length = gradient.norm();
  Row row(gradient.data(), gradient.data() + gradient.size());
  row.push_back(offset);
  for (double& entry : row) entry /= length;
  return row;
}

Row flipped(Row row) {
  for (double& entry : row) entry = -entry;
  return row;
}

// Is a reach so close to the tolerance that the two kinds may differ?
bool unclear(double reach) { return reach > kTolerances.cut / 10 && reach < kTolerances.cut * 10; }

enum class Cuts { random, integer, repeated, through_vertices };

Row random_cut(Random& random, Index k, Cuts kind, const VertexCell& cell,
               const std::vector<Row>& before) {
  if (kind == Cuts::integer) {
    return row_of(random.integers(k, 2), 0.5 * static_cast<double>(random.between(-2, 2)));
  }
  if (kind == Cuts::repeated && !before.empty() && random.chance(0.4)) {
    const Row row = before[random.below(size_of(before))];
    return random.chance(0.5) ? row : flipped(row);
  }
  const Vector gradient = random.direction(k);
  Vector point = random.point_in(Vector::Constant(k, -0.7), Vector::Constant(k, 0.7));
  if (kind == Cuts::through_vertices) {
    point = Eigen::Map<const Vector>(cell.vertex(random.below(cell.vertex_count())), k);
  } else {
    cell.interior_point(point.data());
    point += 0.2 * random.direction(k);
  }
  return row_of(gradient, -gradient.dot(point));
}

// The two cells at once, and the rows that bound them.
struct Pair {
  VertexCell vertices;
  LpCell programs;
  std::vector<Row> rows;  // of the region and of all cuts, positive inside
};

void check_same(Pair& pair) {
  std::vector<Origin> one;
  std::vector<Origin> other;
  pair.vertices.facets(one);
  pair.programs.facets(other);
  REQUIRE(one == other);
  REQUIRE(std::is_sorted(one.begin(), one.end()));
  REQUIRE(pair.vertices.facet_vertices().size() == one.size());
  const Index k = pair.vertices.dimension();
  Vector point(k);
  for (const bool by_vertices : {true, false}) {
    if (by_vertices) {
      pair.vertices.interior_point(point.data());
    } else {
      pair.programs.interior_point(point.data());
    }
    for (const Row& row : pair.rows) {
      const double slack = Eigen::Map<const Vector>(row.data(), k).dot(point) + row[k];
      REQUIRE(slack > 0.0);
    }
  }
}

std::vector<Row> rows_of_space(const FreeSpace& space) {
  std::vector<Row> rows;
  for (const Vector& row : rows_of(space.constraints())) {
    rows.emplace_back(row.data(), row.data() + row.size());
  }
  return rows;
}

// Cuts a cell many times, and follows one part; false once a cut was too close to the tolerance.
bool follow_cuts(Random& random, const FreeSpace& space, Cuts kind, int count) {
  const Index k = space.dimension();
  Pair pair{VertexCell(space), LpCell(space), rows_of_space(space)};
  std::vector<Row> before;
  check_same(pair);
  for (int cut = 0; cut < count; ++cut) {
    const Row row = random_cut(random, k, kind, pair.vertices, before);
    before.push_back(row);
    const Reach one = pair.vertices.reach(row.data());
    const Reach other = pair.programs.reach(row.data());
    if (unclear(one.above) || unclear(one.below)) return false;
    const bool cuts = one.above > kTolerances.cut && one.below > kTolerances.cut;
    REQUIRE(cuts == (other.above > kTolerances.cut && other.below > kTolerances.cut));
    // LpCell stops measuring beyond the tolerance.
    REQUIRE((one.above > kTolerances.cut) == (other.above > kTolerances.cut));
    REQUIRE((one.below > kTolerances.cut) == (other.below > kTolerances.cut));
    if (one.above <= kTolerances.cut) REQUIRE(std::abs(one.above - other.above) < 1e-9);
    if (one.below <= kTolerances.cut) REQUIRE(std::abs(one.below - other.below) < 1e-9);
    if (!cuts) continue;
    Vector deepest(k);
    pair.vertices.farthest(true, deepest.data());
    REQUIRE(Eigen::Map<const Vector>(row.data(), k).dot(deepest) + row[k] ==
            doctest::Approx(one.above).epsilon(1e-9));
    const double whole = k <= 4 ? pair.vertices.volume() : 0.0;
    Pair above{{}, {}, pair.rows};
    Pair below{{}, {}, pair.rows};
    above.rows.push_back(row);
    below.rows.push_back(flipped(row));
    const Origin origin = Origin::cut(cut);
    pair.vertices.cut(row.data(), origin, above.vertices, below.vertices);
    pair.programs.cut(row.data(), origin, above.programs, below.programs);
    check_same(above);
    check_same(below);
    if (k <= 4) {
      const double sum = above.vertices.volume() + below.vertices.volume();
      REQUIRE(std::abs(sum - whole) <= 1e-9 * whole + 1e-13);
    }
    Vector centre;
    Pair& next = random.chance(0.5) ? above : below;
    Pair& larger = above.programs.inscribed_ball(centre) > below.programs.inscribed_ball(centre)
                       ? above
                       : below;
    Pair chosen = kind == Cuts::random ? larger : next;
    if (chosen.programs.inscribed_ball(centre) < 1e-4) return true;
    pair = std::move(chosen);
  }
  return true;
}

}  // namespace

TEST_CASE("The same cuts give the same reaches, parts, facets and volumes") {
  Random random(41);
  int followed = 0;
  for (Index k = 1; k <= 6; ++k) {
    for (const Cuts kind : {Cuts::random, Cuts::integer, Cuts::repeated, Cuts::through_vertices}) {
      for (int round = 0; round < (k < 5 ? 12 : 4); ++round) {
        CAPTURE(k);
        CAPTURE(static_cast<int>(kind));
        CAPTURE(round);
        InputPolytope region = cube(k);
        if (round % 2 == 1) add_constraint(region, Vector::Ones(k), 0.4);
        followed += follow_cuts(random, FreeSpace(region), kind, 12) ? 1 : 0;
      }
    }
  }
  CHECK(followed > 150);
}

TEST_CASE("Facets are minimal: each lets out a vertex when it is dropped") {
  Random random(42);
  for (Index k = 1; k <= 4; ++k) {
    for (int round = 0; round < 20; ++round) {
      const Shape shape = round % 2 == 0 ? Shape::integer : Shape::repeated;
      const BoxedRows polytope = random_polytope(random, k, 6, shape);
      const Rows rows = rows_of(polytope);
      std::vector<double> packed = polytope.rows;
      std::vector<Origin> origins;
      for (Index r = 0; r < polytope.row_count(); ++r) {
        origins.push_back(Origin::cut(r));
      }
      const FreeSpace space(cube(k));
      const VertexCell cell(space, packed, origins);
      if (cell.volume() < 1e-6) continue;  // integer rows may leave nothing but a face
      std::vector<Origin> facets;
      cell.facets(facets);
      std::vector<char> left_out(rows.size(), 1);
      for (const Origin facet : facets) {
        left_out[facet.number() + (facet.is_side() ? 0 : 2 * k)] = 0;
      }
      for (Index c = 0; c < size_of(rows); ++c) {
        const double reach = reach_without(rows, c, left_out);
        CAPTURE(k);
        CAPTURE(round);
        CAPTURE(c);
        if (left_out[c]) {
          REQUIRE(reach <= 1e-9);  // the others imply it
        } else {
          REQUIRE(reach > 1e-9);
        }
      }
    }
  }
}

TEST_CASE("More than 64, and more than 128, facets") {
  for (const int count : {40, 63, 64, 65, 100, 128, 129, 200}) {
    CAPTURE(count);
    const FreeSpace space(cube(2));
    Pair pair{VertexCell(space), LpCell(space), rows_of_space(space)};
    for (int i = 0; i < count; ++i) {  // tangents of a circle, in a scattered order
      const double angle = 2.0 * M_PI * ((i * 101) % count + 0.31) / count;
      const Row row = row_of(Vector{{-std::cos(angle), -std::sin(angle)}}, 0.5);
      Pair parts[2];
      const Reach reach = pair.vertices.reach(row.data());
      const Reach other = pair.programs.reach(row.data());
      if (reach.below <= kTolerances.cut) continue;
      REQUIRE(other.below > kTolerances.cut);
      pair.vertices.cut(row.data(), Origin::cut(i), parts[0].vertices, parts[1].vertices);
      pair.programs.cut(row.data(), Origin::cut(i), parts[0].programs, parts[1].programs);
      parts[0].rows = pair.rows;
      parts[0].rows.push_back(row);
      pair = std::move(parts[0]);
    }
    check_same(pair);
    std::vector<Origin> facets;
    pair.vertices.facets(facets);
    CHECK(size_of(facets) == count);
    CHECK(pair.vertices.volume() == doctest::Approx(0.25 * count * std::tan(M_PI / count)));
    CHECK(pair.vertices.vertex_count() == size_of(facets));
  }
}

TEST_CASE("Many more constraints than facets: each cut makes the one before redundant") {
  const FreeSpace space(cube(3));
  VertexCell cell(space);
  LpCell programs(space);
  for (int i = 0; i < 300; ++i) {  // towards the corner (-1, -1, -1)
    const Row row = row_of(Vector{{-1.0, -1.0, -1.0 - 1e-3 * (i % 7)}}, 2.0 - 0.012 * i);
    if (cell.reach(row.data()).below <= kTolerances.cut) continue;
    VertexCell above, below;
    cell.cut(row.data(), Origin::cut(i), above, below);
    cell = std::move(above);
    LpCell other_above, other_below;
    REQUIRE(programs.reach(row.data()).below > kTolerances.cut);
    programs.cut(row.data(), Origin::cut(i), other_above, other_below);
    programs = std::move(other_above);
  }
  std::vector<Origin> facets;
  std::vector<Origin> other;
  cell.facets(facets);
  programs.facets(other);
  CHECK(facets == other);
}

TEST_CASE("Cells are built from rows; rows that do not cut are left out") {
  const FreeSpace space(cube(2));
  std::vector<double> rows;
  std::vector<Origin> origins;
  const auto add = [&](double a, double b, double c) {
    const Row row = row_of(Vector{{a, b}}, c);
    rows.insert(rows.end(), row.begin(), row.end());
    origins.push_back(Origin::cut(size_of(origins)));
  };
  add(-1.0, 0.0, 0.5);   // x <= 0.5
  add(-1.0, 0.0, 0.5);   // again
  add(-1.0, -1.0, 9.0);  // far outside
  add(1.0, 1.0, 0.0);    // x + y >= 0
  const std::vector<Origin> expected{Origin::side(3), Origin::cut(0), Origin::cut(3)};
  std::vector<Origin> facets;
  VertexCell(space, rows, origins).facets(facets);
  CHECK(facets == expected);
  LpCell(space, rows, origins).facets(facets);
  CHECK(facets == expected);
  add(1.0, 0.0, -0.75);  // x >= 0.75
  CHECK_THROWS_AS(LpCell(space, rows, origins), NumericalError);
}

TEST_CASE("A cell of no dimension is refused") {
  const FreeSpace point(cube(2, 0.0));
  CHECK_THROWS_AS((VertexCell(point)), InvalidInput);
  CHECK_THROWS_AS((LpCell(point)), InvalidInput);
}

TEST_CASE("The inscribed ball of a cube and of a simplex") {
  Vector centre;
  CHECK(LpCell(FreeSpace(cube(3))).inscribed_ball(centre) == doctest::Approx(1.0));
  CHECK(centre.norm() < 1e-9);
  InputPolytope triangle = box(Vector::Zero(2), Vector::Constant(2, 4.0));
  add_constraint(triangle, Vector{{1.0, 1.0}}, 4.0);
  // Free coordinates are input coordinates halved: the radius is that of the triangle 2, 2.
  CHECK(LpCell(FreeSpace(triangle)).inscribed_ball(centre) ==
        doctest::Approx(2.0 / (2.0 + std::sqrt(2.0))));
}

TEST_CASE("Vertices are shown counter-clockwise in two dimensions, else as they are listed") {
  const VertexCell square(FreeSpace(cube(2)));
  const std::vector<Index> order = square.vertex_order();
  double area = 0.0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const double* a = square.vertex(order[i]);
    const double* b = square.vertex(order[(i + 1) % order.size()]);
    area += 0.5 * (a[0] * b[1] - a[1] * b[0]);
  }
  CHECK(area == doctest::Approx(4.0));  // crossed or clockwise it would be less
  CHECK(VertexCell(FreeSpace(cube(3))).vertex_order() ==
        std::vector<Index>{0, 1, 2, 3, 4, 5, 6, 7});
}
