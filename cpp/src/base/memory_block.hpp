// Memory for arrays that grow: small blocks come from the heap, large ones from the system in its
// largest pages. A page of 4 KiB costs more to be given for the first time than to be filled (1.4
// microseconds on a virtual machine), and one of 2 MiB little more than that.
#pragma once

#include <cstddef>

namespace facetry {

struct MemoryBlock {
  void* data = nullptr;
  std::size_t bytes = 0;
};

// A block of at least `bytes` with the contents of `block`, which is given up for it; it may be the
// same. Large ones move without being copied where the system can do that. Throws std::bad_alloc;
// `block` then stays. REQUIRES: `block` is empty or came from here, and bytes >= block.bytes. At
// most 2 MiB are wasted; memory is used, not only reserved, where it has been written to.
[[nodiscard]] MemoryBlock grow_block(MemoryBlock block, std::size_t bytes);

void free_block(MemoryBlock block) noexcept;

}  // namespace facetry
