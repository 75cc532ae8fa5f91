// The inner loops over cells that are lists of vertices: values at vertices, sides, edges and both
// parts of a cut. All tables compute the same, bit for bit; see kernels.hpp.
#pragma once

#include <cstdint>

#include "kernels/kernel_points.hpp"

namespace facetry {

struct VertexKernels {
  using Index = std::int64_t;
  using Word = std::uint64_t;

  // out[v] = row . point v + row[k], with the extremes; `points` are k planes of `stride`.
  void (*values)(const double* points, Index stride, Index k, const double* row, double* out,
                 double* most, double* least);

  // The numbers of values above `room`, below -room, not below and not above: ascending lists with
  // room for kLanes more than `count` each. Writes how many are above and below.
  struct SideLists {
    std::int32_t* above;
    std::int32_t* below;
    std::int32_t* not_below;
    std::int32_t* not_above;
    Index above_count;
    Index below_count;
  };
  void (*sides)(const double* values, Index count, double room, SideLists* out);

  // The pairs (a, b) of masks that share at least `most` bits: masks of a and b are `words` planes
  // of `a_stride` and `b_stride`. Writes a's and b's numbers; returns how many, or -1 if there were
  // more than `room`. Ordered by a, then b. REQUIRES masks of b beyond b_count are 0, and most >=
  // 1.
  Index (*pairs)(const Word* a, Index a_count, Index a_stride, const Word* b, Index b_count,
                 Index b_stride, Index words, Index most, std::int32_t* out_a, std::int32_t* out_b,
                 Index room);

  // out[i] = in[index[i]], i < count, for `planes` planes.
  void (*gather)(const double* in, Index in_stride, const std::int32_t* index, Index count,
                 Index planes, double* out, Index out_stride);

  // The same for words.
  void (*gather_words)(const Word* in, Index in_stride, const std::int32_t* index, Index count,
                       Index planes, Word* out, Index out_stride);

  // out[i] = in[a[i]] + share[i] (in[b[i]] - in[a[i]]), i < count, for `planes` planes.
  void (*interpolate)(const double* in, Index in_stride, const std::int32_t* a,
                      const std::int32_t* b, const double* share, Index count, Index planes,
                      double* out, Index out_stride);

  // Where a hyperplane crosses a cell that is a list of vertices with one mask each
  // (kernels_cut_body.hpp).
  struct Crossing {
    static constexpr Index kMostVertices = 256;
    static constexpr Index kMostEdges = 512;
    Index above_count, below_count;
    bool repeated;  // do some ends of an edge share more than `most` bits?
    alignas(64) std::int32_t above[kMostVertices + 2 * kLanes];
    alignas(64) std::int32_t below[kMostVertices + 2 * kLanes];
    alignas(64) Word above_masks[kMostVertices + kLanes];
    alignas(64) Word below_masks[kMostVertices + kLanes];
    alignas(64) std::int32_t edge_above[kMostEdges + 2 * kLanes];
    alignas(64) std::int32_t edge_below[kMostEdges + 2 * kLanes];
  };
  // The vertices above and below, ascending, and the pairs of one above and one below whose masks
  // share at least `most` bits, ordered by the one above, then the one below. Returns how many
  // pairs; -1 if some value is within `room` of zero, or there are too many vertices or pairs.
  // REQUIRES most >= 1; values and masks can be read up to the end of the last block.
  Index (*find_crossing)(const double* values, const Word* masks, Index count, double room,
                         Index most, Crossing* out);

  // Both parts of such a cell: the vertices of a side, then a new one on each edge where the value
  // is -shift (above) or +shift (below), on the masks' common bits and `mark`. Beyond the last
  // vertex, up to the stride, points are the first one again and masks 0. REQUIRES room for kLanes
  // more than k planes of points and one of masks; strides that are the padded numbers of vertices.
  struct VertexPart {
    double* points;
    Word* masks;
    Index stride;
  };
  struct VertexCut {
    const double* points;
    const Word* masks;
    const double* values;
    Index count, stride, k;
    const Crossing* crossing;
    Index edges;
    double shift;
    Word mark;
    VertexPart above, below;
  };
  void (*cut_vertices)(const VertexCut& cut);

  // Rows, moved: the offset becomes the value at `base`, of k numbers with no more than 24 bits, as
  // in twice the precision; gradients stay. Entry c of row r is rows[c * plane + r], likewise of
  // `out`; up to the end of the last block.
  void (*move_rows)(const double* rows, Index plane, Index count, Index k, const double* base,
                    double* out);

  // The vertices of a simple cell from the rows that are tight there, and 1 / |det| of these:
  // infinite or no number where they have no single solution. Entry c of row r is rows[c * plane +
  // r], of those with a bit of `live`; tight[v * k + r]: the rows of vertex v. Writes `count`
  // points, and anything up to the end of the last block, in k planes of `stride`, and the value of
  // live row r at vertex v, 0 if it is less, to slacks[r * stride + v]. REQUIRES 1 <= k <= 8.
  struct SimpleSystems {
    const double* rows;
    Index plane;
    Word live;
    const std::uint8_t* tight;
    Index count, k, stride;
    double* points;
    double* weights;
    double* slacks;
  };
  void (*solve_simple)(const SimpleSystems& systems);

  // out[c] = the sum of plane c of `count`.
  void (*plane_sums)(const double* planes, Index stride, Index count, double* out);
};

// The fastest table that this machine can run. Immutable.
[[nodiscard]] const VertexKernels& vertex_kernels();

}  // namespace facetry
