// Vertex lists and their sets of tight constraints, against brute force. All families together:
// cell_families_test.cpp.
#include "geometry/vertex_cells.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

using Followed = std::map<Origin, Vector>;  // all constraints, positive inside

Followed sides_of(const FreeSpace& space) {
  Followed own;
  const Rows rows = rows_of(space.constraints());
  for (Index c = 0; c < size_of(rows); ++c) own[Origin::side(space.sides()[c])] = rows[c];
  return own;
}

Vector vertex(const VertexCells::Cell& cell, Index k, Index v) {
  Vector point(k);
  for (Index c = 0; c < k; ++c) point[c] = cell.points[c * cell.stride + v];
  return point;
}

std::set<Origin> tight_at(const VertexCells::Cell& cell, Index v) {
  std::set<Origin> tight;
  for (Index c = 0; c < cell.constraints; ++c) {
    const BitWord word = cell.masks[c / 64 * cell.stride + v];
    if ((word >> (c % 64) & 1) != 0) REQUIRE(tight.insert(cell.origins[c]).second);
  }
  return tight;
}

// The vertices are those of the constraints, each once, and each knows what it lies on: all
// constraints but those that nothing of the cell is near.
void check(const VertexCells::Cell& cell, const Followed& constraints) {
  const Index k = constraints.begin()->second.size() - 1;
  Rows rows;
  for (const auto& [origin, row] : constraints) rows.push_back(row);
  const std::vector<Vector> expected = brute_force_vertices(rows);
  for (const Vector& own : expected) {
    double nearest = HUGE_VAL;
    for (Index v = 0; v < cell.count; ++v) {
      nearest = std::min(nearest, (vertex(cell, k, v) - own).norm());
    }
    REQUIRE(nearest < 1e-8);
  }
  bool simple = true;
  for (Index v = 0; v < cell.count; ++v) {
    const Vector own = vertex(cell, k, v);
    const std::set<Origin> tight = tight_at(cell, v);
    for (const auto& [origin, row] : constraints) {
      const double at = value(row, own);
      REQUIRE(at > -1e-9);
      REQUIRE((at < 1e-9) == tight.contains(origin));
    }
    REQUIRE(size_of(tight) >= k);
    simple = simple && size_of(tight) == k;
    for (Index w = 0; w < v; ++w) REQUIRE((own - vertex(cell, k, w)).norm() > 1e-9);
  }
  REQUIRE(cell.simple == simple);
  REQUIRE(cell.stride == padded(cell.count));
  for (Index v = cell.count; v < cell.stride; ++v) {
    REQUIRE(vertex(cell, k, v) == vertex(cell, k, 0));
  }
}

// Small whole numbers: many hyperplanes meet in one vertex. Well away from all other vertices.
Vector row_for(Random& random, const VertexCells::Cell& cell, Index k, bool whole) {
  for (int attempt = 0; attempt < 50; ++attempt) {
    Vector row(k + 1);
    const Vector direction = whole ? random.integers(k, 1) : random.direction(k);
    const double offset =
        whole ? 0.5 * static_cast<double>(random.between(-2, 2)) : random.uniform(-0.6, 0.6);
    row << direction, offset;
    row /= direction.norm();
    double most = 0.0, least = 0.0;
    bool clear = true;
    for (Index v = 0; v < cell.count; ++v) {
      const double at = value(row, vertex(cell, k, v));
      most = std::max(most, at);
      least = std::min(least, at);
      clear = clear && (std::abs(at) > 1e-6 || std::abs(at) < 1e-14);
    }
    if (clear && most > 1e-3 && least < -1e-3) return row;
  }
  return {};
}

}  // namespace

TEST_CASE("Each vertex knows the constraints it lies on, also where many meet") {
  Random random(851);
  int cuts = 0, not_simple = 0;
  for (const Index k : {1, 2, 3, 4}) {
    for (int round = 0; round < 24; ++round) {
      InputPolytope region = cube(k);
      if (round % 4 == 1) add_constraint(region, Vector::Ones(k), 0.5);
      const FreeSpace space(region);
      VertexCells family(space);
      VertexCells::Cell cell = family.root();
      Followed constraints = sides_of(space);
      check(cell, constraints);
      for (Index n = 0; n < (k < 4 ? 8 : 5); ++n) {
        const Vector row = row_for(random, cell, k, round % 2 == 0);
        if (row.size() == 0) break;
        (void)family.reach(cell, row.data());
        VertexCells::Cell above, below;
        family.cut(cell, row.data(), Origin::cut(n), above, below);
        Followed upper = constraints, lower = constraints;
        upper[Origin::cut(n)] = row;
        lower[Origin::cut(n)] = -row;
        check(above, upper);
        check(below, lower);
        not_simple += above.simple ? 0 : 1;
        const bool up = random.chance(0.5);
        cell = up ? above : below;
        constraints = up ? upper : lower;
        ++cuts;
      }
    }
  }
  CHECK(cuts > 200);
  CHECK(not_simple > 20);
}

