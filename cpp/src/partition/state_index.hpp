// Which region has a state that differs from another region's in one unit: by a hash of the states'
// bits, which such a flip changes by one word.
#pragma once

#include <cstdint>
#include <vector>

#include "facetry/regions/region_view.hpp"
#include "facetry/state/activation_state.hpp"

namespace facetry {

// Guarantees, numbered as the tests are:
//  1. find_flipped() is the region with that state, or -1 if none has it: whole states are
//  compared.
// REQUIRES: layout and regions outlive it; the regions are known to be sound (RegionView::require)
// and fewer than 2^32 - 1. Thread-safe once made.
// Cost: to make, a few operations for each bit in which neighbours of the list differ; a question,
// one or two places in memory, which prefetch() may ask for before. Memory: 24 to 40 bytes a
// region.
class StateIndex {
 public:
  StateIndex(const StateLayout& layout, const RegionView& regions);

  [[nodiscard]] Index find_flipped(Index region, Index unit, Index piece) const;
  void prefetch(Index region, Index unit, Index piece) const;

 private:
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t region = 0;  // + 1; 0: empty
  };

  [[nodiscard]] std::uint64_t hash_of_bits(Index word, StateWord bits) const;
  [[nodiscard]] std::uint64_t flipped_hash(Index region, Index unit, Index piece) const;
  [[nodiscard]] bool is_flipped(Index found, Index region, Index unit, Index piece) const;
  void insert(std::uint64_t hash, Index region);
  [[nodiscard]] std::size_t place_of(std::uint64_t hash) const {
    return static_cast<std::size_t>(hash >> 32) & mask_;
  }

  const StateLayout& layout_;
  const RegionView& regions_;
  std::vector<std::uint64_t> words_;   // a random one for each bit of a state
  std::vector<std::uint64_t> hashes_;  // of the regions
  std::vector<Slot> slots_;
  std::size_t mask_ = 0;
};

}  // namespace facetry
