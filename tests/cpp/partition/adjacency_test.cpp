// What lies behind each facet: neighbours are symmetric, share the facet, and meet continuously.
#include "partition/adjacency.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "networks.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

struct Halfspace {
  Vector a;
  double b;
};

Halfspace halfspace(const Partition& partition, Index i, Index f) {
  const RegionView& list = partition.regions();
  const Index count = list.facet_offsets[i + 1] - list.facet_offsets[i];
  Matrix A(count, partition.space().input_size());
  Vector b(count);
  partition.halfspaces({i, i + 1}, 1, A.data(), b.data());
  return {A.row(f).transpose(), b[f]};
}

// The middle of the vertices on a facet.
Vector middle_of(const Matrix& vertices, const Halfspace& facet) {
  Vector sum = Vector::Zero(vertices.cols());
  Index count = 0;
  for (Index v = 0; v < vertices.rows(); ++v) {
    if (std::abs(vertices.row(v).dot(facet.a) - facet.b) > 1e-8) continue;
    sum += vertices.row(v).transpose();
    ++count;
  }
  REQUIRE(count > 0);
  return sum / static_cast<double>(count);
}

double distance_outside(const Partition& partition, Index i, const Vector& x) {
  double worst = -1e300;
  const Index count =
      partition.regions().facet_offsets[i + 1] - partition.regions().facet_offsets[i];
  for (Index f = 0; f < count; ++f) {
    const Halfspace h = halfspace(partition, i, f);
    worst = std::max(worst, h.a.dot(x) - h.b);
  }
  return worst;
}

Vector logits(const Partition& partition, Index i, const Vector& x) {
  const Index n = partition.form().output_size();
  const Index m = partition.form().input_size();
  Matrix coef(n, m);
  Vector intercept(n);
  partition.models({i, i + 1}, 1, coef.data(), intercept.data());
  return coef * x + intercept;
}

Ids changes_of(const FacetTable& table, Index facet) {
  return {table.changes.begin() + table.change_offsets[facet],
          table.changes.begin() + table.change_offsets[facet + 1]};
}

void check_facet(const Partition& partition, const FacetTable& table, Index i, Index facet) {
  const Index f = facet - table.offsets[i];
  const Origin origin = table.origins[facet];
  const Index neighbor = table.neighbors[facet];
  REQUIRE((neighbor < 0) == origin.is_side());
  if (neighbor < 0) {
    REQUIRE(changes_of(table, facet).empty());
    return;
  }
  // The facet's own unit is tight there, and changes are exactly the units whose states differ.
  bool own = false;
  for (Index t = table.tight_offsets[facet]; t < table.tight_offsets[facet + 1]; ++t) {
    own = own || table.tight[t].unit == partition.boundary_ids().at(origin).unit;
  }
  REQUIRE(own);
  const StateLayout& layout = partition.layout();
  const Ids here = state_of(layout, partition.regions().state(i));
  const Ids there = state_of(layout, partition.regions().state(neighbor));
  Ids differ;
  for (Index u = 0; u < layout.units(); ++u) {
    if (here[u] != there[u]) differ.push_back(u);
  }
  REQUIRE(changes_of(table, facet) == differ);
  // Symmetric: one facet of the neighbour leads back, over the same hyperplane.
  const Halfspace own_side = halfspace(partition, i, f);
  Index back = -1;
  for (Index g = table.offsets[neighbor]; g < table.offsets[neighbor + 1]; ++g) {
    if (table.neighbors[g] != i) continue;
    REQUIRE(back == -1);
    back = g;
  }
  REQUIRE(back >= 0);
  REQUIRE(changes_of(table, back) == differ);
  // Its middle is in both regions, and the models agree there.
  const Vector middle = middle_of(partition.vertices(i), own_side);
  REQUIRE(distance_outside(partition, neighbor, middle) < 1e-7);
  const Halfspace other_side = halfspace(partition, neighbor, back - table.offsets[neighbor]);
  REQUIRE(std::abs(other_side.a.dot(middle) - other_side.b) < 1e-7);
  REQUIRE((logits(partition, i, middle) - logits(partition, neighbor, middle)).norm() < 1e-7);
}

void check_partition(const Partition& partition) {
  const FacetTable table = partition.facet_table({0, partition.size()}, 2);
  const ArrayView<Origin> listed = partition.regions().facets;
  REQUIRE(table.origins == std::vector<Origin>(listed.begin(), listed.end()));
  for (Index i = 0; i < partition.size(); ++i) {
    for (Index facet = table.offsets[i]; facet < table.offsets[i + 1]; ++facet) {
      CAPTURE(i);
      CAPTURE(facet);
      check_facet(partition, table, i, facet);
    }
  }
}

}  // namespace

