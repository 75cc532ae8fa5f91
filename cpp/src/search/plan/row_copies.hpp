// Rows of a map that are exact multiples of each other, found once: their functions vanish on one
// hyperplane whatever the values are, so where one unit was decided by a cut, its copies are too.
#pragma once

#include <cstdint>
#include <vector>

#include "facetry/geometry/affine_map.hpp"

namespace facetry {

// Guarantees, numbered as the tests are:
//  1. first(r) is the lowest row that r is a multiple of, weights and bias alike, without rounding;
//     positive(r) says whether the factor is. Only rows with numbers so large or small that
//     products leave the range of doubles may be missed, and rows of zeros are.
// Cost, once: the entries of the map, sorted by a hash. Immutable.
class RowCopies {
 public:
  RowCopies() = default;
  explicit RowCopies(const AffineMap& map);

  // Is any row a multiple of another one?
  [[nodiscard]] bool any() const { return !first_.empty(); }
  // REQUIRES any(), as the rest does.
  [[nodiscard]] Index first(Index row) const { return first_[row]; }
  [[nodiscard]] bool positive(Index row) const { return positive_[row] != 0; }
  // Is the row one of several?
  [[nodiscard]] bool is_shared(Index row) const { return shared_[row] != 0; }

 private:
  std::vector<std::int32_t> first_;  // empty: no row is another's multiple
  std::vector<char> positive_;
  std::vector<char> shared_;
};

}  // namespace facetry
