// The regions of a partition as they are read: arrays in the layout of RegionList that belong to a
// list, or to someone else, such as a file that is mapped into memory. Regions from outside come
// with a guard that checks them when they are first read.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "facetry/base/index.hpp"
#include "facetry/geometry/constraint.hpp"
#include "facetry/state/activation_state.hpp"

namespace facetry {

// A read-only array that someone else owns: the view beside GrowArray.
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

class RegionBlocks;
struct RegionList;

// A cut that was too thin to be told from a tie in double precision (METHOD section 4): the unit's
// boundary reaches into the cell by `reach`, more than zero and not more than the cut tolerance.
struct UndecidedCut {
  Origin boundary;            // a cut, never a side
  double reach = 0.0;         // in free coordinates
  std::vector<double> place;  // the deepest point there, free coordinates
};

// A half-open range of region numbers.
struct RegionRange {
  Index begin = 0;
  Index end = 0;
  [[nodiscard]] Index count() const { return end - begin; }
};

struct RegionView {
  Index words = 0;      // per state
  Index dimension = 0;  // k
  Index count = 0;
  Index measure_size = 0;          // 1: the volume; more: moments as well; 0: not kept
  ArrayView<StateWord> states;     // count x words
  ArrayView<double> interior;      // count x k, free coordinates
  ArrayView<Index> facet_offsets;  // count + 1
  ArrayView<Origin> facets;        // ascending within a region
  ArrayView<double> measures;      // count x measure_size, free coordinates
  bool contacts_known = false;     // is it known which regions a boundary may touch
  ArrayView<Index> touched;        // that is no cut of theirs? These, ascending
  Index undecided_count = 0;
  std::vector<UndecidedCut> undecided;
  Index below_resolution = 0;
  std::shared_ptr<const void> owner;    // of the arrays, if the view is to keep them
  std::shared_ptr<RegionBlocks> guard;  // null: everything is known to be sound

  RegionView() = default;
  // Of a list that outlives the view and does not change.
  explicit RegionView(const RegionList& list);
  // Takes the list over.
  explicit RegionView(RegionList&& list);

  [[nodiscard]] const StateWord* state(Index i) const { return states.data() + i * words; }
  [[nodiscard]] const double* interior_point(Index i) const {
    return interior.data() + i * dimension;
  }

  // To be called before regions are read. Throws FileFormatError if they are damaged. Thread-safe.
  // Cost: nothing without a guard; else the bytes of the blocks that are read for the first time.
  void require(RegionRange range, int threads = 1) const {
    if (guard) check(range, threads);
  }
  // The same before only the state of a region is read.
  void require_state(Index i) const {
    if (guard) check_state(i);
  }

 private:
  void check(RegionRange range, int threads) const;
  void check_state(Index i) const;
};

}  // namespace facetry
