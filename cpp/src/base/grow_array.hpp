// An array for results that grow very large: numbers (or other trivial types) whose memory is moved
// as a whole when it grows, which the system does for large blocks without copying or touching
// them. Otherwise it behaves as std::vector does.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/memory_block.hpp"
#include "facetry/base/index.hpp"

namespace facetry {

template <class T>
class GrowArray {
  static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= alignof(std::max_align_t));

 public:
  using value_type = T;

  GrowArray() = default;
  GrowArray(std::initializer_list<T> values) { append(values.begin(), size_of(values)); }
  GrowArray(const std::vector<T>& values) { append(values.data(), size_of(values)); }
  GrowArray(const GrowArray& other) { append(other.data_, size_of(other)); }
  GrowArray(GrowArray&& other) noexcept { swap(other); }
  GrowArray& operator=(GrowArray other) noexcept {
    swap(other);
    return *this;
  }
  ~GrowArray() { free_block({data_, bytes_}); }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] T* data() { return data_; }
  [[nodiscard]] const T* data() const { return data_; }
  [[nodiscard]] T* begin() { return data_; }
  [[nodiscard]] T* end() { return data_ + size_; }
  [[nodiscard]] const T* begin() const { return data_; }
  [[nodiscard]] const T* end() const { return data_ + size_; }
  T& operator[](Index i) { return data_[i]; }
  const T& operator[](Index i) const { return data_[i]; }
  [[nodiscard]] T& front() { return data_[0]; }
  [[nodiscard]] const T& front() const { return data_[0]; }
  [[nodiscard]] T& back() { return data_[size_ - 1]; }
  [[nodiscard]] const T& back() const { return data_[size_ - 1]; }

  // Room for n elements. Throws std::bad_alloc; the contents then stay.
  void reserve(std::size_t n) {
    if (n > room_) move_to(n);
  }
  void push_back(T value) {
    if (size_ == room_) grow(1);
    data_[size_++] = value;
  }
  void append(const T* from, Index count) {
    const auto n = static_cast<std::size_t>(count);
    if (n == 0) return;
    if (n > room_ - size_) grow(n);
    std::memcpy(static_cast<void*>(data_ + size_), from, n * sizeof(T));
    size_ += n;
  }
  // Where the next elements go, with room for n of them: they are elements once added(n) says so.
  [[nodiscard]] T* room_for(Index n) {
    if (static_cast<std::size_t>(n) > room_ - size_) grow(static_cast<std::size_t>(n));
    return data_ + size_;
  }
  void added(Index n) { size_ += static_cast<std::size_t>(n); }
  void pop_back() { --size_; }
  void clear() { size_ = 0; }
  // New elements are value-initialised.
  void resize(std::size_t n) {
    if (n > room_) move_to(n);
    if (n > size_) std::fill(data_ + size_, data_ + n, T{});
    size_ = n;
  }

  friend bool operator==(const GrowArray& a, const GrowArray& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  void swap(GrowArray& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(room_, other.room_);
    std::swap(bytes_, other.bytes_);
  }
  // Room that is not used costs no memory, only addresses; copying what is there does. From some
  // size on nothing is copied.
  void grow(std::size_t more) {
    constexpr std::size_t kLarge = std::size_t{1} << 24;
    constexpr std::size_t kFirstBytes = 4096;
    const std::size_t factor = room_ * sizeof(T) < kLarge ? 4 : 2;
    move_to(std::max({size_ + more, factor * room_, kFirstBytes / sizeof(T)}));
  }
  void move_to(std::size_t room) {
    if (room > std::numeric_limits<std::size_t>::max() / (2 * sizeof(T))) throw std::bad_alloc();
    const MemoryBlock moved = grow_block({data_, bytes_}, room * sizeof(T));
    data_ = static_cast<T*>(moved.data);
    bytes_ = moved.bytes;
    room_ = moved.bytes / sizeof(T);
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t room_ = 0;
  std::size_t bytes_ = 0;  // of the block
};

}  // namespace facetry
