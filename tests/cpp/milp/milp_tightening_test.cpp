// Bounds by linear programs, against the relaxation written down by hand and values at points.
#include "milp/milp_tightening.hpp"

#include <doctest/doctest.h>

#include "facetry/base/error.hpp"
#include "milp/workbench.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

const ExactSolver kSolver;

// The triangle relaxation of one stage of ReLUs on a cube: variables are the inputs, and the value
// of each unit that is open. All its vertices, as values of the stage's units.
std::vector<Vector> relaxed_values(const NormalForm& form, const FreeSpace& space,
                                   const PreActivationBounds& bounds) {
  const Stage& stage = form.stages().front();
  const Index k = space.dimension();
  const Index width = size_of(stage.units);
  Ids variable(static_cast<std::size_t>(width), -1);
  Index n = k;
  for (Index u = 0; u < width; ++u) {
    if (bounds.low[0][u] < 0.0 && bounds.high[0][u] > 0.0) variable[u] = n++;
  }
  const Vector origin = space.to_input(Vector::Zero(k));
  const auto pre_of = [&](Index u) {  // in the variables, the offset last
    Vector row = Vector::Zero(n + 1);
    row[n] = stage.map.bias()[u];
    stage.map.for_row(u, [&](Index i, double weight) {
      row[n] += weight * origin[i];
      for (Index j = 0; j < k; ++j) row[j] += weight * space.basis()(i, j);
    });
    return row;
  };
  Rows rows;
  for (const Vector& side : rows_of(space.constraints())) {
    Vector row = Vector::Zero(n + 1);
    row.head(k) = side.head(k);
    row[n] = side[k];
    rows.push_back(row);
  }
  for (Index u = 0; u < width; ++u) {
    if (variable[u] < 0) continue;
    const Vector own = Vector::Unit(n + 1, variable[u]);
    const double low = bounds.low[0][u], high = bounds.high[0][u];
    Vector above = high / (high - low) * pre_of(u) - own;  // r <= high (q - low) / (high - low)
    above[n] -= high * low / (high - low);
    rows.push_back(own);
    rows.push_back(own - pre_of(u));
    rows.push_back(above);
  }
  std::vector<Vector> result;
  for (const Vector& vertex : brute_force_vertices(rows)) {
    Vector values(width);
    for (Index u = 0; u < width; ++u) {
      const bool on = bounds.low[0][u] >= 0.0;
      values[u] = variable[u] >= 0 ? vertex[variable[u]] : on ? value(pre_of(u), vertex) : 0.0;
    }
    result.push_back(values);
  }
  return result;
}

void check_nowhere_wider(const PreActivationBounds& tight, const PreActivationBounds& known) {
  for (std::size_t s = 0; s < known.low.size(); ++s) {
    REQUIRE((tight.low[s].array() >= known.low[s].array()).all());
    REQUIRE((tight.high[s].array() <= known.high[s].array()).all());
  }
}

}  // namespace

TEST_CASE("Least and largest values over the triangle relaxation, widened by the tolerance") {
  Random random(761);
  int tighter = 0, untouched = 0;
  for (int round = 0; round < 10; ++round) {
    const Index k = 1 + round % 2;
    const FreeSpace space(cube(k));
    const NormalForm form = random_network(random, {k, 3, 2, 1, false, false}, {Kind::relu});
    const PreActivationBounds known = interval_bounds(form, space);
    const PreActivationBounds tight = tightened_by_programs(form, space, known, kSolver);
    check_nowhere_wider(tight, known);
    REQUIRE(tight.low[0] == known.low[0]);
    REQUIRE(tight.high[0] == known.high[0]);
    const std::vector<Vector> values = relaxed_values(form, space, known);
    const AffineMap& map = form.stages()[1].map;
    for (Index r = 0; r < map.rows(); ++r) {
      double least = HUGE_VAL, most = -HUGE_VAL;
      for (const Vector& v : values) {
        double sum = map.bias()[r];
        map.for_row(r, [&](Index j, double weight) { sum += weight * v[j]; });
        least = std::min(least, sum);
        most = std::max(most, sum);
      }
      const double low = known.low[1][r], high = known.high[1][r];
      if (low >= 0.0 || high <= 0.0) {  // one piece anyway
        REQUIRE(tight.low[1][r] == low);
        REQUIRE(tight.high[1][r] == high);
        ++untouched;
        continue;
      }
      const double room = Tolerances{}.solver_bound;
      const double expected_high = std::min(high, most + room * (1.0 + std::abs(most)));
      const double expected_low = std::max(low, least - room * (1.0 + std::abs(least)));
      REQUIRE(tight.high[1][r] == doctest::Approx(expected_high).epsilon(1e-9));
      REQUIRE(tight.low[1][r] == doctest::Approx(expected_low).epsilon(1e-9));
      tighter += tight.high[1][r] < high - 1e-3 || tight.low[1][r] > low + 1e-3 ? 1 : 0;
    }
  }
  CHECK(tighter > 5);
  CHECK(untouched > 0);
}

TEST_CASE("They hold at points of the region, for every kind of unit") {
  Random random(762);
  int tighter = 0;
  for (const Kind kind : kKinds) {
    InputPolytope region = cube(2);
    add_constraint(region, Vector{{1.0, 1.0}}, 0.5);
    const FreeSpace space(region);
    const Index depth =
        kind == Kind::stairs || kind == Kind::maximum ? 2 : 3;  // what is exact costs
    const NormalForm form =
        random_network(random, {2, 2, depth, 1, false, false}, {kind, Kind::relu});
    const PreActivationBounds known = interval_bounds(form, space);
    const PreActivationBounds tight = tightened_by_programs(form, space, known, kSolver);
    check_nowhere_wider(tight, known);
    for (Index s = 0; s < size_of(form.stages()); ++s) {
      tighter += (tight.high[s].array() < known.high[s].array() - 1e-3).any() ? 1 : 0;
      const NormalForm head = form.head(s);
      for (int i = 0; i < 500; ++i) {
        const Vector x = random.point_in(Vector{{-1.0, -1.0}}, Vector{{1.0, 1.0}});
        if (!space.contains(x)) continue;
        const Vector pre = head.evaluate(x.transpose()).row(0).transpose();
        REQUIRE((pre.array() >= tight.low[s].array() - 1e-13).all());
        REQUIRE((pre.array() <= tight.high[s].array() + 1e-13).all());
      }
    }
  }
  CHECK(tighter > 5);
}

TEST_CASE("A solver without an optimum changes nothing, one that fails is heard") {
  class Failing final : public MipSolver {
   public:
    [[nodiscard]] MipSolution solve(const MixedIntegerProgram&) const override {
      throw SolverError("broken");
    }
  };
  Random random(763);
  const FreeSpace space(cube(2));
  const NormalForm form = random_network(random, {2, 6, 2, 1, false, false}, {Kind::relu});
  const PreActivationBounds known = interval_bounds(form, space);
  MipSolution answer;
  for (const SolveStatus status : {SolveStatus::undecided, SolveStatus::feasible}) {
    answer.status = status;
    answer.objective = -100.0;
    const auto same = tightened_by_programs(form, space, known, StubbornSolver(answer));
    CHECK(same.low == known.low);
    CHECK(same.high == known.high);
  }
  CHECK_THROWS_AS((void)tightened_by_programs(form, space, known, Failing()), SolverError);
}
