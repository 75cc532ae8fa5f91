// Outer cells against exact arithmetic: whatever they are asked, they reach at least as far as the
// exact cell of the same cuts, also where many hyperplanes meet in one point or are the same up to
// rounding.
#include <doctest/doctest.h>

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <optional>

#include "base/rounding.hpp"
#include "geometry/lp_cells.hpp"
#include "geometry/polygon_cells.hpp"
#include "geometry/segment_cells.hpp"
#include "geometry/vertex_cells.hpp"
#include "polytopes.hpp"
#include "random.hpp"

namespace facetry {
namespace {

using testing::cube;
using testing::Random;
using Rational = boost::multiprecision::cpp_rational;
using Row = std::vector<double>;

constexpr Index kMostCuts = 8;

Rational value(const Row& row, const std::vector<Rational>& point) {
  Rational sum(row.back());
  for (std::size_t i = 0; i < point.size(); ++i) sum += Rational(row[i]) * point[i];
  return sum;
}

std::optional<std::vector<Rational>> meeting_point(const std::vector<const Row*>& rows) {
  const std::size_t k = rows.size();
  std::vector<std::vector<Rational>> table;
  for (const Row* row : rows) table.emplace_back(row->begin(), row->end());
  for (std::size_t c = 0; c < k; ++c) {
    std::size_t at = c;
    while (at < k && table[at][c] == 0) ++at;
    if (at == k) return {};
    std::swap(table[at], table[c]);
    for (std::size_t i = 0; i < k; ++i) {
      if (i == c) continue;
      const Rational share = table[i][c] / table[c][c];
      for (std::size_t j = c; j <= k; ++j) table[i][j] -= share * table[c][j];
    }
  }
  std::vector<Rational> point;
  for (std::size_t c = 0; c < k; ++c) point.push_back(-table[c][k] / table[c][c]);
  return point;
}

// The vertices of { row >= 0 for all rows }.
std::vector<std::vector<Rational>> vertices(const std::vector<Row>& rows, std::size_t k) {
  std::vector<std::vector<Rational>> found;
  std::vector<std::size_t> chosen(k);
  for (std::size_t i = 0; i < k; ++i) chosen[i] = i;
  while (true) {
    std::vector<const Row*> some;
    for (const std::size_t i : chosen) some.push_back(&rows[i]);
    if (const auto point = meeting_point(some)) {
      bool inside = true;
      for (const Row& row : rows) inside = inside && value(row, *point) >= 0;
      if (inside) found.push_back(*point);
    }
    std::size_t i = k;
    while (i > 0 && chosen[i - 1] == rows.size() - k + i - 1) --i;
    if (i == 0) return found;
    ++chosen[i - 1];
    for (; i < k; ++i) chosen[i] = chosen[i - 1] + 1;
  }
}

// Random hyperplanes: general ones, small whole numbers (many meet in one point), and copies of an
// earlier one that differ by rounding, or by nothing.
Row random_row(Random& random, Index k, const std::vector<Row>& earlier) {
  Row row(static_cast<std::size_t>(k + 1));
  const bool copy = !earlier.empty() && random.chance(0.3);
  if (copy) {
    row = earlier[static_cast<std::size_t>(random.below(size_of(earlier)))];
    const double factor = random.chance(0.5) ? 1.0 : 1.1;
    for (double& entry : row) entry *= factor;
  } else if (random.chance(0.5)) {
    do {
      for (double& entry : row) entry = static_cast<double>(random.between(-2, 2));
    } while (std::all_of(row.begin(), row.end() - 1, [](double entry) { return entry == 0.0; }));
  } else {
    const Vector direction = random.direction(k);
    std::copy_n(direction.data(), k, row.begin());
    row.back() = random.uniform(-0.7, 0.7);
  }
  double length = 0.0;
  for (Index c = 0; c < k; ++c) length += row[c] * row[c];
  for (double& entry : row) entry /= std::sqrt(length);
  return row;
}

template <class F>
void check_family(Index k, std::uint64_t seed) {
  Random random(seed);
  const FreeSpace space(cube(k));
  const double stray = stray_after(kMostCuts, k);
  F family(space, {}, Outward{stray, 0.0});
  for (int round = 0; round < 40; ++round) {
    CAPTURE(round);
    typename F::Cell cell = family.root();
    std::vector<Row> path, drawn;
    for (Index i = 0; i < k; ++i) {
      for (const double sign : {1.0, -1.0}) {
        path.emplace_back(static_cast<std::size_t>(k + 1), 0.0);
        path.back()[i] = sign;
        path.back().back() = 1.0;
      }
    }
    for (Index i = 0; i < kMostCuts; ++i) {
      const Row row = random_row(random, k, drawn);
      drawn.push_back(row);
      const auto corners = vertices(path, static_cast<std::size_t>(k));
      if (corners.empty()) break;  // the exact cell has gone: nothing is promised any more
      Rational most = value(row, corners.front());
      Rational least = most;
      for (const auto& corner : corners) {
        most = std::max(most, value(row, corner));
        least = std::min(least, value(row, corner));
      }
      const Reach reach = family.reach(cell, row.data());
      const double room = value_rounding(row.data(), k);
      const double cut = Tolerances{}.cut;
      CHECK((reach.above > cut || Rational(reach.above) + room >= most));
      CHECK((reach.below > cut || Rational(reach.below) + room >= -least));
      const Range range = family.range(cell, row.data());
      CHECK(Rational(range.high) + room >= most);
      CHECK(Rational(range.low) - room <= least);
      if (most <= 0 || least >= 0) continue;
      typename F::Cell above, below;
      family.cut(cell, row.data(), Origin::cut(i), above, below,
                 outward_shift(row.data(), k, 0.0, stray, i));
      const bool up = random.chance(0.5);
      cell = up ? above : below;
      path.push_back(row);
      if (!up) {
        for (double& entry : path.back()) entry = -entry;
      }
    }
    family.memory().release({});
  }
}

TEST_CASE("Outer segments reach as far as the exact cell") { check_family<SegmentCells>(1, 1); }

TEST_CASE("Outer polygons reach as far as the exact cell") {
  for (const std::uint64_t seed : {2, 3, 4}) check_family<PolygonCells>(2, seed);
}

TEST_CASE("Outer vertex lists reach as far as the exact cell") {
  for (const Index k : {1, 2, 3, 4}) check_family<VertexCells>(k, 5);
}

TEST_CASE("Outer cells of linear programs reach as far as the exact cell") {
  for (const Index k : {1, 2, 3, 4}) check_family<LpCells>(k, 6);
}

}  // namespace
}  // namespace facetry
