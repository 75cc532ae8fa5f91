// The inner loops of the search, compiled once for each instruction set and chosen at run time. Every
// table computes the same, bit for bit: sums run in one order, and no multiply is fused with an add.
//
// Planes are matrices stored column by column: entry c of row i is planes[c * stride + i]. Strides
// are multiples of kLanes, pointers to planes are aligned to 64 bytes, and loops run over whole
// blocks, so what lies between the last row and the stride must be finite.
#pragma once

#include <cstdint>
#include <span>

namespace facetry {

inline constexpr std::int64_t kLanes = 8;

struct Kernels {
  using Index = std::int64_t;
  using Word = std::uint64_t;

  const char* name;

  // Where points lie: coordinate c of point v is data[v * step + c * plane].
  struct Points {
    const double* data;
    Index count;
    Index step;
    Index plane;
  };

  // low[i], high[i]: the least and largest value of row i (k gradient planes and an offset plane)
  // at the points, for i < count and up to the end of its block. REQUIRES points.count >= 1.
  void (*ranges)(const double* rows, Index stride, Index count, Index k, Points points, double* low,
                 double* high);

  // out[v] = row . point v + row[k], with the extremes; `points` are k planes of `stride`.
  void (*values)(const double* points, Index stride, Index k, const double* row, double* out,
                 double* most, double* least);

  // Where the same points lie: are some above `beyond`, some below -beyond, all above `sure`, all below
  // -sure?
  struct Side {
    bool some_above, some_below, all_above, all_below;
  };
  void (*side)(const double* points, Index stride, Index k, const double* row, double beyond, double sure,
               Side* out);

  // The least of value - errors[i] over the rows i < count, and up to the end of the last block, at a point.
  double (*clearance)(const double* rows, Index stride, Index count, Index k, const double* point,
                      const double* errors);

  // out = in + sum over j of columns[j] x values[j]: `width` planes of `stride`, in the order of j.
  // Entry c of values[j] is values[j][c * step]. `in` and `out` may be the same.
  void (*accumulate)(const double* in, double* out, Index stride, Index width,
                     const double* const* columns, const double* const* values, Index step,
                     Index count);

  // The same, where the columns are columns + index[j] * stride and entry c of value j is
  // values[c * values_stride + index[j]].
  void (*accumulate_rows)(const double* in, double* out, Index stride, Index width,
                          const double* columns, const double* values, Index values_stride,
                          const std::int32_t* index, Index count);

  // What is known about the rows of a stage from their ranges [low, high], one bit per row in words
  // of 64: above its breakpoint, or below it, by more than slope[i] * scale + base[i]; and whether
  // its largest gradient entry, written to `largest`, is not more than slope[i] * gradient_scale.
  // If there are points, the ranges are those at the points, and written first.
  struct Classified {
    Word* above;
    Word* below;
    Word* doubtful;
    double* largest;
    double* most_gradient;  // the largest of `largest` among the rows above
    double* most_offset;    // and of the offsets' magnitudes there
  };
  struct Bounds {
    double* low;
    double* high;
    const double* breakpoint;
    const double* slope;
    const double* base;
    double scale;
    double gradient_scale;
    Points points{nullptr, 0, 0, 0};
  };
  void (*classify)(const double* rows, Index stride, Index k, const Bounds& bounds,
                   const Classified& out);

  // Sorts ranges by their side of zero, one bit each in words of 64: low >= sure, else high <= -sure,
  // else low < -room and high > room; bits from `count` on are 0. REQUIRES sure >= 0.
  void (*sort_ranges)(const double* low, const double* high, Index count, double sure, double room,
                      Word* above, Word* below, Word* across);
  // The same for the ranges of rows at points, as ranges() gives them.
  void (*sort_rows)(const double* rows, Index stride, Index count, Index k, Points points, double sure,
                    double room, Word* above, Word* below, Word* across);

