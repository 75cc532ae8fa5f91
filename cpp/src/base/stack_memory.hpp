// Memory that is taken and given back like a stack: a depth-first search takes what its path needs
// and returns to an earlier mark when it leaves a subtree. Taking costs an addition; nothing is
// constructed or destroyed, so only trivial types live here. Not thread-safe: one per thread.
#pragma once

#include <cstddef>
#include <memory>
#include <type_traits>
#include <vector>

#include "facetry/base/index.hpp"

namespace facetry {

class StackMemory {
 public:
  static constexpr std::size_t kAlignment = 64;  // of everything taken: one cache line

  struct Mark {
    std::size_t chunk = 0;
    std::size_t used = 0;
  };

  // Memory for `count` elements, not initialised. Throws std::bad_alloc. Cost: constant.
  template <class T>
  [[nodiscard]] T* take(Index count) {
    static_assert(std::is_trivially_destructible_v<T>);
    return static_cast<T*>(take_bytes(static_cast<std::size_t>(count) * sizeof(T)));
  }

  [[nodiscard]] Mark mark() const { return top_; }

  // Gives back everything taken since `mark`; the memory itself is kept for the next time.
  void release(Mark mark) { top_ = mark; }

  // Bytes held from the system.
  [[nodiscard]] std::size_t held() const;

 private:
  struct Chunk {
    std::unique_ptr<std::byte[]> bytes;
    std::byte* begin = nullptr;  // aligned
    std::size_t size = 0;
  };

  void* take_bytes(std::size_t bytes) {
    const std::size_t rounded = (bytes + kAlignment - 1) & ~(kAlignment - 1);
    if (top_.chunk >= chunks_.size() || top_.used + rounded > chunks_[top_.chunk].size) {
      next_chunk(rounded);
    }
    void* result = chunks_[top_.chunk].begin + top_.used;
    top_.used += rounded;
    return result;
  }
  void next_chunk(std::size_t bytes);

  std::vector<Chunk> chunks_;
  Mark top_;
};

}  // namespace facetry
