// What a cell remembers about each of its sides.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

#include "facetry/base/index.hpp"

namespace facetry {

// Where a halfspace comes from, as one number of 4 bytes that geometry only carries along and sorts
// by. Sides of the analysis region come first, by their number in FreeSpace; then the cuts, by the
// number that was given to them (of a search: see BoundaryIds).
class Origin {
 public:
  constexpr Origin() = default;  // the artificial box around a region that is not a box

  // A side of the analysis region; -1: the artificial box. REQUIRES -1 <= number < 2^31 - 1.
  [[nodiscard]] static constexpr Origin side(Index number) {
    return Origin(static_cast<std::int32_t>(number + kFirstSide));
  }
  // REQUIRES 0 <= number < 2^31.
  [[nodiscard]] static constexpr Origin cut(Index number) {
    return Origin(static_cast<std::int32_t>(number));
  }

  [[nodiscard]] constexpr bool is_side() const { return value_ < 0; }
  [[nodiscard]] constexpr bool is_artificial() const { return value_ == kArtificial; }
  // The number of the side or of the cut.
  [[nodiscard]] constexpr Index number() const { return is_side() ? value_ - kFirstSide : value_; }

  auto operator<=>(const Origin&) const = default;

 private:
  static constexpr std::int32_t kArtificial = std::numeric_limits<std::int32_t>::min();
  static constexpr Index kFirstSide = Index{kArtificial} + 1;

  explicit constexpr Origin(std::int32_t value) : value_(value) {}

  std::int32_t value_ = kArtificial;
};

static_assert(sizeof(Origin) == 4);

// Rows that stand side by side are padded to a multiple of so many.
inline constexpr Index kRowBlock = 8;

// Many rows, column by column: entry c of row i is data[c * stride + i]; c = k is the offset. The
// rows from `count` up to `stride`, a multiple of kRowBlock, hold finite numbers without a meaning.
struct RowPlanes {
  const double* data = nullptr;
  Index count = 0;
  Index stride = 0;
};

}  // namespace facetry
