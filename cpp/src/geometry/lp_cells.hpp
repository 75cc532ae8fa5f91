// Cells as halfspaces, with vertices that prove things about them: every question is answered by
// the vertices at hand or by a small linear program that starts from the best of them. For any
// dimension k >= 1; the choice from about 8 on, where vertex lists are too long.
//
// Guarantees:
//  1. The rows of a cell are its minimal constraints: rows that a cut makes redundant are dropped
//     when the parts are made, for good (unless keep_redundant_rows() is called).
//  2. A cell's answers depend on the cuts that made it and on nothing else: questions leave no
//     trace in it, so a cell that is made again by the same cuts is the same cell, bit for bit.
//  3. No heap traffic once the work arrays have grown to the size of the cells.
//
// A vertex *proves* a row to be a facet if the row is in its basis and all other rows clear it far
// enough for the cell to go on beyond by more than the cut tolerance were the row left out. At a
// vertex on more than k rows nothing is proved; there the row is left out and a linear program
// decides, the last rows first, so that of repeated rows the first stays.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/work_array.hpp"
#include "facetry/base/tolerances.hpp"
#include "facetry/geometry/free_space.hpp"
#include "geometry/bit_set.hpp"
#include "geometry/cell_family.hpp"
#include "optimize/small_simplex.hpp"

namespace facetry {

class LpCells {
 public:
  // A vertex of a cell; parts share those of the whole. Rows go by *name*, the number of their
  // appearance on the way from the root, because their place changes when others are dropped.
  struct Vertex {
    const double* edges = nullptr;  // k x padded(k), as in SmallSimplex
    const double* point = nullptr;
    const std::int32_t* basis = nullptr;  // k names
    const BitWord* tight = nullptr;       // the same as a set of `words`
    const BitWord* proved = nullptr;      // the facets that it proves
    Index words = 0;
    Index age = 0;
    double clearance = 0.0;  // what another row must leave for the proofs to hold
  };

  struct Cell {
    double* rows = nullptr;  // k+1 planes of `stride`, as in DenseRows
    Origin* origins = nullptr;
    std::int32_t* names = nullptr;   // per row
    std::int32_t* places = nullptr;  // per name: the row, if it is still there
    double* points = nullptr;        // of the vertices: k planes of `room`
    BitWord* tight = nullptr;        // the same for their bases: `words` for each
    const Vertex** vertices = nullptr;
    Index count = 0;
    Index stride = 0;
    Index name_count = 0;
    Index words = 0;
    Index vertex_count = 0;
    Index room = 0;
    bool near = false;  // outer cells: may tolerances have decided which rows there are?
  };

  // REQUIRES space.dimension() >= 1, else InvalidInput; `space` must outlive the family. `outward`:
  // for outer cells (cell_family.hpp). The rows themselves are shifted then, and what reach() says
  // is proven to be enough wherever it is not beyond the cut tolerance: from the multipliers of the
  // linear program over the box around the region [Neumaier & Shcherbina 2004].
  explicit LpCells(const FreeSpace& space, const Tolerances& tolerances = {},
                   const Outward& outward = {});

  // From now on cells keep rows that cuts make redundant: guarantee 1 is out, and a cut costs a
  // linear program and two copies of the rows instead of a question about each. For who does not
  // ask for facets.
  void keep_redundant_rows() { keeps_all_rows_ = true; }

  [[nodiscard]] Cell root();

  // Over the box around the analysis region.
  void ranges(const Cell& cell, const RowPlanes& rows, double* low, double* high) const;
  [[nodiscard]] Range range(const Cell& cell, const double* row) const;

  // Cost: one pass over the vertices; a linear program for each side on which none of them lies.
  [[nodiscard]] Reach reach(const Cell& cell, const double* row);
  // Cost: one pass over the vertices, and a linear program unless one of them is above `enough`.
  [[nodiscard]] double most(const Cell& cell, const double* row, double enough, double* out);

  // Cost: a copy of the rows for each part, and a linear program for every row of it that no vertex
  // at hand proves.
  void cut(const Cell& cell, const double* row, Origin origin, Cell& above, Cell& below,
           double shift = 0.0);

  [[nodiscard]] static Index facet_room(const Cell& cell) { return room_for_facets(cell.count); }
  Index facets(const Cell& cell, Origin* out) const;
  void facets(const Cell& cell, std::vector<Origin>& out) const;

