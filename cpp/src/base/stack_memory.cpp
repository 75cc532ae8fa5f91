// Chunks that grow as a path gets deeper, and are kept for the next one.
#include "base/stack_memory.hpp"

#include <algorithm>
#include <cstdint>

namespace facetry {

namespace {

constexpr std::size_t kFirstChunk = std::size_t{1} << 15;

}  // namespace

// Moves to the next chunk that is large enough; smaller ones in between are left out until the
// stack is released below them. Each new chunk doubles what is held.
void StackMemory::next_chunk(std::size_t bytes) {
  std::size_t next = chunks_.empty() ? 0 : top_.chunk + 1;
  while (next < chunks_.size() && chunks_[next].size < bytes) ++next;
  if (next >= chunks_.size()) {
    Chunk chunk;
    chunk.size = std::max(bytes, chunks_.empty() ? kFirstChunk : held());
    chunk.bytes = std::make_unique_for_overwrite<std::byte[]>(chunk.size + kAlignment);
    const auto address = reinterpret_cast<std::uintptr_t>(chunk.bytes.get());
    chunk.begin = chunk.bytes.get() + (kAlignment - address % kAlignment) % kAlignment;
    chunks_.push_back(std::move(chunk));
    next = chunks_.size() - 1;
  }
  top_ = {next, 0};
}

std::size_t StackMemory::held() const {
  std::size_t sum = 0;
  for (const Chunk& chunk : chunks_) sum += chunk.size;
  return sum;
}

}  // namespace facetry
