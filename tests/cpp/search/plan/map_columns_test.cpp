// Columns of maps: every way of adding up against plain sums. Integers, so that all is exact.
#include "search/plan/map_columns.hpp"

#include <doctest/doctest.h>

#include "random.hpp"

using namespace facetry;
using facetry::testing::Random;

namespace {

// Numbers of values and their affine functions, as rows and as planes.
struct Values {
  Values(Random& random, Index count, Index width)
      : rows(count, width), stride(padded(count)), planes(stride * width) {
    std::fill_n(planes.data(), stride * width, 0.0);
    for (Index i = 0; i < rows.size(); ++i) {
      rows.data()[i] = static_cast<double>(random.between(-9, 9));
    }
    for (Index i = 0; i < count; ++i) {
      for (Index c = 0; c < width; ++c) planes[c * stride + i] = rows(i, c);
      if (!random.chance(0.6)) continue;
      chosen.push_back(static_cast<std::int32_t>(i));
    }
  }
  Matrix rows;
  Index stride;
  WorkArray<double> planes;  // aligned, as kernels want them
  std::vector<std::int32_t> chosen;
};

struct Case {
  AffineMap map;
  Matrix weights;  // the same
};

Case random_map(Random& random, Index rows, Index columns, double density) {
  Case own{{}, Matrix::Zero(rows, columns)};
  SparseRows entries;
  Vector bias(rows);
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < columns; ++j) {
      if (!random.chance(density)) continue;
      own.weights(i, j) = static_cast<double>(random.between(-5, 5));
      entries.columns.push_back(j);
      entries.weights.push_back(own.weights(i, j));
    }
    entries.offsets.push_back(size_of(entries.columns));
    bias[i] = static_cast<double>(random.between(-5, 5));
  }
  own.map = AffineMap(entries, bias, columns);
  return own;
}

Matrix rows_in(const MapColumns& map, const WorkArray<double>& planes, Index width) {
  Matrix result(map.rows(), width);
  for (Index i = 0; i < map.rows(); ++i) {
    for (Index c = 0; c < width; ++c) result(i, c) = planes[c * map.stride() + i];
  }
  return result;
}

template <class Check>
void with_maps(std::uint64_t seed, Check&& check) {
  Random random(seed);
  for (const double density : {1.0, 0.05}) {
    for (const Index rows : {1, 3, 8, 21}) {
      for (const Index width : {1, 2, 4, 12}) {
        const Index columns = random.between(20, 70);
        check(random, random_map(random, rows, columns, density), columns, width);
      }
    }
  }
}

}  // namespace

TEST_CASE("Sums of chosen columns, from rows and from planes, in place and not") {
  int dense = 0, sparse = 0;
  with_maps(411, [&](Random& random, const Case& own, Index columns, Index width) {
    const MapColumns map(own.map, width);
    REQUIRE(map.rows() == own.map.rows());
    REQUIRE(map.size() == width * map.stride());
    ++(map.is_dense() ? dense : sparse);
    const Values values(random, columns, width);
    std::vector<Index> which;
    std::vector<const double*> pointers, workspace;
    Matrix expected = Matrix::Zero(map.rows(), width);
    expected.col(width - 1) = own.map.bias();
    for (const std::int32_t j : values.chosen) {
      which.push_back(j);
      pointers.push_back(values.rows.row(j).data());
      expected += own.weights.col(j) * values.rows.row(j);
    }
    WorkArray<double> out(map.size());
    map.add(map.bias(), out.data(), {which.data(), pointers.data(), 1, size_of(which)}, workspace);
    REQUIRE(rows_in(map, out, width) == expected);
    WorkArray<double> other(map.size());
    map.add_rows(map.bias(), other.data(), values.planes.data(), values.stride,
                 values.chosen.data(), size_of(values.chosen));
    REQUIRE(rows_in(map, other, width) == expected);
    // In place: the contributions once more.
    map.add(out.data(), out.data(), {which.data(), pointers.data(), 1, size_of(which)}, workspace);
    map.add_rows(other.data(), other.data(), values.planes.data(), values.stride,
                 values.chosen.data(), size_of(values.chosen));
    expected *= 2.0;
    expected.col(width - 1) -= own.map.bias();
    REQUIRE(rows_in(map, out, width) == expected);
    REQUIRE(rows_in(map, other, width) == expected);
    // Nothing to add.
    map.add(map.bias(), out.data(), {}, workspace);
    REQUIRE(rows_in(map, out, width).col(width - 1) == own.map.bias());
  });
  CHECK(dense > 0);
  CHECK(sparse > 0);
}

TEST_CASE("Sums row by row, and of marked values of a map with one row") {
  int marked = 0;
  with_maps(412, [&](Random& random, const Case& own, Index columns, Index width) {
    const MapColumns map(own.map, width);
    const Values values(random, columns, width);
    Matrix expected = Matrix::Zero(map.rows(), width);
    expected.col(width - 1) = own.map.bias();
    std::vector<std::uint64_t> bits(static_cast<std::size_t>(columns / 64 + 1), 0);
    for (const std::int32_t j : values.chosen) {
      expected += own.weights.col(j) * values.rows.row(j);
      bits[j / 64] |= std::uint64_t{1} << (j % 64);
    }
    if (map.is_dense()) {
      Matrix out(map.rows(), width);
      map.write_rows(map.bias(), values.planes.data(), values.stride, values.chosen.data(),
                     size_of(values.chosen), out.data());
      REQUIRE(out == expected);
    }
    CHECK(map.has_one_row() == (map.is_dense() && map.rows() == 1));
    if (!map.has_one_row()) return;
    ++marked;
    WorkArray<double> out(map.size());
    map.add_marked(map.bias(), out.data(), values.planes.data(), values.stride, bits.data());
    REQUIRE(rows_in(map, out, width) == expected);
  });
  CHECK(marked > 0);
}

TEST_CASE("A column's entries times weights, and magnitudes in place of numbers") {
  with_maps(413, [&](Random& random, const Case& own, Index columns, Index width) {
    const MapColumns map(own.map, width);
    const MapColumns magnitudes(own.map, width, true);
    Vector weights(map.rows());
    for (Index i = 0; i < map.rows(); ++i) weights[i] = static_cast<double>(random.between(-9, 9));
    for (Index j = 0; j < columns; ++j) {
      CHECK(map.weighted(j, weights.data()) == own.weights.col(j).dot(weights));
      CHECK(magnitudes.weighted(j, weights.data()) == own.weights.col(j).cwiseAbs().dot(weights));
    }
    for (Index i = 0; i < map.rows(); ++i) {
      const Index at = (width - 1) * map.stride() + i;
      CHECK(map.bias()[at] == own.map.bias()[i]);
      CHECK(magnitudes.bias()[at] == std::abs(own.map.bias()[i]));
    }
  });
}
