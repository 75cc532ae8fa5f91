// Functions pulled back through stages: nowhere lower, with all rounding in their error.
#include "network/functionals.hpp"

#include <doctest/doctest.h>

#include "network/intervals.hpp"
#include "networks.hpp"
#include "polytopes.hpp"
#include "rationals.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

// Function f at exact values, the error not counted.
Rational value_of(const Functionals& functions, Index f, const Rationals& values) {
  Rational sum(functions.offset[f]);
  for (Index j = 0; j < size_of(values); ++j) {
    sum += Rational(functions.coefficients(f, j)) * values[j];
  }
  return sum;
}

Rationals through(const AffineMap& map, const Rationals& values) {
  Rationals rows;
  for (Index r = 0; r < map.rows(); ++r) {
    Rational sum(map.bias()[r]);
    map.for_row(r, [&](Index j, double weight) { sum += Rational(weight) * values[j]; });
    rows.push_back(sum);
  }
  return rows;
}

// The values of a stage from its exact pre-activations.
Rationals results(const NormalForm& form, const Stage& stage, const Rationals& rows,
                  const Rationals& before) {
  Rationals values;
  for (const Unit& unit : stage.units) {
    const auto first = rows.begin() + unit.first_row;
    if (unit.kind == UnitKind::maximum) {
      values.push_back(*std::max_element(first, first + unit.row_count));
    } else {
      const PiecewiseFunction& f = form.function(unit);
      const Index piece = f.piece_at(static_cast<double>(*first));
      values.push_back(Rational(f.slope(piece)) * *first + Rational(f.intercept(piece)));
    }
  }
  for (const Index carried : stage.carried) values.push_back(before[carried]);
  return values;
}

Rationals random_point(Random& random, const Intervals& bounds) {
  Rationals point;
  for (Index i = 0; i < bounds.low.size(); ++i) {
    const double share = random.chance(0.5) ? random.uniform(0.0, 1.0) : random.chance(0.5);
    point.emplace_back(bounds.low[i] + share * (bounds.high[i] - bounds.low[i]));
  }
  return point;
}

}  // namespace

TEST_CASE("Rows of a map and the values themselves, of either sign") {
  const AffineMap map({{0, 2, 3}, {0, 1, 1}, {2.0, -3.0, 0.5}}, Vector{{1.0, -4.0}}, 2);
  for (const double sign : {1.0, -1.0}) {
    const Functionals rows = Functionals::rows_of(map, sign);
    CHECK(rows.coefficients == sign * Matrix{{2.0, -3.0}, {0.0, 0.5}});
    CHECK(rows.offset == sign * Vector{{1.0, -4.0}});
    CHECK(rows.error == Vector::Zero(2));
    const Functionals own = Functionals::identity(3, sign);
    CHECK(own.count() == 3);
    CHECK(own.coefficients == sign * Matrix::Identity(3, 3));
    CHECK(own.offset == Vector::Zero(3));
  }
}

TEST_CASE("Through a map the function stays the same, up to its error") {
  Random random(461);
  for (int round = 0; round < 30; ++round) {
    const NormalForm form = random_network(random, {4, 6, 1, 2, false, false}, {Kind::relu});
    const AffineMap& map = form.stages().front().map;
    Functionals functions = Functionals::identity(6, 1.0);
    functions.coefficients = random_weights(random, 3, 6, false);
    functions.offset = 10.0 * random_weights(random, 3, 1, false);
    functions.error = Vector::Constant(3, 1e-20);
    const Functionals given = functions;
    const Intervals bounds{Vector::Constant(4, -3.0), Vector::Constant(4, 2.0)};
    pull_through_map(map, bounds.magnitudes(), functions);
    REQUIRE(functions.coefficients.cols() == 4);
    for (int i = 0; i < 10; ++i) {
      const Rationals point = random_point(random, bounds);
      for (Index f = 0; f < 3; ++f) {
        const Rational off =
            value_of(functions, f, point) - value_of(given, f, through(map, point));
        REQUIRE(abs(off) <= Rational(functions.error[f]));
        REQUIRE(functions.error[f] < 1e-12);
      }
    }
  }
}

TEST_CASE("Through stages no function gets lower anywhere on the bounds") {
  Random random(462);
  int equal = 0;
  for (const Kind kind : kKinds) {
    for (int round = 0; round < 8; ++round) {
      const NormalForm form =
          random_network(random, {3, 4, 2, 2, false, true}, {kind, Kind::maximum});
      Intervals before{Vector::Constant(3, -0.3), Vector::Constant(3, 0.4)};
      for (Index s = 0; s < size_of(form.stages()); ++s) {
        const Stage& stage = form.stages()[s];
        const Intervals pre = through_map(stage.map, before);
        const Vector magnitudes = before.magnitudes();
        Functionals given = Functionals::identity(stage.width(), 1.0);
        given.coefficients = random_weights(random, 3, stage.width(), false);
        given.offset = random_weights(random, 3, 1, false);
        given.error = Vector::Zero(3);
        Functionals pulled = given;
        pull_through(form, stage, {&pre.low, &pre.high, &magnitudes}, pulled);
        // The two steps by themselves.
        Functionals rows = given;
        Matrix carried;
        pull_through_units(form, stage, pre.low, pre.high, magnitudes, rows, carried);
        for (int i = 0; i < 20; ++i) {
          const Rationals point = random_point(random, before);
          const Rationals pre_rows = through(stage.map, point);
          const Rationals values = results(form, stage, pre_rows, point);
          for (Index f = 0; f < 3; ++f) {
            const Rational exact = value_of(given, f, values);
            REQUIRE(value_of(pulled, f, point) + Rational(pulled.error[f]) >= exact);
            Rational by_rows = value_of(rows, f, pre_rows) + Rational(rows.error[f]);
            for (Index j = 0; j < carried.cols(); ++j) {
              by_rows += Rational(carried(f, j)) * point[j];
            }
            REQUIRE(by_rows >= exact);
            REQUIRE(pulled.error[f] < 1e-12);
            equal += value_of(pulled, f, point) - exact < Rational(1e-12) ? 1 : 0;
          }
        }
        before = through_units(form, stage, pre, before);
      }
    }
  }
  CHECK(equal > 0);  // somewhere they touch
}
