// A read-only array that someone else owns: the view beside GrowArray.
#pragma once

#include <cstddef>

#include "facetry/base/index.hpp"

namespace facetry {

template <class T>
class ArrayView {
 public:
  using value_type = T;

  ArrayView() = default;
  // REQUIRES: `data` points to `size` elements that outlive the view and do not move.
  ArrayView(const T* data, std::size_t size) : data_(data), size_(size) {}
  // Any contiguous container.
  template <class Array>
  explicit ArrayView(const Array& array) : data_(array.data()), size_(array.size()) {}

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] const T* data() const { return data_; }
  [[nodiscard]] const T* begin() const { return data_; }
  [[nodiscard]] const T* end() const { return data_ + size_; }
  const T& operator[](Index i) const { return data_[i]; }
  [[nodiscard]] const T& front() const { return data_[0]; }
  [[nodiscard]] const T& back() const { return data_[size_ - 1]; }

 private:
  const T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace facetry
