// Polygons against all vertices by brute force. All families together: cell_families_test.cpp.
#include "geometry/polygon_cells.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

// A cell with all its constraints, positive inside.
struct Followed {
  PolygonCells::Cell cell;
  std::map<Origin, Vector> rows;
};

Followed root_of(PolygonCells& family, const FreeSpace& space) {
  Followed own{family.root(), {}};
  const Rows rows = rows_of(space.constraints());
  for (Index c = 0; c < size_of(rows); ++c) own.rows[Origin::side(space.sides()[c])] = rows[c];
  return own;
}

Vector corner(const PolygonCells::Cell& cell, Index v) { return Vector{{cell.x(v), cell.y(v)}}; }

double area(const PolygonCells::Cell& cell) {
  double twice = 0.0;
  for (Index v = 0; v < cell.count; ++v) {
    const Index next = (v + 1) % cell.count;
    twice += cell.x(v) * cell.y(next) - cell.x(next) * cell.y(v);
  }
  return twice / 2.0;
}

// The corners are the vertices, one after the other; each edge lies on the line that it names.
void check(const Followed& own) {
  const PolygonCells::Cell& cell = own.cell;
  Rows rows;
  for (const auto& [origin, row] : own.rows) rows.push_back(row);
  const std::vector<Vector> expected = brute_force_vertices(rows);
  for (const Vector& vertex : expected) {
    double nearest = HUGE_VAL;
    for (Index v = 0; v < cell.count; ++v) {
      nearest = std::min(nearest, (corner(cell, v) - vertex).norm());
    }
    REQUIRE(nearest < 1e-8);
  }
  for (Index v = 0; v < cell.count; ++v) {
    const Vector here = corner(cell, v);
    const Vector next = corner(cell, (v + 1) % cell.count);
    const Vector after = corner(cell, (v + 2) % cell.count);
    for (const auto& [origin, row] : own.rows) REQUIRE(value(row, here) > -1e-9);
    REQUIRE(std::abs(value(own.rows.at(cell.edge(v)), here)) < 1e-9);
    REQUIRE(std::abs(value(own.rows.at(cell.edge(v)), next)) < 1e-9);
    const Vector first = next - here, second = after - next;
    REQUIRE(first[0] * second[1] - first[1] * second[0] > 0.0);  // counter-clockwise
  }
  for (Index v = cell.count; v < cell.stride(); ++v) {
    REQUIRE(cell.x(v) == cell.x(0));
    REQUIRE(cell.y(v) == cell.y(0));
  }
  std::vector<Origin> edges(cell.edges(), cell.edges() + cell.count);
  std::sort(edges.begin(), edges.end());
  REQUIRE(std::adjacent_find(edges.begin(), edges.end()) == edges.end());
}

// A line that cuts the cell well inside, or through one of its corners.
Vector line_through(Random& random, const PolygonCells::Cell& cell, bool corner_too) {
  while (true) {
    const Vector direction = random.direction(2);
    Vector point = Vector::Zero(2);
    double sum = 0.0;
    for (Index v = 0; v < cell.count; ++v) {
      const double weight = random.uniform(0.01, 1.0);
      point += weight * corner(cell, v);
      sum += weight;
    }
    point /= sum;
    if (corner_too) point = corner(cell, random.below(cell.count));
    Vector row(3);
    row << direction, -direction.dot(point);
    double most = 0.0, least = 0.0;
    bool clear = true;
    for (Index v = 0; v < cell.count; ++v) {
      const double at = value(row, corner(cell, v));
      most = std::max(most, at);
      least = std::min(least, at);
      clear = clear && (std::abs(at) > 1e-7 || (corner_too && std::abs(at) < 1e-15));
    }
    if (clear && most > 1e-6 && least < -1e-6) return row;
  }
}

}  // namespace

TEST_CASE("Corners go round counter-clockwise, each edge on its line, areas add up") {
  Random random(841);
  int through_corners = 0, cuts = 0;
  for (int round = 0; round < 60; ++round) {
    InputPolytope region = cube(2);
    if (round % 3 == 1) add_constraint(region, Vector{{1.0, 0.5}}, 0.25);
    const FreeSpace space(region);
    PolygonCells family(space);
    Followed own = root_of(family, space);
    check(own);
    for (Index n = 0; n < 12 && area(own.cell) > 1e-3; ++n) {
      const bool corner_too = random.chance(0.3);
      const Vector row = line_through(random, own.cell, corner_too);
      Followed above{{}, own.rows}, below{{}, own.rows};
      // No reach() before it: polygons ask themselves.
      family.cut(own.cell, row.data(), Origin::cut(n), above.cell, below.cell);
      above.rows[Origin::cut(n)] = row;
      below.rows[Origin::cut(n)] = -row;
      check(above);
      check(below);
      REQUIRE(area(above.cell) + area(below.cell) ==
              doctest::Approx(area(own.cell)).epsilon(1e-12));
      const Index corners = above.cell.count + below.cell.count;
      REQUIRE(corners <= own.cell.count + 4);
      if (corner_too) {  // that corner is one of both parts
        REQUIRE(corners <= own.cell.count + 3);
        ++through_corners;
      } else {
        REQUIRE(corners == own.cell.count + 4);
      }
      own = random.chance(0.5) ? above : below;
      ++cuts;
    }
  }
  CHECK(cuts > 200);
  CHECK(through_corners > 50);
}

