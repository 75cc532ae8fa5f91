#include "state/linearise.hpp"

#include <doctest/doctest.h>

#include "networks.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

std::vector<StateWord> state_at(const NormalForm& form, const StateLayout& layout,
                                const Vector& x) {
  std::vector<StateWord> state(static_cast<std::size_t>(layout.words()), 0);
  const auto pieces = form.states(x.transpose());
  for (Index u = 0; u < layout.units(); ++u) layout.set(state.data(), u, pieces(0, u));
  return state;
}

// All boundaries of the pieces that a state is in.
std::vector<Boundary> boundaries_of(const NormalForm& form, const StateLayout& layout,
                                    const std::vector<StateWord>& state) {
  std::vector<Boundary> result;
  for (const Stage& stage : form.stages()) {
    for (Index u = 0; u < size_of(stage.units); ++u) {
      const Unit& unit = stage.units[u];
      const Index number = stage.first_unit + u;
      const Index piece = layout.get(state.data(), number);
      const auto add = [&](Index boundary) { result.push_back({number, boundary}); };
      if (unit.kind == UnitKind::maximum) {
        for (Index a = 0; a < unit.row_count; ++a) {
          if (a != piece) add(a);
        }
      } else {
        if (piece > 0) add(piece - 1);
        if (piece + 1 < form.piece_count(unit)) add(piece);
      }
    }
  }
  return result;
}

std::vector<NormalForm> networks() {
  Random random(91);
  std::vector<NormalForm> forms;
  for (const Kind kind : kKinds) {
    forms.push_back(random_network(random, {3, 5, 2, 2, false, true}, {kind}));
    forms.push_back(
        random_network(random, {2, 3, 3, 3, true, true}, {kind, Kind::relu, Kind::maximum}));
  }
  forms.push_back(random_network(random, {4, 6, 4, 1, false, true}, {Kind::stairs, Kind::maximum}));
  NeuralGraph affine(2);
  forms.emplace_back(affine, Ids{1, 0});
  return forms;
}

}  // namespace

TEST_CASE("The linear model of a point's state has the network's value and slopes there") {
  Random random(92);
  for (const NormalForm& form : networks()) {
    const StateLayout layout(form);
    const Lineariser lineariser(form, layout);
    for (int round = 0; round < 20; ++round) {
      const Vector x = random.point_in(Vector::Constant(form.input_size(), -1.5),
                                       Vector::Constant(form.input_size(), 1.5));
      const auto state = state_at(form, layout, x);
      const AffineFunctions model = lineariser.model(state.data());
      REQUIRE(model.gradients.rows() == form.output_size());
      REQUIRE(model.gradients.cols() == form.input_size());
      const Vector value = form.evaluate(x.transpose()).row(0).transpose();
      REQUIRE((model.gradients * x + model.offsets - value).norm() < 1e-9);
      // A finite difference, where it stays in the region.
      for (Index j = 0; j < form.input_size(); ++j) {
        Vector moved = x;
        moved[j] += 1e-6;
        if (state_at(form, layout, moved) != state) continue;
        const Vector difference = form.evaluate(moved.transpose()).row(0).transpose() - value;
        REQUIRE((difference / 1e-6 - model.gradients.col(j)).norm() < 1e-6);
      }
    }
  }
}

TEST_CASE("Boundary functions are positive inside and change sign where the state changes") {
  Random random(93);
  for (const NormalForm& form : networks()) {
    const StateLayout layout(form);
    const Lineariser lineariser(form, layout);
    for (int round = 0; round < 20; ++round) {
      const Vector low = Vector::Constant(form.input_size(), -1.5);
      const Vector x = random.point_in(low, -low);
      const Vector y = random.point_in(low, -low);
      const auto state = state_at(form, layout, x);
      const auto origins = boundaries_of(form, layout, state);
      const AffineFunctions functions = lineariser.boundaries(state.data(), origins);
      REQUIRE(functions.gradients.rows() == size_of(origins));
      const Vector inside = functions.gradients * x + functions.offsets;
      const Vector other = functions.gradients * y + functions.offsets;
      if (origins.empty()) continue;
      REQUIRE(inside.minCoeff() >= -1e-9);
      // Walking to y, the state changes exactly where the first function falls below zero.
      double leaves = 2.0;
      for (Index i = 0; i < size_of(origins); ++i) {
        if (other[i] < 0.0) leaves = std::min(leaves, inside[i] / (inside[i] - other[i]));
      }
      if (leaves < 1e-6) continue;
      const Vector before = x + std::min(1.0, leaves) * (1.0 - 1e-7) * (y - x);
      REQUIRE(state_at(form, layout, before) == state);
      if (leaves > 1.0) continue;
      REQUIRE(state_at(form, layout, x + (leaves + 1e-7) * (y - x)) != state);
    }
  }
}

TEST_CASE("Rows in free coordinates are the same functions, with gradients of length 1") {
  Random random(94);
  const NormalForm form = random_network(random, {3, 5, 2, 2, false, true}, {Kind::relu});
  const StateLayout layout(form);
  InputPolytope plane = cube(3, 2.0);
  add_constraint(plane, Vector{{1.0, 1.0, 1.0}}, 0.5);
  add_constraint(plane, Vector{{-1.0, -1.0, -1.0}}, -0.5);
  const FreeSpace space(plane);
  const auto state = state_at(form, layout, space.origin());
  const AffineFunctions functions =
      Lineariser(form, layout).boundaries(state.data(), boundaries_of(form, layout, state));
  const std::vector<double> rows = to_free_rows(functions, space);
  REQUIRE(size_of(rows) == 3 * functions.offsets.size());
  for (int round = 0; round < 10; ++round) {
    const Vector u = random.point_in(Vector::Constant(2, -1.0), Vector::Constant(2, 1.0));
    const Vector values = functions.gradients * space.to_input(u) + functions.offsets;
    for (Index i = 0; i < values.size(); ++i) {
      const Vector gradient = Eigen::Map<const Vector>(rows.data() + 3 * i, 2);
      const double length = (functions.gradients.row(i) * space.basis()).norm();
      CHECK(gradient.norm() == doctest::Approx(1.0));
      CHECK((gradient.dot(u) + rows[3 * i + 2]) * length == doctest::Approx(values[i]));
    }
  }
}
