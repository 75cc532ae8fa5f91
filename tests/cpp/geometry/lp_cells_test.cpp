// LpCells against VertexCell and LpCell: the same cuts must give the same answers.
#include "geometry/lp_cells.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "facetry/base/error.hpp"
#include "geometry/lp_cell.hpp"
#include "geometry/vertex_cell.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

static_assert(CellFamily<LpCells>);

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

double value_at(const Row& row, const Vector& point) {
  return Eigen::Map<const Vector>(row.data(), point.size()).dot(point) + row.back();
}

// Is a reach so close to the tolerance that two kinds of cells may differ?
bool unclear(double reach) { return reach > kTolerances.cut / 10 && reach < kTolerances.cut * 10; }

enum class Cuts { random, integer, repeated, through_vertices };

// One path of cuts, with the slow cells beside the fast one. VertexCell only for k <= 6.
struct Path {
  LpCells& family;
  LpCells::Cell cell;
  LpCell slow;
  VertexCell vertices;
  bool has_vertices;
  std::vector<Row> rows;  // of the region and of all cuts, positive inside
};

Path start(LpCells& family, const FreeSpace& space) {
  const bool few = space.dimension() <= 6;
  Path path{family, family.root(), LpCell(space), few ? VertexCell(space) : VertexCell(), few, {}};
  for (const Vector& row : rows_of(space.constraints())) {
    path.rows.emplace_back(row.data(), row.data() + row.size());
  }
  return path;
}

void check_same(Path& path, Index k) {
  std::vector<Origin> fast;
  std::vector<Origin> slow;
  path.family.facets(path.cell, fast);
  path.slow.facets(slow);
  REQUIRE(fast == slow);
  REQUIRE(std::is_sorted(fast.begin(), fast.end()));
  if (path.has_vertices) {
    path.vertices.facets(slow);
    REQUIRE(fast == slow);
  }
  Vector point(k);
  path.family.interior_point(path.cell, point.data());
  for (const Row& row : path.rows) REQUIRE(value_at(row, point) > 0.0);
}

Row random_cut(Random& random, Path& path, Index k, Cuts kind, const std::vector<Row>& before) {
  if (kind == Cuts::integer) {
    return row_of(random.integers(k, 2), 0.5 * static_cast<double>(random.between(-2, 2)));
  }
  if (kind == Cuts::repeated && !before.empty() && random.chance(0.4)) {
    const Row row = before[random.below(size_of(before))];
    return random.chance(0.5) ? row : flipped(row);
  }
  const Vector gradient = random.direction(k);
  Vector point(k);
  if (kind == Cuts::through_vertices) {
    const LpCells::Vertex& vertex = *path.cell.vertices[random.below(path.cell.vertex_count)];
    point = Eigen::Map<const Vector>(vertex.point, k);
  } else {
    path.family.interior_point(path.cell, point.data());
    point += 0.2 * random.direction(k);
  }
  return row_of(gradient, -gradient.dot(point));
}

void check_reach(double fast, double slow) {
  REQUIRE((fast > kTolerances.cut) == (slow > kTolerances.cut));
  if (slow <= kTolerances.cut) REQUIRE(std::abs(fast - slow) < 1e-9);
}

// False once a cut was too close to the tolerance, or a part too thin to compare.
bool follow_cuts(Random& random, const FreeSpace& space, Cuts kind, int count) {
  const Index k = space.dimension();
  LpCells family(space);
  Path path = start(family, space);
  check_same(path, k);
  std::vector<Row> before;
  for (int cut = 0; cut < count; ++cut) {
    const Row row = random_cut(random, path, k, kind, before);
    before.push_back(row);
    const Reach fast = family.reach(path.cell, row.data());
    const Reach slow = path.slow.reach(row.data());
    if (unclear(slow.above) || unclear(slow.below)) return false;
    check_reach(fast.above, slow.above);
    check_reach(fast.below, slow.below);
    Vector deepest(k);
    for (const bool up : {true, false}) {
      family.farthest(path.cell, up, deepest.data());
      const double reach = up ? fast.above : fast.below;
      REQUIRE(std::abs((up ? 1.0 : -1.0) * value_at(row, deepest) - reach) < 1e-9);
    }
    if (fast.above <= kTolerances.cut || fast.below <= kTolerances.cut) continue;
    if (path.has_vertices) static_cast<void>(path.vertices.reach(row.data()));
    Path above = path;
    Path below = path;
    above.rows.push_back(row);
    below.rows.push_back(flipped(row));
    const Origin origin = Origin::cut(cut);
    family.cut(path.cell, row.data(), origin, above.cell, below.cell);
    path.slow.cut(row.data(), origin, above.slow, below.slow);
    if (path.has_vertices) {
      path.vertices.cut(row.data(), origin, above.vertices, below.vertices);
    }
    check_same(above, k);
    check_same(below, k);
    Vector centre;
    const bool up = random.chance(0.5);
    const double radius = (up ? above : below).slow.inscribed_ball(centre);
    if (radius < 1e-4) return true;
    path.cell = (up ? above : below).cell;
    path.slow = (up ? above : below).slow;
    path.vertices = (up ? above : below).vertices;
    path.rows = (up ? above : below).rows;
  }
  return true;
}

