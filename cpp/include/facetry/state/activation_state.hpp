// Activation states, bit-packed: the states of all units in graph order [METHOD section 1].
#pragma once

#include <cstdint>
#include <vector>

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

}  // namespace facetry
