// The recursion goes down from the cell, a face being its set of vertices as a bit mask: of a
// simple cell every facet that meets a face meets it in a facet of the face. From five dimensions
// on faces of two to k-2 dimensions are kept, keyed by their constraints, because many paths lead
// to each.
#include "geometry/face_recursion.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "geometry/cell_family.hpp"
#include "kernels/vertex_kernels.hpp"

namespace facetry {

namespace {

// A set of vertices of fixed capacity 64 W.
template <std::size_t W>
struct Vertices {
  std::array<BitWord, W> words;  // not initialised

  void insert(Index v) { words[v / kWordBits] |= BitWord{1} << (v % kWordBits); }
  [[nodiscard]] Index first() const {
    for (std::size_t w = 0; w < W; ++w) {
      if (words[w] != 0) return static_cast<Index>(w) * kWordBits + std::countr_zero(words[w]);
    }
    return -1;
  }
  // The one behind `v`, or -1.
  [[nodiscard]] Index next(Index v) const {
    Vertices rest = *this;
    for (Index w = 0; w < v / kWordBits; ++w) rest.words[w] = 0;
    rest.words[v / kWordBits] &= ~BitWord{1} << (v % kWordBits);
    return rest.first();
  }
  template <class Visit>
  void for_each(const Visit& visit) const {
    for_bits(words.data(), static_cast<Index>(W), visit);
  }
  [[nodiscard]] Vertices operator&(const Vertices& other) const {
    Vertices both;
    for (std::size_t w = 0; w < W; ++w) both.words[w] = words[w] & other.words[w];
    return both;
  }
};

}  // namespace

// What the recursion reads: everything by vertex and constraint.
class FaceRecursion::Faces {
 public:
  virtual ~Faces() = default;

  struct Cell {
    const BitWord* masks;
    Index count;
    BitWord live;
    const double* points;   // k planes of `stride`
    const double* weights;  // 1 / |det|
    const double* slacks;   // constraint c at vertex v: slacks[c * stride + v]
    Index stride;
    const std::uint8_t* tight;
  };
  virtual void measure(const Cell& cell, double* out) = 0;
};

namespace {

// Numbers of a face: W, and with moments those of the measure W stands for, about the cell's base
// point. K = 0: no moments, any dimension.
template <Index K>
struct Payload {
  static constexpr Index kSize = measure_size(K, K > 0);
  std::array<double, kSize> at{};

  void add(double factor, const Payload& other) {
    for (Index i = 0; i < kSize; ++i) at[i] += factor * other.at[i];
  }
  // Becomes the measure of a vertex.
  void become_point(double weight, const double* x) {
    at[0] = weight;
    if constexpr (K > 0) {
      for (Index i = 0; i < K; ++i) at[1 + i] = weight * x[i];
      Index q = 1 + K;
      for (Index i = 0; i < K; ++i) {
        for (Index j = i; j < K; ++j) at[q++] = at[1 + i] * x[j];
      }
    }
  }
  // The cone of dimension d from `apex` over what this is: with y = x - apex, a moment of degree q
  // is that of the base, divided by d + q. In these terms the base is moved there and back.
  void become_cone(Index d, const double* apex) {
    const double base = at[0];
    at[0] = base * (1.0 / static_cast<double>(d));
    if constexpr (K > 0) {
      const double by_first = 1.0 / static_cast<double>(d + 1);
      const double by_second = 1.0 / static_cast<double>(d + 2);
      std::array<double, K> first, cone;
      for (Index i = 0; i < K; ++i) {
        first[i] = at[1 + i];
        cone[i] = (first[i] - apex[i] * base) * by_first;
        at[1 + i] = cone[i] + apex[i] * at[0];
      }
      Index q = 1 + K;
      for (Index i = 0; i < K; ++i) {
        for (Index j = i; j < K; ++j, ++q) {
          const double centred =
              at[q] - apex[i] * first[j] - first[i] * apex[j] + apex[i] * apex[j] * base;
          at[q] = centred * by_second + apex[i] * cone[j] + cone[i] * apex[j] +
                  apex[i] * apex[j] * at[0];
        }
      }
    }
  }
};

// Of cells of dimension K, with or without moments.
template <Index K, bool kMoments>
class RecursionOf : public FaceRecursion::Faces {
 public:
  using Numbers = Payload<kMoments ? K : 0>;

  RecursionOf() {
    if (keeps(2)) {
      slots_.resize(kSlots);
      kept_.resize(kMostKept);
    }
  }

  void measure(const Cell& cell, double* out) override {
    cell_ = cell;
    if (cell.count <= 64) return start<1>(out);
    if constexpr (K > 4) {  // others seldom have more: longer sets do
      if (cell.count <= 128) return start<2>(out);
      if constexpr (!kMoments) {
        if (cell.count <= 256) return start<4>(out);
      }
    }
    start<10>(out);
  }

