// Open addressing with half of the places empty at least. The hash of a state is the exclusive or
// of one word for each bit that is set; from region to region of a sorted list few bits change.
#include "partition/state_index.hpp"

#include <bit>
#include <random>

namespace facetry {

StateIndex::StateIndex(const StateLayout& layout, const RegionView& regions)
    : layout_(layout), regions_(regions) {
  std::mt19937_64 random(20261201);  // any: the same answers follow
  words_.resize(static_cast<std::size_t>(layout.words()) * 64);
  for (std::uint64_t& word : words_) word = random();
  mask_ = std::bit_ceil(static_cast<std::size_t>(regions.count) * 2 + 1) - 1;
  slots_.resize(mask_ + 1);
  hashes_.resize(static_cast<std::size_t>(regions.count));
  const std::vector<StateWord> none(static_cast<std::size_t>(layout.words()), 0);
  const StateWord* before = none.data();
  std::uint64_t hash = 0;
  for (Index i = 0; i < regions.count; ++i) {
    const StateWord* state = regions.state(i);
    for (Index w = 0; w < regions.words; ++w) hash ^= hash_of_bits(w, state[w] ^ before[w]);
    hashes_[i] = hash;
    insert(hash, i);
    before = state;
  }
}

inline std::uint64_t StateIndex::hash_of_bits(Index word, StateWord bits) const {
  std::uint64_t hash = 0;
  for (; bits != 0; bits &= bits - 1) hash ^= words_[word * 64 + std::countr_zero(bits)];
  return hash;
}

inline std::uint64_t StateIndex::flipped_hash(Index region, Index unit, Index piece) const {
  const StateLayout::Place place = layout_.place(unit);
  const Index now = layout_.get(regions_.state(region), unit);
  return hashes_[region] ^
         hash_of_bits(place.word, static_cast<StateWord>(now ^ piece) << place.shift);
}

void StateIndex::insert(std::uint64_t hash, Index region) {
  std::size_t at = place_of(hash);
  while (slots_[at].region != 0) at = (at + 1) & mask_;
  slots_[at] = {static_cast<std::uint32_t>(hash), static_cast<std::uint32_t>(region + 1)};
}

bool StateIndex::is_flipped(Index found, Index region, Index unit, Index piece) const {
  const StateLayout::Place place = layout_.place(unit);
  const StateWord* here = regions_.state(region);
  const StateWord* there = regions_.state(found);
  const StateWord change = static_cast<StateWord>(layout_.get(here, unit) ^ piece) << place.shift;
  for (Index w = 0; w < regions_.words; ++w) {
    if (there[w] != (w == place.word ? here[w] ^ change : here[w])) return false;
  }
  return true;
}

Index StateIndex::find_flipped(Index region, Index unit, Index piece) const {
  const std::uint64_t hash = flipped_hash(region, unit, piece);
  for (std::size_t at = place_of(hash); slots_[at].region != 0; at = (at + 1) & mask_) {
    const Index found = static_cast<Index>(slots_[at].region) - 1;
    if (slots_[at].tag != static_cast<std::uint32_t>(hash)) continue;
    if (is_flipped(found, region, unit, piece)) return found;
  }
  return -1;
}

void StateIndex::prefetch(Index region, Index unit, Index piece) const {
#if defined(__GNUC__)
  __builtin_prefetch(&slots_[place_of(flipped_hash(region, unit, piece))]);
#else
  (void)region, (void)unit, (void)piece;
#endif
}

}  // namespace facetry
