// Partition::locate against asking every region; validity regions of points against the partition.
#include <doctest/doctest.h>

#include <algorithm>

#include "facetry/base/error.hpp"
#include "facetry/partition/partition.hpp"
#include "networks.hpp"
#include "partition/regions_around.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

// How far x is outside each region; negative inside.
std::vector<double> distances(const Partition& partition, const Vector& x) {
  const RegionView& list = partition.regions();
  Matrix A(size_of(list.facets), x.size());
  Vector b(size_of(list.facets));
  partition.halfspaces({0, partition.size()}, 1, A.data(), b.data());
  std::vector<double> result;
  for (Index i = 0; i < partition.size(); ++i) {
    double worst = -1e300;
    for (Index f = list.facet_offsets[i]; f < list.facet_offsets[i + 1]; ++f) {
      worst = std::max(worst, A.row(f).dot(x) - b[f]);
    }
    result.push_back(worst);
  }
  return result;
}

// The lowest region that holds x for certain, and the lowest that may hold it.
void check_located(const Partition& partition, const Vector& x) {
  Index found = -2;
  partition.locate(x.transpose(), 1, &found);
  const std::vector<double> outside = distances(partition, x);
  REQUIRE(found >= 0);
  REQUIRE(outside[found] <= 1e-9);
  for (Index i = 0; i < found; ++i) REQUIRE(outside[i] > -1e-9);  // none before holds it inside
}

Vector random_point(Random& random, const FreeSpace& space) {
  while (true) {
    const Vector u = random.point_in(space.constraints().low, space.constraints().high);
    const Vector x = space.to_input(u);
    if (space.contains(x)) return x;
  }
}

InputPolytope region(Index m, Index which) {
  InputPolytope polytope = cube(m);
  if (which == 1) add_constraint(polytope, Vector::Ones(m), 0.5);
  if (which == 2 && m > 1) {
    add_constraint(polytope, Vector::Ones(m), 0.0);
    add_constraint(polytope, -Vector::Ones(m), 0.0);
  }
  return polytope;
}

struct Example {
  NormalForm form;
  FreeSpace space;
};

void add_examples(std::uint64_t seed, std::vector<Example>& result) {
  Random random(seed);
  for (Index round = 0; round < 42; ++round) {
    const Index m = 1 + round % 3;
    const Style style{m, 4, 1 + round % 3, 2, round % 2 == 1, random.chance(0.5)};
    result.push_back({random_network(random, style, {kKinds[round % 7], kKinds[random.below(7)]}),
                      FreeSpace(region(m, round % 3))});
  }
}

// Seeds above 1000 once gave a wrong region, or none: units that vanish on the slanted cut.
std::vector<Example> examples(const std::vector<std::uint64_t>& seeds) {
  std::vector<Example> result;
  for (const std::uint64_t seed : seeds) add_examples(seed, result);
  return result;
}

}  // namespace

TEST_CASE("locate agrees with asking every region, at random points and on boundaries") {
  Random random(141);
  for (const Example& e : examples({1, 5001, 11001})) {
    const Partition partition = partition_of(e.form, e.space);
    for (int s = 0; s < 30; ++s) check_located(partition, random_point(random, e.space));
    for (Index i = 0; i < std::min<Index>(partition.size(), 20); ++i) {
      const Matrix vertices = partition.vertices(i);
      for (Index v = 0; v < vertices.rows(); ++v) {
        check_located(partition, vertices.row(v).transpose());
        const Index other = random.below(vertices.rows());
        check_located(partition, 0.5 * (vertices.row(v) + vertices.row(other)).transpose());
      }
      Vector inside(e.space.input_size());
      partition.interior_points({i, i + 1}, inside.data());
      Index found = -1;
      partition.locate(inside.transpose(), 1, &found);
      REQUIRE(found == i);
    }
  }
}

TEST_CASE("On a facet the lowest region is found") {
  NeuralGraph graph(2);
  const NormalForm form(graph, apply(graph, {0, 1}, PiecewiseFunction::relu()));
  const Partition partition = partition_of(form, FreeSpace(cube(2)));
  const Matrix X{{0.0, 0.0}, {0.5, 0.0}, {0.0, 0.5}, {0.5, 0.5}, {-1.0, 1.0}};
  std::vector<Index> found(5);
  partition.locate(X, 2, found.data());
  CHECK(found == std::vector<Index>{0, 2, 1, 3, 1});
}

TEST_CASE("Outside the region, and for NaN, there is no region") {
  NeuralGraph graph(2);
  const NormalForm form(graph, apply(graph, {0, 1}, PiecewiseFunction::relu()));
  const Partition partition = partition_of(form, FreeSpace(cube(2)));
  const Matrix X{{1.1, 0.0}, {NAN, 0.0}, {0.0, -HUGE_VAL}};
  std::vector<Index> found(3);
  partition.locate(X, 1, found.data());
  CHECK(found == std::vector<Index>{-1, -1, -1});
  CHECK_THROWS_AS(partition.locate(Matrix::Zero(1, 3), 1, found.data()), InvalidInput);
}

