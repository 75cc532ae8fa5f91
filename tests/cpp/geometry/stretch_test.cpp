// Full-dimensional charts of polytopes, and thin ones stretched.
#include "geometry/stretch.hpp"

#include <doctest/doctest.h>

#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

InputPolytope strip(double width) {
  InputPolytope p = cube(3);
  add_constraint(p, Vector{{1.0, 1.0, 1.0}}, width);
  add_constraint(p, Vector{{-1.0, -1.0, -1.0}}, width);
  return p;
}

}  // namespace

TEST_CASE("A judge decides by doubles where they are clear, exactly where they are not") {
  const Tolerances tolerances;
  const InputPolytope thin = strip(1e-13);
  Judge judge(thin, tolerances);
  CHECK(judge.slack(6, 0.5) == 1);  // clear, whatever is true
  CHECK(judge.slack(6, -0.5) == -1);
  CHECK(judge.slack(6, 1e-13) == 1);  // the strip has a width
  CHECK(judge.cuts(7, 0.0, {}));      // and its far side bounds it
  const InputPolytope flat = strip(0.0);
  Judge exact(flat, tolerances);
  CHECK(exact.slack(6, 1e-13) == 0);
  CHECK(exact.slack(7, -1e-13) == 0);
}

TEST_CASE("Equalities are taken out, and only those") {
  const Tolerances tolerances;
  for (const double width : {0.0, 1e-13, 1e-3}) {
    const InputPolytope p = strip(width);
    Judge judge(p, tolerances);
    const auto found = full_dimensional(chart_of_box(p, p.low, p.high), judge, tolerances);
    REQUIRE(found);
    CHECK(found->chart.dimension() == (width > 0.0 ? 3 : 2));
    CHECK(found->chart.equalities.size() == (width > 0.0 ? 0 : 1));
  }
  InputPolytope none = strip(1e-13);
  none.b[1] = -2e-13;
  Judge judge(none, tolerances);
  CHECK_FALSE(full_dimensional(chart_of_box(none, none.low, none.high), judge, tolerances));
}

TEST_CASE("A thin polytope is stretched until it is as thick as its frame, a thick one is left") {
  const Tolerances tolerances;
  for (const double width : {1e-12, 1e-6, 0.5}) {
    const InputPolytope p = strip(width);
    Judge judge(p, tolerances);
    auto found = full_dimensional(chart_of_box(p, p.low, p.high), judge, tolerances);
    REQUIRE(found);
    const Matrix before = found->chart.basis;
    stretch(p, judge, tolerances, *found);
    const bool thin = width < tolerances.thin_region;
    CHECK((found->chart.basis == before) == !thin);
    if (!thin) continue;
    const Frame frame = frame_of(*found);
    CHECK(frame.half.minCoeff() >= 0.25);
    CHECK(frame.half.maxCoeff() <= 4.0);
    CHECK(found->chart.basis.col(0).norm() < 4.0 * width);
  }
}

TEST_CASE("A strip thinner than the roundings of its inputs is not stretched") {
  const Tolerances tolerances;
  for (const double width : {1e-12, 1e-4}) {  // around 1e6, doubles are 1e-10 apart
    InputPolytope p = cube(2);
    p.low.array() += 1e6;
    p.high.array() += 1e6;
    add_constraint(p, Vector{{1.0, -1.0}}, width);
    add_constraint(p, Vector{{-1.0, 1.0}}, 0.0);
    Judge judge(p, tolerances);
    auto found = full_dimensional(chart_of_box(p, p.low, p.high), judge, tolerances);
    REQUIRE(found);
    const Matrix before = found->chart.basis;
    stretch(p, judge, tolerances, *found);
    CHECK((found->chart.basis == before) == (width == 1e-12));
  }
}
