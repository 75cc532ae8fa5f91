#include "facetry/geometry/free_space.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>

#include "facetry/base/error.hpp"
#include "geometry/vertex_cell.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// In free coordinates everything fits [-1, 1]^k and touches both ends of each axis.
void check_fit(const FreeSpace& space) {
  const VertexCell cell(space);
  for (Index i = 0; i < space.dimension(); ++i) {
    double least = kInfinity;
    double most = -kInfinity;
    for (Index v = 0; v < cell.vertex_count(); ++v) {
      least = std::min(least, cell.vertex(v)[i]);
      most = std::max(most, cell.vertex(v)[i]);
    }
    CHECK(least >= -1.0 - 1e-12);
    CHECK(most <= 1.0 + 1e-12);
    CHECK(std::max(most, -least) > 0.5 - 1e-12);  // scaling is by powers of two
  }
}

// Every vertex of the region, in input space, keeps the given constraints and comes back.
void check_round_trip(const FreeSpace& space, double relative = 1e-9) {
  const VertexCell cell(space);
  const InputPolytope& p = space.polytope();
  for (Index v = 0; v < cell.vertex_count(); ++v) {
    const Vector u = Eigen::Map<const Vector>(cell.vertex(v), space.dimension());
    const Vector x = space.to_input(u);
    CHECK((space.to_free(x) - u).cwiseAbs().maxCoeff() < relative);
    CHECK(space.contains(x));
    for (Index r = 0; r < p.A.rows(); ++r) {
      const double scale = p.A.row(r).cwiseAbs().dot(x.cwiseAbs().transpose()) + std::abs(p.b[r]);
      CHECK(p.A.row(r).dot(x) <= p.b[r] + 1e-9 * scale);
    }
  }
}

double volume(const FreeSpace& space) { return VertexCell(space).volume() * space.volume_scale(); }

std::string error_of(const InputPolytope& polytope) {
  try {
    const FreeSpace space(polytope);
  } catch (const RegionError& error) {
    return error.what();
  }
  return "accepted";
}

bool mentions(const std::string& text, const char* word) {
  return text.find(word) != std::string::npos;
}

}  // namespace

TEST_CASE("A box keeps its axes, and its sides their numbers") {
  const FreeSpace space(box(Vector{{0.0, -3.0, 5.0}}, Vector{{1.0, 5.0, 6.5}}));
  CHECK(space.dimension() == 3);
  CHECK(space.origin() == Vector{{0.5, 1.0, 5.75}});
  CHECK(space.basis() == Matrix(Vector{{0.5, 4.0, 1.0}}.asDiagonal()));
  CHECK(space.sides() == std::vector<Index>{0, 1, 2, 3, 4, 5});
  CHECK(space.free_features() == std::vector<Index>{0, 1, 2});
  CHECK(volume(space) == doctest::Approx(1.0 * 8.0 * 1.5));
  check_fit(space);
  check_round_trip(space);
}

TEST_CASE("Fixed features are taken out") {
  const FreeSpace space(box(Vector{{0.0, 7.25, -1.0}}, Vector{{1.0, 7.25, 1.0}}));
  CHECK(space.dimension() == 2);
  CHECK(space.free_features() == std::vector<Index>{0, 2});
  CHECK(space.sides() == std::vector<Index>{0, 2, 3, 5});
  CHECK(space.to_input(Vector{{1.0, 1.0}}) == Vector{{1.0, 7.25, 1.0}});
  CHECK(space.contains(Vector{{0.5, 7.25, 0.0}}));
  CHECK_FALSE(space.contains(Vector{{0.5, 7.26, 0.0}}));
}

TEST_CASE("A point has no free dimension") {
  for (const double at : {0.0, 3.5, -1e8}) {
    const FreeSpace space(box(Vector::Constant(4, at), Vector::Constant(4, at)));
    CHECK(space.dimension() == 0);
    CHECK(space.origin() == Vector::Constant(4, at));
    CHECK(space.free_features().empty());
    CHECK(space.contains(Vector::Constant(4, at)));
  }
  InputPolytope touching = cube(2);  // x + y >= 2 leaves the corner (1, 1)
  add_constraint(touching, Vector{{-1.0, -1.0}}, -2.0);
  const FreeSpace corner(touching);
  CHECK(corner.dimension() == 0);
  CHECK((corner.origin() - Vector::Ones(2)).norm() < 1e-9);
}

TEST_CASE("An equality along an axis fixes a feature") {
  InputPolytope polytope = cube(3);
  add_constraint(polytope, Vector{{0.0, 2.0, 0.0}}, 0.5);
  add_constraint(polytope, Vector{{0.0, -2.0, 0.0}}, -0.5);
  const FreeSpace space(polytope);
  CHECK(space.dimension() == 2);
  CHECK(space.free_features() == std::vector<Index>{0, 2});
  CHECK(space.to_input(Vector{{0.3, 0.1}})[1] == 0.25);
  CHECK(volume(space) == doctest::Approx(4.0));
  check_round_trip(space);
}

