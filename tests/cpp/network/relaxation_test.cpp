// Lines around units: they hold in rational arithmetic on all of an interval.
#include "network/relaxation.hpp"

#include <doctest/doctest.h>

#include "networks.hpp"
#include "rationals.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

// One unit: a piecewise function of one value, or a maximum of three.
NormalForm unit_of(const PiecewiseFunction& function) {
  NeuralGraph graph(1);
  return NormalForm(graph, apply(graph, {0}, function));
}
NormalForm maximum_of_three() {
  NeuralGraph graph(3);
  return NormalForm(graph, maximum(graph, {0, 1, 2}, 3));
}

const Unit& only_unit(const NormalForm& form) { return form.stages().front().units.front(); }

Rational exact_value(const PiecewiseFunction& f, double q) {
  const Index piece = f.piece_at(q);
  return Rational(f.slope(piece)) * Rational(q) + Rational(f.intercept(piece));
}

Rational on(const RowLine& line, const std::vector<double>& rows) {
  return Rational(line.slope) * Rational(rows[line.row]) + Rational(line.intercept);
}

// Ends, breakpoints and points between.
std::vector<double> samples(Random& random, const PiecewiseFunction& f, double low, double high) {
  std::vector<double> result{low, high};
  for (const double t : f.breakpoints()) {
    if (t > low && t < high) result.push_back(t);
  }
  for (int i = 0; i < 10; ++i) {
    result.push_back(std::min(high, std::max(low, random.uniform(low, high))));
  }
  return result;
}

template <class Check>
void with_intervals(std::uint64_t seed, Check&& check) {
  Random random(seed);
  for (const Kind kind : kKinds) {
    if (kind == Kind::maximum) continue;
    const NormalForm form = unit_of(function_of(kind));
    for (int round = 0; round < 200; ++round) {
      const double size = std::pow(10.0, static_cast<double>(random.between(-9, 3)));
      const double at = random.chance(0.5) ? random.uniform(-2.0, 2.0) : 0.0;
      const double low = at - size * random.uniform(0.0, 1.0);
      const double high = random.chance(0.1) ? low : at + size * random.uniform(0.0, 1.0);
      check(random, form, low, high);
    }
  }
}

}  // namespace

TEST_CASE("Lines of a piecewise unit are nowhere on its wrong side") {
  with_intervals(451, [](Random& random, const NormalForm& form, double low, double high) {
    const PiecewiseFunction& f = form.function(only_unit(form));
    const Relaxation lines =
        relax(form, only_unit(form), Vector::Constant(1, low), Vector::Constant(1, high));
    const bool one_piece = f.piece_at(low) == f.piece_at(high);
    for (const double q : samples(random, f, low, high)) {
      const Rational exact = exact_value(f, q);
      REQUIRE(on(lines.low, {q}) <= exact);
      REQUIRE(on(lines.high, {q}) >= exact);
      if (one_piece) REQUIRE(on(lines.high, {q}) - on(lines.low, {q}) <= Rational(1e-12));
    }
  });
}

TEST_CASE("A band of a piecewise unit holds on both sides, and is about as wide as it must be") {
  with_intervals(452, [](Random& random, const NormalForm& form, double low, double high) {
    const PiecewiseFunction& f = form.function(only_unit(form));
    const Band own =
        band(form, only_unit(form), Vector::Constant(1, low), Vector::Constant(1, high));
    CHECK(own.row == 0);
    Rational most = 0, least = 0;
    bool first = true;
    for (const double q : samples(random, f, low, high)) {
      const Rational off =
          exact_value(f, q) - Rational(own.slope) * Rational(q) - Rational(own.middle);
      REQUIRE(abs(off) <= Rational(own.half));
      most = first ? off : std::max(most, off);
      least = first ? off : std::min(least, off);
      first = false;
    }
    const double spread = static_cast<double>(most - least);
    const double noise = 1e-14 * (1.0 + std::abs(low) + std::abs(high));
    CHECK(2.0 * own.half <= spread + 8.0 * noise);
  });
}

TEST_CASE("A ReLU's lines: the chord above, 0 or the row below, whichever is closer") {
  const NormalForm form = unit_of(PiecewiseFunction::relu());
  const auto lines = [&](double low, double high) {
    return relax(form, only_unit(form), Vector::Constant(1, low), Vector::Constant(1, high));
  };
  const Relaxation own = lines(-1.0, 3.0);
  CHECK(own.high.slope == 0.75);
  CHECK(own.high.intercept == doctest::Approx(0.75));
  CHECK(own.low.slope == 1.0);
  CHECK(lines(-3.0, 1.0).low.slope == 0.0);
  for (const auto& [low, high, slope] : {std::tuple{0.0, 2.0, 1.0}, {-2.0, 0.0, 0.0}}) {
    const Relaxation one = lines(low, high);
    CHECK(one.low.slope == slope);
    CHECK(one.high.slope == slope);
    CHECK(one.low.intercept == 0.0);
    CHECK(one.high.intercept == 0.0);
  }
}

TEST_CASE("Maxima: a certain winner is the maximum, else lines and bands are around it") {
  Random random(453);
  const NormalForm form = maximum_of_three();
  int certain = 0;
  for (int round = 0; round < 500; ++round) {
    Vector low(3), high(3);
    for (Index r = 0; r < 3; ++r) {
      low[r] = 0.25 * static_cast<double>(random.between(-8, 8));
      high[r] = low[r] + 0.25 * static_cast<double>(random.below(6));
    }
    const Relaxation lines = relax(form, only_unit(form), low, high);
    const Band own = band(form, only_unit(form), low, high);
    Index winner = -1;  // it is everywhere the first of the largest
    for (Index r = 0; r < 3; ++r) {
      bool wins = true;
      for (Index other = 0; other < 3; ++other) {
        if (other < r) wins = wins && high[other] < low[r];
        if (other > r) wins = wins && high[other] <= low[r];
      }
      if (wins) winner = r;
    }
    if (winner >= 0) {
      ++certain;
      CHECK(lines.high.slope == 1.0);
      CHECK(own.half == 0.0);
    }
    for (int i = 0; i < 20; ++i) {
      std::vector<double> rows(3);
      for (Index r = 0; r < 3; ++r) {
        rows[r] = random.chance(0.5) ? (random.chance(0.5) ? low[r] : high[r])
                                     : random.uniform(low[r], high[r]);
      }
      const Rational most(*std::max_element(rows.begin(), rows.end()));
      REQUIRE(on(lines.low, rows) <= most);
      REQUIRE(on(lines.high, rows) >= most);
      if (winner >= 0) REQUIRE(on(lines.low, rows) == most);
      const Rational off =
          most - Rational(own.slope) * Rational(rows[own.row]) - Rational(own.middle);
      REQUIRE(abs(off) <= Rational(own.half));
    }
  }
  CHECK(certain > 20);
}
