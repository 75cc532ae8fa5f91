// What a search looks up: units, boundaries and flags as the network has them.
#include "search/plan/search_plan.hpp"

#include <doctest/doctest.h>

#include "facetry/state/activation_state.hpp"
#include "networks.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

TEST_CASE("Units are those of the network, with their boundaries and the maps around them") {
  Random random(501);
  for (const Kind kind : kKinds) {
    const NormalForm form =
        random_network(random, {3, 4, 3, 2, false, true}, {kind, Kind::relu, Kind::maximum});
    const FreeSpace space(cube(3));
    const SearchPlan plan(form, space, {});
    const BoundaryIds ids(form);
    REQUIRE(plan.stage_count() == size_of(form.stages()));
    for (Index s = 0; s < plan.stage_count(); ++s) {
      const StagePlan& own = plan.stage(s);
      const Stage& stage = form.stages()[s];
      CHECK(own.stage == &stage);
      CHECK(own.first_unit == stage.first_unit);
      CHECK(own.into->rows() == stage.map.rows());
      const bool last = s + 1 == plan.stage_count();
      CHECK(own.next->rows() == (last ? form.output_size() : form.stages()[s + 1].map.rows()));
      REQUIRE(own.units.size() == stage.units.size());
      bool only_maxima = true, single = true, relus = true;
      double slope = 1.0, intercept = 0.0;
      for (Index u = 0; u < size_of(stage.units); ++u) {
        const Unit& unit = stage.units[u];
        const PlannedUnit& planned = own.units[u];
        CHECK(planned.number == stage.first_unit + u);
        CHECK(planned.first_row == unit.first_row);
        CHECK(planned.row_count == unit.row_count);
        CHECK(planned.origin(0) == ids.of(planned.number, 0));
        CHECK(planned.only_if == unit.only_if);
        const bool maximum = unit.kind == UnitKind::maximum;
        CHECK((planned.function == nullptr) == maximum);
        only_maxima = only_maxima && maximum;
        single = single && !maximum && form.function(unit).breakpoints().size() == 1;
        const bool relu = !maximum && form.function(unit) == PiecewiseFunction::relu();
        CHECK(planned.is_relu == relu);
        relus = relus && relu;
        if (maximum) continue;
        CHECK(*planned.function == form.function(unit));
        for (const double x : planned.function->slopes()) slope = std::max(slope, std::abs(x));
        for (const double x : planned.function->intercepts()) {
          intercept = std::max(intercept, std::abs(x));
        }
      }
      CHECK(own.only_maxima == only_maxima);
      CHECK(own.single_breakpoints == single);
      if (relus) CHECK(own.single_breakpoints);
      if (own.all_relu) CHECK(relus);
      CHECK(own.most_slope == slope);
      CHECK(own.most_intercept == intercept);
      CHECK(own.most_norm == stage.map.row_norms().maxCoeff());
      CHECK(own.most_bias == stage.map.bias().cwiseAbs().maxCoeff());
    }
    CHECK(plan.output().rows() == form.output_size());
  }
}

TEST_CASE("Masks are the bits of a stage's units, breakpoints those of its rows") {
  Random random(502);
  const NormalForm form = random_network(random, {2, 70, 2, 1, false, false}, {Kind::relu});
  const FreeSpace space(cube(2));
  const SearchPlan plan(form, space, {});
  REQUIRE(plan.layout().words() == 3);
  for (Index s = 0; s < 2; ++s) {
    CHECK(plan.stage(s).all_relu);
    for (Index u = 0; u < 140; ++u) {
      const bool own = u / 70 == s;
      CHECK(plan.layout().get(plan.stage(s).state_mask.data(), u) == (own ? 1 : 0));
    }
  }
  // A function with its breakpoint elsewhere.
  NeuralGraph graph(1);
  const PiecewiseFunction bent({2.5}, {0.0, -3.0}, {1.0, 8.5});
  const NormalForm other(graph, apply(graph, {0}, bent));
  const FreeSpace line(cube(1));
  const SearchPlan own(other, line, {});
  CHECK(own.stage(0).single_breakpoints);
  CHECK_FALSE(own.stage(0).all_relu);
  CHECK(own.stage(0).breakpoints[0] == 2.5);
  CHECK(own.stage(0).most_slope == 3.0);
  CHECK(own.stage(0).most_intercept == 8.5);
}

