// Rows are added to a box one by one, each with one linear program. A row that the polytope built
// so far can only touch is an implied equality: the search starts again inside its hyperplane.
#include "geometry/full_dimensional.hpp"

#include <algorithm>
#include <cmath>

namespace facetry {

namespace {

Built build(const Chart& chart, Judge& judge, const Tolerances& tolerances) {
  Built built;
  built.constraints.low = chart.low;
  built.constraints.high = chart.high;
  built.vertex = SimplexVertex::corner(built.constraints);
  Simplex simplex(tolerances);
  for (const ChartRow& given : chart.rows) {
    const double length = given.gradient.norm();
    const double scale = std::max({1.0, std::abs(given.offset), length});
    if (length <= tolerances.implied_equality * scale) {  // constant on this chart
      if (judge.slack(given.side, given.offset / scale) < 0) built.empty = true;
      if (built.empty) return built;
      continue;
    }
    const ChartRow row{given.gradient / length, given.offset / length, given.side};
    const double most =
        simplex.maximize(built.constraints, row.gradient.data(), built.vertex) + row.offset;
    const int slack = judge.slack(row.side, most);
    if (slack < 0) built.empty = true;
    if (slack == 0) built.equality = row;
    if (slack <= 0) return built;
    const Vector down = -row.gradient;
    SimplexVertex lowest = built.vertex;
    const double least = row.offset - simplex.maximize(built.constraints, down.data(), lowest);
    if (!judge.cuts(row.side, least, chart.equalities)) continue;  // repeats what is there
    std::vector<double> packed(row.gradient.data(), row.gradient.data() + row.gradient.size());
    packed.push_back(row.offset);
    built.constraints.add(packed.data());
    built.row_sides.push_back(row.side);
  }
  return built;
}

// The smallest box around the polytope: itself, or by two linear programs per coordinate.
std::pair<Vector, Vector> bounding_box(const Built& built, const Tolerances& tolerances) {
  const Index d = built.constraints.dimension();
  if (built.constraints.row_count() == 0) return {built.constraints.low, built.constraints.high};
  std::pair<Vector, Vector> box{Vector(d), Vector(d)};
  Simplex simplex(tolerances);
  SimplexVertex vertex = built.vertex;
  for (Index j = 0; j < d; ++j) {
    const Vector up = Vector::Unit(d, j);
    const Vector down = -up;
    box.second[j] = simplex.maximize(built.constraints, up.data(), vertex);
    box.first[j] = -simplex.maximize(built.constraints, down.data(), vertex);
  }
  return box;
}

}  // namespace

std::optional<Found> full_dimensional(Chart chart, Judge& judge, const Tolerances& tolerances) {
  while (true) {
    Built built = build(chart, judge, tolerances);
    if (built.empty) return std::nullopt;
    if (!built.equality) {
      auto [low, high] = bounding_box(built, tolerances);
      return Found{std::move(chart), std::move(built), std::move(low), std::move(high)};
    }
    chart = restricted(chart, *built.equality);
  }
}

Frame frame_of(const Found& found) {
  const Index k = found.chart.dimension();
  Frame frame{Vector(k), Vector(k)};
  for (Index j = 0; j < k; ++j) {
    const bool whole = found.low[j] == found.chart.low[j] && found.high[j] == found.chart.high[j];
    const double middle = whole ? 0.0 : 0.5 * (found.low[j] + found.high[j]);
    frame.middle[j] = middle;
    frame.half[j] = power_of_two(std::max(found.high[j] - middle, middle - found.low[j]));
  }
  return frame;
}

}  // namespace facetry
