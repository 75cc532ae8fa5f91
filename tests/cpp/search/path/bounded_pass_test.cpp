// Passes with bounds of rounding against the same pass in rational arithmetic.
#include "search/path/bounded_pass.hpp"

#include <doctest/doctest.h>

#include "networks.hpp"
#include "polytopes.hpp"
#include "rationals.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

using Functions = std::vector<Rationals>;  // one affine function per value, the offset last

// The pre-activations of every stage as functions, where the units have these pieces. `linear`:
// without biases and intercepts.
std::vector<Functions> exact_functions(const NormalForm& form, const Ids& pieces,
                                       Functions values_before, bool linear) {
  std::vector<Functions> result;
  const std::size_t length = values_before.front().size();
  for (const Stage& stage : form.stages()) {
    Functions pre(static_cast<std::size_t>(stage.map.rows()), Rationals(length));
    for (Index r = 0; r < stage.map.rows(); ++r) {
      stage.map.for_row(r, [&](Index j, double weight) {
        for (std::size_t c = 0; c < length; ++c) {
          pre[r][c] += Rational(weight) * values_before[j][c];
        }
      });
      if (!linear) pre[r].back() += Rational(stage.map.bias()[r]);
    }
    Functions next;
    for (Index u = 0; u < size_of(stage.units); ++u) {
      const Unit& unit = stage.units[u];
      const Index piece = pieces[stage.first_unit + u];
      if (unit.kind == UnitKind::maximum) {
        next.push_back(pre[unit.first_row + piece]);
        continue;
      }
      const PiecewiseFunction& f = form.function(unit);
      Rationals value = pre[unit.first_row];
      for (Rational& entry : value) entry *= Rational(f.slope(piece));
      if (!linear) value.back() += Rational(f.intercept(piece));
      next.push_back(std::move(value));
    }
    for (const Index from : stage.carried) next.push_back(values_before[from]);
    values_before = std::move(next);
    result.push_back(std::move(pre));
  }
  return result;
}

struct Case {
  Case(Random& random, const InputPolytope& region, const NormalForm& network)
      : form(network), space(region), plan(form, space, {}, Exactness::safe) {
    state.assign(static_cast<std::size_t>(plan.layout().words()), 0);
    for (const Index count : form.piece_counts()) pieces.push_back(random.below(count));
    for (Index u = 0; u < plan.layout().units(); ++u) {
      plan.layout().set(state.data(), u, pieces[u]);
    }
  }
  NormalForm form;
  FreeSpace space;
  SearchPlan plan;
  Ids pieces;
  std::vector<StateWord> state;
};

struct Counts {
  int exact = 0, rounded = 0;
};

void check(const Case& own, const BoundedPass& pass, const std::vector<Functions>& expected,
           double most, Counts& counts) {
  for (Index s = 0; s < own.plan.stage_count(); ++s) {
    for (Index r = 0; r < size_of(expected[s]); ++r) {
      const double error = pass.error(s, r);
      REQUIRE(error >= 0.0);
      REQUIRE(error <= most);  // not by saying nothing
      for (Index c = 0; c < size_of(expected[s][r]); ++c) {
        REQUIRE(abs(Rational(pass.pre(s, r)[c]) - expected[s][r][c]) <= Rational(error));
      }
      ++(error == 0.0 ? counts.exact : counts.rounded);
    }
  }
}

InputPolytope slanted() {
  InputPolytope plane = cube(3);
  add_constraint(plane, Vector{{0.1, 0.2, 0.3}}, 0.07);
  add_constraint(plane, Vector{{-0.1, -0.2, -0.3}}, -0.07);
  return plane;
}

Matrix inputs_of(const SearchPlan& plan) {
  return Eigen::Map<const Matrix>(plan.inputs(), plan.space().input_size(), plan.dimension() + 1);
}

}  // namespace

TEST_CASE("Entries of pre-activations are off by no more than is said, on boxes and on planes") {
  Random random(801);
  Counts counts;
  for (const Kind kind : kKinds) {
    for (int round = 0; round < 8; ++round) {
      const Case own(random, round % 2 == 0 ? cube(3, 0.7) : slanted(),
                     random_network(random, {3, 5, 4, 1, round % 4 == 3, round < 4}, {kind}));
      Functions inputs;
      const Rational one = values(own.plan.exact_region().one()).back();
      for (const ExactRow& input : own.plan.exact_region().inputs()) {
        inputs.push_back(values(input));
        for (Rational& entry : inputs.back()) entry /= one;
      }
      BoundedPass pass(own.plan);
      pass.inputs(0) = inputs_of(own.plan);
      pass.input_errors(0).assign(3, own.plan.exact_region().input_error());
      pass.run(own.state.data());
      check(own, pass, exact_functions(own.form, own.pieces, inputs, false), 1e-9, counts);
    }
  }
  CHECK(counts.rounded > 500);
  CHECK(counts.exact > 5);  // behind units that are off
}

