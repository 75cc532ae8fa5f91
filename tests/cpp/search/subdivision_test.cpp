// The guarantees of subdivide(), numbered as in its header.
#include "search/subdivision.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "facetry/base/error.hpp"
#include "geometry/lp_cell.hpp"
#include "geometry/vertex_cell.hpp"
#include "networks.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

struct Case {
  NormalForm form;
  FreeSpace space;
};

// A cube, a cube with a corner cut off, or an oblique cut through it.
InputPolytope region(Index m, int which) {
  InputPolytope polytope = cube(m);
  if (which == 1) add_constraint(polytope, Vector::Ones(m), 0.5);
  if (which == 2 && m > 1) {
    add_constraint(polytope, Vector::Ones(m), 0.3);
    add_constraint(polytope, -Vector::Ones(m), -0.3);
  }
  return polytope;
}

std::vector<Case> cases(std::uint64_t seed, Index count) {
  Random random(seed);
  std::vector<Case> result;
  for (Index i = 0; i < count; ++i) {
    const Index m = 1 + i % 4;
    const Style style{m, 4, random.between(1, 3), 2, i % 3 == 0, random.chance(0.5)};
    const std::vector<Kind> kinds{kKinds[i % 7], kKinds[random.below(7)]};
    result.push_back({random_network(random, style, kinds), FreeSpace(region(m, i % 3))});
  }
  return result;
}

double total_volume(const Partition& partition) {
  std::vector<double> volumes(static_cast<std::size_t>(partition.size()));
  partition.volumes({0, partition.size()}, 1, volumes.data());
  double sum = 0.0;
  for (const double v : volumes) sum += v;
  return sum;
}

void check_equal(const SubdivisionResult& a, const SubdivisionResult& b) {
  REQUIRE(a.termination == b.termination);
  REQUIRE(a.regions.states == b.regions.states);
  REQUIRE(a.regions.interior == b.regions.interior);
  REQUIRE(a.regions.facets == b.regions.facets);
  REQUIRE(a.regions.facet_offsets == b.regions.facet_offsets);
  REQUIRE(a.regions.undecided_count == b.regions.undecided_count);
  REQUIRE(a.regions.undecided.size() == b.regions.undecided.size());
  for (std::size_t u = 0; u < a.regions.undecided.size(); ++u) {
    REQUIRE(a.regions.undecided[u].boundary == b.regions.undecided[u].boundary);
    REQUIRE(a.regions.undecided[u].reach == b.regions.undecided[u].reach);
    REQUIRE(a.regions.undecided[u].place == b.regions.undecided[u].place);
  }
}

// The region's facets as rows in free coordinates, a . u + b >= 0 inside.
Rows facet_rows(const Partition& partition, Index i) {
  const FreeSpace& space = partition.space();
  const Index first = partition.regions().facet_offsets[i];
  const Index count = partition.regions().facet_offsets[i + 1] - first;
  Matrix A(count, space.input_size());
  Vector b(count);
  partition.halfspaces({i, i + 1}, 1, A.data(), b.data());
  Rows rows;
  for (Index f = 0; f < count; ++f) {
    const Vector gradient = -(A.row(f) * space.basis()).transpose();
    Vector row(gradient.size() + 1);
    row << gradient, b[f] - A.row(f).dot(space.origin());
    rows.push_back(row / gradient.norm());
  }
  return rows;
}

}  // namespace

TEST_CASE("Guarantee 1: the regions cover the analysis region") {
  Random random(101);
  for (const Case& c : cases(1, 84)) {
    const Partition partition = partition_of(c.form, c.space);
    REQUIRE(partition.termination() == Termination::complete);
    const double whole = region_volume(c.space);
    REQUIRE(std::abs(total_volume(partition) - whole) <= 1e-7 * whole);
    // Any point's state is in the list, or the point is on a boundary (then a listed region holds
    // it).
    const StateLayout& layout = partition.layout();
    for (int s = 0; s < 60; ++s) {
      const Vector u = random.point_in(c.space.constraints().low, c.space.constraints().high);
      const Vector x = c.space.to_input(u);
      if (!c.space.contains(x)) continue;
      std::vector<StateWord> state(static_cast<std::size_t>(layout.words()), 0);
      const auto pieces = c.form.states(x.transpose());
      for (Index j = 0; j < layout.units(); ++j) layout.set(state.data(), j, pieces(0, j));
      const Index found = partition.find(state.data());
      Index located = -1;
      partition.locate(x.transpose(), 1, &located);
      REQUIRE(located >= 0);
      if (found >= 0) REQUIRE(located == found);
    }
  }
}

