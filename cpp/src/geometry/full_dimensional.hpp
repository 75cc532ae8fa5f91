// The polytope of a chart with its implied equalities taken out, until it has interior.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "geometry/charts.hpp"
#include "geometry/exact_sides.hpp"
#include "optimize/simplex.hpp"

namespace facetry {

// Result of building the polytope of a chart: its constraints, or an equality that it implies.
struct Built {
  BoxedRows constraints;
  std::vector<Index> row_sides;
  SimplexVertex vertex;
  std::optional<ChartRow> equality;
  bool empty = false;
};

// Answers what is within rounding, where exact arithmetic can be had.
class Judge {
 public:
  Judge(const InputPolytope& polytope, const Tolerances& tolerances)
      : polytope_(polytope), tolerances_(tolerances) {}

  [[nodiscard]] ExactSides& exact() {
    if (!exact_) exact_.emplace(polytope_);
    return *exact_;
  }

  // The sign of a side's largest slack on the whole polytope (-1 also where there is no point at
  // all), given what it is about.
  [[nodiscard]] int slack(Index side, double about) {
    const bool clear = std::abs(about) > tolerances_.implied_equality;
    if (clear || !exact().can_ask()) return clear ? (about > 0.0 ? 1 : -1) : 0;
    const ExactSides::Slack slack = exact().slack_of(side);
    if (slack.empty) return -1;
    return slack.unbounded ? 1 : slack.sign;
  }

  // Does a row cut anything off, beyond the bounds of the inputs, the rows before it and what holds
  // as an equality, given its least slack?
  [[nodiscard]] bool cuts(Index side, double about, const std::vector<Index>& equalities) {
    if (std::abs(about) > tolerances_.implied_equality || !exact().can_ask()) {
      return about < -tolerances_.implied_equality;
    }
    std::vector<Index> others = equalities;
    for (Index i = 0; i < side; ++i) {
      if (has_bound(i) && std::find(others.begin(), others.end(), i) == others.end())
        others.push_back(i);
    }
    return exact().is_needed(side, others);
  }

 private:
  [[nodiscard]] bool has_bound(Index side) const {
    const Index m = polytope_.input_size();
    if (side >= 2 * m) return true;
    const Index i = side % m;
    return polytope_.low[i] < polytope_.high[i] &&
           std::isfinite(side < m ? polytope_.low[i] : polytope_.high[i]);
  }

  const InputPolytope& polytope_;
  const Tolerances& tolerances_;
  std::optional<ExactSides> exact_;  // once it is needed
};

struct Found {
  Chart chart;
  Built built;
  Vector low, high;  // tight bounds of w
};

// Takes out implied equalities until the polytope is full-dimensional; nothing if it is empty.
// REQUIRES: a judge of the polytope that the chart's sides are numbered by.
[[nodiscard]] std::optional<Found> full_dimensional(Chart chart, Judge& judge,
                                                    const Tolerances& tolerances);

// The box around the polytope that is scaled to [-1, 1]: its middle and its half-widths, powers of
// two.
struct Frame {
  Vector middle, half;
};
[[nodiscard]] Frame frame_of(const Found& found);

}  // namespace facetry