 private:
  static constexpr Index kSlotBits = 13;
  static constexpr Index kSlots = Index{1} << kSlotBits;
  static constexpr Index kMostKept = kSlots / 2;

  struct Slot {
    BitWord key = 0;
    std::uint32_t stamp = 0;
    std::int32_t at = 0;
  };

  static constexpr bool keeps(Index d) { return K > 4 && d >= 2 && d <= K - 2; }
  [[nodiscard]] double slack(Index constraint, Index v) const {
    return cell_.slacks[constraint * cell_.stride + v];
  }

  template <std::size_t W>
  void start(double* out) {
    std::array<Vertices<W>, 64> on;
    for_bits(&cell_.live, 1, [&](Index c) { on[c] = {}; });
    Vertices<W> whole = {};
    const std::uint8_t* tight = cell_.tight;
    for (Index v = 0; v < cell_.count; ++v) {
      whole.insert(v);
      for (Index r = 0; r < K; ++r) on[*tight++].insert(v);
    }
    kept_count_ = 0;
    ++stamp_;
    Numbers sum;
    face<K>(on.data(), 0, whole, 0, sum);
    std::copy(sum.at.begin(), sum.at.end(), out);
  }

  // A face of dimension D, on the constraints `tight`, with its lowest vertex.
  template <Index D, std::size_t W>
  void face(const Vertices<W>* on, BitWord tight, const Vertices<W>& vertices, Index apex,
            Numbers& sum) {
    sum = {};
    if constexpr (D == 1) {
      const Index end = vertices.next(apex);
      add_edge(end, apex, std::countr_zero(cell_.masks[end] & ~tight), 1.0, sum);
    } else if constexpr (D == 2) {
      add_edges(on, tight, vertices, apex, sum);
      finish(sum, D, apex);
    } else {
      for (BitWord rest = cell_.live & ~cell_.masks[apex]; rest != 0; rest &= rest - 1) {
        const Index c = std::countr_zero(rest);
        const Vertices<W> below = vertices & on[c];
        const Index first = below.first();
        if (first < 0) continue;
        if constexpr (keeps(D - 1)) {
          sum.add(slack(c, apex), kept<D - 1>(on, tight | BitWord{1} << c, below, first));
        } else {
          Numbers part;
          face<D - 1>(on, tight | BitWord{1} << c, below, first, part);
          sum.add(slack(c, apex), part);
        }
      }
      finish(sum, D, apex);
    }
  }

  // The edges of a polygon that miss its apex: each has two of its vertices.
  template <std::size_t W>
  void add_edges(const Vertices<W>* on, BitWord tight, const Vertices<W>& vertices, Index apex,
                 Numbers& sum) {
    BitWord sides = 0;
    vertices.for_each([&](Index v) { sides |= cell_.masks[v]; });
    sides &= ~(tight | cell_.masks[apex]);
    for (; sides != 0; sides &= sides - 1) {
      const Index c = std::countr_zero(sides);
      const Vertices<W> ends = vertices & on[c];
      const Index start = ends.first();
      const Index end = ends.next(start);
      const BitWord last = cell_.masks[end] & ~tight & ~(BitWord{1} << c);
      add_edge(end, start, std::countr_zero(last), slack(c, apex), sum);
    }
  }

  // The edge from one vertex to the `end` on constraint `last`, times `factor`.
  void add_edge(Index end, Index start, Index last, double factor, Numbers& sum) const {
    const double weight = slack(last, start) * cell_.weights[end];
    if constexpr (!kMoments) {
      sum.at[0] += factor * weight;
    } else {
      Numbers part;
      std::array<double, K> x;
      point(end, x.data());
      part.become_point(weight, x.data());
      finish(part, 1, start);
      sum.add(factor, part);
    }
  }

  void point(Index v, double* out) const {
    for (Index i = 0; i < K; ++i) out[i] = cell_.points[i * cell_.stride + v];
  }
  void finish(Numbers& sum, Index d, Index apex) const {
    std::array<double, K> x;
    if constexpr (kMoments) point(apex, x.data());
    sum.become_cone(d, x.data());
  }

  // The face's numbers, computed once. When there is no more room they are computed again.
  template <Index D, std::size_t W>
  const Numbers& kept(const Vertices<W>* on, BitWord tight, const Vertices<W>& vertices,
                      Index apex) {
    std::size_t slot =
        static_cast<std::size_t>((tight * 0x9E3779B97F4A7C15ull) >> (64 - kSlotBits));
    while (slots_[slot].stamp == stamp_ && slots_[slot].key != tight) slot = (slot + 1) % kSlots;
    if (slots_[slot].stamp == stamp_) return kept_[static_cast<std::size_t>(slots_[slot].at)];
    if (kept_count_ == kMostKept) {
      face<D>(on, tight, vertices, apex, overflow_[static_cast<std::size_t>(D)]);
      return overflow_[static_cast<std::size_t>(D)];
    }
    const std::int32_t at = kept_count_++;
    slots_[slot] = {tight, stamp_, at};
    face<D>(on, tight, vertices, apex, kept_[static_cast<std::size_t>(at)]);
    return kept_[static_cast<std::size_t>(at)];
  }

