// What a best-first search (best_first.hpp) can be for. A new question is a class of one of these
// two kinds: what it looks for is large where the answer is, and it says what it can be at most on
// a part of the analysis region.
#pragma once

#include <limits>

#include "facetry/base/linear_algebra.hpp"
#include "facetry/geometry/constraint.hpp"
#include "facetry/state/activation_state.hpp"

namespace facetry {

// What an objective finds on one linear region.
struct Find {
  Vector point;                                             // in input space; empty: nothing
  double value = -std::numeric_limits<double>::infinity();  // there
  double bound = std::numeric_limits<double>::infinity();   // it is nowhere more on the region
};

// A part of the analysis region, as rows that are not negative on it, in free coordinates
// (FreeSpace), with gradients of length 1: the sides of the region first. A view: valid during the
// call that it is passed to.
struct CellRows {
  const double* data =
      nullptr;  // entry c of row r is data[c * stride + r]; c = dimension is the offset
  const double* errors =
      nullptr;  // what the values of each row may be off by: it is >= -errors[r] on the exact cell
  Index count = 0;
  Index stride = 0;
  Index dimension = 0;

  // Row r: `dimension` gradient entries and an offset.
  void row(Index r, double* out) const {
    for (Index c = 0; c <= dimension; ++c) out[c] = data[c * stride + r];
  }
};

// The largest value of a linear combination of outputs. The search bounds it on cells, and on a
// linear region finds the point where it is largest. Objectives are shared by threads: their
// functions are called at the same time, and must give the same answer for the same arguments.
class ValueObjective {
 public:
  virtual ~ValueObjective() = default;

  // One weight for each output. The same whenever it is asked.
  [[nodiscard]] virtual const Vector& weights() const = 0;
  // What a point of the analysis region counts.
  // REQUIRES of those who write it: no more than weights . f(point), but for rounding; else bounds
  // mean nothing.
  [[nodiscard]] virtual double value(const Vector& point) const = 0;
};

// The largest of any property of cells, on regions that a goal wants. A cell promises what it can
// be at most.
// REQUIRES of those who write one: a part of a cell promises no more than the cell, up to rounding;
// best_of() finds no more than the region promises. Threads: as above.
class CellObjective {
 public:
  virtual ~CellObjective() = default;

  // The largest that it can be on a part of the region; nothing up to `enough` is of interest, and
  // need not be told apart.
  [[nodiscard]] virtual double promise(const CellRows& cell, double enough) const = 0;

  // A region that counts, with its state and a point inside (free coordinates): the best on it.
  [[nodiscard]] virtual Find best_of(const CellRows& region, const StateWord* state,
                                     const double* inside, double enough) const = 0;

  // May narrow bounds of rows' values to where the objective can be more than `enough`; leaves
  // bounds that hold there. Row r has the bounds low[r] <= high[r], which hold on a cell.
  virtual void narrow(const RowPlanes& rows, double enough, double* low, double* high) const {
    static_cast<void>(rows), static_cast<void>(enough), static_cast<void>(low),
        static_cast<void>(high);
  }
};

}  // namespace facetry
