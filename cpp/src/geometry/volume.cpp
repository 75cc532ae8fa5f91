// Volume by a pulling triangulation [Cohen & Hickey 1979]: a face is the union of the cones from its
// first vertex over its own facets that miss that vertex; at the bottom each chain of apexes is one
// simplex. Faces are sets of vertices; the facets of a face are the maximal ones among its
// intersections with the cell's facets, so no arithmetic decides the combinatorics.
#include <algorithm>
#include <bit>
#include <cmath>

#include "facetry/base/error.hpp"
#include "facetry/geometry/vertex_cell.hpp"

namespace facetry {

namespace {

using Word = std::uint64_t;
constexpr Index kBits = 64;

class PullingTriangulation {
 public:
  PullingTriangulation(const VertexCell& cell, const std::vector<std::vector<Index>>& facets)
      : cell_(cell), words_((cell.vertex_count() + kBits - 1) / kBits), k_(cell.dimension()) {
    for (const std::vector<Index>& vertices : facets) {
      facets_.emplace_back(words_, 0);
      for (const Index v : vertices) facets_.back()[v / kBits] |= Word{1} << (v % kBits);
    }
    edges_.resize(k_, k_);
  }

  double volume() {
    std::vector<Word> whole(words_, 0);
    for (Index v = 0; v < cell_.vertex_count(); ++v) whole[v / kBits] |= Word{1} << (v % kBits);
    visit(whole, k_);
    return sum_;
  }

 private:
  Index first(const std::vector<Word>& set) const {
    for (Index w = 0; w < words_; ++w) {
      if (set[w] != 0) return w * kBits + std::countr_zero(set[w]);
    }
    return -1;
  }
  bool has(const std::vector<Word>& set, Index v) const {
    return ((set[v / kBits] >> (v % kBits)) & 1) != 0;
  }
  Index count(const std::vector<Word>& set) const {
    Index bits = 0;
    for (const Word word : set) bits += std::popcount(word);
    return bits;
  }
  bool subset(const std::vector<Word>& a, const std::vector<Word>& b) const {
    for (Index w = 0; w < words_; ++w) {
      if ((a[w] & ~b[w]) != 0) return false;
    }
    return true;
  }

  // The facets of a face: maximal intersections with the cell's facets that are not the face.
  std::vector<std::vector<Word>> facets_of(const std::vector<Word>& face, Index dimension) const {
    std::vector<std::vector<Word>> result;
    std::vector<Word> part(words_);
    for (const std::vector<Word>& facet : facets_) {
      for (Index w = 0; w < words_; ++w) part[w] = face[w] & facet[w];
      if (part == face || count(part) < dimension) continue;
      const auto holds = [&](const std::vector<Word>& other) { return subset(part, other); };
      if (std::any_of(result.begin(), result.end(), holds)) continue;
      std::erase_if(result, [&](const std::vector<Word>& other) { return subset(other, part); });
      result.push_back(part);
    }
    return result;
  }

  void visit(const std::vector<Word>& face, Index dimension) {
    apexes_.push_back(first(face));
    if (dimension == 0) {
      add_simplex();
    } else if (count(face) == dimension + 1) {
      add_simplex_face(face);
    } else {
      for (const std::vector<Word>& facet : facets_of(face, dimension)) {
        if (!has(facet, apexes_.back())) visit(facet, dimension - 1);
      }
    }
    apexes_.pop_back();
  }

  // A face that is a simplex itself: its vertices finish the chain.
  void add_simplex_face(const std::vector<Word>& face) {
    const std::size_t before = apexes_.size();
    for (Index v = apexes_.back() + 1; v < cell_.vertex_count(); ++v) {
      if (has(face, v)) apexes_.push_back(v);
    }
    add_simplex();
    apexes_.resize(before);
  }

  void add_simplex() {
    const double* apex = cell_.vertex(apexes_[0]);
    for (Index r = 0; r < k_; ++r) {
      const double* corner = cell_.vertex(apexes_[r + 1]);
      for (Index i = 0; i < k_; ++i) edges_(r, i) = corner[i] - apex[i];
    }
    double parallelepiped = std::abs(determinant());
    for (Index i = 2; i <= k_; ++i) parallelepiped /= static_cast<double>(i);
    sum_ += parallelepiped;
  }

  // Gaussian elimination with partial pivoting, in place.
  double determinant() {
    double product = 1.0;
    for (Index c = 0; c < k_; ++c) {
      Index pivot = c;
      for (Index r = c + 1; r < k_; ++r) {
        if (std::abs(edges_(r, c)) > std::abs(edges_(pivot, c))) pivot = r;
      }
      if (edges_(pivot, c) == 0.0) return 0.0;
      if (pivot != c) edges_.row(c).swap(edges_.row(pivot));
      product *= edges_(c, c);
      for (Index r = c + 1; r < k_; ++r) {
        const double factor = edges_(r, c) / edges_(c, c);
        for (Index i = c + 1; i < k_; ++i) edges_(r, i) -= factor * edges_(c, i);
      }
    }
    return product;
  }

  const VertexCell& cell_;
  Index words_;
  Index k_;
  std::vector<std::vector<Word>> facets_;
  std::vector<Index> apexes_;
  Matrix edges_;
  double sum_ = 0.0;
};

}  // namespace

double region_volume(const FreeSpace& space) {
  if (space.dimension() > kMostVolumeDimensions) {
    throw InvalidInput("exact volumes are computed up to " + std::to_string(kMostVolumeDimensions) +
                       " free dimensions; this region has " + std::to_string(space.dimension()));
  }
  if (space.dimension() == 0) return 1.0;
  return VertexCell(space).volume() * space.volume_scale();
}

double VertexCell::volume() const { return PullingTriangulation(*this, facet_vertices()).volume(); }

}  // namespace facetry
