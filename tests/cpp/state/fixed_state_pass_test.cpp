// Forward passes with fixed states: functions that hold at points, and rounding written as zero.
#include "state/fixed_state_pass.hpp"

#include <doctest/doctest.h>

#include "networks.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

std::vector<StateWord> packed(const NormalForm& form, const StateLayout& layout, const Vector& x) {
  std::vector<StateWord> state(static_cast<std::size_t>(layout.words()), 0);
  const auto pieces = form.states(x.transpose());
  for (Index u = 0; u < layout.units(); ++u) layout.set(state.data(), u, pieces(0, u));
  return state;
}

// A second layer of one ReLU on the sum of three values with these weights and a bias.
NormalForm sum_of_three(const Matrix& first, double bias) {
  NeuralGraph graph(first.cols());
  Ids values = dense(graph, range(0, first.cols()), first, Vector::Zero(3));
  values = apply(graph, values, PiecewiseFunction::relu());
  const Ids sum = dense(graph, values, Matrix{{1.0, 1.0, -1.0}}, Vector{{bias}});
  return NormalForm(graph, apply(graph, sum, PiecewiseFunction::relu()));
}

}  // namespace

TEST_CASE("With the states of a point all pre-activations are those of the network there") {
  Random random(311);
  InputPolytope plane = cube(3, 2.0);
  add_constraint(plane, Vector{{1.0, 1.0, 1.0}}, 0.5);
  add_constraint(plane, Vector{{-1.0, -1.0, -1.0}}, -0.5);
  for (const FreeSpace& space : {FreeSpace(cube(3, 1.5)), FreeSpace(plane)}) {
    const Index k = space.dimension();
    for (const Kind kind : kKinds) {
      const NormalForm form =
          random_network(random, {3, 5, 3, 2, false, true}, {kind, Kind::relu, Kind::maximum});
      const StateLayout layout(form);
      FixedStatePass pass(form);
      for (int round = 0; round < 5; ++round) {
        const Vector u = random.point_in(Vector::Constant(k, -1.0), Vector::Constant(k, 1.0));
        const Vector x = space.to_input(u);
        pass.start_in(space);
        pass.run(layout, packed(form, layout, x).data());
        for (Index s = 0; s < size_of(form.stages()); ++s) {
          const Matrix expected = form.head(s).evaluate(x.transpose());
          REQUIRE(pass.pre(s).rows() == expected.cols());
          for (Index r = 0; r < expected.cols(); ++r) {
            const Vector row = Eigen::Map<const Vector>(pass.pre_row(s, r), k + 1);
            REQUIRE(value(row, u) == doctest::Approx(expected(0, r)).epsilon(1e-9));
          }
          const RowScale scale = scale_of(pass.inputs(s));
          CHECK(pass.scale(s).gradient == scale.gradient);
          CHECK(pass.scale(s).offset == scale.offset);
        }
      }
    }
  }
}

TEST_CASE("What cancellation leaves of a gradient and its offset is written as zero") {
  // 0.1 + 0.2 - 0.3 is not zero in double precision.
  const NormalForm form = sum_of_three(Matrix{{0.1}, {0.2}, {0.3}}, 0.0);
  const StateLayout layout(form);
  std::vector<StateWord> state = packed(form, layout, Vector{{1.0}});
  FixedStatePass pass(form);
  pass.start_with(Matrix{{1.0, 3.0}});
  pass.run(layout, state.data());
  const Matrix& values = pass.inputs(1);
  CHECK(values(0, 0) + values(1, 0) - values(2, 0) != 0.0);
  CHECK(pass.pre_row(1, 0)[0] == 0.0);
  CHECK(pass.pre_row(1, 0)[1] == 0.0);
}

TEST_CASE("The offset of a row without a slope stays if it is more than rounding") {
  const NormalForm form = sum_of_three(Matrix{{0.1}, {0.2}, {0.3}}, 1e-9);
  const StateLayout layout(form);
  FixedStatePass pass(form);
  pass.start_with(Matrix{{1.0, 3.0}});
  pass.run(layout, packed(form, layout, Vector{{1.0}}).data());
  CHECK(pass.pre_row(1, 0)[0] == 0.0);
  CHECK(pass.pre_row(1, 0)[1] == doctest::Approx(1e-9).epsilon(1e-5));
}

TEST_CASE("Small offsets of rows with a slope are cleared only when asked for") {
  const NormalForm form = sum_of_three(Matrix::Identity(3, 3), 0.0);
  FixedStatePass pass(form);
  // A point and its derivative.
  for (const double more : {0.0, 1e-9}) {
    pass.start_with(Matrix{{1.0, 0.1}, {0.0, 0.2 + more}, {0.0, 0.3}});
    pass.enter_stage(0);
    for (Index u = 0; u < 3; ++u) pass.decide(0, u, 1);
    pass.finish_stage(0);
    pass.enter_stage(1);
    CHECK(pass.pre_row(1, 0)[1] != 0.0);
    pass.clear_small_offsets(1);
    CHECK(pass.pre_row(1, 0)[0] == 1.0);
    CHECK((pass.pre_row(1, 0)[1] == 0.0) == (more == 0.0));
  }
}

TEST_CASE("A network without units: nothing to run, the inputs stay") {
  NeuralGraph graph(2);
  const NormalForm form(graph, {1, 0});
  const StateLayout layout(form);
  FixedStatePass pass(form);
  const Matrix inputs{{1.0, 0.5, 2.0}, {0.0, -3.0, 4.0}};
  pass.start_with(inputs);
  pass.run(layout, nullptr);
  CHECK(pass.inputs(0) == inputs);
  CHECK(pass.scale(0).gradient == 3.0);
  CHECK(pass.scale(0).offset == 4.0);
}
