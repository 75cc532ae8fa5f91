// nearest_region() against the nearest point of each wanted region of the partition, and its
// guarantees by number.
#include "explain/nearest.hpp"

#include <doctest/doctest.h>

#include "facetry/base/error.hpp"
#include "network/output_units.hpp"
#include "networks.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

InputPolytope region(Index m, int which) {
  InputPolytope polytope = cube(m);
  if (which == 1) add_constraint(polytope, Vector::Ones(m), 0.5);
  if (which == 2 && m > 1) {  // an oblique cut
    add_constraint(polytope, Vector::Ones(m), 0.3);
    add_constraint(polytope, -Vector::Ones(m), -0.3);
  }
  return polytope;
}

NormalForm with_comparison(const NormalForm& form, Index outputs) {
  OutputUnit unit;
  unit.outputs = range(0, outputs);
  return with_output_units(form, {unit});
}

// The slow truth: every region that meets the requirement, one after the other.
double least(const NormalForm& form, const FreeSpace& space, Index required,
             const DistanceFrom& from) {
  const Partition partition = partition_of(form, space);
  const Index k = space.dimension();
  double nearest = 1e300;
  for (Index i = 0; i < partition.size(); ++i) {
    const Index winner =
        partition.layout().get(partition.regions().state(i), form.unit_count() - 1);
    if (!SearchGoal::meets(winner, required)) continue;
    const Index first = partition.regions().facet_offsets[i];
    const Index count = partition.regions().facet_offsets[i + 1] - first;
    Matrix A(count, space.input_size());
    Vector b(count);
    partition.halfspaces({i, i + 1}, 1, A.data(), b.data());
    Matrix rows(count, k + 1);
    rows.leftCols(k) = -A * space.basis();
    rows.col(k) = b - A * space.origin();
    const Vector u = from.nearest(rows);
    REQUIRE(u.size() == k);
    nearest = std::min(nearest, from.to(space.to_input(u)));
  }
  return nearest;
}

}  // namespace

TEST_CASE("Guarantees 1 and 2: the nearest of all wanted regions, every kind of unit and cell") {
  Random random(181);
  int found_some = 0;
  int found_none = 0;
  for (int round = 0; round < 126; ++round) {
    const Index m = 1 + round % 4;
    const Style style{m, 5, 1 + round % 3, 3, round % 5 == 0, random.chance(0.5)};
    const NormalForm form = with_comparison(
        random_network(random, style, {kKinds[round % 7], kKinds[random.below(7)]}), 3);
    const FreeSpace space(region(m, round % 3));
    const Vector x =
        space.to_input(random.point_in(space.constraints().low, space.constraints().high));
    Vector scale = Vector::Ones(m);
    for (Index i = 0; i < m; ++i) scale[i] = random.uniform(0.5, 2.0);
    const DistanceFrom from(space, x, scale, Norm::two, nullptr);
    SearchGoal goal;
    goal.required = {round % 2 == 0 ? random.below(3) : SearchGoal::any_but(random.below(3))};
    const double truth = least(form, space, goal.required[0], from);
    CAPTURE(round);
    for (const CellKind kind :
         {CellKind::automatic, CellKind::vertices, CellKind::linear_programs}) {
      NearestOptions options;
      options.cell = kind;
      options.exactness = round % 4 < 2 ? Exactness::safe : Exactness::floating;
      const Nearest found = nearest_region(form, space, goal, from, options);
      REQUIRE(found.termination == Termination::complete);
      REQUIRE(found.at_least <= found.distance);
      if (truth > 1e299) {
        REQUIRE(found.point.size() == 0);
        REQUIRE(found.at_least > 1e299);
        ++found_none;
        continue;
      }
      ++found_some;
      REQUIRE(found.distance == doctest::Approx(truth).epsilon(1e-8));
      REQUIRE(found.at_least <= truth + 1e-9);
      REQUIRE(found.at_least >= found.distance - 1e-9 * (1.0 + found.distance));
      REQUIRE(space.contains(found.point));
      REQUIRE(found.distance == from.to(found.point));
      // Looking no further than half of it finds nothing that near, and says so.
      options.within = 0.5 * truth;
      const Nearest half = nearest_region(form, space, goal, from, options);
      REQUIRE(half.at_least == 0.5 * truth);
      REQUIRE(half.distance >= truth - 1e-8);
    }
  }
  CHECK(found_some > 200);
  CHECK(found_none > 10);
}

TEST_CASE("Guarantee 3: the same for any number of threads") {
  Random random(182);
  for (int round = 0; round < 12; ++round) {
    const Index m = 2 + round % 3;
    const NormalForm form =
        with_comparison(random_network(random, {m, 8, 2, 3, false, false}, {kKinds[round % 7]}), 3);
    const FreeSpace space(cube(m));
    const DistanceFrom from(space, Vector::Zero(m), Vector::Ones(m), Norm::two, nullptr);
    SearchGoal goal;
    goal.required = {round % 3};
    NearestOptions options;
    const Nearest one = nearest_region(form, space, goal, from, options);
    options.control.threads = 3;
    const Nearest three = nearest_region(form, space, goal, from, options);
    REQUIRE(one.distance == three.distance);
    REQUIRE(one.at_least == three.at_least);
    REQUIRE(one.state == three.state);
    REQUIRE(one.cells == three.cells);
  }
}

