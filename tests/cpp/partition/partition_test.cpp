// What a partition computes on demand.
#include "facetry/partition/partition.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "facetry/base/error.hpp"
#include "geometry/vertex_cell.hpp"
#include "networks.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

Partition example(Index m, std::uint64_t seed) {
  Random random(seed);
  const NormalForm form =
      random_network(random, {m, 6, 2, 2, false, true}, {Kind::relu, Kind::clip});
  InputPolytope polytope = cube(m);
  if (m > 1) add_constraint(polytope, Vector::Ones(m), 0.7);
  return partition_of(form, FreeSpace(polytope));
}

double area(const Matrix& polygon) {  // the shoelace formula; positive if counter-clockwise
  double twice = 0.0;
  for (Index v = 0; v < polygon.rows(); ++v) {
    const Index w = (v + 1) % polygon.rows();
    twice += polygon(v, 0) * polygon(w, 1) - polygon(w, 0) * polygon(v, 1);
  }
  return 0.5 * twice;
}

}  // namespace

TEST_CASE("Polygons go round counter-clockwise and have their volume as area") {
  const Partition partition = example(2, 161);
  REQUIRE(partition.size() > 10);
  std::vector<double> volumes(static_cast<std::size_t>(partition.size()));
  partition.volumes({0, partition.size()}, 2, volumes.data());
  for (Index i = 0; i < partition.size(); ++i) {
    const Matrix polygon = partition.vertices(i);
    REQUIRE(area(polygon) == doctest::Approx(volumes[i]).epsilon(1e-9));
    REQUIRE(polygon.rows() ==
            partition.regions().facet_offsets[i + 1] - partition.regions().facet_offsets[i]);
  }
}

TEST_CASE("Vertices keep every halfspace and touch as many as there are dimensions") {
  for (Index m = 1; m <= 4; ++m) {
    const Partition partition = example(m, 162);
    for (Index i = 0; i < std::min<Index>(partition.size(), 60); ++i) {
      const Index count =
          partition.regions().facet_offsets[i + 1] - partition.regions().facet_offsets[i];
      Matrix A(count, m);
      Vector b(count);
      partition.halfspaces({i, i + 1}, 1, A.data(), b.data());
      for (Index f = 0; f < count; ++f) REQUIRE(A.row(f).norm() == doctest::Approx(1.0));
      const Matrix vertices = partition.vertices(i);
      for (Index v = 0; v < vertices.rows(); ++v) {
        const Vector slack = b - A * vertices.row(v).transpose();
        REQUIRE(slack.minCoeff() > -1e-8);
        REQUIRE((slack.array() < 1e-8).count() >= m);
      }
    }
  }
}

TEST_CASE("The linear models are the network, inside and at the vertices") {
  const Partition partition = example(3, 163);
  const Index n = partition.form().output_size();
  std::vector<double> coef(static_cast<std::size_t>(partition.size() * n * 3));
  std::vector<double> intercept(static_cast<std::size_t>(partition.size() * n));
  partition.models({0, partition.size()}, 3, coef.data(), intercept.data());
  for (Index i = 0; i < partition.size(); ++i) {
    const Eigen::Map<const Matrix> slopes(coef.data() + i * n * 3, n, 3);
    const Eigen::Map<const Vector> offsets(intercept.data() + i * n, n);
    const Matrix vertices = partition.vertices(i);
    const Matrix truth = partition.form().evaluate(vertices);
    for (Index v = 0; v < vertices.rows(); ++v) {
      const Vector value = slopes * vertices.row(v).transpose() + offsets;
      REQUIRE((value - truth.row(v).transpose()).norm() < 1e-7);
    }
  }
}

TEST_CASE("Ranges give the same as the whole") {
  const Partition partition = example(2, 164);
  const RegionRange whole{0, partition.size()};
  const RegionRange part{3, 7};
  std::vector<std::int32_t> all(
      static_cast<std::size_t>(whole.count() * partition.layout().units()));
  std::vector<std::int32_t> some(
      static_cast<std::size_t>(part.count() * partition.layout().units()));
  partition.states(whole, all.data());
  partition.states(part, some.data());
  CHECK(std::equal(some.begin(), some.end(), all.begin() + 3 * partition.layout().units()));
  Matrix points(whole.count(), 2);
  Matrix few(part.count(), 2);
  partition.interior_points(whole, points.data());
  partition.interior_points(part, few.data());
  CHECK(few == points.middleRows(3, 4));
  const Partition::Corners corners = partition.corners(part, 2);
  REQUIRE(corners.offsets.size() == 5);
  for (Index i = 0; i < 4; ++i) {
    const Index begin = corners.offsets[i];
    CHECK(corners.points.middleRows(begin, corners.offsets[i + 1] - begin) ==
          partition.vertices(3 + i));
  }
  const Partition::Ragged flat = partition.flat_units(whole, 2);
  REQUIRE(size_of(flat.offsets) == partition.size() + 1);
  for (Index i = 0; i < partition.size(); ++i) {
    const Ids own(flat.units.begin() + flat.offsets[i], flat.units.begin() + flat.offsets[i + 1]);
    CHECK(own == flat_units(partition, i));
  }
}

TEST_CASE("find knows every state of the list and no other") {
  const Partition partition = example(2, 165);
  for (Index i = 0; i < partition.size(); ++i) {
    REQUIRE(partition.find(partition.regions().state(i)) == i);
  }
  const StateLayout& layout = partition.layout();
  std::vector<StateWord> state(static_cast<std::size_t>(layout.words()), ~StateWord{0});
  CHECK(partition.find(state.data()) == -1);
}

TEST_CASE("A point has volume 1 and itself as its vertex") {
  NeuralGraph graph(2);
  const NormalForm form(graph, apply(graph, {0, 1}, PiecewiseFunction::relu()));
  const Partition partition =
      partition_of(form, FreeSpace(box(Vector{{1.0, -2.0}}, Vector{{1.0, -2.0}})));
  double volume = 0.0;
  partition.volumes({0, 1}, 1, &volume);
  CHECK(volume == 1.0);
  CHECK(region_volume(partition.space()) == 1.0);
  CHECK(partition.vertices(0) == Matrix{{1.0, -2.0}});
  Index found = -1;
  partition.locate(Matrix{{1.0, -2.0}}, 1, &found);
  CHECK(found == 0);
  const FacetTable table = partition.facet_table({0, 1}, 1);
  CHECK(table.offsets == std::vector<Index>{0, 0});
}

TEST_CASE("Volumes are refused in many dimensions") {
  NeuralGraph graph(7);
  const NormalForm form(graph, apply(graph, {0}, PiecewiseFunction::relu()));
  const Partition partition = partition_of(form, FreeSpace(cube(7)));
  std::vector<double> volumes(2);
  CHECK_THROWS_AS(partition.volumes({0, 2}, 1, volumes.data()), InvalidInput);
  CHECK_THROWS_AS((void)region_volume(partition.space()), InvalidInput);
}