TEST_CASE("In a part of the regions only listed ones are found") {
  Random random(142);
  for (Index round = 0; round < 20; ++round) {
    const Style style{2, 6, 2, 1, round % 2 == 1, false};
    const NormalForm form = random_network(random, style, {kKinds[round % 7]});
    const FreeSpace space(cube(2));
    const Partition whole = partition_of(form, space);
    SubdivisionOptions options;
    options.max_regions = std::max<Index>(1, whole.size() / 2);
    const Partition part = partition_of(form, space, options);
    for (int s = 0; s < 100; ++s) {
      const Vector x = random_point(random, space);
      Index in_whole = -1;
      Index in_part = -1;
      whole.locate(x.transpose(), 1, &in_whole);
      part.locate(x.transpose(), 1, &in_part);
      REQUIRE(in_part == (in_whole < part.size() ? in_whole : -1));
    }
  }
}

TEST_CASE("An unordered list refuses what needs order") {
  NeuralGraph graph(2);
  const auto form =
      std::make_shared<NormalForm>(graph, apply(graph, {0, 1}, PiecewiseFunction::relu()));
  const auto space = std::make_shared<FreeSpace>(cube(2));
  const Partition list(form, space, subdivide(*form, *space), false);
  Index found = 0;
  CHECK_THROWS_AS(list.locate(Matrix::Zero(1, 2), 1, &found), InvalidInput);
  CHECK_THROWS_AS((void)list.facet_table({0, list.size()}, 1), InvalidInput);
}

TEST_CASE("The region around a point is the partition's, with the same facets") {
  Random random(143);
  for (const Example& e : examples({2, 11002, 12002, 16002})) {
    const Partition partition = partition_of(e.form, e.space);
    Matrix X(20, e.space.input_size());
    for (Index s = 0; s < X.rows(); ++s) X.row(s) = random_point(random, e.space).transpose();
    std::vector<Index> located(20);
    partition.locate(X, 1, located.data());
    const RegionList around = regions_around(e.form, e.space, X, 1);
    REQUIRE(around.count == 20);
    REQUIRE_NOTHROW(around.validate(e.form, e.space));
    REQUIRE(regions_around(e.form, e.space, X, 3).states == around.states);
    for (Index s = 0; s < 20; ++s) {
      CAPTURE(s);
      const Index i = partition.find(around.state(s));
      REQUIRE(i >= 0);
      if (distances(partition, X.row(s).transpose())[located[s]] < -1e-9) REQUIRE(i == located[s]);
      REQUIRE(facets_of(around, s) == facets_of(partition.regions(), i));
    }
  }
}

TEST_CASE("On a boundary the region towards the middle is taken") {
  for (const Example& e : examples({3, 6003, 7003, 12003, 14003, 20003})) {
    const Partition partition = partition_of(e.form, e.space);
    for (Index i = 0; i < std::min<Index>(partition.size(), 6); ++i) {
      const Matrix vertices = partition.vertices(i);
      const RegionList around = regions_around(e.form, e.space, vertices, 1);
      REQUIRE(around.count == vertices.rows());
      for (Index v = 0; v < vertices.rows(); ++v) {
        const Index found = partition.find(around.state(v));
        REQUIRE(found >= 0);
        REQUIRE(distances(partition, vertices.row(v).transpose())[found] <= 1e-8);
        REQUIRE(facets_of(around, v) == facets_of(partition.regions(), found));
      }
    }
  }
}

TEST_CASE("Points that are not in the region are refused by number") {
  NeuralGraph graph(2);
  const NormalForm form(graph, apply(graph, {0, 1}, PiecewiseFunction::relu()));
  const FreeSpace space(cube(2));
  CHECK_THROWS_WITH_AS(regions_around(form, space, Matrix{{0.0, 0.0}, {2.0, 0.0}}, 1),
                       "point 1 is not in the analysis region", InvalidInput);
  CHECK_THROWS_AS(regions_around(form, space, Matrix{{NAN, 0.0}}, 1), InvalidInput);
  CHECK_THROWS_AS(regions_around(form, space, Matrix::Zero(1, 3), 1), InvalidInput);
  CHECK_THROWS_AS(regions_around(form, FreeSpace(cube(2, 0.0)), Matrix::Zero(1, 2), 1),
                  InvalidInput);
  CHECK(regions_around(form, space, Matrix(0, 2), 1).count == 0);
}

TEST_CASE("explain_points gives the linear models of the states") {
  Random random(145);
  const NormalForm form = random_network(random, {3, 6, 2, 2, false, true}, {Kind::clip});
  const Matrix X = Matrix::Random(600, 3);
  std::vector<double> coef(600 * 6), intercept(600 * 2);
  explain_points(form, X, 2, coef.data(), intercept.data());
  const Matrix truth = form.evaluate(X);
  for (Index i = 0; i < 600; ++i) {
    const Eigen::Map<const Matrix> slopes(coef.data() + 6 * i, 2, 3);
    const Vector value =
        slopes * X.row(i).transpose() + Eigen::Map<const Vector>(intercept.data() + 2 * i, 2);
    REQUIRE((value - truth.row(i).transpose()).norm() < 1e-9);
  }
}
