#include "facetry/network/normal_form.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "facetry/base/error.hpp"
#include "networks.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

Ids some(Random& random, Index size, Index count) {
  Ids ids;
  for (Index i = 0; i < count; ++i) ids.push_back(random.below(size));
  return ids;
}

// Any operation over any earlier values: skips, constants, repeats and dead values come by
// themselves.
void add_random_operation(Random& random, NeuralGraph& graph) {
  const Index size = graph.size();
  switch (random.below(6)) {
    case 0:
    case 1: {
      AffineOperation operation;
      const Index rows = random.between(1, 3);
      for (Index i = 0; i < rows; ++i) {
        const Index entries = random.between(0, 4);  // 0: a constant
        for (Index e = 0; e < entries; ++e) {
          operation.rows.columns.push_back(random.below(size));
          operation.rows.weights.push_back(random.chance(0.1) ? 0.0 : random.uniform(-1.0, 1.0));
        }
        operation.rows.offsets.push_back(size_of(operation.rows.columns));
        operation.bias.push_back(random.uniform(-0.5, 0.5));
      }
      graph.add(std::move(operation));
      return;
    }
    case 2:
    case 3: {
      PiecewiseOperation operation;
      operation.arguments = some(random, size, random.between(1, 3));
      for (const Kind kind : kKinds) operation.functions.push_back(function_of(kind));
      operation.functions.push_back(PiecewiseFunction::identity());
      operation.functions.push_back(
          PiecewiseFunction::leaky_relu(1.0));  // one piece, once simplified
      operation.functions.push_back(PiecewiseFunction::clip(0.5, 0.5));
      operation.which = some(random, size_of(operation.functions), size_of(operation.arguments));
      graph.add(std::move(operation));
      return;
    }
    default: {
      MaximumOperation operation{{0}, {}};
      const Index groups = random.between(1, 2);
      for (Index g = 0; g < groups; ++g) {
        for (const Index a : some(random, size, random.between(1, 4)))
          operation.arguments.push_back(a);
        if (random.chance(0.3)) operation.arguments.push_back(operation.arguments.back());
        operation.offsets.push_back(size_of(operation.arguments));
      }
      graph.add(std::move(operation));
    }
  }
}

// What the header says about stages, carried values and the numbering of units.
void check_structure(const NormalForm& form) {
  Index width = form.input_size();
  Index units = 0;
  for (const Stage& stage : form.stages()) {
    REQUIRE(stage.first_unit == units);
    REQUIRE_FALSE(stage.units.empty());
    REQUIRE(stage.map.columns() == width);
    Index rows = 0;
    std::pair<Index, Index> last{-1, -1};
    for (const Unit& unit : stage.units) {
      REQUIRE(unit.first_row == rows);
      rows += unit.row_count;
      REQUIRE(form.piece_count(unit) >= 2);
      REQUIRE((unit.kind == UnitKind::maximum ? unit.row_count >= 2 : unit.row_count == 1));
      const std::pair<Index, Index> source{unit.operation, unit.position};
      REQUIRE(last < source);  // the order of the graph
      last = source;
    }
    REQUIRE(stage.map.rows() == rows);
    REQUIRE(std::set<Index>(stage.carried.begin(), stage.carried.end()).size() ==
            stage.carried.size());
    for (const Index carried : stage.carried) REQUIRE((carried >= 0 && carried < width));
    width = stage.width();
    units += size_of(stage.units);
  }
  REQUIRE(form.output().columns() == width);
  REQUIRE(form.unit_count() == units);
  REQUIRE(size_of(form.piece_counts()) == units);
}

// A carried value is read by a later stage, by the output, or carried further.
void check_no_idle_carry(const NormalForm& form) {
  const auto& stages = form.stages();
  for (Index s = 0; s < size_of(stages); ++s) {
    const Stage& stage = stages[s];
    const AffineMap& next = s + 1 < size_of(stages) ? stages[s + 1].map : form.output();
    std::set<Index> read;
    for (Index i = 0; i < next.rows(); ++i) {
      next.for_row(i, [&](Index j, double weight) {
        if (weight != 0.0 || !next.is_dense()) read.insert(j);
      });
    }
    if (s + 1 < size_of(stages))
      read.insert(stages[s + 1].carried.begin(), stages[s + 1].carried.end());
    for (Index c = 0; c < size_of(stage.carried); ++c) {
      REQUIRE((read.count(size_of(stage.units) + c) == 1 || next.is_dense()));
    }
  }
}

}  // namespace

