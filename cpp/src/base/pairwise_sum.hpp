// Sums of many rows of numbers, pairwise: what is rounded away grows with the logarithm of how many
// there are, and only their order counts, not how they came in batches [Higham 2002, section 4.2].
#pragma once

#include <algorithm>
#include <vector>

#include "facetry/base/index.hpp"

namespace facetry {

class PairwiseSum {
 public:
  // Of rows of `size` numbers.
  explicit PairwiseSum(Index size) : size_(size), block_(static_cast<std::size_t>(size), 0.0) {}

  void add(const double* row) {
    for (Index i = 0; i < size_; ++i) block_[i] += row[i];
    if (++count_ % kBlock == 0) carry();
  }

  [[nodiscard]] Index count() const { return count_; }
  [[nodiscard]] std::vector<double> value() const {
    std::vector<double> sum = block_;
    for (Index level = 0; (count_ / kBlock) >> level != 0; ++level) {
      if ((((count_ / kBlock) >> level) & 1) == 0) continue;
      for (Index i = 0; i < size_; ++i) sum[i] += levels_[level * size_ + i];
    }
    return sum;
  }

 private:
  static constexpr Index kBlock = 16;  // rows that are added one by one

  // Level l holds the sum of 2^l blocks where that bit of their number is set, as in counting.
  void carry() {
    Index level = 0;
    for (Index before = count_ / kBlock - 1; (before & 1) != 0; before >>= 1, ++level) {
      for (Index i = 0; i < size_; ++i) block_[i] += levels_[level * size_ + i];
    }
    if (size_of(levels_) < (level + 1) * size_)
      levels_.resize(static_cast<std::size_t>((level + 1) * size_));
    std::copy(block_.begin(), block_.end(), levels_.begin() + level * size_);
    std::fill(block_.begin(), block_.end(), 0.0);
  }

  Index size_;
  Index count_ = 0;
  std::vector<double> block_;
  std::vector<double> levels_;
};

}  // namespace facetry