// Few arguments are compared in pairs, many one after the other: the winners are the same, they
// fill the region, and each listed one is the first of the largest where its region's point is.
TEST_CASE("Maxima of many arguments, some of them twice") {
  Random random(109);
  Index regions = 0;
  for (int round = 0; round < 60; ++round) {
    const Index k = 1 + round % 3;
    const Index arguments = 2 + round % 13;
    Matrix weights(2 * arguments, k);
    for (Index i = 0; i < 2 * arguments; ++i) weights.row(i) = random.direction(k).transpose();
    Vector bias = random.point_in(Vector::Constant(2 * arguments, -0.25),
                                  Vector::Constant(2 * arguments, 0.25));
    weights.row(arguments - 1) = weights.row(0);  // a tie everywhere: the first counts
    bias[arguments - 1] = bias[0];
    NeuralGraph graph(k);
    const Ids groups = maximum(graph, dense(graph, range(0, k), weights, bias), arguments);
    const Ids last = dense(graph, groups, Matrix{{1.0, -2.0}, {0.5, 1.0}}, Vector{{0.0, 0.125}});
    const NormalForm form(graph, maximum(graph, last, 2));
    const FreeSpace space(cube(k));
    for (const Exactness exactness : {Exactness::safe, Exactness::floating}) {
      SubdivisionOptions options;
      options.exactness = exactness;
      const Partition partition = partition_of(form, space, options);
      CAPTURE(round);
      REQUIRE(std::abs(total_volume(partition) - region_volume(space)) <=
              1e-7 * region_volume(space));
      for (Index i = 0; i < partition.size(); ++i) {
        const Vector point =
            space.to_input(Eigen::Map<const Vector>(partition.regions().interior_point(i), k));
        const auto pieces = form.states(point.transpose());
        for (Index u = 0; u < 3; ++u) {
          REQUIRE(partition.layout().get(partition.regions().state(i), u) == pieces(0, u));
        }
      }
      regions += partition.size();
    }
  }
  CHECK(regions > 1000);
}

TEST_CASE("Guarantee 2: every region is thicker than the cut tolerance, and its point is inside") {
  for (const Case& c : cases(2, 56)) {
    const Partition partition = partition_of(c.form, c.space);
    const Index k = c.space.dimension();
    for (Index i = 0; i < partition.size(); ++i) {
      std::vector<double> packed;
      for (const Vector& row : facet_rows(partition, i)) {
        packed.insert(packed.end(), row.data(), row.data() + k + 1);
        const Vector point = Eigen::Map<const Vector>(partition.regions().interior_point(i), k);
        REQUIRE(value(row, point) > 0.0);
      }
      Vector centre;
      const LpCell cell(c.space, packed, facets_of(partition.regions(), i));
      REQUIRE(2.0 * cell.inscribed_ball(centre) > Tolerances{}.cut);
    }
  }
}

TEST_CASE("Guarantee 3: no state twice, and the interior point has it; flat units are lowest") {
  for (const Case& c : cases(3, 84)) {
    const Partition partition = partition_of(c.form, c.space);
    const StateLayout& layout = partition.layout();
    for (Index i = 0; i < partition.size(); ++i) {
      const StateWord* state = partition.regions().state(i);
      if (i > 0) REQUIRE(layout.compare(partition.regions().state(i - 1), state) < 0);
      Vector x(c.space.input_size());
      partition.interior_points({i, i + 1}, x.data());
      const auto pieces = c.form.states(x.transpose());
      const Ids flat = flat_units(partition, i);
      for (Index u = 0; u < layout.units(); ++u) {
        const bool is_flat = std::find(flat.begin(), flat.end(), u) != flat.end();
        CAPTURE(i);
        CAPTURE(u);
        // On a flat unit rounding decides which side the evaluated state is on.
        if (!is_flat) REQUIRE(pieces(0, u) == layout.get(state, u));
        if (is_flat) REQUIRE(pieces(0, u) >= layout.get(state, u));
      }
    }
  }
}

TEST_CASE("Guarantee 4: facets are minimal and in ascending order") {
  for (const Case& c : cases(4, 63)) {
    const Partition partition = partition_of(c.form, c.space);
    for (Index i = 0; i < std::min<Index>(partition.size(), 25); ++i) {
      const auto facets = facets_of(partition.regions(), i);
      REQUIRE(std::is_sorted(facets.begin(), facets.end()));
      const Rows rows = facet_rows(partition, i);
      const std::vector<char> none(rows.size(), 0);
      REQUIRE(size_of(rows) > c.space.dimension());
      for (Index f = 0; f < size_of(rows); ++f) REQUIRE(reach_without(rows, f, none) > 1e-10);
    }
  }
}

