// Past failures, run again.
#include "corpus.hpp"
#include "geometry/vertex_cell.hpp"

#include <doctest/doctest.h>

using namespace facetry;
using namespace facetry::testing;

TEST_CASE("A half-bounded feature keeps its bound") {
  const FreeSpace space(corpus::half_bounded_triangle());
  CHECK(space.contains(Vector{{0.25, 0.25}}));
  CHECK_FALSE(space.contains(Vector{{-1.0, 0.0}}));
}

TEST_CASE("Rows of any length count") {
  for (const double length : {1e-12, 1e-6, 1e12}) {
    CHECK(FreeSpace(corpus::equality_of_length(length)).dimension() == 1);
  }
}

TEST_CASE("The ends of a segment through zero are contained") {
  const FreeSpace space(corpus::segment_through_zero());
  const VertexCell cell(space);
  REQUIRE(cell.vertex_count() == 2);
  for (Index v = 0; v < 2; ++v) {
    CHECK(space.contains(space.to_input(Eigen::Map<const Vector>(cell.vertex(v), 1))));
  }
}

TEST_CASE("Rounding is no jump") { CHECK_NOTHROW((void)corpus::steep_hard_sigmoid()); }

TEST_CASE("Undecided cuts come in the same order on any number of threads") {
  const NormalForm form = corpus::many_thin_cuts();
  SubdivisionOptions options;
  options.tolerances.cut = 0.02;
  options.tolerances.on_hyperplane = 0.002;
  const RegionList one = subdivide(form, FreeSpace(cube(3)), options).regions;
  options.control.threads = 4;
  const RegionList four = subdivide(form, FreeSpace(cube(3)), options).regions;
  REQUIRE(one.count > 128);
  REQUIRE(one.undecided.size() == four.undecided.size());
  for (std::size_t i = 0; i < one.undecided.size(); ++i) {
    CHECK(one.undecided[i].boundary == four.undecided[i].boundary);
  }
}

TEST_CASE("Units that vanish on a cut, one behind the other, split nothing") {
  const NormalForm form = corpus::vanishing_chain();
  const FreeSpace space(corpus::plane_through_zero());
  for (const CellKind kind : {CellKind::vertices, CellKind::linear_programs}) {
    SubdivisionOptions options;
    options.cell = kind;
    const Partition partition = partition_of(form, space, options);
    REQUIRE(partition.size() == 1);
    CHECK(state_of(partition.layout(), partition.regions().state(0)) == Ids(6, 0));
    CHECK(flat_units(partition, 0) == range(0, 6));
  }
}