TEST_CASE("Any graph and its normal form are the same function") {
  Random random(71);
  for (int round = 0; round < 400; ++round) {
    CAPTURE(round);
    const Index inputs = random.between(1, 4);
    NeuralGraph graph(inputs);
    const Index operations = random.between(0, 14);
    for (Index o = 0; o < operations; ++o) add_random_operation(random, graph);
    const Ids outputs = some(random, graph.size(), random.between(1, 4));
    const NormalForm form(graph, outputs);
    check_structure(form);
    check_no_idle_carry(form);
    const Matrix X = Matrix::NullaryExpr(40, inputs, [&] { return random.uniform(-2.0, 2.0); });
    const Matrix truth = graph.evaluate(X, outputs);
    const double scale = 1.0 + truth.cwiseAbs().maxCoeff();
    REQUIRE((form.evaluate(X) - truth).cwiseAbs().maxCoeff() <= 1e-9 * scale);
  }
}

TEST_CASE("Affine steps merge, constants fold, functions of one piece dissolve") {
  NeuralGraph graph(2);
  Ids values = dense(graph, {0, 1}, Matrix{{1.0, 2.0}, {3.0, 4.0}}, Vector{{1.0, 0.0}});
  values = apply(graph, values, PiecewiseFunction::leaky_relu(1.0));
  values = dense(graph, values, Matrix{{1.0, -1.0}}, Vector{{0.5}});
  AffineOperation constant;
  constant.rows.offsets = {0, 0};
  constant.bias = {-3.0};
  const Ids folded = apply(graph, {graph.add(std::move(constant))}, PiecewiseFunction::absolute());
  const Ids sum = dense(graph, joined(values, folded), Matrix{{1.0, 1.0}}, Vector{{0.0}});
  const NormalForm form(graph, sum);
  CHECK(form.stages().empty());
  CHECK(form.unit_count() == 0);
  CHECK(form.evaluate(Matrix{{1.0, 1.0}})(0, 0) == doctest::Approx(-2.0 - 2.0 + 1.5 + 3.0));
}

TEST_CASE("Repeated arguments and maxima of one dissolve; several constants become one") {
  NeuralGraph graph(2);
  AffineOperation constants;
  constants.rows.offsets = {0, 0, 0};
  constants.bias = {-1.0, 0.25};
  const Index c = graph.add(std::move(constants));
  const Index first =
      graph.add(MaximumOperation{{0, 2, 5, 7, 11}, {0, 0, c, 0, c + 1, c, c + 1, 0, 1, c, c + 1}});
  const NormalForm form(graph, range(first, 4));
  REQUIRE(form.unit_count() == 2);
  const auto& units = form.stages()[0].units;
  CHECK(units[0].kind == UnitKind::piecewise);  // max(x0, 0.25) is a function of one argument
  CHECK(form.function(units[0]) == PiecewiseFunction({0.25}, {0.0, 1.0}, {0.25, 0.0}));
  CHECK(units[1].kind == UnitKind::maximum);
  CHECK(form.piece_counts() == Ids{2, 3});
  CHECK(units[1].position == 3);
  CHECK(form.evaluate(Matrix{{-2.0, 0.5}, {3.0, -1.0}}) ==
        Matrix{{-2.0, 0.25, 0.25, 0.5}, {3.0, 3.0, 0.25, 3.0}});
}

TEST_CASE("Values that no output reads are dropped") {
  NeuralGraph graph(2);
  const Ids used = apply(graph, {0, 1}, PiecewiseFunction::relu());
  apply(graph, used, PiecewiseFunction::absolute());
  const NormalForm form(graph, {used[1]});
  REQUIRE(form.unit_count() == 1);
  CHECK(form.stages()[0].units[0].position == 1);
}

