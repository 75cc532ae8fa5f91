// Volume by a pulling triangulation [Cohen & Hickey 1979]: a face is the union of the cones from
// its first vertex over its own facets that miss that vertex; at the bottom each chain of apexes is
// one simplex. Faces are sets of vertices; the facets of a face are the maximal ones among its
// intersections with the cell's facets, so no arithmetic decides the combinatorics.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <type_traits>

#include "facetry/base/error.hpp"
#include "geometry/face_recursion.hpp"
#include "geometry/vertex_cell.hpp"

namespace facetry {

namespace {

using Word = std::uint64_t;
constexpr Index kBits = 64;

// A set of vertices of fixed capacity 64 W.
template <std::size_t W>
struct VertexSet {
  std::array<Word, W> words{};

  void insert(Index v) { words[v / kBits] |= Word{1} << (v % kBits); }
  [[nodiscard]] bool has(Index v) const { return ((words[v / kBits] >> (v % kBits)) & 1) != 0; }
  [[nodiscard]] Index count() const {
    Index bits = 0;
    for (const Word word : words) bits += count_bits(word);
    return bits;
  }
  [[nodiscard]] Index first() const {
    for (std::size_t w = 0; w < W; ++w) {
      if (words[w] != 0) return static_cast<Index>(w) * kBits + std::countr_zero(words[w]);
    }
    return -1;
  }
  [[nodiscard]] VertexSet operator&(const VertexSet& other) const {
    VertexSet both;
    for (std::size_t w = 0; w < W; ++w) both.words[w] = words[w] & other.words[w];
    return both;
  }
  [[nodiscard]] bool is_subset_of(const VertexSet& other) const {
    Word outside = 0;
    for (std::size_t w = 0; w < W; ++w) outside |= words[w] & ~other.words[w];
    return outside == 0;
  }
  bool operator==(const VertexSet&) const = default;
};

template <std::size_t W>
class PullingTriangulation {
 public:
  using Set = VertexSet<W>;

  PullingTriangulation(const VertexCell& cell, const std::vector<std::vector<Index>>& facets,
                       bool moments)
      : cell_(cell),
        k_(cell.dimension()),
        moments_(moments),
        faces_(static_cast<std::size_t>(k_ + 2)),
        sums_(static_cast<std::size_t>(measure_size(k_, moments))) {
    for (const std::vector<Index>& vertices : facets) {
      Set set;
      for (const Index v : vertices) set.insert(v);
      faces_[k_ + 1].push_back(set);
    }
    edges_.resize(static_cast<std::size_t>(k_ * k_));
  }

  // measure_size() numbers.
  const std::vector<double>& measure() {
    Set whole;
    for (Index v = 0; v < cell_.vertex_count(); ++v) whole.insert(v);
    visit(whole, k_);
    return sums_;
  }

 private:
  // faces_[d] = the facets of a face of dimension d: the maximal sets among its intersections with
  // the facets of the face above it, which stand in faces_[d + 1].
  void find_facets(const Set& face, Index dimension) {
    std::vector<Set>& found = faces_[dimension];
    found.clear();
    for (const Set& candidate : faces_[dimension + 1]) {
      const Set part = face & candidate;
      if (part == face || part.count() < dimension) continue;
      const auto holds = [&](const Set& other) { return part.is_subset_of(other); };
      if (std::any_of(found.begin(), found.end(), holds)) continue;
      std::erase_if(found, [&](const Set& other) { return other.is_subset_of(part); });
      found.push_back(part);
    }
  }

  void visit(const Set& face, Index dimension) {
    apexes_.push_back(face.first());
    if (face.count() == dimension + 1) {
      finish_with(face);
    } else {
      find_facets(face, dimension);
      const std::size_t count = faces_[dimension].size();
      for (std::size_t f = 0; f < count; ++f) {
        const Set facet = faces_[dimension][f];
        if (!facet.has(apexes_.back())) visit(facet, dimension - 1);
      }
    }
    apexes_.pop_back();
  }

  // A face that is a simplex: its vertices finish the chain.
  void finish_with(const Set& face) {
    const std::size_t before = apexes_.size();
    for (Index v = apexes_.back() + 1; v < cell_.vertex_count(); ++v) {
      if (face.has(v)) apexes_.push_back(v);
    }
    add_simplex();
    apexes_.resize(before);
  }