TEST_CASE("Oblique equalities give the affine hull and its volume") {
  InputPolytope polytope = box(Vector::Zero(3), Vector::Ones(3));
  add_constraint(polytope, Vector{{1.0, 1.0, 1.0}}, 1.0);
  add_constraint(polytope, Vector{{-1.0, -1.0, -1.0}}, -1.0);
  const FreeSpace space(polytope);  // the standard simplex
  CHECK(space.dimension() == 2);
  CHECK(volume(space) == doctest::Approx(std::sqrt(3.0) / 2.0));
  CHECK(space.free_features() == std::vector<Index>{0, 1, 2});
  check_fit(space);
  check_round_trip(space);
  std::vector<Origin> facets;
  VertexCell(space).facets(facets);
  CHECK(facets == sides({0, 1, 2}));  // the highs are redundant

  add_constraint(polytope, Vector{{1.0, -1.0, 0.0}}, 0.0);
  add_constraint(polytope, Vector{{-1.0, 1.0, 0.0}}, 0.0);
  const FreeSpace segment(polytope);  // from (0,0,1) to (.5,.5,0)
  CHECK(segment.dimension() == 1);
  CHECK(volume(segment) == doctest::Approx(std::sqrt(1.5)));
  check_round_trip(segment);
}

TEST_CASE("An equality that only several constraints imply together is found") {
  InputPolytope polytope = cube(2, 10.0);  // x >= 0, y >= 0, x + y <= 0
  add_constraint(polytope, Vector{{-1.0, 0.0}}, 0.0);
  add_constraint(polytope, Vector{{0.0, -1.0}}, 0.0);
  add_constraint(polytope, Vector{{1.0, 1.0}}, 0.0);
  CHECK(FreeSpace(polytope).dimension() == 0);
}

TEST_CASE("Redundant rows change nothing but are no facets") {
  InputPolytope polytope = cube(2);
  add_constraint(polytope, Vector{{1.0, 1.0}}, 100.0);
  add_constraint(polytope, Vector{{1.0, 1.0}}, 1.0);
  add_constraint(polytope, Vector{{2.0, 2.0}}, 2.0);
  add_constraint(polytope, Vector{{1.0, 0.0}}, 1.0);
  const FreeSpace space(polytope);
  std::vector<Origin> facets;
  VertexCell(space).facets(facets);
  CHECK(facets == sides({0, 1, 2, 3, 5}));
  CHECK(volume(space) == doctest::Approx(3.5));
}

TEST_CASE("Bounds may come from the rows") {
  InputPolytope diamond = box(Vector::Constant(2, -kInfinity), Vector::Constant(2, kInfinity));
  for (const double a : {1.0, -1.0}) {
    for (const double b : {1.0, -1.0}) add_constraint(diamond, Vector{{a, b}}, 1.0);
  }
  const FreeSpace space(diamond);
  CHECK(volume(space) == doctest::Approx(2.0));
  check_fit(space);
  check_round_trip(space);
  std::vector<Origin> facets;
  VertexCell(space).facets(facets);
  CHECK(facets == sides({4, 5, 6, 7}));
}

TEST_CASE("A half-bounded feature keeps its bound") {
  InputPolytope triangle = box(Vector::Zero(2), Vector::Constant(2, kInfinity));
  add_constraint(triangle, Vector{{1.0, 1.0}}, 1.0);
  const FreeSpace space(triangle);
  CHECK(volume(space) == doctest::Approx(0.5));
  CHECK(space.contains(Vector{{0.25, 0.25}}));
  CHECK_FALSE(space.contains(Vector{{-1.0, 0.0}}));
  CHECK_FALSE(space.contains(Vector{{2.0, 0.0}}));
  CHECK_FALSE(space.contains(Vector{{0.5, -1e-3}}));
}

