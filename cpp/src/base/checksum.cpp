// Eight lanes of words, each mixed by steps that can be undone (exclusive or, multiplication by an
// odd number, folding the upper half): words that differ can only give the same sum if another
// difference undoes it.
#include "base/checksum.hpp"

#include <cstring>

namespace facetry {

namespace {

constexpr int kLanes = 8;
constexpr std::size_t kChunk = kLanes * sizeof(std::uint64_t);

constexpr std::uint64_t mix(std::uint64_t sum, std::uint64_t word) {
  const std::uint64_t product = (sum ^ word) * 0x9e3779b97f4a7c15u;
  return product ^ (product >> 32);
}

void mix_chunk(std::uint64_t* lanes, const unsigned char* chunk) {
  std::uint64_t words[kLanes];
  std::memcpy(words, chunk, kChunk);
  for (int i = 0; i < kLanes; ++i) lanes[i] = mix(lanes[i], words[i]);
}

}  // namespace

std::uint64_t checksum(const void* data, std::size_t bytes, std::uint64_t start) {
  const auto* at = static_cast<const unsigned char*>(data);
  std::uint64_t lanes[kLanes];
  for (int i = 0; i < kLanes; ++i) lanes[i] = mix(start, static_cast<std::uint64_t>(i));
  std::size_t left = bytes;
  for (; left >= kChunk; left -= kChunk, at += kChunk) mix_chunk(lanes, at);
  if (left > 0) {
    unsigned char rest[kChunk] = {};
    std::memcpy(rest, at, left);
    mix_chunk(lanes, rest);
  }
  std::uint64_t sum = mix(start, bytes);
  for (const std::uint64_t lane : lanes) sum = mix(sum, lane);
  return mix(sum, 0);
}

}  // namespace facetry
