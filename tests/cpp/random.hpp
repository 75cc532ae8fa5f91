// Random numbers for tests: the same sequence on every machine and with every standard library.
#pragma once

#include <cmath>
#include <random>
#include <vector>

#include "facetry/base/linear_algebra.hpp"

namespace facetry::testing {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  double uniform(double low, double high) {
    return low + (high - low) * static_cast<double>(engine_() >> 11) * 0x1p-53;
  }
  Index below(Index count) {
    return static_cast<Index>(engine_() % static_cast<std::uint64_t>(count));
  }
  Index between(Index low, Index high) { return low + below(high - low + 1); }
  bool chance(double probability) { return uniform(0.0, 1.0) < probability; }

  // About normal: the sum of twelve uniform numbers.
  double normal() {
    double sum = -6.0;
    for (int i = 0; i < 12; ++i) sum += uniform(0.0, 1.0);
    return sum;
  }

  Vector direction(Index k) {
    Vector v(k);
    do {
      for (Index i = 0; i < k; ++i) v[i] = normal();
    } while (v.norm() < 1e-3);
    return v / v.norm();
  }

  // A vector of small integers, not all zero.
  Vector integers(Index k, Index largest) {
    Vector v(k);
    do {
      for (Index i = 0; i < k; ++i) v[i] = static_cast<double>(between(-largest, largest));
    } while (v.squaredNorm() == 0.0);
    return v;
  }

  Vector point_in(const Vector& low, const Vector& high) {
    Vector v(low.size());
    for (Index i = 0; i < v.size(); ++i) v[i] = uniform(low[i], high[i]);
    return v;
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace facetry::testing