  bool beyond_facet(const Cell& cell, Origin origin, const double* inside, double* out) const;
  [[nodiscard]] bool facets_are_doubtful(const Cell& cell) const { return cell.near; }
  // The mean of the vertices at hand, moved off the facets that they all lie on; where that comes
  // too close to a facet, the centre of a largest ball.
  void interior_point(const Cell& cell, double* out);
  void farthest(const Cell& cell, bool above, double* out) const;
  void tight(const Cell& cell, bool above, std::vector<Origin>& out);
  // Of these, the constraints that keep the row from going further there: those with a multiplier
  // in the linear program that reach(cell, row) solved on that side; all k if it solved none.
  // Mostly few.
  void support(const Cell& cell, const double* row, bool above, std::vector<Origin>& out);
  [[nodiscard]] StackMemory& memory() { return memory_; }

 private:
  // What is known of one side of a row: by reach(), and by cut() of the part there.
  struct Side {
    Side(Index dimension, const Tolerances& tolerances, double own_sign)
        : simplex(dimension, tolerances), sign(own_sign) {}
    SmallSimplex simplex;
    double sign;
    double shift = 0.0;  // of the cut under way
    // How far a point that has this value at the cutting row is inside the part.
    [[nodiscard]] double depth(double value) const { return sign * value + shift; }
    Index witness = -1;  // a vertex of the cell that is far enough, or -1: the simplex stands there
    double reach = 0.0;
    WorkArray<const Vertex*> vertices;  // of the part
    Index vertex_count = 0;
    WorkArray<BitWord> proved;     // names of facets of the part
    WorkArray<std::int32_t> kept;  // rows of the whole that the part has, ascending
    Index kept_count = 0;
    bool uncertain = false;  // are some of them still to be tested?
  };

  [[nodiscard]] DenseRows dense(const Cell& cell) const {
    return {cell.rows, dimension_, cell.count, cell.stride};
  }
  [[nodiscard]] Cell new_cell(Index rows, Index names, Index vertices);
  void set_row(Cell& cell, Index at, const double* row, double sign, Origin origin,
               double shift = 0.0) const;
  void pad_rows(Cell& cell) const;
  void place_in_corner(Cell& cell);
  void measure(const Cell& cell, const double* row, Index best, Side& side);
  void start(SmallSimplex& simplex, const Cell& cell, const Vertex& vertex);
  [[nodiscard]] double proven_reach(const Cell& cell, const SmallSimplex& simplex, double offset);

  void collect_vertices(const Cell& cell, Side& side);
  static void keep_all_rows(const Cell& cell, Side& side);
  void choose_rows(const Cell& cell, const double* row, Side& side, Side* other);
  [[nodiscard]] bool is_on_open_facet(const Cell& cell, Index v, const Side& side) const;
  void sort_vertices_behind(const Cell& cell, const Side& side);
  void chase_from(const Cell& cell, Index v, Side& side, Side* other);
  void end_chase(const Cell& cell, std::int32_t name, SmallSimplex::Answer answer, Side& side);
  void visit(const Cell& cell, Side& side);
  [[nodiscard]] Cell part(const Cell& cell, const double* row, Origin origin, Side& side);
  void add_to(Side& side, const Vertex* vertex) const;
  void add_vertex(Cell& cell, const Vertex* vertex) const;
  [[nodiscard]] const Vertex* without_proofs(const Vertex& vertex);
  [[nodiscard]] const Vertex* keep_vertex(const Cell& cell, SmallSimplex& simplex);

  // How close a row comes to others that it may depend on rounding whether it is needed.
  [[nodiscard]] double near_room(double shift) const {
    return std::max(tolerances_.near, tolerances_.near_shifts * shift);
  }
  void note_touching();
  void test_rows(Cell& cell, BitWord* proved);
  SmallSimplex::Answer test_row(const Cell& cell, Index row);
  void leave_vertices_on(Cell& cell, std::int32_t name);
  void close_gaps(Cell& cell);

  [[nodiscard]] double least_slack(const Cell& cell, const double* point);
  void leave_facets(const Cell& cell, double* out);
  Index follow_edges(const Cell& cell, const Vertex& vertex, double* sum);
  void centre_of_ball(const Cell& cell, double* out);
  void place_ball(const Cell& cell, const Vertex& vertex);

  const FreeSpace& space_;
  Tolerances tolerances_;
  Outward outward_;
  Index dimension_;
  Index width_;  // padded
  bool keeps_all_rows_ = false;
  StackMemory memory_;
  Side above_, below_;
  SmallSimplex probe_;
  SmallSimplex ball_;
  WorkArray<double> values_;  // of the last reach()'s row at the vertices
  WorkArray<double> row_, row_values_, slack_;
  std::vector<double> bound_;  // of proven_reach()
  WorkArray<double> ball_rows_, ball_edges_, ball_point_;
  WorkArray<std::int32_t> basis_, order_;
  Index order_count_ = 0;
  bool near_ = false;        // of the parts of the cut under way: see Cell
  WorkArray<char> dropped_;  // per row of a cell that is made
  WorkArray<BitWord> touched_;
};

}  // namespace facetry
