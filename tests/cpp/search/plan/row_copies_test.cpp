// Rows that are multiples of each other, against rational arithmetic.
#include "search/plan/row_copies.hpp"

#include <doctest/doctest.h>

#include "base/exact_row.hpp"
#include "random.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

AffineMap map_of(const Matrix& W, const Vector& bias) {
  SparseRows rows;
  for (Index r = 0; r < W.rows(); ++r) {
    for (Index c = 0; c < W.cols(); ++c) {
      if (W(r, c) == 0.0) continue;
      rows.columns.push_back(c);
      rows.weights.push_back(W(r, c));
    }
    rows.offsets.push_back(size_of(rows.weights));
  }
  return {rows, bias, W.cols()};
}

// 1, -1 or 0: a positive multiple, a negative one, none.
int multiple(const Matrix& W, const Vector& bias, Index a, Index b) {
  const auto exact = [&](Index row) {
    std::vector<double> numbers(W.row(row).begin(), W.row(row).end());
    numbers.push_back(bias[row]);
    return ExactRow::of(numbers.data(), size_of(numbers));
  };
  const ExactRow first = exact(a);
  const ExactRow second = exact(b);
  std::size_t pivot = 0;
  while (pivot < first.entries.size() && first.entries[pivot].is_zero()) ++pivot;
  if (pivot + 1 >= first.entries.size() || second.entries[pivot].is_zero()) return 0;
  for (std::size_t i = 0; i < first.entries.size(); ++i) {
    if (first.entries[i] * second.entries[pivot] != second.entries[i] * first.entries[pivot])
      return 0;
  }
  return first.entries[pivot].sign() == second.entries[pivot].sign() ? 1 : -1;
}

}  // namespace

TEST_CASE("1: the lowest row that a row is a multiple of, and by which sign") {
  Random random(17);
  Index shared = 0;
  for (Index round = 0; round < 200; ++round) {
    const Index rows = random.between(1, 12);
    const Index columns = random.between(1, 4);
    Matrix W(rows, columns);
    Vector bias(rows);
    for (Index r = 0; r < rows; ++r) {
      const bool copy = r > 0 && random.chance(0.4);
      const Index from = copy ? random.below(r) : 0;
      const double factor = random.chance(0.5) ? random.between(-3, 3) : random.normal();
      const auto number = [&] { return round % 2 == 0 ? random.between(-1, 1) : random.normal(); };
      for (Index c = 0; c < columns; ++c) W(r, c) = copy ? factor * W(from, c) : number();
      bias[r] = copy ? factor * bias[from] : number();
    }
    const RowCopies copies(map_of(W, bias));
    for (Index r = 0; r < rows; ++r) {
      Index expected = r;
      for (Index a = 0; a < r && expected == r; ++a) {
        if (multiple(W, bias, a, r) != 0) expected = a;
      }
      if (!copies.any()) {
        REQUIRE(expected == r);
        continue;
      }
      REQUIRE(copies.first(r) == expected);
      if (expected == r) continue;
      ++shared;
      REQUIRE(copies.positive(r) == (multiple(W, bias, expected, r) == 1));
      REQUIRE(copies.is_shared(r));
      REQUIRE(copies.is_shared(expected));
    }
  }
  CHECK(shared > 100);
}

TEST_CASE("1: one unit in the last place is another hyperplane") {
  Matrix W{{0.1, 0.3}, {0.2, std::nextafter(0.6, 1.0)}};
  CHECK_FALSE(RowCopies(map_of(W, Vector::Zero(2))).any());
  W(1, 1) = 0.6;
  CHECK(RowCopies(map_of(W, Vector::Zero(2))).any());
}
