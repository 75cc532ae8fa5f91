// verify() against the largest margin at the corners of all regions, and its guarantees by number.
#include "facetry/explain/verify.hpp"

#include <doctest/doctest.h>

#include "facetry/base/error.hpp"
#include "network/output_units.hpp"
#include "networks.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

Conjunction random_conjunction(Random& random, Index conditions, Index outputs) {
  Conjunction conjunction{Matrix(conditions, outputs), Vector(conditions)};
  for (Index i = 0; i < conditions; ++i) {
    for (Index j = 0; j < outputs; ++j) conjunction.weights(i, j) = random.uniform(-1.0, 1.0);
    conjunction.thresholds[i] = random.uniform(-0.3, 0.3);
  }
  return conjunction;
}

// The slow truth: the smallest margin is minus the one output of a network with a maximum behind
// its outputs, which is linear on each of that network's regions: so corners tell.
double largest_margin(const NormalForm& form, const PropertyCase& box, const Conjunction& asked) {
  Matrix weights(2 * asked.weights.rows(),
                 asked.weights.cols());  // twice: one row alone is no maximum
  weights << -asked.weights, -asked.weights;
  Vector offsets(2 * asked.thresholds.size());
  offsets << asked.thresholds, asked.thresholds;
  const NormalForm lacking = with_largest_of(form, weights, offsets);
  const FreeSpace space({box.low, box.high, Matrix(0, box.low.size()), Vector(0)});
  const Partition partition = partition_of(lacking, space);
  double most = -1e300;
  for (Index i = 0; i < partition.size(); ++i) {
    most = std::max(most, -lacking.evaluate(partition.vertices(i)).minCoeff());
  }
  return most;
}

void check_witness(const PropertyCase& box, const Conjunction& asked, const NormalForm& form,
                   const Verification& found) {
  REQUIRE(found.witness.size() == box.low.size());
  CHECK((found.witness.array() >= box.low.array()).all());
  CHECK((found.witness.array() <= box.high.array()).all());
  CHECK(found.outputs == form.evaluate(found.witness.transpose()).row(0).transpose());
  CHECK(((asked.weights * found.outputs - asked.thresholds).array() >= -1e-13).all());
}

PropertyCase cube_case(Index m) {
  return {Vector::Constant(m, -1.0), Vector::Constant(m, 1.0), {}};
}

}  // namespace

TEST_CASE("Guarantees 1 and 2: both sides of the truth, for every kind of unit") {
  Random random(151);
  for (int round = 0; round < 84; ++round) {
    const Index m = 1 + round % 3;
    const Style style{m, 5, 1 + round % 2, 2, round % 5 == 0, random.chance(0.5)};
    const NormalForm form =
        random_network(random, style, {kKinds[round % 7], kKinds[random.below(7)]});
    PropertyCase box = cube_case(m);
    const Conjunction base = random_conjunction(random, 1 + round % 3, form.output_size());
    const double truth = largest_margin(form, box, base);
    VerifyOptions options;
    options.exactness = round % 2 == 0 ? Exactness::safe : Exactness::floating;
    options.climbers = round % 4 == 0 ? 0 : 8;
    options.samples = 64;
    options.quick_seconds = round % 3 == 0 ? 0.0 : 2.0;
    CAPTURE(round);
    for (const double shift : {1e-6, -1e-6}) {
      Conjunction asked = base;
      asked.thresholds.array() += truth + shift * (1.0 + std::abs(truth));
      box.alternatives = {asked};
      const Verification found = verify(form, {box}, options);
      if (shift > 0.0) {
        CHECK(found.answer == Verification::Answer::unsat);
        CHECK(found.bound < 0.0);
        CHECK(found.bound >= -shift * (1.0 + std::abs(truth)) - 1e-8);
      } else {
        REQUIRE(found.answer == Verification::Answer::sat);
        check_witness(box, asked, form, found);
      }
    }
  }
}