  Cell cell_{};
  std::vector<Slot> slots_;
  std::vector<Numbers> kept_;
  std::array<Numbers, 8> overflow_;  // by dimension
  std::int32_t kept_count_ = 0;
  std::uint32_t stamp_ = 0;
};

template <Index K>
std::unique_ptr<FaceRecursion::Faces> faces_for(bool moments) {
  if (moments) return std::make_unique<RecursionOf<K, true>>();
  return std::make_unique<RecursionOf<K, false>>();
}

std::unique_ptr<FaceRecursion::Faces> faces_of(Index k, bool moments) {
  switch (k) {
    case 1: return faces_for<1>(moments);
    case 2: return faces_for<2>(moments);
    case 3: return faces_for<3>(moments);
    case 4: return faces_for<4>(moments);
    case 5: return faces_for<5>(moments);
    default: return faces_for<6>(moments);
  }
}

}  // namespace

FaceRecursion::FaceRecursion(Index k, bool moments)
    : k_(k),
      moments_(moments),
      kernels_(vertex_kernels()),
      rows_(k),
      faces_(faces_of(k, moments)) {}

FaceRecursion::~FaceRecursion() = default;

bool FaceRecursion::measure(const SimpleCell& cell, double* out) {
  if (cell.count <= k_ || cell.count > kMostVertices || !list_tight(cell)) return false;
  rows_.move(cell.rows, count_bits(live_), cell.near);
  if (!solve(cell)) return false;
  faces_->measure({masks_.data(), cell.count, live_, points_.data(), weights_.data(),
                   slacks_.data(), padded(cell.count), tight_.data()},
                  out);
  if (moments_) rows_.move_back(out);
  return true;
}

// The constraints of every vertex, counted through those that some vertex touches.
bool FaceRecursion::list_tight(const SimpleCell& cell) {
  BitWord touched = 0;
  for (Index v = 0; v < cell.count; ++v) touched |= cell.masks[v];
  std::array<std::uint8_t, 64> number;  // of a bit
  std::uint8_t count = 0;
  for_bits(&touched, 1, [&](Index bit) { number[static_cast<std::size_t>(bit)] = count++; });
  live_ = 0;
  tight_.ensure(cell.count * k_);
  masks_.ensure(cell.count);
  std::uint8_t* out = tight_.data();
  for (Index v = 0; v < cell.count; ++v) {
    BitWord rest = cell.masks[v];
    BitWord mask = 0;
    for (Index r = 0; r < k_; ++r, rest &= rest - 1) {
      if (rest == 0) return false;
      *out = number[static_cast<std::size_t>(std::countr_zero(rest))];
      mask |= BitWord{1} << *out++;
    }
    if (rest != 0) return false;
    masks_[v] = mask;
    live_ |= mask;
  }
  return true;
}

bool FaceRecursion::solve(const SimpleCell& cell) {
  const Index stride = padded(cell.count);
  points_.ensure(k_ * stride);
  weights_.ensure(stride);
  slacks_.ensure(64 * stride);
  kernels_.solve_simple({rows_.data(), MovedRows::kPlane, live_, tight_.data(), cell.count, k_,
                         stride, points_.data(), weights_.data(), slacks_.data()});
  double most = 0.0;
  for (Index v = 0; v < cell.count; ++v) {
    if (!(weights_[v] < std::numeric_limits<double>::infinity())) return false;
    most = std::max(most, weights_[v]);
  }
  return most > 0.0;
}

MovedRows::MovedRows(Index k) : kernels_(vertex_kernels()), k_(k), rows_((k + 1) * kPlane) {}

void MovedRows::move(const double* rows, Index count, const double* near) {
  for (Index c = 0; c < k_; ++c) base_[c] = static_cast<double>(static_cast<float>(near[c]));
  kernels_.move_rows(rows, kPlane, count, k_, base_.data(), rows_.data());
}

void MovedRows::move_back(double* measure) const {
  std::array<double, 8> first{};
  std::copy_n(measure + 1, k_, first.begin());
  double* at = measure + 1 + k_;
  for (Index i = 0; i < k_; ++i) {
    for (Index j = i; j < k_; ++j) {
      *at++ += base_[i] * first[j] + first[i] * base_[j] + base_[i] * base_[j] * measure[0];
    }
  }
  for (Index i = 0; i < k_; ++i) measure[1 + i] += base_[i] * measure[0];
}

}  // namespace facetry