TEST_CASE("What is not a bounded polytope is refused with its reason") {
  CHECK(mentions(error_of(box(Vector{{0.0, 2.0}}, Vector{{1.0, 1.0}})), "low > high at feature 1"));
  CHECK(mentions(error_of(box(Vector{{NAN, 0.0}}, Vector{{1.0, 1.0}})), "NaN at feature 0"));
  CHECK(mentions(error_of(box(Vector{{kInfinity}}, Vector{{kInfinity}})), "empty"));
  CHECK(mentions(error_of(box(Vector{{0.0}}, Vector{{kInfinity}})), "unbounded"));
  InputPolytope wedge = box(Vector::Constant(2, -kInfinity), Vector::Constant(2, kInfinity));
  add_constraint(wedge, Vector{{1.0, 1.0}}, 1.0);
  CHECK(mentions(error_of(wedge), "unbounded"));
  InputPolytope empty = cube(2);
  add_constraint(empty, Vector{{1.0, 1.0}}, -2.5);
  CHECK(mentions(error_of(empty), "empty"));
  InputPolytope between = cube(2);  // 1e-6 apart, the wrong way round
  add_constraint(between, Vector{{1.0, 1.0}}, 0.0);
  add_constraint(between, Vector{{-1.0, -1.0}}, -1e-6);
  CHECK(mentions(error_of(between), "empty"));
  InputPolytope nothing = cube(2);  // 0 <= -1
  add_constraint(nothing, Vector::Zero(2), -1.0);
  CHECK(mentions(error_of(nothing), "empty"));
  InputPolytope endless = cube(2);
  add_constraint(endless, Vector{{1.0, kInfinity}}, 1.0);
  CHECK(mentions(error_of(endless), "finite"));
  CHECK_THROWS_AS(FreeSpace(box(Vector(0), Vector(0))), InvalidInput);
  CHECK_THROWS_AS(FreeSpace(box(Vector::Zero(2), Vector::Ones(3))), InvalidInput);
  InputPolytope sizes = cube(2);
  sizes.A = Matrix::Ones(1, 3);
  sizes.b = Vector::Ones(1);
  CHECK_THROWS_AS((FreeSpace(sizes)), InvalidInput);
}

TEST_CASE("A point outside any one side is not contained") {
  Random random(21);
  InputPolytope polytope = cube(3);
  add_constraint(polytope, Vector{{1.0, 2.0, -1.0}}, 1.5);
  const FreeSpace space(polytope);
  for (int round = 0; round < 500; ++round) {
    const Vector x = random.point_in(Vector::Constant(3, -1.5), Vector::Constant(3, 1.5));
    const bool inside = x.cwiseAbs().maxCoeff() <= 1.0 && x[0] + 2.0 * x[1] - x[2] <= 1.5;
    REQUIRE(space.contains(x) == inside);
  }
}

TEST_CASE("Scales from 1e-6 to 1e8, near to and far from zero") {
  for (const double scale : {1e-6, 1e-3, 1.0, 1e4, 1e8}) {
    for (const double shift : {0.0, 3.0}) {
      CAPTURE(scale);
      CAPTURE(shift);
      const Vector low = Vector::Constant(3, shift * scale);
      InputPolytope polytope = box(low, low.array() + 2.0 * scale);
      add_constraint(polytope, Vector{{1.0, 1.0, 0.0}}, (2.0 * shift + 2.0) * scale);
      const FreeSpace space(polytope);
      CHECK(space.dimension() == 3);
      CHECK(volume(space) == doctest::Approx(4.0 * scale * scale * scale).epsilon(1e-9));
      check_fit(space);
      check_round_trip(space);
    }
  }
}

TEST_CASE("Features of very different scales, with an equality across them") {
  InputPolytope polytope = box(Vector{{0.0, 0.0, 0.0}}, Vector{{1e8, 1e-6, 1.0}});
  add_constraint(polytope, Vector{{1e-8, 1e6, 1.0}}, 1.5);
  add_constraint(polytope, Vector{{-1e-8, -1e6, -1.0}}, -1.5);
  const FreeSpace space(polytope);
  CHECK(space.dimension() == 2);
  check_fit(space);
  check_round_trip(space, 1e-6);
}

TEST_CASE("The length of a row does not matter") {
  for (const double factor : {1e-12, 1.0, 1e12}) {
    CAPTURE(factor);
    InputPolytope polytope = cube(2);
    add_constraint(polytope, factor * Vector{{1.0, 1.0}}, factor * 1.0);
    CHECK(volume(FreeSpace(polytope)) == doctest::Approx(3.5));
    add_constraint(polytope, factor * Vector{{-1.0, -1.0}}, factor * -1.0);
    CHECK(FreeSpace(polytope).dimension() == 1);
  }
}

TEST_CASE("free_norm is the length along the free directions") {
  Random random(22);
  InputPolytope polytope = box(Vector::Zero(3), Vector{{1.0, 4.0, 0.01}});
  CHECK(FreeSpace(polytope).free_norm(Vector{{3.0, 4.0, 12.0}}) == doctest::Approx(13.0));
  polytope.high[2] = 0.0;
  CHECK(FreeSpace(polytope).free_norm(Vector{{3.0, 4.0, 12.0}}) == doctest::Approx(5.0));
  InputPolytope plane = cube(3);
  add_constraint(plane, Vector{{1.0, 1.0, 1.0}}, 0.0);
  add_constraint(plane, Vector{{-1.0, -1.0, -1.0}}, 0.0);
  const FreeSpace space(plane);
  for (int round = 0; round < 20; ++round) {
    const Vector g = random.direction(3);
    const Vector along = g - Vector::Constant(3, g.sum() / 3.0);
    CHECK(space.free_norm(g) == doctest::Approx(along.norm()));
  }
  CHECK(FreeSpace(cube(2, 0.0)).free_norm(Vector::Ones(2)) == 0.0);
}

