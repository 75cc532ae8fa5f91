// Charts of boxes and of hyperplanes in them: what their coordinates and rows mean.
#include "geometry/charts.hpp"

#include <doctest/doctest.h>

#include "facetry/base/error.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

// By how much a point of the chart keeps a side of the polytope, in units of the row's gradient.
double slack(const InputPolytope& p, Index side, const Vector& x) {
  RowVector a;
  double limit = 0.0;
  p.side(side, a, limit);
  return limit - a.dot(x);
}

}  // namespace

TEST_CASE("Powers of two not below a width, and rows scaled by them only where they must be") {
  CHECK(power_of_two(1.0) == 1.0);
  CHECK(power_of_two(1.1) == 2.0);
  CHECK(power_of_two(0.3) == 0.5);
  InputPolytope p = cube(2);
  add_constraint(p, Vector{{3.0, -5.0}}, 7.0);
  add_constraint(p, Vector{{3e200, -5e200}}, 7e200);
  CHECK(scaled_row(p, 0).first == RowVector{{3.0, -5.0}});
  CHECK(scaled_row(p, 0).second == 7.0);
  const auto [a, limit] = scaled_row(p, 1);
  CHECK(a.cwiseAbs().maxCoeff() <= 1.0);
  CHECK(a[0] / limit == doctest::Approx(3.0 / 7.0));
}

TEST_CASE("Rows of a chart are the sides of the polytope, in a box and in a hyperplane") {
  Random random(71);
  InputPolytope p = cube(3);
  p.low[0] = -3.0;
  p.high[2] = 0.25;
  add_constraint(p, Vector{{1.0, 2.0, -1.0}}, 0.5);
  add_constraint(p, Vector{{0.5, -1.0, 3.0}}, 0.75);
  const Chart box = chart_of_box(p, p.low, p.high);
  REQUIRE(box.dimension() == 3);
  const Chart plane = restricted(box, box.rows[0]);
  REQUIRE(plane.dimension() == 2);
  CHECK(plane.equalities == std::vector<Index>{6});
  for (const Chart* chart : {&box, &plane}) {
    const Index k = chart->dimension();
    for (int s = 0; s < 20; ++s) {
      const Vector w = random.point_in(Vector::Constant(k, -1.0), Vector::Constant(k, 1.0));
      const Vector x = chart->origin + chart->basis * w;
      CHECK((chart->inverse * (x - chart->origin) - w).norm() < 1e-12);
      for (const ChartRow& row : chart->rows) {
        const double own = row.gradient.dot(w) + row.offset;
        CHECK(own * slack(p, row.side, x) >= -1e-12);  // of one sign
      }
      if (chart == &plane) CHECK(std::abs(slack(p, 6, x)) < 1e-12);
    }
  }
}

TEST_CASE("Ranges that doubles cannot halve are refused by feature") {
  InputPolytope wide = cube(2);
  wide.low[1] = -1.7e308;
  wide.high[1] = 1.7e308;
  CHECK_THROWS_WITH_AS((void)chart_of_box(wide, wide.low, wide.high),
                       doctest::Contains("at feature 1"), RegionError);
}
