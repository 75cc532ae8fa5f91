// Fields of bits for units, packed so that none crosses a word.
#include "facetry/state/activation_state.hpp"

#include <bit>

namespace facetry {

StateLayout::StateLayout(const NormalForm& form) {
  constexpr int kBits = 64;
  int free_bits = 0;
  for (const Index pieces : form.piece_counts()) {
    const int bits = std::bit_width(static_cast<StateWord>(pieces - 1));
    if (bits > free_bits) {
      ++words_;
      free_bits = kBits;
    }
    free_bits -= bits;
    const StateWord mask = bits == kBits ? ~StateWord{0} : (StateWord{1} << bits) - 1;
    fields_.push_back({static_cast<std::int32_t>(words_ - 1), free_bits, mask});
  }
}

void StateLayout::set_bits(StateWord* state, Index first, StateWord bits) {
  if (bits == 0) return;
  // Reversed: a state's first unit has the highest bit.
  bits = ((bits >> 1) & 0x5555555555555555u) | ((bits & 0x5555555555555555u) << 1);
  bits = ((bits >> 2) & 0x3333333333333333u) | ((bits & 0x3333333333333333u) << 2);
  bits = ((bits >> 4) & 0x0f0f0f0f0f0f0f0fu) | ((bits & 0x0f0f0f0f0f0f0f0fu) << 4);
  bits = ((bits >> 8) & 0x00ff00ff00ff00ffu) | ((bits & 0x00ff00ff00ff00ffu) << 8);
  bits = ((bits >> 16) & 0x0000ffff0000ffffu) | ((bits & 0x0000ffff0000ffffu) << 16);
  bits = (bits >> 32) | (bits << 32);
  const Index shift = first % 64;
  state[first / 64] |= bits >> shift;
  if (shift != 0 && (bits << (64 - shift)) != 0) state[first / 64 + 1] |= bits << (64 - shift);
}

void StateLayout::copy_prefix(const StateWord* longer, StateWord* out) const {
  for (Index w = 0; w < words_; ++w) out[w] = longer[w];
  if (words_ > 0) out[words_ - 1] &= ~StateWord{0} << fields_.back().shift;
}

int StateLayout::compare(const StateWord* a, const StateWord* b) const {
  for (Index w = 0; w < words_; ++w) {
    if (a[w] != b[w]) return a[w] < b[w] ? -1 : 1;
  }
  return 0;
}

}  // namespace facetry
