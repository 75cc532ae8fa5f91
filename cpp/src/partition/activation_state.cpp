#include "facetry/partition/activation_state.hpp"

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

int StateLayout::compare(const StateWord* a, const StateWord* b) const {
  for (Index w = 0; w < words_; ++w) {
    if (a[w] != b[w]) return a[w] < b[w] ? -1 : 1;
  }
  return 0;
}

}  // namespace facetry
