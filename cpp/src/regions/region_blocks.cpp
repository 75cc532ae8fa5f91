// Blocks of regions are checked once, when one of theirs is first read, by whichever thread comes
// first.
#include "regions/region_blocks.hpp"

#include <algorithm>

#include "base/checksum.hpp"
#include "base/parallel.hpp"
#include "facetry/base/error.hpp"

namespace facetry {

namespace {

Index block_count(Index regions) {
  return (regions + RegionBlocks::kRegions - 1) / RegionBlocks::kRegions;
}

RegionRange regions_of(Index block, Index count) {
  const Index begin = block * RegionBlocks::kRegions;
  return {begin, std::min(begin + RegionBlocks::kRegions, count)};
}

template <class T>
std::uint64_t sum(const ArrayView<T>& array, Index begin, Index end, std::uint64_t start = 0) {
  return checksum(array.data() + begin, static_cast<std::size_t>(end - begin) * sizeof(T), start);
}

std::uint64_t sum_of_states(const RegionView& r, RegionRange range) {
  return sum(r.states, range.begin * r.words, range.end * r.words);
}

// REQUIRES: the facet offsets stay within the facets.
std::uint64_t sum_of_rest(const RegionView& r, RegionRange range) {
  const std::uint64_t points = sum(r.interior, range.begin * r.dimension, range.end * r.dimension);
  const std::uint64_t offsets = sum(r.facet_offsets, range.begin, range.end + 1, points);
  return sum(r.facets, r.facet_offsets[range.begin], r.facet_offsets[range.end], offsets);
}

}  // namespace

std::vector<std::uint64_t> block_checksums(const RegionView& regions, int threads) {
  regions.require({0, regions.count}, threads);
  const Index blocks = block_count(regions.count);
  std::vector<std::uint64_t> sums(static_cast<std::size_t>(2 * blocks));
  parallel_chunks(blocks, 1, threads, [&](Index begin, Index end, int) {
    for (Index block = begin; block < end; ++block) {
      const RegionRange range = regions_of(block, regions.count);
      sums[2 * block] = sum_of_states(regions, range);
      sums[2 * block + 1] = sum_of_rest(regions, range);
    }
  });
  return sums;
}

RegionBlocks::RegionBlocks(const RegionView& regions, RegionCheck check,
                           ArrayView<std::uint64_t> checksums, bool ordered, std::string name)
    : check_(std::move(check)), checksums_(checksums), ordered_(ordered), name_(std::move(name)) {
  check_.sizes(regions);
  if (size_of(checksums_) != 2 * block_count(regions.count)) {
    throw InvalidInput("another number of checksums than blocks of regions");
  }
  known_ = std::vector<std::atomic<unsigned char>>(checksums_.size() / 2);
}

void RegionBlocks::require(const RegionView& regions, RegionRange range, int threads) {
  if (range.count() <= 0) return;
  const Index first = range.begin / kRegions;
  const Index blocks = (range.end - 1) / kRegions + 1 - first;
  parallel_chunks(blocks, 1, threads, [&](Index begin, Index end, int) {
    for (Index block = first + begin; block < first + end; ++block) {
      check_block(regions, block, kEverything);
    }
  });
}

void RegionBlocks::check_block(const RegionView& regions, Index block, Known wanted) {
  std::atomic<unsigned char>& known = known_[static_cast<std::size_t>(block)];
  const unsigned char before = known.load(std::memory_order_relaxed);
  if (before >= wanted) return;
  const RegionRange range = regions_of(block, regions.count);
  try {
    if (before < kStates) check_states(regions, block);
    if (wanted == kEverything) check_rest(regions, block);
  } catch (const InvalidInput& problem) {
    fail(range, problem.what());
  }
  // Another thread may know more by now.
  unsigned char now = before;
  while (now < wanted && !known.compare_exchange_weak(now, wanted, std::memory_order_relaxed)) {
  }
}

void RegionBlocks::check_states(const RegionView& regions, Index block) const {
  const RegionRange range = regions_of(block, regions.count);
  if (sum_of_states(regions, range) != checksums_[2 * block]) {
    fail(range, "the states differ from their checksum");
  }
  check_.states(regions, range);
  if (ordered_) check_.order(regions, range);
}

void RegionBlocks::check_rest(const RegionView& regions, Index block) const {
  const RegionRange range = regions_of(block, regions.count);
  check_.offsets(regions, range);
  if (sum_of_rest(regions, range) != checksums_[2 * block + 1]) {
    fail(range, "the facets or interior points differ from their checksum");
  }
  check_.facets(regions, range);
}

void RegionBlocks::fail(RegionRange range, const std::string& what) const {
  throw FileFormatError(name_ + " is damaged at regions " + std::to_string(range.begin) + " to " +
                        std::to_string(range.end - 1) + ": " + what);
}

}  // namespace facetry
