// Decisions about one unit: magnitudes, zero gradients and differences, pieces of constants.
#include "state/predicates.hpp"

#include <doctest/doctest.h>

#include "networks.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

// A stage of piecewise units with these weights.
NormalForm layer(const Matrix& weights, const PiecewiseFunction& function) {
  NeuralGraph graph(weights.cols());
  const Vector bias = Vector::Zero(weights.rows());
  const Ids pre = dense(graph, range(0, weights.cols()), weights, bias);
  return NormalForm(graph, apply(graph, pre, function));
}

double largest(const Matrix& values, Index row) {
  return values.row(row).head(values.cols() - 1).cwiseAbs().maxCoeff();
}

}  // namespace

TEST_CASE("Magnitudes: of all rows at once, or one after the other") {
  Random random(301);
  for (const Index k : {0, 1, 3}) {
    Matrix values = random_weights(random, 7, k + 1, false);
    RowScale grown;
    for (Index r = 0; r < values.rows(); ++r) grow(grown, values.row(r).data(), k);
    const RowScale scale = scale_of(values);
    CHECK(scale.gradient == grown.gradient);
    CHECK(scale.offset == grown.offset);
    CHECK(scale.offset == values.col(k).cwiseAbs().maxCoeff());
    CHECK((k == 0) == (scale.gradient == 0.0));
  }
  CHECK(scale_of(Matrix(0, 3)).gradient == 0.0);
  CHECK(scale_of(Matrix(0, 3)).offset == 0.0);
}

TEST_CASE("Normalised rows are zero where the row equals t, with a gradient of length 1") {
  const double row[] = {3.0, -4.0, 2.0};
  CHECK(gradient_length(row, 2) == 5.0);
  CHECK(gradient_length(row, 0) == 0.0);
  double out[3];
  normalise(row, 2, 7.0, 5.0, out);
  CHECK(gradient_length(out, 2) == doctest::Approx(1.0));
  // 3 u - 4 v + 2 = 7 at (3, 1).
  CHECK(3.0 * out[0] + 1.0 * out[1] + out[2] == doctest::Approx(0.0));
  CHECK(out[2] == -1.0);
}

TEST_CASE("A gradient is zero against the magnitudes it was added up from, not against 1") {
  Random random(302);
  int zeros = 0, others = 0;
  for (int round = 0; round < 400; ++round) {
    const Index k = random.between(1, 3);
    Matrix weights = random_weights(random, 2, 6, false);
    const double size = std::pow(10.0, static_cast<double>(random.between(-20, 20)));
    Matrix values = size * random_weights(random, 6, k + 1, false);
    // The second half cancels the first, but for a relative rest.
    const double rest = std::pow(10.0, static_cast<double>(random.between(-18, -9)));
    weights.rightCols(3) = weights.leftCols(3);
    values.bottomRows(3) = -(1.0 + rest) * values.topRows(3);
    values(5, k) = 1e6 * size;  // offsets do not count
    const NormalForm form = layer(weights, PiecewiseFunction::relu());
    const Stage& stage = form.stages().front();
    const UnitPredicates predicates(form, {});
    const Matrix pre = weights * values;
    for (const Index r : {0, 1}) {
      double sum = 0.0;
      for (Index j = 0; j < 6; ++j) sum += std::abs(weights(r, j)) * largest(values, j);
      const bool zero = largest(pre, r) <= Tolerances{}.zero_gradient * sum;
      REQUIRE(predicates.zero_gradient(stage, r, pre.row(r).data(), values, scale_of(values)) ==
              zero);
      ++(zero ? zeros : others);
    }
  }
  CHECK(zeros > 100);
  CHECK(others > 100);
}

TEST_CASE("A difference counts the magnitudes of both rows") {
  // Rows of 1 and 1e4 times the same values: their difference is zero only against the larger.
  const Matrix weights{{1.0, 0.0, 1.0}, {0.0, 1e4, 1.0}};
  const Matrix values{{2.0, 1.0}, {2.0, 1.0}, {2.0, 1.0}};
  const NormalForm form = layer(weights, PiecewiseFunction::relu());
  const Stage& stage = form.stages().front();
  const UnitPredicates predicates(form, {});
  const RowScale scale = scale_of(values);
  const double bound = Tolerances{}.zero_gradient * 2.0 * (1.0 + 1.0 + 1e4 + 1.0);
  const double below[] = {0.99 * bound, 5.0};
  const double above[] = {-1.01 * bound, 0.0};
  CHECK(predicates.zero_difference(stage, 0, 1, below, values, scale));
  CHECK(predicates.zero_difference(stage, 1, 0, below, values, scale));
  CHECK_FALSE(predicates.zero_difference(stage, 0, 1, above, values, scale));
  CHECK_FALSE(predicates.zero_gradient(stage, 0, below, values, scale));
}

TEST_CASE("Noise of an offset: relative to the inputs and the bias") {
  NeuralGraph graph(2);
  const Ids pre = dense(graph, {0, 1}, Matrix{{3.0, -4.0}}, Vector{{-10.0}});
  const NormalForm form(graph, apply(graph, pre, PiecewiseFunction::relu()));
  const UnitPredicates predicates(form, {});
  RowScale scale;
  const Stage& stage = form.stages().front();
  CHECK(predicates.offset_noise(stage, 0, scale) == doctest::Approx(1e-12));
  scale.gradient = 1.0;
  scale.offset = 2.0;
  CHECK(predicates.offset_noise(stage, 0, scale) == doctest::Approx(3.1e-12));
  CHECK(predicates.breakpoint_noise(-5.0, 2e-12) == doctest::Approx(2.5e-12));
}

TEST_CASE("The piece of a constant: the lower one on a breakpoint, up to noise") {
  const PiecewiseFunction stairs = function_of(Kind::stairs);
  const NormalForm form = layer(Matrix{{1.0}}, stairs);
  const Unit& unit = form.stages().front().units.front();
  const UnitPredicates predicates(form, {});
  const double noise = 1e-6;
  for (const double t : stairs.breakpoints()) {
    const Index lower = stairs.piece_at(t);
    for (const double shift : {-0.9 * noise, 0.0, 0.9 * noise}) {
      bool flat = false;
      CHECK(predicates.constant_piece(unit, t + shift, noise, &flat) == lower);
      CHECK(flat);
    }
    for (const double shift : {-1.1 * noise, 1.1 * noise}) {
      bool flat = false;
      CHECK(predicates.constant_piece(unit, t + shift, noise, &flat) == stairs.piece_at(t + shift));
      CHECK_FALSE(flat);
      CHECK(predicates.constant_piece(unit, t + shift, noise) == stairs.piece_at(t + shift));
    }
  }
  CHECK(predicates.constant_piece(unit, 1e300, noise) == 3);
  CHECK(predicates.constant_piece(unit, -1e300, noise) == 0);
}
