// Intervals of values: they hold in exact arithmetic, and are no wider than they must be.
#include "network/intervals.hpp"

#include <doctest/doctest.h>

#include "networks.hpp"
#include "polytopes.hpp"
#include "rationals.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

bool holds(const Intervals& bounds, const Rationals& values) {
  for (Index i = 0; i < size_of(values); ++i) {
    if (values[i] < Rational(bounds.low[i]) || values[i] > Rational(bounds.high[i])) return false;
  }
  return true;
}

// A value between low and high, often one of them.
double between(Random& random, double low, double high) {
  if (random.chance(0.4)) return random.chance(0.5) ? low : high;
  return std::min(high, std::max(low, random.uniform(low, high)));
}

}  // namespace

TEST_CASE("Inputs on the region: exact bounds of what the basis says, tight for a box") {
  Random random(441);
  InputPolytope plane = cube(3);
  add_constraint(plane, Vector{{0.1, 0.2, 0.3}}, 0.07);
  add_constraint(plane, Vector{{-0.1, -0.2, -0.3}}, -0.07);
  const InputPolytope crooked = box(Vector{{0.1, -1.3, 5.0}}, Vector{{0.7, -1.3, 5.1}});
  for (const InputPolytope& polytope : {cube(3, 0.7), crooked, plane}) {
    const FreeSpace space(polytope);
    const Intervals inputs = input_intervals(space);
    const BoxedRows& free = space.constraints();
    for (int round = 0; round < 50; ++round) {
      Vector u(space.dimension());
      for (Index c = 0; c < u.size(); ++c) u[c] = between(random, free.low[c], free.high[c]);
      Rationals x;
      for (Index i = 0; i < space.input_size(); ++i) {
        Rational sum(space.origin()[i]);
        for (Index c = 0; c < u.size(); ++c) sum += Rational(space.basis()(i, c)) * Rational(u[c]);
        x.push_back(sum);
      }
      REQUIRE(holds(inputs, x));
    }
    if (polytope.A.rows() > 0) continue;
    CHECK((inputs.low - polytope.low).cwiseAbs().maxCoeff() < 1e-14);
    CHECK((inputs.high - polytope.high).cwiseAbs().maxCoeff() < 1e-14);
  }
}

TEST_CASE("A region that is one point has intervals of one point") {
  const FreeSpace space(box(Vector{{0.1, -0.3}}, Vector{{0.1, -0.3}}));
  REQUIRE(space.dimension() == 0);
  const Intervals inputs = input_intervals(space);
  CHECK(inputs.low == space.origin());
  CHECK(inputs.high == space.origin());
}

TEST_CASE("Through maps and units: all values of the inputs' corners and of points between") {
  Random random(442);
  for (const Kind kind : kKinds) {
    const NormalForm form =
        random_network(random, {3, 5, 3, 1, false, true}, {kind, Kind::stairs, Kind::maximum});
    Intervals values{Vector(3), Vector(3)};
    for (Index i = 0; i < 3; ++i) {
      values.low[i] = random.uniform(-1.0, 0.5);
      values.high[i] = values.low[i] + (i == 0 ? 0.0 : random.uniform(0.0, 1.0));
    }
    for (const Stage& stage : form.stages()) {
      const Intervals pre = through_map(stage.map, values);
      const Intervals next = through_units(form, stage, pre, values);
      REQUIRE(next.low.size() == stage.width());
      Vector lowest = pre.high, highest = pre.low;  // that were seen
      for (int round = 0; round < 60; ++round) {
        Rationals inputs;
        for (Index j = 0; j < stage.map.columns(); ++j) {
          inputs.emplace_back(between(random, values.low[j], values.high[j]));
        }
        Rationals rows;
        Vector near(stage.map.rows());
        for (Index r = 0; r < stage.map.rows(); ++r) {
          Rational sum(stage.map.bias()[r]);
          stage.map.for_row(r,
                            [&](Index j, double weight) { sum += Rational(weight) * inputs[j]; });
          near[r] = static_cast<double>(sum);
          rows.push_back(sum);
        }
        REQUIRE(holds(pre, rows));
        lowest = lowest.cwiseMin(near);
        highest = highest.cwiseMax(near);
        Rationals results;
        for (const Unit& unit : stage.units) {
          const auto first = rows.begin() + unit.first_row;
          if (unit.kind == UnitKind::maximum) {
            results.push_back(*std::max_element(first, first + unit.row_count));
          } else {
            const PiecewiseFunction& f = form.function(unit);
            const Index piece = f.piece_at(near[unit.first_row]);
            results.push_back(Rational(f.slope(piece)) * *first + Rational(f.intercept(piece)));
          }
        }
        for (const Index carried : stage.carried) results.push_back(inputs[carried]);
        REQUIRE(holds(next, results));
      }
      // The row's own extremes are at corners: bounds are not wider than those.
      for (Index r = 0; r < stage.map.rows(); ++r) {
        Vector low = values.low, high = values.low;
        stage.map.for_row(r, [&](Index j, double weight) {
          low[j] = weight > 0.0 ? values.low[j] : values.high[j];
          high[j] = weight > 0.0 ? values.high[j] : values.low[j];
        });
        double least = stage.map.bias()[r], most = least;
        stage.map.for_row(r, [&](Index j, double weight) {
          least += weight * low[j];
          most += weight * high[j];
        });
        CHECK(pre.low[r] == doctest::Approx(least));
        CHECK(pre.high[r] == doctest::Approx(most));
        CHECK(lowest[r] >= pre.low[r]);
        CHECK(highest[r] <= pre.high[r]);
      }
      values = next;
    }
  }
}

TEST_CASE("Magnitudes, and what two bounds allow together") {
  Intervals bounds{Vector{{-3.0, 1.0}}, Vector{{2.0, 4.0}}};
  CHECK(bounds.magnitudes() == Vector{{3.0, 4.0}});
  bounds.meet({Vector{{-1.0, 0.0}}, Vector{{5.0, 3.0}}});
  CHECK(bounds.low == Vector{{-1.0, 1.0}});
  CHECK(bounds.high == Vector{{2.0, 3.0}});
}
