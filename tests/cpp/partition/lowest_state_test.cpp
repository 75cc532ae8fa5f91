// The lowest region that holds a point, against the partition: what `locate` finds there.
#include "partition/lowest_state.hpp"

#include <doctest/doctest.h>

#include "networks.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

// By asking every region, with exact values: does the point hold all pieces of its state?
Index lowest_of_all(const Partition& partition, const Vector& x) {
  const NormalForm& form = partition.form();
  for (Index i = 0; i < partition.size(); ++i) {
    ProvenPass pass(form);
    pass.start(x);
    bool holds = true;
    for (Index s = 0; s < size_of(form.stages()) && holds; ++s) {
      const Stage& stage = form.stages()[s];
      for (Index u = 0; u < size_of(stage.units) && holds; ++u) {
        const Unit& unit = stage.units[u];
        const Index piece =
            partition.layout().get(partition.regions().state(i), stage.first_unit + u);
        if (unit.kind == UnitKind::maximum) {
          for (Index a = 0; a < unit.row_count && holds; ++a)
            holds = pass.sign_between(s, unit.first_row + piece, unit.first_row + a) >= 0;
        } else {
          const auto& t = form.function(unit).breakpoints();
          holds = (piece == 0 || pass.sign_to(s, unit.first_row, t[piece - 1]) >= 0) &&
                  (piece == size_of(t) || pass.sign_to(s, unit.first_row, t[piece]) <= 0);
        }
        pass.decide(s, u, piece);
      }
      pass.finish_stage(s);
    }
    if (holds) return i;
  }
  return -1;
}

}  // namespace

TEST_CASE("Points on many boundaries at once, for every kind of unit") {
  Random random(621);
  SubdivisionOptions options;
  options.exactness = Exactness::safe;
  Index on_boundaries = 0;
  for (Index round = 0; round < 56; ++round) {
    const Index m = 1 + round % 3;
    const NormalForm form = random_network(random, {m, 4, 2, 1, true, round % 4 == 0},
                                           {kKinds[round % 7], kKinds[random.below(7)]});
    const FreeSpace space(cube(m, 2.0));
    const Partition partition = partition_of(form, space, options);
    const SearchPlan plan(form, space, {}, Exactness::safe);
    LowestState lowest(plan);
    for (int s = 0; s < 12; ++s) {
      Vector x(m);
      for (Index i = 0; i < m; ++i) x[i] = static_cast<double>(random.between(-4, 4)) / 2.0;
      const Index expected = lowest_of_all(partition, x);
      REQUIRE(expected >= 0);
      REQUIRE(partition.find(lowest.at(x).data()) == expected);
      Index located = -1;
      partition.locate(x.transpose(), 1, &located);
      REQUIRE(located == expected);
      ++on_boundaries;
    }
  }
  CHECK(on_boundaries == 56 * 12);
}

TEST_CASE("One double next to a boundary far from the origin is told apart") {
  // y = x0 - x1 around 1e8: the boundary x0 = x1.
  NeuralGraph graph(2);
  const NormalForm form(graph,
                        apply(graph, dense(graph, {0, 1}, Matrix{{1.0, -1.0}}, Vector::Zero(1)),
                              PiecewiseFunction::relu()));
  InputPolytope far = cube(2);
  far.low.array() += 1e8;
  far.high.array() += 1e8;
  SubdivisionOptions options;
  options.exactness = Exactness::safe;
  const Partition partition = partition_of(form, FreeSpace(far), options);
  REQUIRE(partition.size() == 2);
  const double x = 1e8 + 0.25;
  const Matrix X{{x, x}, {std::nextafter(x, 2e8), x}, {std::nextafter(x, 0.0), x}};
  std::vector<Index> found(3);
  partition.locate(X, 1, found.data());
  CHECK(found == std::vector<Index>{0, 1, 0});
}
