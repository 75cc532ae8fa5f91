// Compressed graphs: the same function, with nothing left that need not be there.
#include "network/compression.hpp"

#include <doctest/doctest.h>

#include "networks.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

double sum(const AffineRows& pool, const AffineRows::Row& row, const std::vector<double>& bases) {
  double result = row.bias;
  for (Index e = row.begin; e < row.end; ++e) result += pool.weight(e) * bases[pool.column(e)];
  return result;
}

// The outputs at a point, unit after unit.
Vector evaluate(const CompressedGraph& graph, const Vector& x) {
  std::vector<double> bases(x.data(), x.data() + x.size());
  for (const CompressedUnit& own : graph.units) {
    double value = sum(graph.pool, own.arguments.front(), bases);
    if (own.unit.kind == UnitKind::piecewise) value = graph.functions[own.unit.function](value);
    for (const AffineRows::Row& row : own.arguments) {
      if (own.unit.kind == UnitKind::maximum) value = std::max(value, sum(graph.pool, row, bases));
    }
    bases.push_back(value);
  }
  Vector outputs(size_of(graph.outputs));
  for (Index o = 0; o < outputs.size(); ++o) outputs[o] = sum(graph.pool, graph.outputs[o], bases);
  return outputs;
}

void check_levels(const CompressedGraph& graph) {
  std::vector<Index> levels(static_cast<std::size_t>(graph.input_size), 0);
  for (const CompressedUnit& unit : graph.units) {
    Index highest = 0;
    for (const AffineRows::Row& row : unit.arguments) {
      for (Index e = row.begin; e < row.end; ++e) {
        REQUIRE(graph.pool.column(e) < size_of(levels));
        highest = std::max(highest, levels[graph.pool.column(e)]);
      }
    }
    REQUIRE(unit.level == highest + 1);
    levels.push_back(unit.level);
  }
}

}  // namespace

TEST_CASE("Rows of bases: scaled and combined as affine functions are") {
  AffineRows pool;
  const AffineRows::Row x = pool.base(0), y = pool.base(1);
  const AffineRows::Row half = pool.scaled(y, 0.5, 3.0);
  const std::vector<double> bases{7.0, -4.0};
  CHECK(sum(pool, x, bases) == 7.0);
  CHECK(sum(pool, half, bases) == 1.0);
  const SparseRows weights{{0, 1, 4}, {0, 0, 1, 2}, {9.0, 2.0, -1.0, 4.0}};
  const AffineRows::Row both = pool.combined(weights, 1, {x, y, half}, 100.0, 2);
  CHECK(sum(pool, both, bases) == 2.0 * 7.0 + 4.0 + 4.0 * 1.0 + 100.0);
  CHECK(both.end - both.begin == 2);  // y is read twice, and has one entry
  const AffineRows::Row first = pool.combined(weights, 0, {x, y, half}, 0.0, 2);
  CHECK(sum(pool, first, bases) == 63.0);  // nothing is left of the call before
  CHECK(pool.scaled(x, 0.0, 5.0).bias == 5.0);
}

TEST_CASE("Random graphs keep their function, and levels follow what is read") {
  Random random(471);
  for (const Kind kind : kKinds) {
    for (int round = 0; round < 6; ++round) {
      NeuralGraph graph(3);
      Ids values = range(0, 3);
      for (int layer = 0; layer < 4; ++layer) {
        const Ids read = layer > 1 ? joined(values, range(0, 3)) : values;
        values = dense(graph, read, random_weights(random, 6, size_of(read), round % 2 == 0),
                       random_bias(random, 6, round % 2 == 0));
        if (layer % 2 == 0 && kind == Kind::maximum) values = maximum(graph, values, 2);
        if (layer % 2 == 0 && kind != Kind::maximum) {
          values = apply(graph, values, function_of(kind));
        }
      }
      const CompressedGraph own = compress(graph, values);
      check_levels(own);
      REQUIRE(own.input_size == 3);
      for (int i = 0; i < 20; ++i) {
        const Vector x = random.point_in(Vector::Constant(3, -2.0), Vector::Constant(3, 2.0));
        const Vector expected = graph.evaluate(x.transpose(), values).row(0).transpose();
        REQUIRE((evaluate(own, x) - expected).norm() < 1e-9);
      }
    }
  }
}

TEST_CASE("What need not be there goes: unread values, constants, lone and repeated arguments") {
  NeuralGraph graph(2);
  const Ids read = apply(graph, {0}, PiecewiseFunction::relu());
  (void)apply(graph, {1}, PiecewiseFunction::relu());                 // not read
  const Ids same = apply(graph, {1}, PiecewiseFunction::identity());  // one piece
  const Ids constant = dense(graph, {}, Matrix(1, 0), Vector{{-2.0}});
  const Ids folded = apply(graph, constant, PiecewiseFunction::absolute());
  const Ids lone = maximum(graph, {1, 1, 1}, 3);  // one argument, repeated
  const Ids twice = maximum(graph, {0, 1, 0}, 3);
  const Ids outputs = joined(joined(read, same), joined(folded, joined(lone, twice)));
  const CompressedGraph own = compress(graph, outputs);
  REQUIRE(own.units.size() == 2);
  CHECK(own.units[0].unit.kind == UnitKind::piecewise);
  CHECK(own.units[1].unit.kind == UnitKind::maximum);
  CHECK(own.units[1].arguments.size() == 2);
  CHECK(own.outputs[2].constant());
  CHECK(evaluate(own, Vector{{3.0, -5.0}}) == Vector{{3.0, -5.0, 2.0, -5.0, 3.0}});
}

