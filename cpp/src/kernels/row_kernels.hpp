// The inner loops over rows (affine functions: k gradient planes and an offset plane): their ranges
// at points, their sides, and sums of them. All tables compute the same, bit for bit; see
// kernels.hpp.
#pragma once

#include <cstdint>

#include "kernels/kernel_points.hpp"

namespace facetry {

struct RowKernels {
  using Index = std::int64_t;
  using Word = std::uint64_t;

  // low[i], high[i]: the least and largest value of row i (k gradient planes and an offset plane)
  // at the points, for i < count and up to the end of its block. REQUIRES points.count >= 1.
  void (*ranges)(const double* rows, Index stride, Index count, Index k, KernelPoints points,
                 double* low, double* high);

  // Where the same points lie: are some above `beyond`, some below -beyond, all above `sure`, all
  // below -sure?
  struct Side {
    bool some_above, some_below, all_above, all_below;
  };
  void (*side)(const double* points, Index stride, Index k, const double* row, double beyond,
               double sure, Side* out);

  // The least of value - errors[i] over the rows i < count, and up to the end of the last block, at
  // a point.
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

  // out[c] = in[c * stride] + sum of weights[i] x plane[c * plane_stride + i] over the rows i <
  // rows that are marked in `bits`, for `width` planes: eight sums, added up by halves. REQUIRES
  // bits of rows from `rows` up to the end of their block to be 0.
  void (*marked_sums)(const double* in, Index stride, const double* planes, Index plane_stride,
                      Index rows, Index width, const double* weights, const Word* bits,
                      double* out);

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
    KernelPoints points{nullptr, 0, 0, 0};
  };
  void (*classify)(const double* rows, Index stride, Index k, const Bounds& bounds,
                   const Classified& out);

  // Sorts ranges by their side of zero, one bit each in words of 64: low >= sure, else high <=
  // -sure, else low < -room and high > room; bits from `count` on are 0. REQUIRES sure >= 0.
  void (*sort_ranges)(const double* low, const double* high, Index count, double sure, double room,
                      Word* above, Word* below, Word* across);
  // The same for the ranges of rows at points, as ranges() gives them.
  void (*sort_rows)(const double* rows, Index stride, Index count, Index k, KernelPoints points,
                    double sure, double room, Word* above, Word* below, Word* across);

  // The numbers of the set bits among the first `count`, ascending; returns how many. `out` needs
  // room for kLanes more.
  Index (*bit_numbers)(const Word* bits, Index count, std::int32_t* out);

  // out[i] = in[index[i]], i < count, for `planes` planes.
  void (*gather)(const double* in, Index in_stride, const std::int32_t* index, Index count,
                 Index planes, double* out, Index out_stride);
};

// The fastest table that this machine can run. Immutable.
[[nodiscard]] const RowKernels& row_kernels();

}  // namespace facetry
