// Arrays that grow keep what they hold, from the heap to large pages and beyond.
#include "base/grow_array.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <new>

using namespace facetry;

TEST_CASE("A growing array keeps its numbers across all sizes of blocks") {
  GrowArray<std::int32_t> one;
  GrowArray<double>
      two;  // between the blocks of the first, so that neither can grow in place for ever
  const Index count = 5'000'000;
  for (Index i = 0; i < count; ++i) {
    one.push_back(static_cast<std::int32_t>(i));
    if (i % 3 == 0) two.push_back(0.5 * static_cast<double>(i));
  }
  REQUIRE(one.size() == static_cast<std::size_t>(count));
  Index wrong = 0;
  for (Index i = 0; i < count; ++i) {
    wrong += one[i] != i ? 1 : 0;
    wrong += i % 3 == 0 && two[i / 3] != 0.5 * static_cast<double>(i) ? 1 : 0;
  }
  CHECK(wrong == 0);
  const GrowArray<std::int32_t> copy = one;
  CHECK(copy == one);
  GrowArray<std::int32_t> moved = std::move(one);
  CHECK(moved == copy);
}

TEST_CASE("An array that cannot grow stays as it is") {
  GrowArray<double> array{1.0, 2.0};
  CHECK_THROWS_AS(array.reserve(std::numeric_limits<std::size_t>::max() / 8), std::bad_alloc);
  CHECK_THROWS_AS(array.reserve(std::size_t{1} << 50), std::bad_alloc);
  CHECK(array == GrowArray<double>{1.0, 2.0});
}