TEST_CASE("A unit whose weights all happen to be zero stays") {
  NeuralGraph graph(1);
  const Ids zero = dense(graph, {0}, Matrix::Zero(1, 1), Vector{{1.0}});
  const CompressedGraph own = compress(graph, apply(graph, zero, PiecewiseFunction::relu()));
  CHECK(own.units.size() == 1);
  CHECK(evaluate(own, Vector{{9.0}}) == Vector{{1.0}});
}

TEST_CASE("Where each unit comes from is kept") {
  NeuralGraph graph(2);
  const Ids first = dense(graph, {0, 1}, Matrix{{1.0, 2.0}, {0.5, -1.0}}, Vector::Zero(2));
  const Ids units = apply(graph, first, PiecewiseFunction::relu());
  const CompressedGraph own = compress(graph, {units[1], units[0]});
  REQUIRE(own.units.size() == 2);
  for (Index u = 0; u < 2; ++u) {
    CHECK(own.units[u].unit.operation == 1);
    CHECK(own.units[u].unit.position == u);
  }
}

namespace {

// ReLUs of four sums of two inputs, and their pairs' largest.
struct Pool {
  NeuralGraph graph{2};
  Ids pre, on;
  Pool() {
    pre = dense(graph, {0, 1}, Matrix{{1.0, 2.0}, {-1.0, 0.5}, {0.5, -1.0}, {2.0, 1.0}},
                Vector{{0.1, -0.2, 0.3, -0.4}});
    on = apply(graph, pre, PiecewiseFunction::relu());
  }
};

Index units_of(const CompressedGraph& graph, UnitKind kind) {
  return std::count_if(graph.units.begin(), graph.units.end(),
                       [&](const CompressedUnit& unit) { return unit.unit.kind == kind; });
}

void check_same(const NeuralGraph& graph, const Ids& outputs, const CompressedGraph& compressed) {
  Random random(88);
  for (int s = 0; s < 50; ++s) {
    const Vector x = random.point_in(Vector::Constant(2, -2.0), Vector::Constant(2, 2.0));
    const Vector expected = graph.evaluate(x.transpose(), outputs).row(0).transpose();
    REQUIRE(evaluate(compressed, x) == expected);
  }
  check_levels(compressed);
}

}  // namespace

TEST_CASE("A function that all arguments of a maximum have is applied behind it") {
  Pool pool;
  const Index first = pool.graph.add(
      MaximumOperation{{0, 2, 5}, {pool.on[0], pool.on[1], pool.on[1], pool.on[2], pool.on[3]}});
  const Ids outputs{first, first + 1};
  const CompressedGraph compressed = compress(pool.graph, outputs);
  CHECK(units_of(compressed, UnitKind::maximum) == 2);
  CHECK(units_of(compressed, UnitKind::piecewise) == 2);  // instead of 4
  check_same(pool.graph, outputs, compressed);
}

TEST_CASE(
    "Nothing is swapped where the values are read elsewhere, or functions do not keep order") {
  for (const int which : {0, 1, 2, 3}) {
    Pool pool;
    Ids arguments = pool.on;
    Ids outputs;
    if (which == 0) outputs.push_back(pool.on[3]);  // an output
    if (which == 1) {                               // another operation
      outputs = dense(pool.graph, {pool.on[2]}, Matrix{{3.0}}, Vector{{0.0}});
    }
    if (which == 2) arguments = apply(pool.graph, pool.pre, PiecewiseFunction::absolute());
    if (which == 3)
      arguments[0] = apply(pool.graph, {pool.pre[0]}, PiecewiseFunction::leaky_relu(0.1))[0];
    outputs.push_back(pool.graph.add(MaximumOperation{{0, 4}, arguments}));
    const CompressedGraph compressed = compress(pool.graph, outputs);
    CAPTURE(which);
    CHECK(units_of(compressed, UnitKind::piecewise) == 4);
    check_same(pool.graph, outputs, compressed);
  }
}

TEST_CASE("One maximum that cannot be swapped keeps those that share its arguments") {
  Pool pool;
  const Index plain = dense(pool.graph, {0}, Matrix{{1.0}}, Vector{{0.0}})[0];
  const Index first = pool.graph.add(MaximumOperation{
      {0, 2, 4, 6}, {pool.on[0], pool.on[1], pool.on[1], plain, pool.on[2], pool.on[3]}});
  const Ids outputs{first, first + 1, first + 2};
  const CompressedGraph compressed = compress(pool.graph, outputs);
  CHECK(units_of(compressed, UnitKind::piecewise) == 3);  // two as they were, one behind the last
  check_same(pool.graph, outputs, compressed);
}