TEST_CASE("Neighbours of random networks of every kind") {
  Random random(131);
  for (Index round = 0; round < 56; ++round) {
    const Index k = 1 + round % 3;
    const Style style{k, 4, 1 + round % 3, 2, round % 2 == 1, random.chance(0.5)};
    const NormalForm form =
        random_network(random, style, {kKinds[round % 7], kKinds[random.below(7)]});
    CAPTURE(round);
    check_partition(partition_of(form, FreeSpace(cube(k))));
  }
}

TEST_CASE("Neighbours on oblique cuts, where units may be flat") {
  Random random(132);
  for (Index round = 0; round < 28; ++round) {
    const Style style{3, 4, 2, 1, true, true};
    const NormalForm form = random_network(random, style, {kKinds[round % 7], Kind::maximum});
    CAPTURE(round);
    check_partition(partition_of(form, FreeSpace(slanted(3))));
  }
}

TEST_CASE("Units that share a hyperplane change together; flipping one would be wrong") {
  NeuralGraph graph(2);
  const Ids both = dense(graph, {0, 1}, Matrix{{1.0, 1.0}, {-2.0, -2.0}}, Vector::Zero(2));
  const NormalForm form(graph, apply(graph, both, PiecewiseFunction::relu()));
  const Partition partition = partition_of(form, FreeSpace(cube(2)));
  REQUIRE(partition.size() == 2);
  const FacetTable table = partition.facet_table({0, 2}, 1);
  for (Index facet = 0; facet < size_of(table.origins); ++facet) {
    if (table.origins[facet].is_side()) continue;
    CHECK(changes_of(table, facet) == Ids{0, 1});
    CHECK(table.tight_offsets[facet + 1] - table.tight_offsets[facet] == 2);
  }
  check_partition(partition);
}

TEST_CASE("A maximum over units that are off is flat, and takes its lowest argument") {
  NeuralGraph graph(2);
  const Ids hidden = apply(graph, {0, 1}, PiecewiseFunction::relu());
  // Read elsewhere too, the ReLUs stay before the maximum.
  const NormalForm form(graph, joined(maximum(graph, hidden, 2), hidden));
  const Partition partition = partition_of(form, FreeSpace(cube(2)));
  check_partition(partition);
  int flat = 0;
  for (Index i = 0; i < partition.size(); ++i) {
    const Ids units = flat_units(partition, i);
    const Ids state = state_of(partition.layout(), partition.regions().state(i));
    const bool both_off = state[0] == 0 && state[1] == 0;
    CHECK(units == (both_off ? Ids{2} : Ids{}));
    if (both_off) CHECK(state[2] == 0);
    flat += both_off ? 1 : 0;
  }
  CHECK(flat == 1);
}

TEST_CASE("A unit that vanishes on a cut is flat there") {
  NeuralGraph graph(3);
  const Ids unit =
      dense(graph, {0, 1, 2}, Matrix{{1.0, 1.0, 1.0}, {1.0, 0.0, 0.0}}, Vector::Zero(2));
  const NormalForm form(graph, apply(graph, unit, PiecewiseFunction::relu()));
  const Partition partition = partition_of(form, FreeSpace(slanted(3)));
  REQUIRE(partition.size() == 2);
  for (Index i = 0; i < 2; ++i) {
    CHECK(flat_units(partition, i) == Ids{0});
    CHECK(state_of(partition.layout(), partition.regions().state(i))[0] == 0);
  }
  check_partition(partition);
}

TEST_CASE("Facet tables of a part of the regions and with any number of threads are the same") {
  Random random(133);
  const NormalForm form = random_network(random, {2, 8, 2, 1, false, false}, {Kind::relu});
  const Partition partition = partition_of(form, FreeSpace(cube(2)));
  const FacetTable whole = partition.facet_table({0, partition.size()}, 1);
  CHECK(partition.facet_table({0, partition.size()}, 3).neighbors == whole.neighbors);
  const FacetTable part = partition.facet_table({5, 9}, 1);
  REQUIRE(part.offsets.size() == 5);
  const Index first = whole.offsets[5];
  for (Index facet = 0; facet < size_of(part.origins); ++facet) {
    CHECK(part.origins[facet] == whole.origins[first + facet]);
    CHECK(part.neighbors[facet] == whole.neighbors[first + facet]);
    CHECK(changes_of(part, facet) == changes_of(whole, first + facet));
  }
}
