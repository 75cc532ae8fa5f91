// VertexCells that are proven to hold the exact cells: what cell_family.hpp says of outer cells,
// done. Every vertex has exactly k constraints, always; where many meet in one point there are many
// vertices.
#include <algorithm>
#include <cmath>

#include "geometry/sorted_facets.hpp"
#include "geometry/vertex_cells.hpp"
#include "kernels/vertex_kernels.hpp"

namespace facetry {

void VertexCells::cut_outward(const Cell& cell, const Origin* origins, double shift, Cell& above,
                              Cell& below) {
  Sides& s = sides_;
  sort_vertices(cell, std::max(tolerances_.near_shifts * shift, tolerances_.near));
  const bool near = s.on_count > 0;
  if (near) sort_vertices(cell, shift);
  if (s.on_count == 0) {  // the same edges for both
    find_edges_across(cell);
    spread_repeated(cell);
  }
  part_outward(cell, origins, true, shift, above);
  part_outward(cell, origins, false, shift, below);
  above.near = below.near = cell.near || near;
}

void VertexCells::part_outward(const Cell& cell, const Origin* origins, bool upper, double shift,
                               Cell& out) {
  Sides& s = sides_;
  if (s.on_count > 0) {  // these go to both parts: what is between belongs to each
    if (upper) {
      find_pairs(cell, s.upper.data(), s.above_count + s.on_count, s.below.data(), s.below_count);
    } else {
      find_pairs(cell, s.above.data(), s.above_count, s.lower.data(), s.below_count + s.on_count);
    }
    spread_repeated(cell);
  }
  s.share.ensure(s.edge_count);
  const double beyond = upper ? shift : -shift;
  for (Index e = 0; e < s.edge_count; ++e) {
    const double high = values_[s.edge_above[e]];
    s.share[e] = (high + beyond) / (high - values_[s.edge_below[e]]);
  }
  const Index own = s.on_count + (upper ? s.above_count : s.below_count);
  out.count = own + s.edge_count;
  out.stride = padded(out.count);
  out.words = cell.words;
  out.constraints = cell.constraints + 1;
  out.origins = origins;
  out.simple = true;
  out.points = memory_.take<double>(dimension_ * out.stride);
  out.masks = memory_.take<BitWord>(out.words * out.stride);
  const std::int32_t* kept = upper ? s.upper.data() : s.lower.data();
  vertex_kernels().gather(cell.points, cell.stride, kept, own, dimension_, out.points, out.stride);
  vertex_kernels().gather_words(cell.masks, cell.stride, kept, own, cell.words, out.masks,
                                out.stride);
  add_new_vertices(cell, out);
  for (Index i = 0; i < size_of(s.without); ++i) {
    const Index bit = s.without[i];
    const Index vertex = out.count - size_of(s.without) + i;
    out.masks[(bit / kWordBits) * out.stride + vertex] &= ~(BitWord{1} << (bit % kWordBits));
  }
  pad(out);
}

// Two vertices on the same k constraints share k sets of k-1 of them: each of these gets a new
// vertex, by rounding alone, so this is rare. They come last.
void VertexCells::spread_repeated(const Cell& cell) {
  Sides& s = sides_;
  s.without.clear();
  Index plain = 0;
  std::vector<std::int32_t> repeated;
  for (Index e = 0; e < s.edge_count; ++e) {
    const std::int32_t a = s.edge_above[e];
    const std::int32_t b = s.edge_below[e];
    BitWord differ = 0;
    for (Index w = 0; w < cell.words; ++w) {
      differ |= cell.masks[w * cell.stride + a] ^ cell.masks[w * cell.stride + b];
    }
    if (differ == 0) {
      repeated.insert(repeated.end(), {a, b});
      continue;
    }
    s.edge_above[plain] = a;
    s.edge_below[plain++] = b;
  }
  if (repeated.empty()) return;
  std::vector<std::int32_t> above(s.edge_above.data(), s.edge_above.data() + plain);
  std::vector<std::int32_t> below(s.edge_below.data(), s.edge_below.data() + plain);
  for (std::size_t i = 0; i < repeated.size(); i += 2) {
    for (Index w = 0; w < cell.words; ++w) {
      for_bits(cell.masks + w * cell.stride + repeated[i], 1, [&](Index bit) {
        above.push_back(repeated[i]);
        below.push_back(repeated[i + 1]);
        s.without.push_back(w * kWordBits + bit);
      });
    }
  }
  s.edge_count = size_of(above);
  s.edge_above.ensure(s.edge_count);
  s.edge_below.ensure(s.edge_count);
  std::copy(above.begin(), above.end(), s.edge_above.data());
  std::copy(below.begin(), below.end(), s.edge_below.data());
}

// The same cell with vertices that are one point up to the cut tolerance made one.
VertexCells::Cell VertexCells::merged(const Cell& cell) {
  Cell out = cell;
  out.simple = false;
  out.count = 0;
  out.points = memory_.take<double>(dimension_ * cell.stride);
  out.masks = memory_.take<BitWord>(cell.words * cell.stride);
  for (Index v = 0; v < cell.count; ++v) {
    Index same = 0;
    while (same < out.count && !is_near(cell, v, out, same)) ++same;
    if (same == out.count) {
      ++out.count;
      for (Index c = 0; c < dimension_; ++c) {
        out.points[c * out.stride + same] = cell.points[c * cell.stride + v];
      }
      for (Index w = 0; w < cell.words; ++w) out.masks[w * out.stride + same] = 0;
    }
    for (Index w = 0; w < cell.words; ++w) {
      out.masks[w * out.stride + same] |= cell.masks[w * cell.stride + v];
    }
  }
  pad(out);
  return out;
}

bool VertexCells::is_near(const Cell& cell, Index v, const Cell& other, Index w) const {
  for (Index c = 0; c < dimension_; ++c) {
    const double distance = cell.points[c * cell.stride + v] - other.points[c * other.stride + w];
    if (std::abs(distance) > tolerances_.cut) return false;
  }
  return true;
}

}  // namespace facetry
