// Exact values and proven signs against a pass in rational arithmetic.
#include "state/exact_values.hpp"

#include <doctest/doctest.h>

#include "networks.hpp"
#include "rationals.hpp"
#include "state/proven_pass.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

// The pieces at a point, the lowest where two hold, and the pre-activations there.
struct Truth {
  std::vector<Index> pieces;
  std::vector<Rationals> pre;
};

Truth truth_at(const NormalForm& form, const Vector& x) {
  Truth truth;
  truth.pieces.assign(static_cast<std::size_t>(form.unit_count()), 0);
  const Rationals inputs(x.begin(), x.end());
  for (const Stage& stage : form.stages()) {  // later stages follow from the pieces before
    truth.pre = exact_pass(form, truth.pieces, inputs);
    const Rationals& pre = truth.pre[&stage - form.stages().data()];
    for (Index u = 0; u < size_of(stage.units); ++u) {
      const Unit& unit = stage.units[u];
      Index& piece = truth.pieces[stage.first_unit + u];
      if (unit.kind == UnitKind::maximum) {
        for (Index a = 1; a < unit.row_count; ++a) {
          if (pre[unit.first_row + a] > pre[unit.first_row + piece]) piece = a;
        }
        continue;
      }
      const auto& t = form.function(unit).breakpoints();
      while (piece < size_of(t) && pre[unit.first_row] > Rational(t[piece])) ++piece;
    }
  }
  truth.pre = exact_pass(form, truth.pieces, inputs);
  return truth;
}

Vector point(Random& random, Index m, bool integer) {
  Vector x(m);
  for (Index i = 0; i < m; ++i)
    x[i] = integer ? static_cast<double>(random.between(-2, 2)) : random.normal();
  return x;
}

int sign(const Rational& number) { return number.sign(); }

}  // namespace

TEST_CASE("Signs of all pre-activations, on boundaries and off, for every kind of unit") {
  Random random(611);
  Index zeros = 0;
  for (Index round = 0; round < 84; ++round) {
    const bool integer = round % 2 == 1;
    const NormalForm form = random_network(random, {3, 4, 3, 2, integer, round % 3 == 0},
                                           {kKinds[round % 7], kKinds[random.below(7)]});
    ExactValues exact(form);
    ProvenPass proven(form);
    for (int s = 0; s < 4; ++s) {
      const Vector x = point(random, 3, integer);
      const Truth truth = truth_at(form, x);
      exact.start(x);
      proven.start(x);
      for (Index stage = 0; stage < size_of(form.stages()); ++stage) {
        const Rationals& pre = truth.pre[stage];
        for (Index r = 0; r < size_of(pre); ++r) {
          const double t = integer ? 0.0 : 0.25;
          const int expected = sign(pre[r] - Rational(t));
          zeros += expected == 0 ? 1 : 0;
          REQUIRE(exact.compare_to(stage, r, t) == expected);
          REQUIRE(proven.sign_to(stage, r, t) == expected);
          const Index other = random.below(size_of(pre));
          REQUIRE(exact.compare(stage, r, other) == sign(pre[r] - pre[other]));
          REQUIRE(proven.sign_between(stage, r, other) == sign(pre[r] - pre[other]));
        }
        const Stage& own = form.stages()[stage];
        for (Index u = 0; u < size_of(own.units); ++u)
          proven.decide(stage, u, truth.pieces[own.first_unit + u]);
        proven.finish_stage(stage);
      }
    }
  }
  CHECK(zeros > 100);
}

TEST_CASE("Outputs are compared beyond what doubles can tell") {
  NeuralGraph graph(1);  // y0 = x / 10 three times over, y1 = 3 x / 10, y2 = 0
  const double tenth = 0.1;
  const NormalForm form(
      graph, dense(graph, dense(graph, {0}, Matrix::Constant(3, 1, tenth), Vector::Zero(3)),
                   Matrix{{1.0, 1.0, 1.0}, {3.0, 0.0, 0.0}, {0.0, 0.0, 0.0}}, Vector::Zero(3)));
  ExactValues exact(form);
  exact.start(Vector::Ones(1));
  const Rational first(form.output().bias()[0]);
  CHECK(first == 0);
  Rational sums[2] = {0, 0};
  for (Index i = 0; i < 2; ++i)
    form.output().for_row(i, [&](Index, double weight) { sums[i] += Rational(weight); });
  CHECK(exact.compare_outputs(0, 1) == sign(sums[0] - sums[1]));
  CHECK(exact.compare_outputs(0, 2) == 1);
  CHECK(exact.compare_outputs(Vector{{1.0, -1.0, 0.0}}, 0.0) == sign(sums[0] - sums[1]));
  CHECK(exact.compare_outputs(Vector{{0.0, 0.0, 1.0}}, 0x1p-1074) == -1);
}
