// What one pass settles among the open units of a part, against the question to each of them.
#include "search/subdivision/open_filter.hpp"

#include <doctest/doctest.h>

#include "search/subdivision/workbench.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

template <class F>
void check(Random& random, const NormalForm& form, const FreeSpace& space, Exactness exactness,
           int& settled, int& kept) {
  Workbench<F> bench(form, space, exactness);
  auto node = bench.root();
  bench.entry.enter(node, 0);
  if (node.open.count < 4) return;
  // The first open unit is decided, and the cell becomes smaller.
  const Vector middle = bench.points_of(random, node.cell, 3)[1];
  const Ids states = states_at(form, space.to_input(middle));
  Question question = bench.test.question_at(node.open, 0);
  bench.sums.decide(node.sums, 0, question,
                    states[bench.plan.stage(0).units[question.unit].number]);
  node.go_on();
  node.cell = bench.part_of(random, node.cell, 1 + static_cast<int>(random.below(5)));
  REQUIRE(bench.filter.pays(node));
  const auto before = node;
  bench.ranges.measured = false;
  bench.filter.sort(node);
  REQUIRE(!node.fresh);
  REQUIRE(!bench.filter.pays(node));
  REQUIRE(bench.ranges.measured);
  Index next = node.place;
  for (Index p = before.place; p < before.open.count; ++p) {
    const Index unit = before.open.units[p].unit;
    Question own = bench.test.question_at(before.open, p);
    const bool cuts = bench.test.cuts(node.cell, 0, own);
    CAPTURE(unit);
    if (kExactRanges<F>) REQUIRE(cuts == node.is_open(unit));
    if (node.is_open(unit)) {
      REQUIRE(node.open.units[next++].unit == unit);
      REQUIRE(bench.test.question_at(node.open, next - 1).length == before.open.units[p].length);
      for (const Vector& u : bench.points_of(random, node.cell, 3)) {
        REQUIRE(bench.pre_at(0, unit, u) >= bench.ranges.low[unit] - 1e-9);
        REQUIRE(bench.pre_at(0, unit, u) <= bench.ranges.high[unit] + 1e-9);
      }
      ++kept;
    } else {
      REQUIRE(!cuts);
      REQUIRE(bench.plan.layout().get(bench.rows.state().data(),
                                      bench.plan.stage(0).units[unit].number) == own.boundary);
      ++settled;
    }
  }
  REQUIRE(next == node.open.count);
  // Sums: with the units that are open decided as the states say they are those of all values.
  const Vector u = bench.points_of(random, node.cell, 2)[0];
  Vector truth =
      bench.plan.stage(0).stage == nullptr ? Vector() : Vector(bench.plan.stage(0).next->rows());
  for (Index p = node.place; p < node.open.count; ++p) {
    Question own{node.open.units[p].unit};
    own.largest = node.open.units[p].largest;
    bench.sums.decide(node.sums, 0, own, 1);
  }
  bench.sums.add_pending(node.sums, 0);
  Vector values(size_of(bench.plan.stage(0).units));
  for (Index n = 0; n < values.size(); ++n) {
    Vector own(space.dimension() + 1);
    const Index piece =
        bench.plan.layout().get(bench.rows.state().data(), bench.plan.stage(0).units[n].number);
    bench.rows.value(0, n, piece, own.data());
    values[n] = value(own, u);
  }
  Matrix product;
  form.output().multiply(values, product);
  truth = product.col(0) + form.output().bias();
  REQUIRE((values_of(bench.plan.output(), node.sums.planes, u) - truth).cwiseAbs().maxCoeff() <=
          1e-10);
}

}  // namespace

TEST_CASE(
    "Guarantees 1 to 3: a pass settles what a question to each unit settles, and adds its values") {
  Random random(271);
  int settled = 0;
  int kept = 0;
  for (int round = 0; round < 150; ++round) {
    const Index k = 1 + round % 3;
    const Index width = round % 10 == 9 ? 80 : 9;  // more than one word of units
    const Kind kind = round % 3 == 0 ? Kind::leaky : Kind::relu;
    const NormalForm form = random_network(random, {k, width, 1, 2, round % 4 == 0, false}, {kind});
    const FreeSpace space(cube(k));
    const Exactness exactness = round % 2 == 0 ? Exactness::safe : Exactness::floating;
    CAPTURE(round);
    with_families(k, [&](auto family) {
      check<typename decltype(family)::type>(random, form, space, exactness, settled, kept);
    });
  }
  CHECK(settled > 500);
  CHECK(kept > 500);
}

TEST_CASE(
    "A pass does not pay for few units, for the cell that they were asked on, or for several "
    "breakpoints") {
  Random random(272);
  const FreeSpace space(cube(2));
  const NormalForm relus = random_network(random, {2, 12, 1, 1, false, false}, {Kind::relu});
  Workbench<PolygonCells> bench(relus, space);
  auto node = bench.root();
  bench.entry.enter(node, 0);
  REQUIRE(node.open.count > 4);
  CHECK(!bench.filter.pays(node));
  node.fresh = true;
  CHECK(bench.filter.pays(node));
  node.place = node.open.count - 2;
  CHECK(!bench.filter.pays(node));
  const NormalForm stairs = random_network(random, {2, 12, 1, 1, false, false}, {Kind::stairs});
  Workbench<PolygonCells> other(stairs, space);
  auto several = other.root();
  other.entry.enter(several, 0);
  several.fresh = true;
  CHECK(!other.filter.pays(several));
}
