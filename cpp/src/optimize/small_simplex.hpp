// The small dense primal simplex of the search: many linear programs over { u : every row >= 0 },
// each started from a vertex that is known, without memory from the heap and without a phase 1.
// optimize/simplex.hpp solves the same programs slowly and is the oracle of its tests.
//
// Rows stand column by column, so that the slacks of all rows at a point, and their rates along a
// direction, are one contiguous pass. A vertex is k rows that are tight there, the *basis*, with
// its *edges*: column j of a k x k matrix is the direction that loosens basis[j] at rate 1, only.
#pragma once

#include <cstdint>
#include <limits>

#include "base/work_array.hpp"
#include "facetry/base/tolerances.hpp"

namespace facetry {

// Entry c of row i is data[c * stride + i], c = dimension is the offset; gradients have length 1.
// The stride is a multiple of 8; between the last row and it stand rows with gradient 0, offset 1.
struct DenseRows {
  const double* data = nullptr;
  Index dimension = 0;
  Index count = 0;
  Index stride = 0;
};

// What the kernels work on (src/optimize/small_simplex_kernels.hpp). Arrays are aligned to 64
// bytes.
struct SimplexState {
  DenseRows rows;
  Index width = 0;          // the dimension, padded to 8
  double* edges = nullptr;  // dimension x width; columns beyond the dimension are 0
  double* point = nullptr;  // width
  double* direction = nullptr;
  std::int32_t* basis = nullptr;

  double* slack = nullptr;  // per row, as the four below
  double* rate = nullptr;
  double* inverse = nullptr;  // -1 / rate
  double* ratio = nullptr;    // slack / -rate, or infinity where the row does not block
  double* least = nullptr;    // a rate per unit length below this blocks: -pivot, or -infinity for
                              // rows in the basis or left out

  const double* objective = nullptr;
  double value = 0.0;   // of the objective, with whatever offset
  double enough = 0.0;  // the climb ends beyond this value
  Index watched =
      -1;  // a row left out that ends the climb when it is crossed by more than `beyond`
  double beyond = 0.0;
  bool chasing = false;  // ends where the value, an unknown row's, becomes 0
  Index fixed = -1;      // an edge that is not followed: its row stays in the basis

  double pivot = 0.0;  // tolerances
  double give = 0.0;
  double still = 0.0;
  Index stalls = 0;  // steps of length zero, the last in a row
  Index pivots = 0;
  Index most_pivots = 0;
};

struct SimplexKernels;
struct SimplexKernelTable;

// One vertex that moves. Not thread-safe. Work arrays grow with the rows and are kept.
class SmallSimplex {
 public:
  enum class Answer {
    open,          // a pivot was made; the simplex stands at another vertex
    no,            // optimal, without having found what was asked for
    yes,           // found
    yes_at_vertex  // found, and the simplex stands at a vertex with the row in its basis
  };

  explicit SmallSimplex(Index dimension, const Tolerances& tolerances = {});
  // With kernels that this machine can run, not the fastest; for tests.
  SmallSimplex(Index dimension, const Tolerances& tolerances, const SimplexKernelTable& kernels);
  SmallSimplex(const SmallSimplex&) = delete;
  SmallSimplex& operator=(const SmallSimplex&) = delete;

  // Takes up the rows; all of them hold from now on. REQUIRES rows outlive the use.
  void attach(const DenseRows& rows);
  void leave_out(Index row);  // REQUIRES it is in no basis
  void bring_back(Index row);

  // Moves to a vertex: `basis` are k row numbers; `edges` is k x padded(k), row i holds coordinate
  // i of all edges; `age` the pivots since its edges were last computed from the basis.
  // REQUIRES attach(), a feasible point, and edges and point (padded(k)) aligned to 64 bytes.
  void place(const double* edges, const double* point, const std::int32_t* basis, Index age);

  // Moves to a vertex that maximises objective . u and returns that; stops early once it exceeds
  // `enough`. Deterministic; ends, by Bland's rule, at vertices on many rows too. Throws
  // NumericalError if it takes too many pivots or the polytope is unbounded.
  double maximize(const double* objective, double enough = std::numeric_limits<double>::infinity());

  // Is a row needed, that is, does the polytope go further without it by more than the cut
  // tolerance? Ask until the answer is not `open`. The row is left out afterwards unless it is in
  // the basis.
  // REQUIRES that it was not left out before, and that nothing else moves the vertex in between.
  void begin_test(Index row);
  Answer continue_test();

  // Does the face of row basis[edge] reach the hyperplane of another row (k+1 numbers, one that is
  // not attached), whose value here is `value` < 0? On yes_at_vertex that row stands in the basis
  // under the number rows.count. `most_pivots` before an `open` answer. REQUIRES target outlives
  // the chase.
  void begin_chase(const double* target, double value, Index edge);
  Answer continue_chase(Index most_pivots = 1);
  [[nodiscard]] double value() const { return state_.value; }  // of the target

  // How far the polytope goes along edge j, at the rate of the edges; infinity if nothing ends it.
  [[nodiscard]] double edge_length(Index j);

  // Finds the numbers that the two below return: the least slack of rows not in the basis (at most
  // 1), and the squared length of an edge.
  void measure();
  [[nodiscard]] double least_slack() const { return least_slack_; }
  [[nodiscard]] double edge_square(Index j) const { return edge_squares_[j]; }

  [[nodiscard]] const double* edges() const { return edges_.data(); }
  [[nodiscard]] const double* point() const { return point_.data(); }
  [[nodiscard]] const std::int32_t* basis() const { return basis_.data(); }
  [[nodiscard]] Index age() const { return age_; }

 private:
  void prepare(const double* objective, double value, double enough);
  int climb(Index most_pivots);
  void count_pivots(Index count);
  void refresh();
  void eliminate(Index column);

  Tolerances tolerances_;
  const SimplexKernels* kernels_;
  Index dimension_;
  SimplexState state_;
  WorkArray<double> edges_, point_, direction_, edge_squares_, objective_;
  WorkArray<double> matrix_;  // of refresh()
  WorkArray<std::int32_t> basis_;
  WorkArray<double> per_row_;  // slack, rate, inverse, ratio, least
  double least_slack_ = 0.0;
  Index age_ = 0;
  Index pivots_ = 0;  // of the linear program under way
};

}  // namespace facetry