// The cell after cuts along the way `choices`; every cut that is a proper one counts.
LpCells::Cell replay(LpCells& family, const std::vector<Row>& rows, std::uint64_t choices,
                     const std::vector<Row>& questions) {
  LpCells::Cell cell = family.root();
  for (Index i = 0; i < size_of(rows); ++i) {
    for (const Row& question : questions) static_cast<void>(family.reach(cell, question.data()));
    const Reach reach = family.reach(cell, rows[i].data());
    if (reach.above <= kTolerances.cut || reach.below <= kTolerances.cut) continue;
    LpCells::Cell above, below;
    family.cut(cell, rows[i].data(), Origin::cut(i), above, below);
    cell = ((choices >> i) & 1) != 0 ? above : below;
  }
  return cell;
}

}  // namespace

TEST_CASE("LpCells: the same cuts give the same reaches, parts and facets") {
  Random random(51);
  int followed = 0;
  for (const Index k : {1, 2, 3, 4, 5, 6, 8, 9, 11}) {
    for (const Cuts kind : {Cuts::random, Cuts::integer, Cuts::repeated, Cuts::through_vertices}) {
      for (int round = 0; round < (k < 5 ? 20 : 8); ++round) {
        CAPTURE(k);
        CAPTURE(static_cast<int>(kind));
        CAPTURE(round);
        InputPolytope region = cube(k);
        if (round % 2 == 1) add_constraint(region, Vector::Ones(k), 0.4);
        if (round % 4 == 3) add_constraint(region, Vector::Ones(k), 0.4);  // once more
        followed += follow_cuts(random, FreeSpace(region), kind, 14) ? 1 : 0;
      }
    }
  }
  CHECK(followed > 300);
}

TEST_CASE("LpCells: regions that are no boxes, with sides that no cell ever touches") {
  Random random(52);
  for (const Index k : {2, 3, 5, 8}) {
    for (int round = 0; round < 6; ++round) {
      InputPolytope region = cube(k, 10.0);
      for (Index i = 0; i < k; ++i) {
        for (const double sign : {1.0, -1.0}) {
          Vector gradient = random.direction(k);
          gradient[i] += 2.0 * sign;
          add_constraint(region, gradient, 1.0);
        }
      }
      CAPTURE(k);
      CAPTURE(round);
      follow_cuts(random, FreeSpace(region), Cuts::random, 10);
    }
  }
}

TEST_CASE("LpCells: a cell is the same whatever else was asked on the way, bit for bit") {
  Random random(53);
  for (const Index k : {2, 4, 8}) {
    const FreeSpace space(cube(k));
    std::vector<Row> rows;
    std::vector<Row> questions;
    for (int i = 0; i < 24; ++i) {
      auto& list = i < 16 ? rows : questions;
      list.push_back(row_of(random.direction(k), random.uniform(-0.4, 0.4)));
    }
    const std::uint64_t choices = 0x5a3c;
    LpCells quiet(space);
    LpCells asked(space);
    const LpCells::Cell one = replay(quiet, rows, choices, {});
    const LpCells::Cell two = replay(asked, rows, choices, questions);
    REQUIRE(one.count == two.count);
    REQUIRE(one.vertex_count == two.vertex_count);
    std::vector<Origin> first;
    std::vector<Origin> second;
    quiet.facets(one, first);
    asked.facets(two, second);
    CHECK(first == second);
    Vector point(k);
    Vector other(k);
    quiet.interior_point(one, point.data());
    asked.interior_point(two, other.data());
    CHECK(point == other);
  }
}

TEST_CASE("LpCells: memory is given back, and a cell that is cut keeps its answers") {
  Random random(54);
  const FreeSpace space(cube(6));
  LpCells family(space);
  const LpCells::Cell root = family.root();
  Vector before(6);
  family.interior_point(root, before.data());
  const auto mark = family.memory().mark();
  std::size_t held = 0;
  for (int round = 0; round < 50; ++round) {
    LpCells::Cell cell = root;
    for (int cut = 0; cut < 8; ++cut) {
      const Row row = row_of(random.direction(6), random.uniform(-0.2, 0.2));
      const Reach reach = family.reach(cell, row.data());
      if (reach.above <= kTolerances.cut || reach.below <= kTolerances.cut) continue;
      LpCells::Cell other;
      family.cut(cell, row.data(), Origin::cut(cut), cell, other);  // in place
    }
    family.memory().release(mark);
    if (round == 0) held = family.memory().held();
  }
  CHECK(family.memory().held() <= 4 * held);
  Vector after(6);
  family.interior_point(root, after.data());
  CHECK(before == after);
}