TEST_CASE("Guarantee 5: the same result for any number of threads, undecided cuts included") {
  std::vector<Case> all = cases(5, 21);
  Random random(103);
  for (const Kind kind : {Kind::relu, Kind::maximum, Kind::stairs}) {  // thousands of regions
    all.push_back({random_network(random, {3, 10, 2, 1, kind == Kind::stairs, false}, {kind}),
                   FreeSpace(cube(3))});
  }
  for (const Case& c : all) {
    for (const Exactness exactness : {Exactness::floating, Exactness::safe}) {
      SubdivisionOptions options;
      options.exactness = exactness;
      if (exactness == Exactness::floating) {  // coarse, so that many cuts stay undecided; a safe
        options.tolerances.cut = 0.02;         // search would ask for the facets of all cells so
        options.tolerances.on_hyperplane = 0.002;  // thin in integers
      }
      options.control.threads = 1;
      const SubdivisionResult one = subdivide(c.form, c.space, options);
      for (const int threads : {2, 4, 7}) {
        options.control.threads = threads;
        options.cells_before_sharing = 1;
        CAPTURE(threads);
        check_equal(subdivide(c.form, c.space, options), one);
      }
    }
  }
}

TEST_CASE("Thin cuts are reported with their place") {
  NeuralGraph graph(1);  // kinks at 0.5 and, half a tolerance further, again
  const Ids two = dense(graph, {0}, Matrix{{1.0}, {1.0}}, Vector{{-0.5, -0.5 - 5e-10}});
  const NormalForm form(graph, apply(graph, two, PiecewiseFunction::relu()));
  SubdivisionOptions options;
  options.exactness = Exactness::floating;
  const SubdivisionResult found = subdivide(form, FreeSpace(cube(1)), options);
  CHECK(found.regions.count == 2);
  CHECK(subdivide(form, FreeSpace(cube(1))).regions.count == 3);  // safe: the sliver is a region
  REQUIRE(found.regions.undecided_count >= 1);
  for (const UndecidedCut& cut : found.regions.undecided) {
    CHECK(cut.boundary == BoundaryIds(form).of(1, 0));
    CHECK(cut.reach > 0.0);
    CHECK(cut.reach <= Tolerances{}.cut);
    CHECK(cut.place[0] == doctest::Approx(0.5));
  }
}

TEST_CASE("Exact ties are no undecided cuts") {
  NeuralGraph graph(2);
  const Ids copies =
      dense(graph, {0, 1, 0, 1},
            Matrix{{0.3, 0.7, 0, 0}, {0.3, 0.7, 0, 0}, {0.6, 1.4, 0, 0}, {-0.3, -0.7, 0, 0}},
            Vector{{0.1, 0.1, 0.2, -0.1}});
  const NormalForm form(graph, apply(graph, copies, PiecewiseFunction::relu()));
  SubdivisionOptions options;
  options.exactness = Exactness::floating;
  const SubdivisionResult found = subdivide(form, FreeSpace(cube(2)), options);
  CHECK(found.regions.count == 2);
  CHECK(found.regions.undecided_count == 0);
}

TEST_CASE("A point has one region") {
  Random random(102);
  for (const Kind kind : kKinds) {
    const NormalForm form = random_network(random, {3, 5, 2, 2, true, true}, {kind});
    const Vector x = random.integers(3, 2);
    const FreeSpace space(box(x, x));
    const SubdivisionResult found = subdivide(form, space);
    CHECK(found.termination == Termination::complete);
    REQUIRE(found.regions.count == 1);
    CHECK(found.regions.facets.empty());
    const StateLayout layout(form);
    const auto pieces = form.states(x.transpose());
    for (Index u = 0; u < layout.units(); ++u) {
      CHECK(layout.get(found.regions.state(0), u) == pieces(0, u));
    }
    CHECK_NOTHROW(found.regions.validate(form, space));
  }
}

TEST_CASE("A network without units has one region: the analysis region") {
  NeuralGraph graph(2);
  const NormalForm form(graph, {0});
  for (const CellKind kind : {CellKind::vertices, CellKind::linear_programs}) {
    SubdivisionOptions options;
    options.cell = kind;
    const SubdivisionResult found = subdivide(form, FreeSpace(cube(2)), options);
    CHECK(found.regions.count == 1);
    CHECK(facets_of(found.regions, 0) == sides({0, 1, 2, 3}));
  }
}

TEST_CASE("Sizes and options that do not fit are refused") {
  NeuralGraph graph(2);
  const NormalForm form(graph, {0});
  CHECK_THROWS_AS(subdivide(form, FreeSpace(cube(3))), InvalidInput);
  SubdivisionOptions options;
  options.max_regions = 0;
  CHECK_THROWS_WITH_AS(subdivide(form, FreeSpace(cube(2)), options),
                       "max_regions must be at least 1", InvalidInput);
  options = {};
  options.control.threads = 0;
  CHECK_THROWS_AS(subdivide(form, FreeSpace(cube(2)), options), InvalidInput);
}