TEST_CASE("A search that is stopped proves what it has seen") {
  Random random(183);
  int stopped = 0;
  for (int round = 0; round < 8; ++round) {
    const NormalForm form =
        with_comparison(random_network(random, {4, 12, 2, 3, false, false}, {Kind::relu}), 3);
    const FreeSpace space(cube(4));
    const DistanceFrom from(space, Vector::Constant(4, -0.75), Vector::Ones(4), Norm::two, nullptr);
    SearchGoal goal;
    goal.required = {round % 3};
    const Nearest all = nearest_region(form, space, goal, from);
    NearestOptions options;
    int calls = 0;
    options.control.keep_going = [&](const Progress&) { return ++calls < 1 + round % 2; };
    options.control.deadline = Control::Clock::now();
    const Nearest some = nearest_region(form, space, goal, from, options);
    stopped += some.termination == Termination::complete ? 0 : 1;
    REQUIRE(some.at_least <= all.distance + 1e-9);
    REQUIRE(some.distance >= all.distance - 1e-8);
  }
  CHECK(stopped == 8);
}

TEST_CASE("Other norms prove no more than what is true") {
  Random random(184);
  for (int round = 0; round < 200; ++round) {
    const Index k = 1 + round % 5;
    const FreeSpace space(cube(k));
    const Vector x = random.point_in(Vector::Constant(k, -1.0), Vector::Ones(k));
    const Index count = 1 + random.below(6);
    Matrix rows(count, k + 1);
    const Vector inside = random.point_in(Vector::Constant(k, -2.0), Vector::Constant(k, 2.0));
    for (Index r = 0; r < count; ++r) {
      rows.row(r).head(k) = random.direction(k).transpose();
      rows(r, k) = random.uniform(0.0, 0.5) - rows.row(r).head(k).dot(inside);
    }
    double exact = 0.0;
    for (const Norm norm : {Norm::one, Norm::two, Norm::infinity}) {
      const DistanceFrom from(space, x, Vector::Ones(k), norm, nullptr);
      DistanceFrom::Polyhedron polyhedron(from, count, 1e3);
      for (Index r = 0; r < count; ++r) polyhedron.add(rows.row(r).data());
      const double proven = from.at_least(polyhedron);
      REQUIRE(proven <= from.to(space.to_input(inside)) + 1e-9);
      if (norm == Norm::two) {
        const Vector u = from.nearest(rows);
        REQUIRE(u.size() == k);
        exact = from.to(space.to_input(u));
        REQUIRE(proven == doctest::Approx(exact).epsilon(1e-8));
      }
      // Rows further away than the nearest point can be left out.
      DistanceFrom::Polyhedron some(from, count, 1.001 * from.to(space.to_input(inside)));
      for (Index r = 0; r < count; ++r) some.add(rows.row(r).data());
      REQUIRE(from.at_least(some) == doctest::Approx(proven).epsilon(1e-8));
      // Values of a row within a radius.
      const double radius = random.uniform(0.0, 2.0);
      const Range bounds = from.range_within(radius, rows.row(0).data(), 1);
      for (int s = 0; s < 30; ++s) {
        Vector step = random.direction(k);
        step *= random.uniform(0.0, radius) / (norm == Norm::one   ? step.cwiseAbs().sum()
                                               : norm == Norm::two ? step.norm()
                                                                   : step.cwiseAbs().maxCoeff());
        const Vector u = space.to_free(x + step);
        const double value = rows.row(0).head(k).dot(u) + rows(0, k);
        REQUIRE(value >= bounds.low);
        REQUIRE(value <= bounds.high);
      }
    }
  }
}

TEST_CASE("A region that is one point, and goals that do not fit") {
  NeuralGraph graph(2);
  const NormalForm form = with_comparison(
      NormalForm(graph, dense(graph, {0, 1}, Matrix{{1.0, 1.0}, {0.0, 0.0}}, Vector{{0.0, 1.0}})),
      2);
  InputPolytope point = cube(2);
  point.low = point.high = Vector{{0.75, 0.75}};
  const FreeSpace space(point);
  const DistanceFrom from(space, Vector::Zero(2), Vector::Ones(2), Norm::two, nullptr);
  SearchGoal goal;
  goal.required = {0};
  CHECK(nearest_region(form, space, goal, from).distance == doctest::Approx(0.75 * std::sqrt(2.0)));
  goal.required = {1};
  CHECK(nearest_region(form, space, goal, from).point.size() == 0);
  CHECK(nearest_region(form, space, goal, from).at_least > 1e300);
  CHECK_THROWS_AS((void)nearest_region(form, space, {}, from), InvalidInput);
  goal.required = {2};
  CHECK_THROWS_AS((void)nearest_region(form, space, goal, from), InvalidInput);
}
