// A scratch array that grows and is never shrunk: aligned to a cache line, not initialised, its
// contents lost when it grows. For numbers that are written before they are read.
#pragma once

#include <algorithm>
#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

#include "facetry/base/index.hpp"

namespace facetry {

template <class T>
class WorkArray {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  WorkArray() = default;
  explicit WorkArray(Index size) { ensure(size); }
  WorkArray(const WorkArray&) = delete;
  WorkArray& operator=(const WorkArray&) = delete;
  WorkArray(WorkArray&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  WorkArray& operator=(WorkArray&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~WorkArray() { free(); }

  // Room for at least `size` elements.
  void ensure(Index size) {
    if (size <= size_) return;
    const Index room = std::max(size, 2 * size_);
    void* fresh = ::operator new(static_cast<std::size_t>(room) * sizeof(T), kAlignment);
    free();
    data_ = static_cast<T*>(fresh);
    size_ = room;
  }

  [[nodiscard]] T* data() { return data_; }
  [[nodiscard]] const T* data() const { return data_; }
  T& operator[](Index i) { return data_[i]; }
  const T& operator[](Index i) const { return data_[i]; }

 private:
  static constexpr std::align_val_t kAlignment{64};

  void free() {
    if (data_ != nullptr) ::operator delete(data_, kAlignment);
  }

  T* data_ = nullptr;
  Index size_ = 0;
};

}  // namespace facetry