TEST_CASE("The farthest vertex and every constraint there") {
  Random random(852);
  for (const Index k : {2, 3, 4}) {
    // A pyramid over a cube of one dimension less: its top is on 2 (k-1) sides.
    InputPolytope pyramid = cube(k);
    pyramid.low[k - 1] = 0.0;
    for (Index j = 0; j + 1 < k; ++j) {
      for (const double sign : {1.0, -1.0}) {
        add_constraint(pyramid, sign * Vector::Unit(k, j) + Vector::Unit(k, k - 1), 1.0);
      }
    }
    const FreeSpace space(pyramid);
    VertexCells family(space);
    const VertexCells::Cell cell = family.root();
    const Followed constraints = sides_of(space);
    CHECK(cell.count == (Index{1} << (k - 1)) + 1);
    CHECK_FALSE(cell.simple);  // corners of its base are on sides of the cube too
    for (int round = 0; round < 40; ++round) {
      Vector row(k + 1);
      row << (round == 0 ? Vector(Vector::Unit(k, k - 1)) : random.direction(k)), 0.1;
      const Reach reach = family.reach(cell, row.data());
      for (const bool above : {true, false}) {
        Vector point(k);
        family.farthest(cell, above, point.data());
        const double sign = above ? 1.0 : -1.0;
        REQUIRE(sign * value(row, point) == doctest::Approx(above ? reach.above : reach.below));
        for (Index v = 0; v < cell.count; ++v) {
          REQUIRE(sign * value(row, vertex(cell, k, v)) <= sign * value(row, point) + 1e-15);
        }
        std::vector<Origin> tight;
        family.tight(cell, above, tight);
        std::set<Origin> expected;
        for (const auto& [origin, own] : constraints) {
          if (std::abs(value(own, point)) < 1e-9) expected.insert(origin);
        }
        REQUIRE(std::set<Origin>(tight.begin(), tight.end()) == expected);
        REQUIRE(tight.size() == expected.size());
        if (round == 0 && above) REQUIRE(size_of(tight) >= 2 * (k - 1));
      }
    }
  }
}

TEST_CASE("Constraints that touch no vertex any more give their bits back") {
  // Boxes that become smaller: 200 cuts, never more than six constraints that count.
  const FreeSpace space(cube(3));
  VertexCells family(space);
  VertexCells::Cell cell = family.root();
  Index most_words = 0;
  for (Index n = 0; n < 200; ++n) {
    Vector row = Vector::Zero(4);
    row[n % 3] = n % 2 == 0 ? 1.0 : -1.0;
    row[3] = 1.0 - 0.004 * static_cast<double>(n + 1);
    VertexCells::Cell below;
    const VertexCells::Cell whole = cell;
    (void)family.reach(whole, row.data());
    family.cut(whole, row.data(), Origin::cut(n), cell, below);
    most_words = std::max(most_words, cell.words);
    REQUIRE(cell.count == 8);
    REQUIRE(cell.simple);
  }
  CHECK(most_words == 1);
  std::vector<Origin> facets;
  family.facets(cell, facets);
  // Of each of six directions the last.
  CHECK(facets == std::vector<Origin>{Origin::cut(194), Origin::cut(195), Origin::cut(196),
                                      Origin::cut(197), Origin::cut(198), Origin::cut(199)});
}

TEST_CASE("Facets are the constraints that are needed, not all that touch") {
  const FreeSpace space(cube(3));
  VertexCells family(space);
  const VertexCells::Cell root = family.root();
  VertexCells::Cell cell, below;
  const Vector half{{0.0, 0.0, 1.0, 0.0}};
  (void)family.reach(root, half.data());
  family.cut(root, half.data(), Origin::cut(0), cell, below);
  // A plane through the edges x = -1, z = 0 and x = 1, z = 1: of z >= 0 and x <= 1 an edge is left.
  const Vector wedge = Vector{{-1.0, 0.0, 2.0, -1.0}} / std::sqrt(5.0);
  const VertexCells::Cell upper = cell;
  (void)family.reach(upper, wedge.data());
  VertexCells::Cell above;
  family.cut(upper, wedge.data(), Origin::cut(1), above, below);
  std::vector<Origin> facets;
  family.facets(above, facets);
  std::vector<Origin> expected = sides({0, 1, 4, 5});
  expected.push_back(Origin::cut(1));
  std::sort(expected.begin(), expected.end());
  CHECK(facets == expected);
  CHECK_FALSE(above.simple);
}

TEST_CASE("Cells that are cut stay as they are, and a mark gives memory back") {
  Random random(853);
  const FreeSpace space(cube(3));
  VertexCells family(space);
  const VertexCells::Cell root = family.root();
  const Followed constraints = sides_of(space);
  const StackMemory::Mark mark = family.memory().mark();
  std::size_t held = 0;
  for (Index n = 0; n < 1000; ++n) {
    const Vector row = row_for(random, root, 3, false);
    REQUIRE(row.size() > 0);
    VertexCells::Cell above, below;
    (void)family.reach(root, row.data());
    family.cut(root, row.data(), Origin::cut(0), above, below);
    family.memory().release(mark);
    if (n == 0) held = family.memory().held();
  }
  CHECK(family.memory().held() == held);
  check(root, constraints);
}
