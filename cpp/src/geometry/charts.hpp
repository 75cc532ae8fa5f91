// A polytope in coordinates of an affine subspace, on the way from input space to free coordinates
// (FreeSpace).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "facetry/geometry/free_space.hpp"

namespace facetry {

// A row of a chart: gradient . w + offset >= 0, from this side of the polytope.
struct ChartRow {
  Vector gradient;
  double offset;
  Index side;
};

// The region in coordinates w of some affine subspace: x = origin + basis w, w = inverse (x -
// origin).
struct Chart {
  Vector origin;
  Matrix basis;
  Matrix inverse;
  Vector low, high;                        // of w
  std::vector<Index> low_side, high_side;  // -1: artificial
  std::vector<ChartRow> rows;
  std::vector<Index> equalities;  // sides that were taken out

  [[nodiscard]] Index dimension() const { return low.size(); }
};

// For messages: which feature.
[[nodiscard]] inline std::string at_feature(Index i) { return " at feature " + std::to_string(i); }

// The smallest power of two that is not below `width`, so that scaling by it is exact.
[[nodiscard]] double power_of_two(double width);

// Row r of A and its limit, multiplied by a power of two where their squares would leave the range
// of doubles.
[[nodiscard]] std::pair<RowVector, double> scaled_row(const InputPolytope& p, Index r);

// The chart of the box [low, high]: the bounds of p, or finite stand-ins for its infinite ones. Its
// rows are those of A. Throws RegionError if a range is too narrow or too wide for doubles.
[[nodiscard]] Chart chart_of_box(const InputPolytope& p, const Vector& low, const Vector& high);

// The chart inside the hyperplane of `equality`: all sides become rows.
[[nodiscard]] Chart restricted(const Chart& chart, const ChartRow& equality);

}  // namespace facetry
