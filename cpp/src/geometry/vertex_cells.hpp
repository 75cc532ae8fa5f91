// Cells as lists of vertices, each with the set of constraints that are tight there: the double
// description method [Motzkin et al. 1953; Fukuda & Prodon 1996], for the search. Any dimension
// k >= 1; the number of vertices (about 2^k) makes it the choice up to 7.
//
// Coordinates stand column by column, so that a row's values at all vertices are one contiguous
// pass. Sets of constraints are bit masks of as many words as the cell needs; constraints that no
// vertex touches any more give their bits back before another word is added.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/work_array.hpp"
#include "facetry/base/tolerances.hpp"
#include "facetry/geometry/free_space.hpp"
#include "geometry/bit_set.hpp"
#include "geometry/cell_family.hpp"

namespace facetry {

class VertexCells {
 public:
  static constexpr bool kExactRanges = true;

  struct Cell {
    double* points = nullptr;         // k planes of `stride`; beyond `count` the first vertex again
    BitWord* masks = nullptr;         // `words` planes of `stride`
    const Origin* origins = nullptr;  // of the `constraints` bits
    Index count = 0;
    Index stride = 0;
    Index words = 1;
    Index constraints = 0;
    bool simple = true;  // every vertex is on exactly k constraints
    bool near = false;   // outer cells: some vertices may be one, see Tolerances::near
  };

  // REQUIRES space.dimension() >= 1, else InvalidInput; `space` must outlive the family. `outward`:
  // see cell_family.hpp.
  explicit VertexCells(const FreeSpace& space, const Tolerances& tolerances = {},
                       const Outward& outward = {});
  ~VertexCells();

  [[nodiscard]] Cell root();
  [[nodiscard]] static PointList points(const Cell& cell) {
    return {cell.points, cell.count, 1, cell.stride};
  }
  void ranges(const Cell& cell, const RowPlanes& rows, double* low, double* high) const;
  [[nodiscard]] Range range(const Cell& cell, const double* row);
  [[nodiscard]] Reach reach(const Cell& cell, const double* row);  // exact, on both sides
  [[nodiscard]] double most(const Cell& cell, const double* row, double /*enough*/, double* out) {
    const double value = reach(cell, row).above;
    if (out != nullptr) farthest(cell, true, out);
    return value;
  }

  // Without a shift a vertex within Tolerances::on_hyperplane of the row is taken to lie on it and
  // goes to both parts. Cost: (vertices above) x (vertices below) mask operations.
  void cut(const Cell& cell, const double* row, Origin origin, Cell& above, Cell& below,
           double shift = 0.0);
  // In outer cells vertices closer to each other than the cut tolerance count as one.
  [[nodiscard]] static Index facet_room(const Cell& cell) {
    return room_for_facets(cell.constraints);
  }
  Index facets(const Cell& cell, Origin* out);
  void facets(const Cell& cell, std::vector<Origin>& out);
  bool beyond_facet(const Cell& cell, Origin origin, const double* inside, double* out) const;
  [[nodiscard]] bool facets_are_doubtful(const Cell& cell) const { return cell.near; }
  void interior_point(const Cell& cell, double* out) const;  // the mean of the vertices
  void farthest(const Cell& cell, bool above, double* out) const;
  void tight(const Cell& cell, bool above, std::vector<Origin>& out) const;
  [[nodiscard]] StackMemory& memory() { return memory_; }

 private:
  // Which vertices lie where with respect to a row, and the edges that cross it.
  struct Sides {
    WorkArray<std::int32_t> above, below;
    WorkArray<std::int32_t> edge_above, edge_below;  // ends of the edges that cross
    WorkArray<std::int32_t> upper, lower;            // above + on, below + on
    WorkArray<double> share;                         // where the edges cross
    std::vector<Index> without;  // of the last edges: a constraint that the new vertex is not on
    Index above_count = 0, below_count = 0, on_count = 0, edge_count = 0;
  };

  [[nodiscard]] Cell corners_of_box();
  [[nodiscard]] bool cut_clear(const Cell& cell, const Origin* origins, double shift, Cell& above,
                               Cell& below);
  [[nodiscard]] Cell new_part(const Cell& cell, Index count, const Origin* origins);
  void sort_vertices(const Cell& cell, double room);
  void find_edges_across(const Cell& cell);
  void find_pairs(const Cell& cell, const std::int32_t* above, Index above_count,
                  const std::int32_t* below, Index below_count);
  void keep_true_edges(const Cell& cell);
  void cut_outward(const Cell& cell, const Origin* origins, double shift, Cell& above, Cell& below);
  void part_outward(const Cell& cell, const Origin* origins, bool upper, double shift, Cell& out);
  void spread_repeated(const Cell& cell);
  [[nodiscard]] bool third_vertex_on_edge(const Cell& cell, Index a, Index b) const;
  [[nodiscard]] static Index gather_masks(const Cell& cell, const std::int32_t* vertices,
                                          Index count, WorkArray<BitWord>& out);
  [[nodiscard]] Cell part(const Cell& cell, const std::int32_t* own, Index own_count,
                          const Origin* origins);
  [[nodiscard]] const Origin* origins_with(const Cell& cell, Origin origin);
  void add_new_vertices(const Cell& cell, Cell& out) const;
  void copy_new_vertices(const Cell& from, Cell& to) const;
  void pad(Cell& cell) const;
  [[nodiscard]] Cell with_room(const Cell& cell);
  [[nodiscard]] Cell merged(const Cell& cell);
  [[nodiscard]] bool is_near(const Cell& cell, Index v, const Cell& other, Index w) const;
  [[nodiscard]] bool all_simple(const Cell& cell) const;
  static void live_constraints(const Cell& cell, WorkArray<BitWord>& out);
  void needed_constraints(const Cell& cell, std::vector<Index>& out);

  const FreeSpace& space_;
  Tolerances tolerances_;
  Outward outward_;
  Index dimension_;
  StackMemory memory_;
  WorkArray<double> values_;  // of the last reach(), one per vertex, padded
  Sides sides_;
  struct Scratch;  // of cut_clear()
  std::unique_ptr<Scratch> scratch_;
  WorkArray<BitWord> above_masks_, below_masks_, live_;
  std::vector<BitWord> sets_;
  std::vector<Index> needed_;
};

}  // namespace facetry
