// The double description step: every edge between a vertex above and a vertex below the cutting
// hyperplane gives one new vertex, which goes to both children. Two vertices are adjacent if they
// share k-1 constraints and, unless every vertex is simple, no third vertex shares them too.
// Cost of a cut: (vertices above) x (vertices below) mask operations.
#include "geometry/vertex_cell.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "facetry/base/error.hpp"

namespace facetry {

VertexCell::VertexCell(const FreeSpace& space, const Tolerances& tolerances)
    : tolerances_(tolerances), dimension_(space.dimension()) {
  if (dimension_ < 1) throw InvalidInput("a cell needs at least one dimension");
  add_corners(space);
  const BoxedRows& constraints = space.constraints();
  for (Index r = 0; r < constraints.row_count(); ++r) {
    const Index side = space.sides()[2 * dimension_ + r];
    keep_side(constraints.row(r), Origin::side(side));
  }
}

VertexCell::VertexCell(const FreeSpace& space, const std::vector<double>& rows,
                       const std::vector<Origin>& origins, const Tolerances& tolerances)
    : VertexCell(space, tolerances) {
  for (Index r = 0; r < size_of(origins); ++r) {
    keep_side(rows.data() + r * (dimension_ + 1), origins[r]);
  }
}

void VertexCell::add_corners(const FreeSpace& space) {
  const Index k = dimension_;
  for (Index side = 0; side < 2 * k; ++side) {
    constraints_.push_back(Origin::side(space.sides()[side]));
  }
  words_ = (2 * k + kWordBits) / kWordBits;
  std::vector<double> point(k);
  std::vector<Word> bits(words_);
  for (Index corner = 0; corner < (Index{1} << k); ++corner) {
    std::fill(bits.begin(), bits.end(), 0);
    for (Index i = 0; i < k; ++i) {
      const bool high = ((corner >> i) & 1) != 0;
      point[i] = high ? space.constraints().high[i] : space.constraints().low[i];
      const Index side = high ? k + i : i;
      set_bit(bits.data(), side);
    }
    add_vertex(point.data(), bits.data(), words_);
  }
}

void VertexCell::add_vertex(const double* point, const Word* mask, Index words) {
  points_.insert(points_.end(), point, point + dimension_);
  masks_.insert(masks_.end(), mask, mask + words);
  masks_.resize(masks_.size() + (words_ - words), 0);
  ++count_;
}

void VertexCell::clear_like(const VertexCell& other) {
  tolerances_ = other.tolerances_;
  dimension_ = other.dimension_;
  words_ = other.words_;
  count_ = 0;
  points_.clear();
  masks_.clear();
  constraints_ = other.constraints_;
}

Reach VertexCell::reach(const double* row) {
  values_.resize(count_);
  double most = -std::numeric_limits<double>::infinity();
  double least = -most;
  const double* point = points_.data();
  for (Index v = 0; v < count_; ++v, point += dimension_) {
    double value = row[dimension_];
    for (Index i = 0; i < dimension_; ++i) value += row[i] * point[i];
    values_[v] = value;
    most = std::max(most, value);
    least = std::min(least, value);
  }
  return {most, -least};
}

Range VertexCell::range(const double* row) const {
  Range range{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
  const double* point = points_.data();
  for (Index v = 0; v < count_; ++v, point += dimension_) {
    double value = row[dimension_];
    for (Index i = 0; i < dimension_; ++i) value += row[i] * point[i];
    range.low = std::min(range.low, value);
    range.high = std::max(range.high, value);
  }
  return range;
}

// On no more constraints than the dimension: then each k-1 of them are one edge.
bool VertexCell::is_simple(Index v) const { return count_bits(mask(v), words_) == dimension_; }

bool VertexCell::adjacent(Index a, Index b) const {
  const Word* left = mask(a);
  const Word* right = mask(b);
  Index common = 0;
  for (Index w = 0; w < words_; ++w) common += count_bits(left[w] & right[w]);
  if (common < dimension_ - 1) return false;
  if (is_simple(a) || is_simple(b)) return true;
  for (Index c = 0; c < count_; ++c) {
    if (c == a || c == b) continue;
    bool shares = true;
    for (Index w = 0; w < words_ && shares; ++w) shares = (left[w] & right[w] & ~mask(c)[w]) == 0;
    if (shares) return false;
  }
  return true;
}

void VertexCell::vertices_of_constraints(std::vector<Word>& sets, Index words) const {
  sets.assign(static_cast<std::size_t>(size_of(constraints_) * words), 0);
  for (Index v = 0; v < count_; ++v) {
    for_bits(mask(v), words_, [&](Index c) { set_bit(sets.data() + c * words, v); });
  }
}

// Calls visit(a, b) for each edge from a vertex above the last reach()'s row to one below. From a
// simple vertex the far end of an edge is found by intersecting the vertex sets of the k-1
// constraints along it; elsewhere pairs are tested. Starts from the side with fewer vertices.
template <class Visit>
void VertexCell::for_edges_across(Visit&& visit) {
  const double room = tolerances_.on_hyperplane;
  Index above = 0;
  Index below = 0;
  for (const double value : values_) {
    above += value > room ? 1 : 0;
    below += value < -room ? 1 : 0;
  }
  const double sign = above <= below ? 1.0 : -1.0;  // of the side to start from
  const Index words = (count_ + kWordBits - 1) / kWordBits;
  vertices_of_constraints(sets_, words);
  far_side_.assign(static_cast<std::size_t>(words), 0);
  for (Index v = 0; v < count_; ++v) {
    if (sign * values_[v] < -room) set_bit(far_side_.data(), v);
  }
  const auto found = [&](Index near, Index far) {
    if (sign > 0) {
      visit(near, far);
    } else {
      visit(far, near);
    }
  };
  along_.resize(static_cast<std::size_t>(words));
  for (Index v = 0; v < count_; ++v) {
    if (sign * values_[v] <= room) continue;
    if (!is_simple(v)) {
      for_bits(far_side_.data(), words, [&](Index far) {
        if (adjacent(v, far)) found(v, far);
      });
      continue;
    }
    for_bits(mask(v), words_, [&](Index left_out) {
      std::copy(far_side_.begin(), far_side_.end(), along_.begin());
      for_bits(mask(v), words_, [&](Index c) {
        if (c == left_out) return;
        for (Index w = 0; w < words; ++w) along_[w] &= sets_[c * words + w];
      });
      for_bits(along_.data(), words, [&](Index far) { found(v, far); });
    });
  }
}

void VertexCell::keep_side(const double* row, Origin origin) {
  if (reach(row).below <= tolerances_.on_hyperplane) return;
  VertexCell above;
  VertexCell below;
  cut(row, origin, above, below);
  *this = std::move(above);
}

void VertexCell::cut(const double* /*row*/, Origin origin, VertexCell& above, VertexCell& below) {
  if (size_of(constraints_) >= kWordBits * words_) make_room();
  above.clear_like(*this);
  below.clear_like(*this);
  const Index bit = size_of(constraints_);
  above.constraints_.push_back(origin);
  below.constraints_.push_back(origin);
  mask_.resize(words_);
  point_.resize(dimension_);
  const double room = tolerances_.on_hyperplane;
  for (Index v = 0; v < count_; ++v) {
    std::copy(mask(v), mask(v) + words_, mask_.begin());
    if (values_[v] <= room && values_[v] >= -room) set_bit(mask_.data(), bit);
    if (values_[v] >= -room) above.add_vertex(vertex(v), mask_.data(), words_);
    if (values_[v] <= room) below.add_vertex(vertex(v), mask_.data(), words_);
  }
  for_edges_across([&](Index a, Index b) {
    const double share = values_[a] / (values_[a] - values_[b]);
    for (Index i = 0; i < dimension_; ++i) {
      point_[i] = vertex(a)[i] + share * (vertex(b)[i] - vertex(a)[i]);
    }
    for (Index w = 0; w < words_; ++w) mask_[w] = mask(a)[w] & mask(b)[w];
    set_bit(mask_.data(), bit);
    above.add_vertex(point_.data(), mask_.data(), words_);
    below.add_vertex(point_.data(), mask_.data(), words_);
  });
}

void VertexCell::farthest(bool above, double* out) const {
  const auto at = above ? std::max_element(values_.begin(), values_.end())
                        : std::min_element(values_.begin(), values_.end());
  const double* point = vertex(static_cast<Index>(at - values_.begin()));
  std::copy(point, point + dimension_, out);
}

VertexCell::Facets VertexCell::find_facets() const {
  const Index n = size_of(constraints_);
  Facets all;
  all.vertex_words = (count_ + kWordBits - 1) / kWordBits;
  const Index words = all.vertex_words;
  std::vector<Word> sets;
  vertices_of_constraints(sets, words);
  // A constraint is a facet exactly if no other holds all its vertices (of equals, the first).
  for (Index c = 0; c < n; ++c) {
    const Word* own = sets.data() + c * words;
    bool needed = count_bits(own, words) >= dimension_;
    for (Index d = 0; d < n && needed; ++d) {
      const Word* other = sets.data() + d * words;
      if (d == c || !is_subset(own, other, words)) continue;
      needed = c < d && is_subset(other, own, words);
    }
    if (!needed) continue;
    all.constraints.push_back(c);
    all.vertices.insert(all.vertices.end(), own, own + words);
  }
  return all;
}

// Drops constraints that are not needed any more; widens the masks if that does not help.
void VertexCell::make_room() {
  const std::vector<Index> kept = find_facets().constraints;
  const Index words = (size_of(kept) + kWordBits) / kWordBits;
  std::vector<Word> masks(count_ * words, 0);
  for (Index v = 0; v < count_; ++v) {
    for (Index c = 0; c < size_of(kept); ++c) {
      const Word bit = (mask(v)[kept[c] / kWordBits] >> (kept[c] % kWordBits)) & 1;
      masks[v * words + c / kWordBits] |= bit << (c % kWordBits);
    }
  }
  std::vector<Origin> constraints;
  for (const Index c : kept) constraints.push_back(constraints_[c]);
  masks_ = std::move(masks);
  constraints_ = std::move(constraints);
  words_ = words;
}

void VertexCell::facets(std::vector<Origin>& out) const {
  out.clear();
  for (const Index c : find_facets().constraints) out.push_back(constraints_[c]);
  std::sort(out.begin(), out.end());
}

std::vector<std::vector<Index>> VertexCell::facet_vertices() const {
  const Facets found = find_facets();
  std::vector<Index> order(found.constraints.size());
  std::iota(order.begin(), order.end(), Index{0});
  std::sort(order.begin(), order.end(), [&](Index a, Index b) {
    return constraints_[found.constraints[a]] < constraints_[found.constraints[b]];
  });
  std::vector<std::vector<Index>> result;
  for (const Index f : order) {
    std::vector<Index> vertices;
    for (Index v = 0; v < count_; ++v) {
      const Word word = found.vertices[f * found.vertex_words + v / kWordBits];
      if (((word >> (v % kWordBits)) & 1) != 0) vertices.push_back(v);
    }
    result.push_back(std::move(vertices));
  }
  return result;
}

void VertexCell::interior_point(double* out) const {
  std::fill(out, out + dimension_, 0.0);
  for (Index v = 0; v < count_; ++v) {
    for (Index i = 0; i < dimension_; ++i) out[i] += vertex(v)[i];
  }
  for (Index i = 0; i < dimension_; ++i) out[i] /= static_cast<double>(count_);
}

std::vector<Index> VertexCell::vertex_order() const {
  std::vector<Index> order(static_cast<std::size_t>(count_));
  std::iota(order.begin(), order.end(), Index{0});
  if (dimension_ != 2) return order;
  double centre[2];
  interior_point(centre);
  const auto angle = [&](Index v) {
    return std::atan2(vertex(v)[1] - centre[1], vertex(v)[0] - centre[0]);
  };
  std::sort(order.begin(), order.end(), [&](Index a, Index b) { return angle(a) < angle(b); });
  return order;
}

}  // namespace facetry