TEST_CASE("What the inputs may be off by is followed through the network") {
  Random random(802);
  Counts counts;
  for (const double size : {1e-12, 1e-6, 1e-2}) {
    for (const Kind kind : kKinds) {
      const Case own(random, cube(2),
                     random_network(random, {2, 4, 3, 1, false, true}, {kind, Kind::relu}));
      BoundedPass pass(own.plan);
      pass.inputs(0) = inputs_of(own.plan);
      pass.input_errors(0) = {size, 0.5 * size};
      Functions inputs;
      for (Index i = 0; i < 2; ++i) {
        inputs.push_back(rationals(pass.inputs(0).data() + 3 * i, 3));
        for (Rational& entry : inputs.back()) {
          const double sign = random.chance(0.5) ? 1.0 : -1.0;
          entry += Rational(sign * pass.input_errors(0)[i]);
        }
      }
      pass.run(own.state.data());
      check(own, pass, exact_functions(own.form, own.pieces, inputs, false), 1e3 * size, counts);
    }
  }
  CHECK(counts.rounded > 100);
}

TEST_CASE("Biases far larger than what they are added to, and rounded away again") {
  Random random(805);
  Counts counts;
  for (int round = 0; round < 50; ++round) {
    NeuralGraph graph(2);
    const Ids first = apply(graph,
                            dense(graph, {0, 1}, random_weights(random, 3, 2, false),
                                  1e6 * random_bias(random, 3, false)),
                            PiecewiseFunction::absolute());
    const Ids second = apply(graph,
                             dense(graph, first, 1e-6 * random_weights(random, 3, 3, false),
                                   1e3 * random_bias(random, 3, false)),
                             PiecewiseFunction::relu());
    const Case own(random, cube(2), NormalForm(graph, second));
    BoundedPass pass(own.plan);
    pass.inputs(0) = inputs_of(own.plan);
    pass.input_errors(0).assign(2, 0.0);
    Functions inputs;
    for (Index i = 0; i < 2; ++i) inputs.push_back(rationals(pass.inputs(0).data() + 3 * i, 3));
    pass.run(own.state.data());
    check(own, pass, exact_functions(own.form, own.pieces, inputs, false), 1e-7, counts);
  }
  CHECK(counts.rounded > 200);
}

TEST_CASE("Linear: directions, without biases and intercepts") {
  Random random(803);
  Counts counts;
  for (const Kind kind : kKinds) {
    for (int round = 0; round < 6; ++round) {
      const Case own(random, cube(3),
                     random_network(random, {3, 5, 3, 1, false, round % 2 == 0}, {kind}));
      BoundedPass pass(own.plan, true);
      pass.inputs(0) = random.direction(3);
      pass.input_errors(0).assign(3, 0.0);
      Functions inputs;
      for (Index i = 0; i < 3; ++i) inputs.push_back(rationals(pass.inputs(0).data() + i, 1));
      pass.run(own.state.data());
      check(own, pass, exact_functions(own.form, own.pieces, inputs, true), 1e-9, counts);
    }
  }
  CHECK(counts.rounded > 300);
}

TEST_CASE("Rows that are computed otherwise take their part in what follows") {
  Random random(804);
  Counts counts;
  const Case own(random, cube(2),
                 random_network(random, {2, 4, 3, 1, false, false}, {Kind::absolute}));
  BoundedPass pass(own.plan);
  pass.inputs(0) = inputs_of(own.plan);
  pass.input_errors(0).assign(2, 1e-3);  // far too much
  pass.enter_stage(0);
  Functions inputs;
  for (Index i = 0; i < 2; ++i) inputs.push_back(rationals(pass.inputs(0).data() + 3 * i, 3));
  const std::vector<Functions> expected = exact_functions(own.form, own.pieces, inputs, false);
  for (Index r = 0; r < 4; ++r) {
    CHECK(pass.error(0, r) > 1e-4);
    for (Index c = 0; c < 3; ++c) pass.pre(0)(r, c) = expected[0][r][c].convert_to<double>();
    pass.errors(0)[r] = 1e-15;  // rounded once
  }
  pass.finish_stage(0, own.state.data());
  for (Index s = 1; s < own.plan.stage_count(); ++s) {
    pass.enter_stage(s);
    pass.finish_stage(s, own.state.data());
  }
  check(own, pass, expected, 1e-11, counts);
  CHECK(counts.rounded > 8);
}