TEST_CASE("The first sums are the first pre-activations, or the outputs, at every point") {
  Random random(503);
  InputPolytope plane = cube(3);
  add_constraint(plane, Vector{{1.0, 1.0, 1.0}}, 0.5);
  add_constraint(plane, Vector{{-1.0, -1.0, -1.0}}, -0.5);
  NeuralGraph affine(3);
  const Ids outputs =
      dense(affine, {0, 1, 2}, random_weights(random, 2, 3, false), random_bias(random, 2, false));
  for (const FreeSpace& space : {FreeSpace(cube(3, 0.7)), FreeSpace(plane)}) {
    for (const NormalForm& form : {random_network(random, {3, 9, 2, 1, false, false}, {Kind::relu}),
                                   NormalForm(affine, outputs)}) {
      const SearchPlan plan(form, space, {});
      const NormalForm head = form.stages().empty() ? form : form.head(0);
      const Index k = space.dimension();
      const Index stride =
          plan.stage_count() > 0 ? plan.stage(0).into->stride() : plan.output().stride();
      for (int round = 0; round < 10; ++round) {
        const Vector u = random.point_in(Vector::Constant(k, -1.0), Vector::Constant(k, 1.0));
        const Vector x = space.to_input(u);
        const Matrix inputs = Eigen::Map<const Matrix>(plan.inputs(), 3, k + 1);
        CHECK((inputs.leftCols(k) * u + inputs.col(k) - x).norm() < 1e-12);
        const Matrix expected = head.evaluate(x.transpose());
        for (Index r = 0; r < expected.cols(); ++r) {
          double sum = plan.first_sums()[k * stride + r];
          for (Index c = 0; c < k; ++c) sum += plan.first_sums()[c * stride + r] * u[c];
          REQUIRE(sum == doctest::Approx(expected(0, r)));
        }
        CHECK(plan.input_scale().gradient == inputs.leftCols(k).cwiseAbs().maxCoeff());
        CHECK(plan.input_scale().offset == inputs.col(k).cwiseAbs().maxCoeff());
      }
    }
  }
}

TEST_CASE("Only a safe search goes outward, and knows what its inputs are off by") {
  Random random(504);
  InputPolytope plane = cube(2);
  add_constraint(plane, Vector{{0.1, 0.3}}, 0.07);
  add_constraint(plane, Vector{{-0.1, -0.3}}, -0.07);
  const FreeSpace space(plane);
  const NormalForm form = random_network(random, {2, 4, 2, 1, false, false}, {Kind::relu});
  const SearchPlan fast(form, space, {});
  const SearchPlan safe(form, space, {}, Exactness::safe);
  CHECK_FALSE(fast.safe());
  CHECK(fast.outward().stray == 0.0);
  CHECK(fast.input_scale().error == 0.0);
  CHECK(safe.safe());
  CHECK(safe.outward().stray > 0.0);
  CHECK(safe.input_scale().error == safe.exact_region().input_error());
  CHECK(safe.input_scale().error > 0.0);
  // Magnitudes of the map's weights, for sums of errors.
  const Vector ones = Vector::Ones(4);
  CHECK(safe.stage(1).magnitudes.weighted(2, ones.data()) >=
        std::abs(safe.stage(1).into->weighted(2, ones.data())));
  for (Index r = 0; r < 4; ++r) {
    CHECK(safe.stage(1).noise_slopes[r] == safe.stage(1).stage->map.row_norms()[r]);
  }
}
