// The boundaries of all units in one numbering: what the origins of facets mean.
#pragma once

#include <cstdint>
#include <vector>

#include "facetry/geometry/constraint.hpp"
#include "facetry/network/normal_form.hpp"

namespace facetry {

// What an Origin means.
//   unit >= 0: a boundary of that unit. Of a piecewise unit `boundary` is the breakpoint; of a
//              maximum it is the argument that loses on this side.
//   unit < 0:  a side of the analysis region; `boundary` is its number in FreeSpace.
struct Boundary {
  Index unit = -1;
  Index boundary = -1;

  [[nodiscard]] bool is_side() const { return unit < 0; }
  auto operator<=>(const Boundary&) const = default;
};

// Unit after unit in graph order, each with its breakpoints or arguments: origins ascend as the
// pairs (unit, boundary) do, sides before all units. Immutable, so that threads may share it.
class BoundaryIds {
 public:
  // Throws InvalidInput if there are 2^31 boundaries or more.
  explicit BoundaryIds(const NormalForm& form);

  [[nodiscard]] Index count() const { return size_of(units_); }
  // Both ways at constant cost. REQUIRES: a boundary of a unit of the network.
  [[nodiscard]] Origin of(Index unit, Index boundary) const {
    return Origin::cut(first_[unit] + boundary);
  }
  // REQUIRES: a side, or number() < count().
  [[nodiscard]] Boundary at(Origin origin) const {
    const Index number = origin.number();
    if (origin.is_side()) return {-1, number};
    return {units_[number], number - first_[units_[number]]};
  }
  [[nodiscard]] std::vector<Boundary> at(const std::vector<Origin>& origins) const;

 private:
  std::vector<std::int32_t> first_;  // of each unit
  std::vector<std::int32_t> units_;  // of each boundary
};

// A unit whose hyperplane contains a facet: it goes from one piece to another there.
struct TightUnit {
  Index unit = 0;
  Index from = 0;  // its piece in the region
  Index to = 0;    // the piece behind the hyperplane
};

}  // namespace facetry