TEST_CASE("LpCells: many more cuts than facets; sets of names of several words") {
  for (const Index k : {3, 8}) {
    const FreeSpace space(cube(k));
    LpCells family(space);
    LpCells::Cell cell = family.root();
    LpCell slow(space);
    for (int i = 0; i < 300; ++i) {  // towards the corner (-1, ..., -1)
      Vector gradient = Vector::Constant(k, -1.0);
      gradient[k - 1] -= 1e-3 * (i % 7);
      const double offset = static_cast<double>(k - 1) - 0.004 * static_cast<double>(k) * i;
      const Row row = row_of(gradient, offset);
      if (family.reach(cell, row.data()).below <= kTolerances.cut) continue;
      LpCells::Cell below;
      family.cut(cell, row.data(), Origin::cut(i), cell, below);
      REQUIRE(slow.reach(row.data()).below > kTolerances.cut);
      LpCell slow_above, slow_below;
      slow.cut(row.data(), Origin::cut(i), slow_above, slow_below);
      slow = std::move(slow_above);
    }
    std::vector<Origin> facets;
    std::vector<Origin> other;
    family.facets(cell, facets);
    slow.facets(other);
    CHECK(facets == other);
  }
}

TEST_CASE("LpCells: thin cells have interior points") {
  for (const double width : {1e-3, 1e-6, 1e-8}) {
    for (const Index k : {1, 2, 5, 8}) {
      const FreeSpace space(cube(k));
      LpCells family(space);
      LpCells::Cell cell = family.root();
      const Vector along = Vector::Ones(k);
      const Row low = row_of(along, 0.1);
      Row high = flipped(low);
      high.back() += width;
      LpCells::Cell rest;
      static_cast<void>(family.reach(cell, low.data()));
      family.cut(cell, low.data(), Origin::cut(0), cell, rest);
      static_cast<void>(family.reach(cell, high.data()));
      family.cut(cell, high.data(), Origin::cut(1), cell, rest);
      Vector point(k);
      family.interior_point(cell, point.data());
      CHECK(value_at(low, point) > 0.1 * width);
      CHECK(value_at(high, point) > 0.1 * width);
      CHECK(point.cwiseAbs().maxCoeff() < 1.0);
    }
  }
}

TEST_CASE("LpCells: ranges hold") {
  Random random(55);
  const FreeSpace space(cube(4));
  LpCells family(space);
  const LpCells::Cell cell = family.root();
  Vector point(4);
  family.interior_point(cell, point.data());
  for (int i = 0; i < 50; ++i) {
    Row row = row_of(random.direction(4), random.uniform(-1.0, 1.0));
    for (double& entry : row) entry *= 3.0;
    const Range range = family.range(cell, row.data());
    CHECK(range.low <= value_at(row, point));
    CHECK(range.high >= value_at(row, point));
  }
}

TEST_CASE("LpCells: redundant rows may stay: the same reaches and largest values, more rows") {
  Random random(98);
  Index more_rows = 0;
  for (int round = 0; round < 40; ++round) {
    const Index k = 2 + round % 7;
    InputPolytope polytope = cube(k);
    if (round % 3 == 1) add_constraint(polytope, Vector::Ones(k), 0.5);
    const FreeSpace space(polytope);
    LpCells strict(space);
    LpCells loose(space);
    loose.keep_redundant_rows();
    LpCells::Cell one = strict.root();
    LpCells::Cell other = loose.root();
    for (int step = 0; step < 12; ++step) {
      const Row row = row_of(random.direction(k), random.uniform(-0.5, 0.5));
      const double most = strict.most(one, row.data(), 1e300, nullptr);
      REQUIRE(loose.most(other, row.data(), 1e300, nullptr) == doctest::Approx(most).epsilon(1e-9));
      const Reach reach = strict.reach(one, row.data());
      const Reach same = loose.reach(other, row.data());
      // Far enough is all that a reach says beyond the cut tolerance.
      REQUIRE((reach.above > kTolerances.cut) == (same.above > kTolerances.cut));
      REQUIRE((reach.below > kTolerances.cut) == (same.below > kTolerances.cut));
      if (std::min(reach.above, reach.below) <= kTolerances.cut) continue;
      LpCells::Cell above, below;
      strict.cut(one, row.data(), Origin::cut(step), above, below);
      one = step % 2 == 0 ? above : below;
      loose.cut(other, row.data(), Origin::cut(step), above, below);
      other = step % 2 == 0 ? above : below;
    }
    std::vector<double> point(static_cast<std::size_t>(k));
    loose.interior_point(other, point.data());
    const Vector inside = Eigen::Map<const Vector>(point.data(), k);
    std::vector<Origin> facets, rows;
    strict.facets(one, facets);
    loose.facets(other, rows);
    more_rows += size_of(rows) - size_of(facets);
    REQUIRE(std::includes(rows.begin(), rows.end(), facets.begin(), facets.end()));
    for (Index r = 0; r < one.count; ++r) {
      double slack = one.rows[k * one.stride + r];
      for (Index c = 0; c < k; ++c) slack += one.rows[c * one.stride + r] * inside[c];
      REQUIRE(slack > 0.0);
    }
  }
  CHECK(more_rows > 20);
}

TEST_CASE("LpCells: no dimension is refused") {
  const FreeSpace point(cube(2, 0.0));
  CHECK_THROWS_AS((LpCells(point)), InvalidInput);
}
