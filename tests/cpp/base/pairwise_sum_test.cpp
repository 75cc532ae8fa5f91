// Pairwise sums against long double, in any batches.
#include "base/pairwise_sum.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "random.hpp"

using namespace facetry;
using namespace facetry::testing;

TEST_CASE("Every count of rows is added up, to a few roundings") {
  Random random(1);
  for (const Index count : {0, 1, 15, 16, 17, 48, 255, 4096, 100001}) {
    PairwiseSum sum(2);
    long double truth = 0.0L;
    for (Index i = 0; i < count; ++i) {
      const double row[] = {random.uniform(0.0, 1.0), 1.0};
      truth += row[0];
      sum.add(row);
    }
    CHECK(sum.count() == count);
    CHECK(sum.value()[1] == static_cast<double>(count));
    CHECK(std::abs(sum.value()[0] - static_cast<double>(truth)) <=
          4e-15 * static_cast<double>(truth));
  }
}

TEST_CASE("A million tenths: a plain sum is off by a thousand times more") {
  PairwiseSum sum(1);
  double plain = 0.0;
  const double tenth = 0.1;
  for (Index i = 0; i < 1000000; ++i) {
    sum.add(&tenth);
    plain += tenth;
  }
  CHECK(std::abs(sum.value()[0] - 100000.0) < 1e-9);
  CHECK(std::abs(plain - 100000.0) > 1e-7);
}