TEST_CASE("A square cut exactly along its diagonal") {
  // The diagonal's ends lie as far out as the square's corners: no side may look like a repetition.
  InputPolytope polytope = cube(2);
  add_constraint(polytope, (Vector(2) << 1.0, 1.0).finished(), 0.0);
  add_constraint(polytope, (Vector(2) << -1.0, -1.0).finished(), 0.0);
  const FreeSpace space(polytope);
  REQUIRE(space.dimension() == 1);
  CHECK(volume(space) == doctest::Approx(2.0 * std::sqrt(2.0)));
  std::vector<Origin> facets;
  VertexCell(space).facets(facets);
  REQUIRE(facets.size() == 2);
  for (const Origin facet : facets) CHECK(facet.number() >= 0);
}

TEST_CASE("Sides of a polytope as halfspaces, in their numbering") {
  InputPolytope polytope = cube(2);
  add_constraint(polytope, Vector{{3.0, -1.0}}, 0.5);
  RowVector a;
  double limit = 0.0;
  polytope.side(1, a, limit);
  CHECK(a == RowVector{{0.0, -1.0}});
  CHECK(limit == 1.0);
  polytope.side(2, a, limit);
  CHECK(a == RowVector{{1.0, 0.0}});
  CHECK(limit == 1.0);
  polytope.side(4, a, limit);
  CHECK(a == polytope.A.row(0));
  CHECK(limit == polytope.b[0]);
}

TEST_CASE("Strips of any width keep their dimension, contradictions by a hair are empty") {
  for (const double width : {1e-3, 1e-6, 1e-9, 1e-12, 1e-14}) {
    InputPolytope strip = cube(2);
    add_constraint(strip, Vector{{1.0, 1.0}}, width);
    add_constraint(strip, Vector{{-1.0, -1.0}}, width);
    const FreeSpace space(strip);
    CAPTURE(width);
    REQUIRE(space.dimension() == 2);
    CHECK(volume(space) == doctest::Approx(4.0 * width - width * width).epsilon(1e-9));
    check_round_trip(space, 1.0);  // one rounding of an input is much in a thin strip
  }
  InputPolytope far = cube(1, 1e9);
  add_constraint(far, Vector{{1.0}}, 0.001);
  add_constraint(far, Vector{{-1.0}}, 0.001);
  CHECK(volume(FreeSpace(far)) == doctest::Approx(0.002));
  InputPolytope apart = cube(2);
  add_constraint(apart, Vector{{1.0, 1.0}}, 0.5);
  add_constraint(apart, Vector{{-1.0, -1.0}}, -0.5 - 0x1p-50);
  CHECK(error_of(apart) != "accepted");
}

TEST_CASE("A row that cuts off less than rounding is kept, one that only touches is not") {
  for (const double room : {-0x1p-45, 0.0, 0x1p-45}) {
    InputPolytope square = cube(2);
    add_constraint(square, Vector{{1.0, 1.0}}, 2.0 - room);
    CHECK(FreeSpace(square).constraints().row_count() == (room > 0.0 ? 1 : 0));
  }
}

TEST_CASE("Polytopes thin in several directions are stretched in each") {
  InputPolytope needle = cube(3);
  for (const double sign : {1.0, -1.0}) {
    add_constraint(needle, sign * Vector{{1.0, 1.0, 1.0}}, 1e-8);
    add_constraint(needle, sign * Vector{{1.0, -1.0, 0.0}}, 1e-5);
  }
  const FreeSpace space(needle);
  REQUIRE(space.dimension() == 3);
  check_fit(space);
  // A parallelogram of sides along (1, 1, -2), cut at z = +-1 but for its slant.
  CHECK(volume(space) == doctest::Approx(2e-8 * 2e-5 * 0.5 * 2.0).epsilon(1e-3));
}

TEST_CASE("Rows of any length bound the same region") {
  for (const double scale : {1e-300, 1e-160, 1.0, 1e155, 1e300}) {
    InputPolytope half = cube(2);
    add_constraint(half, Vector{{scale, scale}}, 0.0);
    CHECK(volume(FreeSpace(half)) == doctest::Approx(2.0));
    CHECK(FreeSpace(half).contains(Vector{{-0.5, 0.25}}));
    CHECK_FALSE(FreeSpace(half).contains(Vector{{0.5, 0.25}}));
  }
}
