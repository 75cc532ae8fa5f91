// Inner loops over blocks of points, compiled once for each instruction set and chosen at run time.
// Every table computes the same, bit for bit: sums run in one order, and no multiply is fused with
// an add; and what a point gets does not depend on the other points of its block.
//
// A block of `lanes` points is held in *planes*: quantity i of point p is planes[i * lanes + p].
// `lanes` is a multiple of kBlockLanes.
#pragma once

#include <cstdint>
#include <span>

namespace facetry {

inline constexpr std::int64_t kBlockLanes = 8;

struct BlockKernels {
  using Index = std::int64_t;
  using Word = std::uint64_t;

  const char* name;

  // A matrix, dense (columns == nullptr: weights row by row) or in compressed rows.
  struct Weights {
    Index rows;
    Index width;  // number of columns
    const double* weights;
    const Index* offsets;
    const Index* columns;
  };

  // A continuous piecewise-linear function, as in network/piecewise_function.hpp.
  struct Function {
    Index pieces;
    const double* breakpoints;
    const double* slopes;
    const double* intercepts;
  };

  // Where the piece of a unit lies: bits of a plane of words.
  struct Field {
    Word* words;
    Index shift;
    Word mask;
  };

  // What a value q of point p may be off by: room = relative * scale[p] + absolute. Points for
  // which that leaves a piece open (a value nearer to a breakpoint, arguments of a maximum nearer
  // to one another, or NaN) get a nonzero `doubt`. A room of 0 leaves nothing open.
  struct Room {
    const double* scale;
    Word* doubt;
    double relative;
    double absolute;
  };

  // out += weights x in, or, with a `start` value for each row, out = start + weights x in.
  void (*multiply)(const Weights& weights, const double* start, const double* in, double* out,
                   Index lanes);

  // scale[p] = the largest magnitude in `count` planes.
  void (*largest)(const double* planes, Index count, double* scale, Index lanes);

  // The piece of each value (ORed into the field) and its result; without a room (null) the lowest
  // piece whose closed interval holds the value.
  void (*piecewise)(const double* pre, const Function& function, const Room* room,
                    const Field& field, double* values, Index lanes);

  // The same for a maximum over `count` planes: the lowest of the largest; one room per plane.
  void (*maximum)(const double* pre, Index count, const Room* rooms, const Field& field,
                  double* values, Index lanes);

  // One step of reverse accumulation through a unit of a given piece: out = slope x left, and
  // offset += intercept x left.
  void (*through_piecewise)(const double* left, const Function& function, const Field& field,
                            double* out, double* offset, Index lanes);

  // The same for a maximum: `left` goes to the plane of its argument, zero to the others.
  void (*through_maximum)(const double* left, Index count, const Field& field, double* out,
                          Index lanes);
};

// The fastest table that this machine can run. Immutable.
[[nodiscard]] const BlockKernels& block_kernels();

// All tables that this machine can run, the plainest first.
[[nodiscard]] std::span<const BlockKernels* const> available_block_kernels();

}  // namespace facetry
