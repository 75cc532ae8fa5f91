// The double description step: every edge between a vertex above and a vertex below the cutting
// hyperplane gives one new vertex, which goes to both children. Two vertices are adjacent if they
// share k-1 constraints and, unless one of them is simple, no third vertex shares them too.
#include "geometry/vertex_cells.hpp"

#include <algorithm>
#include <cstring>

#include "base/rounding.hpp"
#include "facetry/base/error.hpp"
#include "kernels/row_kernels.hpp"
#include "kernels/vertex_kernels.hpp"

namespace facetry {

static_assert(CellFamily<VertexCells>);

struct VertexCells::Scratch {
  VertexKernels::Crossing crossing;
};

VertexCells::VertexCells(const FreeSpace& space, const Tolerances& tolerances,
                         const Outward& outward)
    : space_(space),
      tolerances_(tolerances),
      outward_(outward),
      dimension_(space.dimension()),
      scratch_(std::make_unique_for_overwrite<Scratch>()) {
  if (dimension_ < 1) throw InvalidInput("a cell needs at least one dimension");
}

VertexCells::~VertexCells() = default;

VertexCells::Cell VertexCells::root() {
  Cell cell = corners_of_box();
  const BoxedRows& box = space_.constraints();
  for (Index r = 0; r < box.row_count(); ++r) {
    if (reach(cell, box.row(r)).below <= tolerances_.on_hyperplane) continue;
    Cell above, below;
    const Index side = space_.sides()[2 * dimension_ + r];
    cut(cell, box.row(r), Origin::side(side), above, below,
        outward_shift(box.row(r), dimension_, outward_.side_error, outward_.stray, side));
    cell = above;
  }
  return cell;
}

VertexCells::Cell VertexCells::corners_of_box() {
  const Index k = dimension_;
  Cell cell;
  cell.count = Index{1} << k;
  cell.stride = padded(cell.count);
  cell.constraints = 2 * k;
  cell.words = (cell.constraints + kWordBits - 1) / kWordBits;
  cell.points = memory_.take<double>(k * cell.stride);
  cell.masks = memory_.take<BitWord>(cell.words * cell.stride);
  Origin* origins = memory_.take<Origin>(cell.constraints);
  for (Index side = 0; side < 2 * k; ++side) {
    origins[side] = Origin::side(space_.sides()[side]);
  }
  cell.origins = origins;
  std::fill_n(cell.masks, cell.words * cell.stride, BitWord{0});
  for (Index v = 0; v < cell.count; ++v) {
    for (Index i = 0; i < k; ++i) {
      const bool high = ((v >> i) & 1) != 0;
      const BoxedRows& box = space_.constraints();
      const Index side = high ? k + i : i;
      const double at = high ? box.high[i] : box.low[i];
      const double beyond = box_shift(at, k, outward_, side);
      cell.points[i * cell.stride + v] = high ? at + beyond : at - beyond;
      cell.masks[(side / kWordBits) * cell.stride + v] |= BitWord{1} << (side % kWordBits);
    }
  }
  pad(cell);
  return cell;
}

void VertexCells::pad(Cell& cell) const {
  for (Index c = 0; c < dimension_; ++c) {
    double* plane = cell.points + c * cell.stride;
    for (Index v = cell.count; v < cell.stride; ++v) plane[v] = plane[0];
  }
  for (Index w = 0; w < cell.words; ++w) {
    BitWord* plane = cell.masks + w * cell.stride;
    for (Index v = cell.count; v < cell.stride; ++v) plane[v] = 0;
  }
}

void VertexCells::ranges(const Cell& cell, const RowPlanes& rows, double* low, double* high) const {
  row_kernels().ranges(rows.data, rows.stride, rows.count, dimension_,
                       {cell.points, cell.count, 1, cell.stride}, low, high);
}

Range VertexCells::range(const Cell& cell, const double* row) {
  values_.ensure(cell.stride);
  Range range;
  vertex_kernels().values(cell.points, cell.stride, dimension_, row, values_.data(), &range.high,
                          &range.low);
  return range;
}

Reach VertexCells::reach(const Cell& cell, const double* row) {
  const Range values = range(cell, row);
  return {values.high, -values.low};
}

void VertexCells::sort_vertices(const Cell& cell, double room) {
  Sides& s = sides_;
  for (auto* list : {&s.above, &s.below, &s.upper, &s.lower}) list->ensure(cell.stride + kRowBlock);
  VertexKernels::SideLists lists{
      s.above.data(), s.below.data(), s.upper.data(), s.lower.data(), 0, 0};
  vertex_kernels().sides(values_.data(), cell.count, room, &lists);
  s.above_count = lists.above_count;
  s.below_count = lists.below_count;
  s.on_count = cell.count - lists.above_count - lists.below_count;
}

// The masks of some vertices, one after the other; returns the stride of their planes.
Index VertexCells::gather_masks(const Cell& cell, const std::int32_t* vertices, Index count,
                                WorkArray<BitWord>& out) {
  const Index stride = padded(count);
  out.ensure(cell.words * stride);
  vertex_kernels().gather_words(cell.masks, cell.stride, vertices, count, cell.words, out.data(),
                                stride);
  for (Index w = 0; w < cell.words; ++w) {
    for (Index i = count; i < stride; ++i) out[w * stride + i] = 0;
  }
  return stride;
}

void VertexCells::find_edges_across(const Cell& cell) {
  Sides& s = sides_;
  find_pairs(cell, s.above.data(), s.above_count, s.below.data(), s.below_count);
  if (!cell.simple) keep_true_edges(cell);
}

// The pairs of an upper and a lower vertex that share k-1 constraints.
void VertexCells::find_pairs(const Cell& cell, const std::int32_t* above, Index above_count,
                             const std::int32_t* below, Index below_count) {
  Sides& s = sides_;
  if (dimension_ == 1) {  // a segment: its two ends share nothing
    s.edge_above.ensure(1);
    s.edge_below.ensure(1);
    s.edge_count = std::min<Index>({above_count, below_count, 1});
    if (s.edge_count == 0) return;
    s.edge_above[0] = above[0];
    s.edge_below[0] = below[0];
    return;
  }
  const Index a_stride = gather_masks(cell, above, above_count, above_masks_);
  const Index b_stride = gather_masks(cell, below, below_count, below_masks_);
  for (Index room = cell.count * dimension_ + 2 * kRowBlock;; room *= 2) {
    s.edge_above.ensure(room);
    s.edge_below.ensure(room);
    s.edge_count = vertex_kernels().pairs(
        above_masks_.data(), above_count, a_stride, below_masks_.data(), below_count, b_stride,
        cell.words, dimension_ - 1, s.edge_above.data(), s.edge_below.data(), room);
    if (s.edge_count >= 0) break;
  }
  for (Index e = 0; e < s.edge_count; ++e) {
    s.edge_above[e] = above[s.edge_above[e]];
    s.edge_below[e] = below[s.edge_below[e]];
  }
}

bool VertexCells::third_vertex_on_edge(const Cell& cell, Index a, Index b) const {
  for (Index v = 0; v < cell.count; ++v) {
    if (v == a || v == b) continue;
    BitWord missing = 0;
    for (Index w = 0; w < cell.words; ++w) {
      const BitWord* plane = cell.masks + w * cell.stride;
      missing |= plane[a] & plane[b] & ~plane[v];
    }
    if (missing == 0) return true;
  }
  return false;
}

// Drops pairs that share k-1 constraints without being adjacent: both on more than k constraints.
void VertexCells::keep_true_edges(const Cell& cell) {
  const auto simple = [&](Index v) {
    Index bits = 0;
    for (Index w = 0; w < cell.words; ++w) bits += count_bits(cell.masks[w * cell.stride + v]);
    return bits == dimension_;
  };
  Sides& s = sides_;
  Index kept = 0;
  for (Index e = 0; e < s.edge_count; ++e) {
    const std::int32_t a = s.edge_above[e];
    const std::int32_t b = s.edge_below[e];
    if (!simple(a) && !simple(b) && third_vertex_on_edge(cell, a, b)) continue;
    s.edge_above[kept] = a;
    s.edge_below[kept++] = b;
  }
  s.edge_count = kept;
}

void VertexCells::cut(const Cell& whole, const double* /*row*/, Origin origin, Cell& above,
                      Cell& below, double shift) {
  const Cell cell = whole.constraints < kWordBits * whole.words ? whole : with_room(whole);
  const Origin* origins = origins_with(cell, origin);
  if (cut_clear(cell, origins, shift, above, below)) return;
  if (shift > 0.0) {
    cut_outward(cell, origins, shift, above, below);
    return;
  }
  sort_vertices(cell, tolerances_.on_hyperplane);
  find_edges_across(cell);
  Sides& s = sides_;
  s.share.ensure(s.edge_count);
  for (Index e = 0; e < s.edge_count; ++e) {
    const double high = values_[s.edge_above[e]];
    s.share[e] = high / (high - values_[s.edge_below[e]]);
  }
  above = part(cell, s.upper.data(), s.above_count + s.on_count, origins);
  add_new_vertices(cell, above);
  below = part(cell, s.lower.data(), s.below_count + s.on_count, origins);
  copy_new_vertices(above, below);
  for (Cell* side : {&above, &below}) {
    pad(*side);
    side->simple = (cell.simple && s.on_count == 0) || all_simple(*side);
  }
}

// Nearly all cuts: no vertex is on the hyperplane, and the edges are the pairs that share k-1
// constraints. False: it is not such a cut, and nothing was done.
bool VertexCells::cut_clear(const Cell& cell, const Origin* origins, double shift, Cell& above,
                            Cell& below) {
  if (cell.words != 1 || !cell.simple || dimension_ < 2) return false;
  const bool outward = shift > 0.0;
  VertexKernels::Crossing& crossing = scratch_->crossing;
  const double room = outward ? std::max(shift, tolerances_.cut) : tolerances_.on_hyperplane;
  const Index edges = vertex_kernels().find_crossing(values_.data(), cell.masks, cell.count, room,
                                                     dimension_ - 1, &crossing);
  if (edges < 0 || (outward && crossing.repeated)) return false;
  const Cell up = new_part(cell, crossing.above_count + edges, origins);
  const Cell down = new_part(cell, crossing.below_count + edges, origins);
  vertex_kernels().cut_vertices({cell.points,
                                 cell.masks,
                                 values_.data(),
                                 cell.count,
                                 cell.stride,
                                 dimension_,
                                 &crossing,
                                 edges,
                                 shift,
                                 BitWord{1} << cell.constraints,
                                 {up.points, up.masks, up.stride},
                                 {down.points, down.masks, down.stride}});
  above = up;
  below = down;
  return true;
}

// A part of a simple cell, still without vertices.
VertexCells::Cell VertexCells::new_part(const Cell& cell, Index count, const Origin* origins) {
  Cell out;
  out.count = count;
  out.stride = padded(count);
  out.words = cell.words;
  out.constraints = cell.constraints + 1;
  out.origins = origins;
  out.near = cell.near;
  out.points = memory_.take<double>(dimension_ * out.stride + kRowBlock);
  out.masks = memory_.take<BitWord>(out.stride + kRowBlock);
  return out;
}

const Origin* VertexCells::origins_with(const Cell& cell, Origin origin) {
  constexpr Index kBlock = StackMemory::kAlignment / sizeof(Origin);
  const Index count = cell.constraints + 1;
  Origin* origins = memory_.take<Origin>(count);
  // In whole blocks, which is what a stack memory gives: quicker than the call of a copy.
  for (Index i = 0; i < cell.constraints; i += kBlock) {
    std::memcpy(origins + i, cell.origins + i, kBlock * sizeof(Origin));
  }
  origins[cell.constraints] = origin;
  return origins;
}

// One side of a cut with the vertices that stay; room for the new ones behind them.
VertexCells::Cell VertexCells::part(const Cell& cell, const std::int32_t* own, Index own_count,
                                    const Origin* origins) {
  Cell out;
  out.count = own_count + sides_.edge_count;
  out.stride = padded(out.count);
  out.words = cell.words;
  out.constraints = cell.constraints + 1;
  out.origins = origins;
  out.points = memory_.take<double>(dimension_ * out.stride);
  out.masks = memory_.take<BitWord>(out.words * out.stride);
  vertex_kernels().gather(cell.points, cell.stride, own, own_count, dimension_, out.points,
                          out.stride);
  vertex_kernels().gather_words(cell.masks, cell.stride, own, own_count, cell.words, out.masks,
                                out.stride);
  if (sides_.on_count == 0) return out;
  BitWord* plane = out.masks + (cell.constraints / kWordBits) * out.stride;
  for (Index i = 0; i < own_count; ++i) {
    const double value = values_[own[i]];
    const bool on = value <= tolerances_.on_hyperplane && value >= -tolerances_.on_hyperplane;
    if (on) plane[i] |= BitWord{1} << (cell.constraints % kWordBits);
  }
  return out;
}

// Where edges cross the hyperplane: on the constraints of both ends, and on the new one.
void VertexCells::add_new_vertices(const Cell& cell, Cell& out) const {
  const Sides& s = sides_;
  const Index first = out.count - s.edge_count;
  vertex_kernels().interpolate(cell.points, cell.stride, s.edge_above.data(), s.edge_below.data(),
                               s.share.data(), s.edge_count, dimension_, out.points + first,
                               out.stride);
  for (Index w = 0; w < cell.words; ++w) {
    const BitWord* in = cell.masks + w * cell.stride;
    BitWord* plane = out.masks + w * out.stride + first;
    const bool own_word = w == cell.constraints / kWordBits;
    const BitWord set = own_word ? BitWord{1} << (cell.constraints % kWordBits) : 0;
    for (Index e = 0; e < s.edge_count; ++e) {
      plane[e] = (in[s.edge_above[e]] & in[s.edge_below[e]]) | set;
    }
  }
}

void VertexCells::copy_new_vertices(const Cell& from, Cell& to) const {
  const Index count = sides_.edge_count;
  for (Index c = 0; c < dimension_; ++c) {
    std::copy_n(from.points + c * from.stride + from.count - count, count,
                to.points + c * to.stride + to.count - count);
  }
  for (Index w = 0; w < from.words; ++w) {
    std::copy_n(from.masks + w * from.stride + from.count - count, count,
                to.masks + w * to.stride + to.count - count);
  }
}

bool VertexCells::all_simple(const Cell& cell) const {
  for (Index v = 0; v < cell.count; ++v) {
    Index bits = 0;
    for (Index w = 0; w < cell.words; ++w) bits += count_bits(cell.masks[w * cell.stride + v]);
    if (bits != dimension_) return false;
  }
  return true;
}

// The same cell with the bits of constraints that are not needed any more given back, and with
// another word if that does not free any.
VertexCells::Cell VertexCells::with_room(const Cell& cell) {
  needed_constraints(cell, needed_);
  Cell out = cell;
  out.constraints = size_of(needed_);
  out.words = out.constraints / kWordBits + 1;
  Origin* origins = memory_.take<Origin>(out.constraints);
  out.masks = memory_.take<BitWord>(out.words * out.stride);
  std::fill_n(out.masks, out.words * out.stride, BitWord{0});
  for (Index c = 0; c < out.constraints; ++c) {
    origins[c] = cell.origins[needed_[c]];
    const BitWord* in = cell.masks + (needed_[c] / kWordBits) * cell.stride;
    BitWord* plane = out.masks + (c / kWordBits) * out.stride;
    for (Index v = 0; v < cell.count; ++v) {
      plane[v] |= ((in[v] >> (needed_[c] % kWordBits)) & 1) << (c % kWordBits);
    }
  }
  out.origins = origins;
  out.simple = all_simple(out);
  return out;
}

}  // namespace facetry
