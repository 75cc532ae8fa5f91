// What VertexCells tell of a cell that is done: its facets, a point inside, its farthest vertex.
#include <algorithm>

#include "geometry/sorted_facets.hpp"
#include "geometry/vertex_cells.hpp"
#include "kernels/vertex_kernels.hpp"

namespace facetry {

// The union of all masks.
void VertexCells::live_constraints(const Cell& cell, WorkArray<BitWord>& out) {
  out.ensure(cell.words);
  for (Index w = 0; w < cell.words; ++w) {
    const BitWord* plane = cell.masks + w * cell.stride;
    BitWord all = 0;
    for (Index v = 0; v < cell.count; ++v) all |= plane[v];
    out[w] = all;
  }
}

// In a simple cell every constraint that some vertex touches is a facet; elsewhere one is if no
// other holds all its vertices (of equals, the first).
void VertexCells::needed_constraints(const Cell& cell, std::vector<Index>& out) {
  out.clear();
  live_constraints(cell, live_);
  if (cell.simple) {
    for_bits(live_.data(), cell.words, [&](Index c) { out.push_back(c); });
    return;
  }
  const Index words = (cell.count + kWordBits - 1) / kWordBits;
  sets_.assign(static_cast<std::size_t>(cell.constraints * words), 0);
  for (Index w = 0; w < cell.words; ++w) {
    for (Index v = 0; v < cell.count; ++v) {
      for_bits(cell.masks + w * cell.stride + v, 1,
               [&](Index bit) { set_bit(sets_.data() + (w * kWordBits + bit) * words, v); });
    }
  }
  for (Index c = 0; c < cell.constraints; ++c) {
    const BitWord* own = sets_.data() + c * words;
    bool needed = count_bits(own, words) >= dimension_;
    for (Index d = 0; d < cell.constraints && needed; ++d) {
      const BitWord* other = sets_.data() + d * words;
      if (d == c || !is_subset(own, other, words)) continue;
      needed = c < d && is_subset(other, own, words);
    }
    if (needed) out.push_back(c);
  }
}

Index VertexCells::facets(const Cell& cell, Origin* out) {
  Index count = 0;
  if (cell.simple && !cell.near && cell.words == 1) {
    BitWord live = 0;
    for (Index v = 0; v < cell.count; ++v) live |= cell.masks[v];
    for_bits(&live, 1, [&](Index c) { out[count++] = cell.origins[c]; });
  } else {
    needed_constraints(cell.near ? merged(cell) : cell, needed_);
    for (const Index c : needed_) out[count++] = cell.origins[c];
  }
  sort_facets(out, count);
  return count;
}

void VertexCells::facets(const Cell& cell, std::vector<Origin>& out) {
  out.resize(static_cast<std::size_t>(facet_room(cell)));
  out.resize(static_cast<std::size_t>(facets(cell, out.data())));
}

// The mean of its vertices.
bool VertexCells::beyond_facet(const Cell& cell, Origin origin, const double* /*inside*/,
                               double* out) const {
  const Origin* at = std::find(cell.origins, cell.origins + cell.constraints, origin);
  const Index number = at - cell.origins;
  if (number == cell.constraints) return false;
  const BitWord* plane = cell.masks + (number / kWordBits) * cell.stride;
  const BitWord bit = BitWord{1} << (number % kWordBits);
  std::fill_n(out, dimension_, 0.0);
  Index count = 0;
  for (Index v = 0; v < cell.count; ++v) {
    if ((plane[v] & bit) == 0) continue;
    for (Index c = 0; c < dimension_; ++c) out[c] += cell.points[c * cell.stride + v];
    ++count;
  }
  for (Index c = 0; c < dimension_ && count > 0; ++c) out[c] /= static_cast<double>(count);
  return count > 0;
}

void VertexCells::interior_point(const Cell& cell, double* out) const {
  vertex_kernels().plane_sums(cell.points, cell.stride, dimension_, out);
  for (Index c = 0; c < dimension_; ++c) {  // what fills the last block is the first vertex
    out[c] -= static_cast<double>(cell.stride - cell.count) * cell.points[c * cell.stride];
    out[c] /= static_cast<double>(cell.count);
  }
}

void VertexCells::farthest(const Cell& cell, bool above, double* out) const {
  const double* first = values_.data();
  const double* at = above ? std::max_element(first, first + cell.count)
                           : std::min_element(first, first + cell.count);
  for (Index c = 0; c < dimension_; ++c) out[c] = cell.points[c * cell.stride + (at - first)];
}

void VertexCells::tight(const Cell& cell, bool above, std::vector<Origin>& out) const {
  const double* first = values_.data();
  const Index at = (above ? std::max_element(first, first + cell.count)
                          : std::min_element(first, first + cell.count)) -
                   first;
  out.clear();
  for (Index w = 0; w < cell.words; ++w) {
    for_bits(cell.masks + w * cell.stride + at, 1,
             [&](Index bit) { out.push_back(cell.origins[w * kWordBits + bit]); });
  }
}

}  // namespace facetry
