// Regions from a file, checked block by block when they are first read: opening costs nothing, and
// a damaged file gives an error and never a wrong answer or an access out of range.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "facetry/regions/region_view.hpp"
#include "regions/region_check.hpp"

namespace facetry {

// Two checksums for each block of kRegions regions, in order: of its states; and of its interior
// points, facet offsets (with the one that ends the block) and facets. What a saved partition keeps
// beside its arrays. Throws FileFormatError if the regions have a guard that finds them damaged.
[[nodiscard]] std::vector<std::uint64_t> block_checksums(const RegionView& regions, int threads);

// The guard of a RegionView. A block is checked against its checksums, and then whether it fits the
// network. Two threads may check a block at the same time; that costs time and nothing else.
class RegionBlocks {
 public:
  static constexpr Index kRegions = 4096;  // per block

  // Checks what can be checked at constant cost. `checksums`: as block_checksums() made them;
  // memory that outlives the guard. `ordered`: the states must ascend. `name` begins the messages.
  // Throws InvalidInput if sizes do not fit.
  RegionBlocks(const RegionView& regions, RegionCheck check, ArrayView<std::uint64_t> checksums,
               bool ordered, std::string name);

  // As in RegionView. `regions` is the view that the guard was made for.
  void require(const RegionView& regions, RegionRange range, int threads);
  void require_state(const RegionView& regions, Index i) {
    if (known_[static_cast<std::size_t>(i / kRegions)].load(std::memory_order_relaxed) < kStates) {
      check_block(regions, i / kRegions, kStates);
    }
  }

 private:
  enum Known : unsigned char { kNothing, kStates, kEverything };

  void check_block(const RegionView& regions, Index block, Known wanted);
  void check_states(const RegionView& regions, Index block) const;
  void check_rest(const RegionView& regions, Index block) const;
  [[noreturn]] void fail(RegionRange range, const std::string& what) const;

  RegionCheck check_;
  ArrayView<std::uint64_t> checksums_;
  bool ordered_;
  std::string name_;
  std::vector<std::atomic<unsigned char>> known_;  // per block
};

}  // namespace facetry
