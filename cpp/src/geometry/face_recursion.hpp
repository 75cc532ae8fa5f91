// Volume and moments of a simple cell by the recursion over its faces [Lasserre 1983; Bueler, Enge
// & Fukuda 2000], without square roots. For the face where the constraints S are tight, of
// dimension d,
//
//     W_S = (1/d) sum_j slack_j(apex) W_{S+j},        W = 1 / |det A_S| at a vertex,
//
// where the apex is the face's lowest vertex and j runs over the facets that miss it: the face is
// the union of the cones from there. W of the cell itself is its volume. All terms are at least
// zero, so that nothing cancels. The moments run along: a cone over a face has those of its base,
// moved and scaled.
//
// Vertices are solved from their own rows, not taken from the cell: outer cells (cell_family.hpp)
// are shifted, which would ruin thin ones. Rows are moved to a point near the cell first, without
// rounding on the way, so that what is small is small by its own numbers.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "base/work_array.hpp"
#include "facetry/geometry/free_space.hpp"
#include "geometry/bit_set.hpp"

namespace facetry {

struct VertexKernels;

// The numbers that a measure has: the volume V, and with moments the integrals of x_i, then of x_i
// x_j for i <= j, row by row.
[[nodiscard]] constexpr Index measure_size(Index k, bool moments) {
  return moments ? 1 + k + k * (k + 1) / 2 : 1;
}

// Throws InvalidInput above kMostVolumeDimensions.
void require_measurable(Index k);

// A cell where every vertex is on exactly k of at most 64 constraints.
struct SimpleCell {
  Index count = 0;                 // vertices
  const double* near = nullptr;    // k numbers: a point of the cell or near it
  const BitWord* masks = nullptr;  // of each vertex: the constraints that are tight there
  const double* rows = nullptr;    // of the bits of all masks, ascending, positive inside: planes
                                   // MovedRows::kPlane apart, aligned as WorkArray is
};

// Up to 64 rows, moved to a base point: entry c of row r is at rows + c kPlane + r, c = k is the
// offset.
class MovedRows {
 public:
  static constexpr Index kPlane = 64;

  explicit MovedRows(Index k);

  // Moves the first `count` rows (planes aligned as those of WorkArray) to about `near`: the base
  // point has 24 bits, so that its products with both halves of a number are exact. What is rounded
  // away on the way is carried along.
  void move(const double* rows, Index count, const double* near);
  [[nodiscard]] const double* data() const { return rows_.data(); }
  // From moments about the base point (face_recursion's order) to those about the origin.
  void move_back(double* measure) const;

 private:
  const VertexKernels& kernels_;
  Index k_;
  std::array<double, 8> base_{};
  WorkArray<double> rows_;
};

class FaceRecursion {
 public:
  static constexpr Index kMostVertices = 640;

  // REQUIRES 1 <= k <= kMostVolumeDimensions.
  FaceRecursion(Index k, bool moments);
  ~FaceRecursion();

  // Writes measure_size(k, moments) numbers. False: not a simple cell, too large, or some vertex is
  // not where its rows meet in one point; then `out` holds nothing of use. Guarantees, numbered as
  // the tests are:
  //  1. Every number is within about (1e-14 + 4e-24 / (width of the cell)) / (least angle of rows
  //     that meet) of that of the polytope { x : rows >= 0 } in [-1, 1]^k, relative to the volume.
  //  2. The same bits on every machine.
  // Cost (microseconds): 0.05, 0.2, 0.9, 3, 13 for k = 2..6 of cells as searches have; proportional
  // to pairs of faces that lie in each other.
  [[nodiscard]] bool measure(const SimpleCell& cell, double* out);

  class Faces;  // the recursion proper, for one k

 private:
  bool list_tight(const SimpleCell& cell);
  [[nodiscard]] bool solve(const SimpleCell& cell);

  Index k_;
  bool moments_;
  const VertexKernels& kernels_;
  BitWord live_ = 0;          // of the constraints, counted through
  WorkArray<BitWord> masks_;  // of the vertices
  MovedRows rows_;
  WorkArray<std::uint8_t> tight_;  // count x k
  WorkArray<double> points_;       // k planes, moved
  WorkArray<double> weights_;
  WorkArray<double> slacks_;  // a line for each constraint
  std::unique_ptr<Faces> faces_;
};

}  // namespace facetry
