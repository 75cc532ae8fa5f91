// The recursion over faces against triangulations, products, and by the guarantees' numbers.
#include "geometry/face_recursion.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/work_array.hpp"
#include "geometry/vertex_cell.hpp"
#include "geometry/vertex_cells.hpp"
#include "polytopes.hpp"
#include "random.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

// A cell of the search's family with the rows that it was made by, at 2 k sides and the cuts.
struct Cut {
  explicit Cut(Index dimension) : k(dimension), space(cube(k)), cells(space), cell(cells.root()) {
    for (Index c = 0; c < cell.constraints; ++c) rows.push_back(side(cell.origins[c]));
    for (Index c = 0; c < cell.constraints; ++c) origins.push_back(cell.origins[c]);
  }

  [[nodiscard]] std::vector<double> side(Origin origin) const {
    const BoxedRows& constraints = space.constraints();
    Vector gradient;
    constraints.gradient(origin.number(), gradient);
    std::vector<double> row(gradient.data(), gradient.data() + k);
    row.push_back(constraints.slack(origin.number(), Vector::Zero(k)));
    return row;
  }

  // Cuts through the cell; false if the row does not cut.
  bool cut(std::vector<double> row) {
    const Reach reach = cells.reach(cell, row.data());
    if (reach.above < 1e-6 || reach.below < 1e-6) return false;
    VertexCells::Cell above, below;
    const Origin origin = Origin::cut(static_cast<Index>(rows.size()));
    cells.cut(cell, row.data(), origin, above, below);
    cell = above;
    rows.push_back(std::move(row));
    origins.push_back(origin);
    return true;
  }

  [[nodiscard]] std::vector<double> row_of(Origin origin) const {
    for (std::size_t r = 0; r < origins.size(); ++r) {
      if (origins[r] == origin) return rows[r];
    }
    return {};
  }

  // As the search hands them over: those that vertices touch, in planes.
  void load_rows() {
    by_bit.ensure(64 * (k + 1));
    std::fill_n(by_bit.data(), 64 * (k + 1), 0.0);
    BitWord touched = 0;
    for (Index v = 0; v < cell.count; ++v) touched |= cell.masks[v];
    Index place = 0;
    for_bits(&touched, 1, [&](Index c) {
      const std::vector<double> row = row_of(cell.origins[c]);
      for (Index i = 0; i <= k && !row.empty(); ++i) {
        by_bit[i * 64 + place] = row[static_cast<std::size_t>(i)];
      }
      ++place;
    });
  }

  bool measure(bool moments, std::vector<double>& out) {
    load_rows();
    std::vector<double> near(static_cast<std::size_t>(k));
    cells.interior_point(cell, near.data());
    out.assign(static_cast<std::size_t>(measure_size(k, moments)), -1.0);
    FaceRecursion recursion(k, moments);
    return recursion.measure({cell.count, near.data(), cell.masks, by_bit.data()}, out.data());
  }

  [[nodiscard]] std::vector<double> truth() const {
    std::vector<double> flat, out(static_cast<std::size_t>(measure_size(k, true)));
    for (const std::vector<double>& row : rows) flat.insert(flat.end(), row.begin(), row.end());
    VertexCell(space, flat, origins).measure(true, out.data());
    return out;
  }

  Index k;
  FreeSpace space;
  VertexCells cells;
  VertexCells::Cell cell;
  std::vector<std::vector<double>> rows;
  std::vector<Origin> origins;
  WorkArray<double> by_bit;
};

std::vector<double> random_row(Random& random, Index k, double reach) {
  std::vector<double> row;
  double length = 0.0;
  for (Index c = 0; c < k; ++c) {
    row.push_back(random.normal());
    length += row.back() * row.back();
  }
  for (double& entry : row) entry /= std::sqrt(length);
  row.push_back(reach * random.normal());
  return row;
}

}  // namespace