TEST_CASE("A skip is carried to its last reader and no further") {
  NeuralGraph graph(2);
  const Ids one = apply(graph, {0, 1}, PiecewiseFunction::relu());
  const Ids mixed = dense(graph, joined(one, {0}), Matrix{{1.0, 1.0, -1.0}}, Vector{{-0.5}});
  const Ids two = apply(graph, mixed, PiecewiseFunction::relu());
  const Ids three =
      apply(graph, dense(graph, two, Matrix{{2.0}}, Vector{{-1.0}}), PiecewiseFunction::relu());
  const NormalForm form(graph, three);
  REQUIRE(form.stages().size() == 3);
  CHECK(form.stages()[0].carried == Ids{0});
  CHECK(form.stages()[1].carried.empty());
  CHECK(form.stages()[2].carried.empty());
}

TEST_CASE("Units are numbered stage by stage, not in the order of the graph alone") {
  NeuralGraph graph(1);
  const Ids one = apply(graph, {0}, PiecewiseFunction::relu());       // operation 0, stage 1
  const Ids two = apply(graph, one, PiecewiseFunction::clip(0, 1));   // operation 1, stage 2
  const Ids late = apply(graph, {0}, PiecewiseFunction::absolute());  // operation 2, stage 1
  const NormalForm form(graph, joined(two, late));
  REQUIRE(form.stages().size() == 2);
  CHECK(form.stages()[0].units[0].operation == 0);
  CHECK(form.stages()[0].units[1].operation == 2);
  CHECK(form.stages()[1].units[0].operation == 1);
  CHECK(form.stages()[1].first_unit == 2);
  CHECK(form.piece_counts() == Ids{2, 2, 3});
}

TEST_CASE("A unit whose weights are all zero stays") {
  NeuralGraph graph(1);
  const Ids zero = dense(graph, {0}, Matrix{{0.0}}, Vector{{1.0}});
  const NormalForm form(graph, apply(graph, zero, PiecewiseFunction::relu()));
  CHECK(form.unit_count() == 1);
  CHECK(form.evaluate(Matrix{{9.0}})(0, 0) == 1.0);
}

TEST_CASE("states takes the lowest piece and the lowest of equal arguments") {
  NeuralGraph graph(2);
  const Ids clipped = apply(graph, {0}, PiecewiseFunction::clip(0.0, 1.0));
  const Ids largest = maximum(graph, {0, 1}, 2);
  const NormalForm form(graph, joined(clipped, largest));
  const Matrix X{{0.0, 0.0}, {1.0, 1.0}, {0.5, 0.75}, {2.0, 0.0}, {-1.0, -2.0}};
  const auto states = form.states(X);
  const Eigen::MatrixXi expected =
      (Eigen::MatrixXi(5, 2) << 0, 0, 1, 0, 1, 1, 2, 0, 0, 0).finished();
  CHECK(Eigen::MatrixXi(states) == expected);
}

TEST_CASE("More samples than are run at once") {
  Random random(72);
  const NormalForm form = random_network(random, {2, 4, 2, 1, false, true}, {Kind::relu});
  const Matrix X = Matrix::Random(600, 2);
  const Matrix all = form.evaluate(X);
  const auto states = form.states(X);
  for (const Index i : {0, 255, 256, 511, 599}) {
    CHECK(form.evaluate(X.middleRows(i, 1))(0, 0) == doctest::Approx(all(i, 0)).epsilon(1e-12));
    CHECK(form.states(X.middleRows(i, 1)).row(0) == states.row(i));
  }
  CHECK(form.evaluate(Matrix(0, 2)).rows() == 0);
}

TEST_CASE("What does not fit is refused") {
  NeuralGraph graph(2);
  CHECK_THROWS_AS(NormalForm(graph, {}), InvalidInput);
  CHECK_THROWS_AS(NormalForm(graph, {2}), InvalidInput);
  CHECK_THROWS_AS(NormalForm(graph, {-1}), InvalidInput);
  const NormalForm form(graph, {1});
  CHECK_THROWS_AS((void)form.evaluate(Matrix::Zero(1, 3)), InvalidInput);
  CHECK_THROWS_AS((void)form.states(Matrix::Zero(1, 1)), InvalidInput);
}
