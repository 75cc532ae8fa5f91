// Arrays of random numbers and plain loops, for the tests of kernels.
#pragma once

#include <cstring>

#include "base/work_array.hpp"
#include "random.hpp"

namespace facetry::testing {

// Drawn anew: from a normal distribution, or small whole numbers (many equal ones).
struct Numbers : WorkArray<double> {
  Numbers(Random& random, Index count, bool whole = false) : WorkArray<double>(count) {
    for (Index i = 0; i < count; ++i) {
      (*this)[i] = whole ? static_cast<double>(random.between(-2, 2)) : random.normal();
    }
  }
};

// Bit for bit.
inline bool same(const double* a, const double* b, Index count) {
  return std::memcmp(a, b, static_cast<std::size_t>(count) * sizeof(double)) == 0;
}

// An affine row (its offset last, entries `step` apart) at a point (entries `plane` apart).
inline double value_at(const double* row, Index step, const double* point, Index plane, Index k) {
  double sum = row[k * step];
  for (Index c = 0; c < k; ++c) sum += row[c * step] * point[c * plane];
  return sum;
}

}  // namespace facetry::testing
