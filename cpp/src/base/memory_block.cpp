// Large blocks: Linux gives pages of 2 MiB to areas that are aligned to them and ask for it
// (transparent huge pages, "madvise"), and moves such an area to another such address page by page.
// Where there are none, or none is free, the same calls give small pages. Other systems use the
// heap for all blocks.
#include "base/memory_block.hpp"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace facetry {

namespace {

void* resized(void* data, std::size_t bytes) {
  void* moved = std::realloc(data, bytes);
  if (moved == nullptr) throw std::bad_alloc();
  return moved;
}

#if defined(__linux__)

constexpr std::size_t kHugePage = std::size_t{2} << 20;
// From here on a huge page is cheaper than as many small ones.
constexpr std::size_t kLarge = std::size_t{256} << 10;

std::size_t rounded_up(std::size_t bytes) {
  return (bytes + kHugePage - 1) / kHugePage * kHugePage;
}

// Fresh memory, aligned to huge pages, not touched yet. REQUIRES: bytes is a multiple of them.
void* map_aligned(std::size_t bytes) {
  const std::size_t more = bytes + kHugePage;
  void* area = mmap(nullptr, more, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (area == MAP_FAILED) throw std::bad_alloc();
  char* begin = static_cast<char*>(area);
  const std::size_t before = kHugePage - reinterpret_cast<std::uintptr_t>(begin) % kHugePage;
  munmap(begin, before);
  char* data = begin + before;
  if (before < kHugePage) munmap(data + bytes, kHugePage - before);
  madvise(data, bytes, MADV_HUGEPAGE);  // a wish: without it the block works too
  return data;
}

#endif

}  // namespace

#if defined(__linux__)

MemoryBlock grow_block(MemoryBlock block, std::size_t bytes) {
  if (bytes < kLarge) return {resized(block.data, bytes), bytes};
  const bool was_large = block.bytes >= kLarge;
  const std::size_t size = rounded_up(bytes);
  if (was_large && mremap(block.data, block.bytes, size, 0) != MAP_FAILED) {
    return {block.data, size};
  }
  void* fresh = map_aligned(size);
  if (was_large) {
    void* moved = mremap(block.data, block.bytes, size, MREMAP_MAYMOVE | MREMAP_FIXED, fresh);
    if (moved == MAP_FAILED) {
      munmap(fresh, size);
      throw std::bad_alloc();
    }
  } else if (block.data != nullptr) {
    std::memcpy(fresh, block.data, block.bytes);
    std::free(block.data);
  }
  return {fresh, size};
}

void free_block(MemoryBlock block) noexcept {
  if (block.bytes < kLarge) {
    std::free(block.data);
  } else {
    munmap(block.data, block.bytes);
  }
}

#else

MemoryBlock grow_block(MemoryBlock block, std::size_t bytes) {
  return {resized(block.data, bytes), bytes};
}

void free_block(MemoryBlock block) noexcept { std::free(block.data); }

#endif

}  // namespace facetry
