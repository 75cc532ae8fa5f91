// Lengths of vectors of any size of numbers.
#include "base/lengths.hpp"

#include <doctest/doctest.h>

using namespace facetry;

TEST_CASE("Lengths do not over- or underflow, and are those of sums of squares elsewhere") {
  const Vector plain{{3.0, -4.0}};
  CHECK(length_of(plain) == 5.0);
  CHECK(gradient_length(plain.data(), 2) == 5.0);
  for (const double scale : {0x1p-1000, 0x1p-500, 0x1p+500, 0x1p+1000}) {
    const Vector scaled = scale * plain;
    CHECK(length_of(scaled) == doctest::Approx(5.0 * scale).epsilon(1e-15));
    CHECK(gradient_length(scaled.data(), 2) == length_of(scaled));
  }
  const Vector mixed{{1e-200, 1.0, 1e200}};
  CHECK(length_of(mixed) == doctest::Approx(1e200).epsilon(1e-15));
  CHECK(length_of(Vector::Zero(3)) == 0.0);
  CHECK(length_of(Vector(0)) == 0.0);
  CHECK(gradient_length(nullptr, 0) == 0.0);
}