TEST_CASE("The farthest corner, the two constraints there, and both at once as described") {
  Random random(842);
  const FreeSpace space(cube(2));
  PolygonCells family(space);
  Index most_corners = 0;
  for (int round = 0; round < 40; ++round) {
    PolygonCells::Cell cell = family.root();
    for (Index n = 0; n < 12; ++n) {
      const Vector direction = random.direction(2);
      Vector row(3);
      row << direction, 0.8;
      const Reach reach = family.reach(cell, row.data());
      if (reach.below < 1e-3) continue;
      PolygonCells::Cell below;
      family.cut(cell, row.data(), Origin::cut(n), cell, below);
    }
    most_corners = std::max(most_corners, cell.count);
    const Vector direction = random.direction(2);
    Vector row(3);
    row << direction, random.uniform(-0.3, 0.3);
    const Reach reach = family.reach(cell, row.data());
    for (const bool above : {true, false}) {
      Vector point(2);
      family.farthest(cell, above, point.data());
      Index at = -1;
      double most = -HUGE_VAL;
      for (Index v = 0; v < cell.count; ++v) {
        const double own = (above ? 1.0 : -1.0) * value(row, corner(cell, v));
        if (own > most) at = v;
        most = std::max(most, own);
      }
      REQUIRE((point - corner(cell, at)).norm() == 0.0);
      REQUIRE(std::abs((above ? reach.above : reach.below) - most) < 1e-15);
      std::vector<Origin> tight;
      family.tight(cell, above, tight);
      REQUIRE(tight ==
              std::vector<Origin>{cell.edge((at + cell.count - 1) % cell.count), cell.edge(at)});
    }
    std::vector<Origin> facets, described(static_cast<std::size_t>(family.facet_room(cell)));
    family.facets(cell, facets);
    REQUIRE(size_of(facets) == cell.count);
    REQUIRE(std::is_sorted(facets.begin(), facets.end()));
    Vector point(2), mean = Vector::Zero(2), other(2);
    const Index count = family.describe(cell, described.data(), point.data());
    described.resize(static_cast<std::size_t>(count));
    REQUIRE(described == facets);
    for (Index v = 0; v < cell.count; ++v) mean += corner(cell, v);
    mean /= static_cast<double>(cell.count);
    family.interior_point(cell, other.data());
    REQUIRE((point - mean).norm() < 1e-14);
    REQUIRE((other - mean).norm() < 1e-14);
    family.memory().release({});
  }
  CHECK(most_corners > kRowBlock);  // more than what is described in one block
}

TEST_CASE("Cells share nothing: what is cut stays, and a mark gives memory back") {
  Random random(843);
  const FreeSpace space(cube(2));
  PolygonCells family(space);
  PolygonCells::Cell cell = family.root();
  const Vector first = line_through(random, cell, false);
  PolygonCells::Cell above, below;
  family.cut(cell, first.data(), Origin::cut(0), above, below);
  const double own = area(cell), upper = area(above), lower = area(below);
  const StackMemory::Mark mark = family.memory().mark();
  std::size_t held = 0;
  for (Index n = 0; n < 2000; ++n) {
    PolygonCells::Cell part = above;
    for (Index depth = 0; depth < 5; ++depth) {
      const Vector row = line_through(random, part, false);
      PolygonCells::Cell rest;
      const PolygonCells::Cell whole = part;
      family.cut(whole, row.data(), Origin::cut(1 + depth), part, rest);
      if (area(part) < 1e-4) break;
    }
    family.memory().release(mark);
    if (n == 0) held = family.memory().held();
  }
  CHECK(family.memory().held() == held);
  CHECK(area(cell) == own);
  CHECK(area(above) == upper);
  CHECK(area(below) == lower);
}

TEST_CASE("A corner within the tolerance of a line lies on it; one further away does not") {
  const FreeSpace space(cube(2));
  PolygonCells family(space);
  const double tolerance = Tolerances{}.on_hyperplane;
  for (const double share : {0.5, 2.0}) {
    // The diagonal, moved past the corner (1, 1) and its opposite by a share of the tolerance.
    const double at = share * tolerance;
    const Vector row = Vector{{1.0, -1.0, std::sqrt(2.0) * at}} / std::sqrt(2.0);
    PolygonCells::Cell above, below;
    const PolygonCells::Cell whole = family.root();
    family.cut(whole, row.data(), Origin::cut(0), above, below);
    CHECK(above.count == (share < 1.0 ? 3 : 5));
    CHECK(below.count == 3);
  }
}

TEST_CASE("Beyond a facet: the middle of its edge") {
  const FreeSpace space(cube(2));
  PolygonCells family(space);
  const PolygonCells::Cell root = family.root();
  PolygonCells::Cell cell, unused;
  const Vector row{{1.0, 0.0, -0.5}};
  family.cut(root, row.data(), Origin::cut(4), cell, unused);
  const Vector inside{{0.75, 0.0}};
  Vector out(2);
  REQUIRE(family.beyond_facet(cell, Origin::cut(4), inside.data(), out.data()));
  CHECK(out == Vector{{0.5, 0.0}});
  REQUIRE(family.beyond_facet(cell, Origin::side(3), inside.data(), out.data()));  // y <= 1
  CHECK(out == Vector{{0.75, 1.0}});
  CHECK_FALSE(family.beyond_facet(cell, Origin::side(0), inside.data(), out.data()));
}