TEST_CASE("What the quick search leaves is decided by many points, or by the search after it") {
  Random random(152);
  const Style style{3, 8, 2, 3, false, true};
  for (int round = 0; round < 6; ++round) {
    const NormalForm form = random_network(random, style, {Kind::relu, Kind::relu});
    PropertyCase box = cube_case(3);
    Conjunction asked = random_conjunction(random, 2, form.output_size());
    asked.thresholds.array() += largest_margin(form, box, asked) - 1e-6;
    box.alternatives = {asked};
    VerifyOptions options;
    options.quick_seconds = 0.0;
    options.climbers = 0;
    for (const Index samples : {Index{0}, Index{4096}}) {
      options.samples = samples;
      const Verification found = verify(form, {box}, options);
      REQUIRE(found.answer == Verification::Answer::sat);
      check_witness(box, asked, form, found);
    }
  }
}

TEST_CASE("Alternatives and boxes are all looked at; without any nothing is a counterexample") {
  Random random(153);
  const NormalForm form = random_network(random, {2, 6, 1, 2, false, true}, {Kind::relu});
  PropertyCase box = cube_case(2);
  const Conjunction base = random_conjunction(random, 2, form.output_size());
  Conjunction never = base;
  never.thresholds.array() += 1e3;
  Conjunction easy = base;
  easy.thresholds.array() -= 1e3;
  box.alternatives = {never, easy};
  PropertyCase empty = cube_case(2);
  empty.alternatives = {never, never};
  CHECK(verify(form, {empty, box}).answer == Verification::Answer::sat);
  CHECK(verify(form, {empty, empty}).answer == Verification::Answer::unsat);
  const Verification nothing = verify(form, {});
  CHECK(nothing.answer == Verification::Answer::unsat);
  CHECK(nothing.bound == -std::numeric_limits<double>::infinity());
  CHECK(nothing.cells == 0);
}

TEST_CASE("Guarantee 3: threads change nothing") {
  Random random(154);
  const NormalForm form =
      random_network(random, {3, 8, 2, 3, false, true}, {Kind::relu, Kind::relu});
  PropertyCase box = cube_case(3);
  Conjunction asked = random_conjunction(random, 2, form.output_size());
  asked.thresholds.array() += largest_margin(form, box, asked) + 1e-7;
  box.alternatives = {asked};
  VerifyOptions options;
  const Verification one = verify(form, {box}, options);
  options.control.threads = 3;
  const Verification three = verify(form, {box}, options);
  CHECK(one.answer == Verification::Answer::unsat);
  CHECK(three.answer == one.answer);
  CHECK(three.bound == one.bound);
  CHECK(three.cells == one.cells);
}

TEST_CASE("Limits, cancellation and bad input") {
  Random random(155);
  const NormalForm form =
      random_network(random, {6, 30, 3, 2, false, true}, {Kind::relu, Kind::relu, Kind::relu});
  PropertyCase box = cube_case(6);
  Conjunction asked = random_conjunction(random, 1, form.output_size());
  const Matrix points = 2.0 * (Matrix::Random(4096, 6).array()).matrix();
  asked.thresholds.setConstant(
      1.2 * (form.evaluate(points) * asked.weights.transpose()).maxCoeff() + 1.0);
  box.alternatives = {asked};
  VerifyOptions options;
  options.control.deadline = Control::Clock::now();
  const Verification late = verify(form, {box}, options);
  CHECK(late.answer == Verification::Answer::unknown);
  CHECK(late.termination == Termination::time_limit);
  options.control.deadline.reset();
  options.control.keep_going = [](const Progress&) { return false; };
  const Verification stopped = verify(form, {box}, options);
  CHECK(stopped.answer == Verification::Answer::unknown);
  CHECK(stopped.termination == Termination::cancelled);
  box.low[0] = 2.0;
  CHECK_THROWS_AS((void)verify(form, {box}), InvalidInput);
  box = cube_case(5);
  CHECK_THROWS_AS((void)verify(form, {box}), InvalidInput);
  box = cube_case(6);
  box.alternatives = {{Matrix::Ones(2, 2), Vector::Ones(1)}};
  CHECK_THROWS_AS((void)verify(form, {box}), InvalidInput);
  VerifyOptions wrong;
  wrong.samples = -1;
  CHECK_THROWS_AS((void)verify(form, {}, wrong), InvalidInput);
}
