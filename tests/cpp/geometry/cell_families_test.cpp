// The families of cells against VertexCell, which holds one cell at a time and shares no code with
// them: the same cuts must give the same reaches and the same facets.
#include <doctest/doctest.h>

#include <algorithm>

#include "facetry/base/error.hpp"
#include "geometry/polygon_cells.hpp"
#include "geometry/segment_cells.hpp"
#include "geometry/vertex_cell.hpp"
#include "geometry/vertex_cells.hpp"
#include "polytopes.hpp"
#include "random.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

using Row = std::vector<double>;
const Tolerances kTolerances;

Row random_row(Random& random, Index k, const VertexCell& cell, bool whole) {
  Vector gradient = whole ? random.integers(k, 2) : random.direction(k);
  Vector point(k);
  cell.interior_point(point.data());
  if (!whole) point += 0.2 * random.direction(k);
  double offset = whole ? 0.5 * static_cast<double>(random.between(-2, 2)) : -gradient.dot(point);
  if (random.chance(0.2)) {  // through a vertex
    offset =
        -gradient.dot(Eigen::Map<const Vector>(cell.vertex(random.below(cell.vertex_count())), k));
  }
  Row row(gradient.data(), gradient.data() + k);
  row.push_back(offset);
  for (double& entry : row) entry /= gradient.norm();
  return row;
}

bool unclear(double reach) {
  return reach > 0.01 * kTolerances.cut && reach < 100 * kTolerances.cut;
}

template <class F>
void require_same(F& family, const typename F::Cell& cell, const VertexCell& other,
                  const std::vector<Row>& rows) {
  std::vector<Origin> facets, expected;
  family.facets(cell, facets);
  other.facets(expected);
  REQUIRE(facets == expected);
  std::vector<double> point(static_cast<std::size_t>(other.dimension()));
  family.interior_point(cell, point.data());
  for (const Row& row : rows) {
    double value = row.back();
    for (std::size_t c = 0; c < point.size(); ++c) value += row[c] * point[c];
    REQUIRE(value > 0.0);
  }
}

// Follows one part of each cut.
template <class F>
int follow(Random& random, const FreeSpace& space, bool whole, int cuts) {
  const Index k = space.dimension();
  F family(space, kTolerances);
  typename F::Cell cell = family.root();
  VertexCell other(space, kTolerances);
  std::vector<Row> rows;
  int done = 0;
  for (int n = 0; n < cuts; ++n) {
    require_same(family, cell, other, rows);
    Row row = random_row(random, k, other, whole);
    const Reach reach = family.reach(cell, row.data());
    const Reach expected = other.reach(row.data());
    REQUIRE(reach.above == doctest::Approx(expected.above).epsilon(1e-12));
    REQUIRE(reach.below == doctest::Approx(expected.below).epsilon(1e-12));
    const Range range = family.range(cell, row.data());
    REQUIRE(range.high == reach.above);
    REQUIRE(range.low == -reach.below);
    if (unclear(reach.above) || unclear(reach.below)) return done;
    if (reach.above <= kTolerances.cut || reach.below <= kTolerances.cut) continue;
    (void)family.reach(cell, row.data());
    (void)other.reach(row.data());
    typename F::Cell above, below;
    VertexCell other_above, other_below;
    const Origin origin = Origin::cut(n);
    family.cut(cell, row.data(), origin, above, below);
    other.cut(row.data(), origin, other_above, other_below);
    require_same(family, above, other_above, {row});
    const bool up = random.chance(0.5);
    cell = up ? above : below;
    other = up ? std::move(other_above) : std::move(other_below);
    if (!up) {
      for (double& entry : row) entry = -entry;
    }
    rows.push_back(row);
    ++done;
  }
  return done;
}

template <class F>
void compare(Index k, int rounds) {
  Random random(400 + static_cast<std::uint64_t>(k));
  int cuts = 0;
  for (int round = 0; round < rounds; ++round) {
    InputPolytope polytope = cube(k);
    if (round % 3 == 1) add_constraint(polytope, Vector::Ones(k), 0.25);
    CAPTURE(k);
    CAPTURE(round);
    cuts += follow<F>(random, FreeSpace(polytope), round % 2 == 1, 40);
  }
  CHECK(cuts > rounds);
}

}  // namespace

TEST_CASE("Segments, polygons and vertex lists agree with single cells") {
  compare<SegmentCells>(1, 60);
  compare<PolygonCells>(2, 200);
  for (Index k = 1; k <= 6; ++k) compare<VertexCells>(k, k < 5 ? 120 : 30);
}

TEST_CASE("More constraints than a word has bits") {
  // A polygon with 200 sides, and the prism over it.
  for (const Index k : {Index{2}, Index{3}}) {
    const FreeSpace space(cube(k));
    VertexCells family(space, kTolerances);
    VertexCells::Cell cell = family.root();
    const int sides = 200;
    for (int i = 0; i < sides; ++i) {
      const double angle = 6.283185307179586 * i / sides;
      Row row(static_cast<std::size_t>(k + 1), 0.0);
      row[0] = std::cos(angle);
      row[1] = std::sin(angle);
      row.back() = 0.9;
      const Reach reach = family.reach(cell, row.data());
      REQUIRE(reach.below > kTolerances.cut);
      VertexCells::Cell below;
      const VertexCells::Cell whole = cell;
      family.cut(whole, row.data(), Origin::cut(i), cell, below);
    }
    std::vector<Origin> facets;
    family.facets(cell, facets);
    CHECK(size_of(facets) == sides + (k == 3 ? 2 : 0));
    CHECK(cell.words > 3);
    CHECK(std::is_sorted(facets.begin(), facets.end()));
  }
}

TEST_CASE("Wrong dimensions are refused") {
  CHECK_THROWS_AS((PolygonCells(FreeSpace(cube(3)))), InvalidInput);
  CHECK_THROWS_AS((SegmentCells(FreeSpace(cube(2)))), InvalidInput);
}