  void add_simplex() {
    const double* apex = cell_.vertex(apexes_[0]);
    for (Index r = 0; r < k_; ++r) {
      const double* corner = cell_.vertex(apexes_[r + 1]);
      for (Index i = 0; i < k_; ++i) edges_[r * k_ + i] = corner[i] - apex[i];
    }
    double share = std::abs(determinant());
    for (Index i = 2; i <= k_; ++i) share /= static_cast<double>(i);
    sums_[0] += share;
    if (moments_) add_moments(share);
  }

  // Of a simplex with vertices p and their sum s: V s_i / (k+1), and V / ((k+1)(k+2)) times
  // s_i s_j + sum p_i p_j [Good & Gaskins 1971].
  void add_moments(double share) {
    const double first = share / static_cast<double>(k_ + 1);
    const double second = first / static_cast<double>(k_ + 2);
    std::size_t at = static_cast<std::size_t>(1 + k_);
    for (Index i = 0; i < k_; ++i) {
      double sum_i = 0.0;
      for (const Index v : apexes_) sum_i += cell_.vertex(v)[i];
      sums_[static_cast<std::size_t>(1 + i)] += first * sum_i;
      for (Index j = i; j < k_; ++j) {
        double sum_j = 0.0, products = 0.0;
        for (const Index v : apexes_) {
          sum_j += cell_.vertex(v)[j];
          products += cell_.vertex(v)[i] * cell_.vertex(v)[j];
        }
        sums_[at++] += second * (sum_i * sum_j + products);
      }
    }
  }

  // Gaussian elimination with partial pivoting, in place.
  double determinant() {
    double product = 1.0;
    for (Index c = 0; c < k_; ++c) {
      Index pivot = c;
      for (Index r = c + 1; r < k_; ++r) {
        if (std::abs(edges_[r * k_ + c]) > std::abs(edges_[pivot * k_ + c])) pivot = r;
      }
      double* top = &edges_[c * k_];
      if (edges_[pivot * k_ + c] == 0.0) return 0.0;
      if (pivot != c) std::swap_ranges(top, top + k_, &edges_[pivot * k_]);
      product *= top[c];
      for (Index r = c + 1; r < k_; ++r) {
        double* row = &edges_[r * k_];
        const double factor = row[c] / top[c];
        for (Index i = c + 1; i < k_; ++i) row[i] -= factor * top[i];
      }
    }
    return product;
  }

  const VertexCell& cell_;
  Index k_;
  bool moments_;
  std::vector<std::vector<Set>> faces_;  // by dimension of the face; the cell's own at k + 1
  std::vector<Index> apexes_;
  std::vector<double> edges_;
  std::vector<double> sums_;
};

}  // namespace

void require_measurable(Index k) {
  if (k <= kMostVolumeDimensions) return;
  throw InvalidInput("exact volumes are computed up to " + std::to_string(kMostVolumeDimensions) +
                     " free dimensions; this region has " + std::to_string(k));
}

double region_volume(const FreeSpace& space) {
  require_measurable(space.dimension());
  if (space.dimension() == 0) return 1.0;
  return VertexCell(space).volume() * space.volume_scale();
}

double VertexCell::volume() const {
  double volume = 0.0;
  measure(false, &volume);
  return volume;
}

void VertexCell::measure(bool moments, double* out) const {
  const std::vector<std::vector<Index>> facets = facet_vertices();
  const auto with_words = [&]<std::size_t W>(std::integral_constant<std::size_t, W>) {
    PullingTriangulation<W> triangulation(*this, facets, moments);
    const std::vector<double>& numbers = triangulation.measure();
    std::copy(numbers.begin(), numbers.end(), out);
  };
  if (count_ <= kBits) return with_words(std::integral_constant<std::size_t, 1>());
  if (count_ <= 2 * kBits) return with_words(std::integral_constant<std::size_t, 2>());
  if (count_ <= 8 * kBits) return with_words(std::integral_constant<std::size_t, 8>());
  constexpr std::size_t kMostWords = 128;
  if (count_ <= static_cast<Index>(kMostWords) * kBits) {
    return with_words(std::integral_constant<std::size_t, kMostWords>());
  }
  throw NumericalError("a region has too many vertices for an exact volume");
}

}  // namespace facetry
