// Sample points, exact checks of candidates, and climbing: each against what it promises.
#include "explain/margin_points.hpp"

#include <doctest/doctest.h>

#include "networks.hpp"
#include "random.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

// y = |x|
NormalForm absolute() {
  NeuralGraph graph(1);
  const Ids out = apply(graph, {0}, PiecewiseFunction::absolute());
  return NormalForm(graph, out);
}

}  // namespace

TEST_CASE("Starting points: the middle, the corners, the others inside, always the same") {
  const PropertyCase box{Vector::Zero(3), Vector{{0.0, 1.0, 2.0}}, {}};
  const Matrix points = starting_points(box, 10);
  REQUIRE(points.rows() == 1 + 4 + 10);  // one input is fixed
  CHECK(points.row(0) == RowVector{{0.0, 0.5, 1.0}});
  CHECK(points.row(1) == RowVector{{0.0, 0.0, 0.0}});
  CHECK(points.row(4) == RowVector{{0.0, 1.0, 2.0}});
  for (Index i = 0; i < points.rows(); ++i) {
    CHECK((points.row(i).transpose().array() >= box.low.array()).all());
    CHECK((points.row(i).transpose().array() <= box.high.array()).all());
  }
  CHECK(points == starting_points(box, 10));
  CHECK(starting_points({Vector::Ones(2), Vector::Ones(2), {}}, 10).rows() == 1);
  CHECK(starting_points({Vector::Zero(70), Vector::Ones(70), {}}, 5).rows() == 1 + 256 + 5);
}

TEST_CASE("Margins are those of the least fulfilled condition, and the most promising come first") {
  const Conjunction both{Matrix{{1.0}, {-1.0}}, Vector{{1.0, -3.0}}};  // 1 <= y <= 3
  const Vector found = margins(both, Matrix{{0.0}, {2.0}, {2.5}, {2.0}});
  CHECK(found == Vector{{-1.0, 1.0, 0.5, 1.0}});
  CHECK(most_promising(found, 3) == std::vector<Index>{1, 3, 2});
  const Vector unclear{{std::nan(""), -1.0}};
  CHECK(most_promising(unclear, 2) == std::vector<Index>{1, 0});
  const Conjunction none{Matrix(0, 1), Vector(0)};
  CHECK(margins(none, Matrix{{7.0}})[0] == std::numeric_limits<double>::infinity());
}

TEST_CASE("A witness fulfils the conditions without any rounding") {
  const NormalForm form = absolute();
  const double third = 1.0 / 3.0;
  const Matrix points{{third}, {-third}};
  // 3 * third is below 1 exactly, and 1 when rounded.
  const Conjunction missed{Matrix{{3.0}}, Vector{{1.0}}};
  CHECK(3.0 * third == 1.0);
  CHECK_FALSE(first_witness(form, missed, points, form.evaluate(points), {}).has_value());
  const Conjunction lower{Matrix{{3.0}}, Vector{{std::nextafter(1.0, 0.0)}}};
  const auto found = first_witness(form, lower, points, form.evaluate(points), {});
  REQUIRE(found.has_value());
  CHECK(found->point[0] == third);  // of equal margins the first
  CHECK(found->outputs[0] == third);
}

TEST_CASE("Climbing goes uphill and stops when it is told to") {
  const NormalForm form = absolute();
  const PropertyCase box{Vector{{-1.0}}, Vector{{2.0}}, {}};
  const Conjunction asked{Matrix{{1.0}}, Vector{{2.0}}};  // only at the end of the box
  const Matrix start{{0.5}};
  const auto found = climb(form, box, asked, start, 1, {}, [] { return true; });
  REQUIRE(found.has_value());
  CHECK(found->point[0] == 2.0);
  int steps = 0;
  const auto stopped = climb(form, box, asked, Matrix{{-0.5}}, 1, {}, [&] { return ++steps < 2; });
  CHECK_FALSE(stopped.has_value());
  CHECK(steps == 2);
}