TEST_CASE("1. Random cells: volume and moments are those of the triangulation") {
  Random random(3);
  for (Index k = 1; k <= 6; ++k) {
    for (int round = 0; round < (k < 6 ? 30 : 6); ++round) {
      Cut cell(k);
      for (Index i = 0; i < random.between(0, 9); ++i) cell.cut(random_row(random, k, 0.4));
      REQUIRE(cell.cell.simple);
      const std::vector<double> expected = cell.truth();
      std::vector<double> volume, measured;
      REQUIRE(cell.measure(false, volume));
      REQUIRE(cell.measure(true, measured));
      CAPTURE(k);
      CHECK(volume[0] == doctest::Approx(expected[0]).epsilon(1e-11));
      CHECK(measured[0] == volume[0]);
      for (std::size_t i = 1; i < measured.size(); ++i) {
        CHECK(std::abs(measured[i] - expected[i]) < 1e-11 * expected[0]);
      }
    }
  }
}

TEST_CASE("1. A box of any size and place: the product of its sides") {
  for (Index k = 1; k <= 6; ++k) {
    for (const double size : {1.0, 1e-4, 1e-9, 1e-13}) {
      Cut cell(k);
      // Two rows to a side, made anew at every size: the family would take thin cells for flat, so
      // it is told of a wide cell with the same faces.
      double product = 1.0;
      for (Index c = 0; c < k; ++c) {
        for (const double sign : {1.0, -1.0}) {
          std::vector<double> row(static_cast<std::size_t>(k + 1), 0.0);
          row[static_cast<std::size_t>(c)] = sign;
          row[static_cast<std::size_t>(k)] = sign > 0.0 ? 0.5 : 0.25;
          REQUIRE(cell.cut(row));
        }
      }
      std::vector<double> near(static_cast<std::size_t>(k));
      for (std::size_t r = 2 * static_cast<std::size_t>(k); r < cell.rows.size(); ++r) {
        std::vector<double>& row = cell.rows[r];
        const auto c = (r - 2 * static_cast<std::size_t>(k)) / 2;
        const double low = 0.1 * static_cast<double>(c + 1);
        const double high = low + size;
        near[c] = low;
        if (row[c] > 0.0) {
          row[static_cast<std::size_t>(k)] = -low;
        } else {
          row[static_cast<std::size_t>(k)] = high;
          product *= high - low;  // without rounding
        }
      }
      cell.load_rows();
      double volume = 0.0;
      FaceRecursion recursion(k, false);
      REQUIRE(recursion.measure({cell.cell.count, near.data(), cell.cell.masks, cell.by_bit.data()},
                                &volume));
      CAPTURE(size);
      CHECK(volume == doctest::Approx(product).epsilon(1e-13));
    }
  }
}

TEST_CASE("Cells with more than 64 vertices, and with most constraints that a word holds") {
  Random random(8);
  for (const Index k : {3, 4, 5}) {
    Cut cell(k);
    for (int i = 0; i < 400 && cell.cell.words == 1; ++i) {
      std::vector<double> row = random_row(random, k, 0.0);
      row[static_cast<std::size_t>(k)] = 0.9;  // around a ball
      if (cell.cell.constraints < 63) cell.cut(row);
    }
    REQUIRE(cell.cell.count > 64);
    std::vector<double> measured;
    if (cell.cell.count > FaceRecursion::kMostVertices) {
      CHECK_FALSE(cell.measure(true, measured));
      continue;
    }
    REQUIRE(cell.measure(true, measured));
    const std::vector<double> expected = cell.truth();
    for (std::size_t i = 0; i < measured.size(); ++i) {
      CHECK(std::abs(measured[i] - expected[i]) < 1e-11 * expected[0]);
    }
  }
}

TEST_CASE("What is not simple, or has parallel rows at a vertex, is refused") {
  alignas(64) double rows[3 * 64] = {1.0, -1.0, 0.0};  // x >= -1, x <= 1, y >= -1
  rows[64 + 2] = rows[128] = rows[129] = rows[130] = 1.0;
  const double near[] = {0.0, 0.0};
  FaceRecursion recursion(2, true);
  double out[6];
  const BitWord parallel[] = {3, 5, 6};
  CHECK_FALSE(recursion.measure({3, near, parallel, rows}, out));
  const BitWord crowded[] = {7, 5, 6};
  CHECK_FALSE(recursion.measure({3, near, crowded, rows}, out));
  const BitWord lonely[] = {1, 5, 6};
  CHECK_FALSE(recursion.measure({3, near, lonely, rows}, out));
  const BitWord two[] = {5, 6};
  CHECK_FALSE(recursion.measure({2, near, two, rows}, out));
}
