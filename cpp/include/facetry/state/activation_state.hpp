// Activation states, bit-packed: the states of all units in graph order [METHOD section 1].
#pragma once

#include <cstdint>
#include <vector>

#include "facetry/geometry/constraint.hpp"
#include "facetry/network/normal_form.hpp"

namespace facetry {

using StateWord = std::uint64_t;

// Where each unit's state lies in the words. Unit 0 has the highest bits of word 0 and no unit
// straddles two words, so comparing words as numbers compares states lexicographically.
class StateLayout {
 public:
  explicit StateLayout(const NormalForm& form);

  [[nodiscard]] Index words() const { return words_; }
  [[nodiscard]] Index units() const { return size_of(fields_); }

  [[nodiscard]] Index get(const StateWord* state, Index unit) const {
    const Field& field = fields_[unit];
    return static_cast<Index>((state[field.word] >> field.shift) & field.mask);
  }
  // Where a unit's bits are: the lowest of them.
  struct Place {
    Index word;
    Index shift;
  };
  [[nodiscard]] Place place(Index unit) const { return {fields_[unit].word, fields_[unit].shift}; }
  // The largest number that the unit's bits can say.
  [[nodiscard]] Index most(Index unit) const { return static_cast<Index>(fields_[unit].mask); }
  void set(StateWord* state, Index unit, Index piece) const {
    const Field& field = fields_[unit];
    StateWord& word = state[field.word];
    word = (word & ~(field.mask << field.shift)) | (static_cast<StateWord>(piece) << field.shift);
  }

  // The states of these units out of those of a longer network that begins with the same units.
  void copy_prefix(const StateWord* longer, StateWord* out) const;

  // Is the unit's state the one bit that it would be if all units before it had one bit each?
  [[nodiscard]] bool is_single_bit(Index unit) const {
    const Field& field = fields_[unit];
    return field.mask == 1 && field.word == unit / 64 && field.shift == 63 - unit % 64;
  }
  // Sets the bits of units first, first + 1, ... as in `bits`, lowest first. REQUIRES: they are 0,
  // and is_single_bit for each unit whose bit is set.
  static void set_bits(StateWord* state, Index first, StateWord bits);

  // Writes the state of such a unit.
  static void set_bit(StateWord* state, Index unit, Index piece) {
    const Index shift = 63 - unit % 64;
    StateWord& word = state[unit / 64];
    word = (word & ~(StateWord{1} << shift)) | (static_cast<StateWord>(piece) << shift);
  }

  // Lexicographic order: negative, zero or positive.
  [[nodiscard]] int compare(const StateWord* a, const StateWord* b) const;

 private:
  struct Field {
    std::int32_t word;
    std::int32_t shift;
    StateWord mask;
  };
  std::vector<Field> fields_;
  Index words_ = 0;
};

// The boundaries of all units in one numbering: what the origins of facets mean.

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