  // The pairs (a, b) of masks that share at least `most` bits: masks of a and b are `words` planes
  // of `a_stride` and `b_stride`. Writes a's and b's numbers; returns how many, or -1 if there were
  // more than `room`. Ordered by a, then b. REQUIRES masks of b beyond b_count are 0, and most >= 1.
  Index (*pairs)(const Word* a, Index a_count, Index a_stride, const Word* b, Index b_count,
                 Index b_stride, Index words, Index most, std::int32_t* out_a,
                 std::int32_t* out_b, Index room);

  // The numbers of the set bits among the first `count`, ascending; returns how many. `out` needs
  // room for kLanes more.
  Index (*bit_numbers)(const Word* bits, Index count, std::int32_t* out);

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

  // out[i] = in[index[i]], i < count, for `planes` planes.
  void (*gather)(const double* in, Index in_stride, const std::int32_t* index, Index count,
                 Index planes, double* out, Index out_stride);
  void (*gather_words)(const Word* in, Index in_stride, const std::int32_t* index, Index count,
                       Index planes, Word* out, Index out_stride);

  // out[i] = in[a[i]] + share[i] (in[b[i]] - in[a[i]]), i < count, for `planes` planes.
  void (*interpolate)(const double* in, Index in_stride, const std::int32_t* a,
                      const std::int32_t* b, const double* share, Index count, Index planes,
                      double* out, Index out_stride);

  // Where a hyperplane crosses a cell that is a list of vertices with one mask each (kernels_cut_body.hpp).
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
  // The vertices above and below, ascending, and the pairs of one above and one below whose masks share
  // at least `most` bits, ordered by the one above, then the one below. Returns how many pairs; -1 if some
  // value is within `room` of zero, or there are too many vertices or pairs. REQUIRES most >= 1; values
  // and masks can be read up to the end of the last block.
  Index (*find_crossing)(const double* values, const Word* masks, Index count, double room,
                         Index most, Crossing* out);

  // Both parts of such a cell: the vertices of a side, then a new one on each edge where the value is
  // -shift (above) or +shift (below), on the masks' common bits and `mark`. Beyond the last vertex, up
  // to the stride, points are the first one again and masks 0. REQUIRES room for kLanes more than k
  // planes of points and one of masks; strides that are the padded numbers of vertices.
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

  // Both parts of a polygon of at most kLanes - 1 corners: two planes of kLanes coordinates, beyond the
  // last corner those of the first, and kLanes numbers of edges, each between its corner and the next.
  // A part keeps its corners and their order; new ones are on the two edges that cross the line, where
  // the value is -shift (above) or +shift (below), and the edge between them is `line`. False, and
  // nothing is written, if a corner is within `room` of the line, or not just two edges cross it.
  struct PolygonPart {
    double* points;
    std::int32_t* edges;
    Index count;  // written
  };
  struct PolygonCut {
    const double* points;
    const std::int32_t* edges;
    Index count;
    const double* row;
    double room;
    double shift;
    std::int32_t line;
    PolygonPart above, below;
  };
  bool (*cut_polygon)(PolygonCut* cut);

  // Of such a polygon: the numbers of its edges, ascending, then the largest number there is up to kLanes,
  // and the mean of its corners.
  void (*describe_polygon)(const double* points, const std::int32_t* edges, Index count,
                           std::int32_t* out_edges, double* out_mean);

  // out[c] = in[c * stride] + sum of weights[i] x plane[c * plane_stride + i] over the rows i < rows
  // that are marked in `bits`, for `width` planes: eight sums, added up by halves. REQUIRES bits of rows
  // from `rows` up to the end of their block to be 0.
  void (*marked_sums)(const double* in, Index stride, const double* planes, Index plane_stride, Index rows,
                      Index width, const double* weights, const Word* bits, double* out);

  // out[c] = the sum of plane c of `count`.
  void (*plane_sums)(const double* planes, Index stride, Index count, double* out);
};

// The fastest table that this machine can run. Immutable.
[[nodiscard]] const Kernels& kernels();

// All tables that this machine can run, the plainest first.
[[nodiscard]] std::span<const Kernels* const> available_kernels();

}  // namespace facetry
