// The inner loops of the small simplex, compiled once for each instruction set and chosen at run
// time. Every table computes the same, bit for bit: sums run in one order, no multiply is fused
// with an add.
#pragma once

#include <cstdint>
#include <span>

#include "optimize/small_simplex.hpp"

namespace facetry {

enum ClimbEnd : int {
  kOptimal,
  kEnough,
  kUnbounded,
  kCrossed,          // the watched row, which is in the basis now
  kCrossedFromAfar,  // the watched row, but the vertex was beyond it already
  kReached,          // the chased row, which is in the basis now
  kOutOfPivots
};

// For one dimension and one instruction set.
struct SimplexKernels {
  // Moves along improving edges until there is none, or another end is reached.
  ClimbEnd (*climb)(SimplexState& state);

  // Leaves row basis[edge] to its outside, as far as the next row; false if there is none.
  bool (*loosen)(SimplexState& state, Index edge);

  // How far the edge can be followed, at its rate; infinity if nothing blocks.
  double (*edge_length)(const SimplexState& state, Index edge);

  // Takes up edges and a point, and the slacks there.
  void (*place)(const SimplexState& state, const double* edges, const double* point);

  // Squared lengths of the edges (`width` of them, 1 beyond the dimension); returns the least slack
  // among the rows that can block.
  double (*measure)(const SimplexState& state, double* squares);

  // values[v] = row . point v + row[k] at `count` >= 1 points (k planes of `stride`, padded to 8
  // with copies of points), and the positions of the first highest and the first lowest.
  void (*extremes)(const double* points, Index stride, Index count, Index k, const double* row,
                   double* values, Index* highest, Index* lowest);
};

// Entry k for dimension k, up to the last that has kernels of its own; entry 0 for all others.
inline constexpr Index kMostOwnDimensions = 8;

struct SimplexKernelTable {
  const char* name;
  SimplexKernels by_dimension[kMostOwnDimensions + 1];

  [[nodiscard]] const SimplexKernels& for_dimension(Index k) const {
    return by_dimension[k <= kMostOwnDimensions ? k : 0];
  }
};

// The fastest table that this machine can run.
[[nodiscard]] const SimplexKernelTable& simplex_kernels();

// All tables that this machine can run, the plainest first.
[[nodiscard]] std::span<const SimplexKernelTable* const> available_simplex_kernels();

}  // namespace facetry
