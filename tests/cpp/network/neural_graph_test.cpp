#include "facetry/network/neural_graph.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "facetry/base/error.hpp"
#include "networks.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Adding must throw and leave the graph as it was.
template <class Operation>
void check_refused(Operation operation) {
  NeuralGraph graph(2);
  apply(graph, {0, 1}, PiecewiseFunction::relu());
  CHECK_THROWS_AS(graph.add(std::move(operation)), InvalidInput);
  CHECK(graph.size() == 4);
  CHECK(graph.operations().size() == 1);
  const Matrix X{{1.0, -1.0}};
  CHECK(graph.evaluate(X, {0, 1, 2, 3}) == Matrix{{1.0, -1.0, 1.0, 0.0}});
  CHECK(apply(graph, {3}, PiecewiseFunction::relu()) == Ids{4});
}

AffineOperation affine(Ids offsets, Ids columns, std::vector<double> weights,
                       std::vector<double> bias) {
  return {{std::move(offsets), std::move(columns), std::move(weights)}, std::move(bias)};
}

}  // namespace

TEST_CASE("Values are numbered: inputs first, then each operation's block") {
  NeuralGraph graph(3);
  CHECK(graph.input_size() == 3);
  CHECK(graph.size() == 3);
  CHECK(dense(graph, {0, 1, 2}, Matrix::Ones(2, 3), Vector::Zero(2)) == Ids{3, 4});
  CHECK(apply(graph, {3, 4, 0}, PiecewiseFunction::absolute()) == Ids{5, 6, 7});
  CHECK(maximum(graph, {5, 6, 7, 1}, 2) == Ids{8, 9});
  CHECK(graph.size() == 10);
  CHECK(graph.first_value(0) == 3);
  CHECK(graph.first_value(1) == 5);
  CHECK(graph.first_value(2) == 8);
  CHECK_THROWS_AS(NeuralGraph(0), InvalidInput);
  CHECK_THROWS_AS(NeuralGraph(-1), InvalidInput);
}

TEST_CASE("evaluate follows the definition of each operation") {
  NeuralGraph graph(2);
  graph.add(affine({0, 2, 2, 3}, {0, 1, 1}, {2.0, -1.0, 3.0}, {0.5, 7.0, 0.0}));  // 2, 3, 4
  graph.add(PiecewiseOperation{{2, 4, 2},
                               {PiecewiseFunction::relu(), PiecewiseFunction::absolute()},
                               {0, 1, 1}});              // 5, 6, 7
  graph.add(MaximumOperation{{0, 1, 4}, {5, 6, 7, 3}});  // 8, 9
  const Matrix X{{1.0, 4.0}, {-1.0, -2.0}};
  const Matrix expected{{-1.5, 7.0, 12.0, 0.0, 12.0, 1.5, 0.0, 12.0},
                        {0.5, 7.0, -6.0, 0.5, 6.0, 0.5, 0.5, 7.0}};
  CHECK(graph.evaluate(X, range(2, 8)) == expected);
  CHECK(graph.evaluate(X, {9, 9, 0}) == Matrix{{12.0, 12.0, 1.0}, {7.0, 7.0, -1.0}});
  CHECK(graph.evaluate(Matrix(0, 2), {9}).rows() == 0);
  CHECK_THROWS_AS((void)graph.evaluate(Matrix::Zero(1, 3), {9}), InvalidInput);
  CHECK_THROWS_AS((void)graph.evaluate(X, {10}), InvalidInput);
  CHECK_THROWS_AS((void)graph.evaluate(X, {-1}), InvalidInput);
}

TEST_CASE("A refused affine operation leaves the graph unchanged") {
  check_refused(affine({}, {}, {}, {}));
  check_refused(affine({1}, {}, {}, {}));
  check_refused(affine({0, 2}, {0}, {1.0}, {0.0}));          // offsets end elsewhere
  check_refused(affine({0, 2, 1}, {0}, {1.0}, {0.0, 0.0}));  // offsets descend
  check_refused(affine({0, 1}, {0}, {1.0, 2.0}, {0.0}));     // a weight too many
  check_refused(affine({0, 1}, {0}, {1.0}, {0.0, 1.0}));     // a bias too many
  check_refused(affine({0, 1}, {0}, {NAN}, {0.0}));
  check_refused(affine({0, 1}, {0}, {1.0}, {kInfinity}));
  check_refused(affine({0, 1}, {4}, {1.0}, {0.0}));  // its own result
  check_refused(affine({0, 1}, {-1}, {1.0}, {0.0}));
}

TEST_CASE("A refused piecewise operation leaves the graph unchanged") {
  const std::vector<PiecewiseFunction> functions{PiecewiseFunction::relu()};
  check_refused(PiecewiseOperation{{0, 1}, functions, {0}});
  check_refused(PiecewiseOperation{{0}, functions, {1}});
  check_refused(PiecewiseOperation{{0}, functions, {-1}});
  check_refused(PiecewiseOperation{{0}, {}, {0}});
  check_refused(PiecewiseOperation{{4}, functions, {0}});
}

TEST_CASE("A refused maximum leaves the graph unchanged") {
  check_refused(MaximumOperation{{0, 0, 1}, {0}});  // an empty group
  check_refused(MaximumOperation{{0, 2}, {0}});
  check_refused(MaximumOperation{{}, {}});
  check_refused(MaximumOperation{{0, 1}, {4}});
  check_refused(MaximumOperation{{0, 1}, {-2}});
}

TEST_CASE("A column may repeat in a row: the weights add up") {
  NeuralGraph graph(1);
  graph.add(affine({0, 2}, {0, 0}, {1.0, 2.0}, {0.0}));
  CHECK(graph.evaluate(Matrix{{5.0}}, {1})(0, 0) == 15.0);
  CHECK(NormalForm(graph, {1}).evaluate(Matrix{{5.0}})(0, 0) == 15.0);
}
