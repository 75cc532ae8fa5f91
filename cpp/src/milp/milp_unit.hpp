// What a unit can still be on a cell: the first thing the MILP engine asks, and what it makes rows
// of.
#pragma once

#include <vector>

#include "facetry/state/activation_state.hpp"
#include "geometry/lp_cell.hpp"
#include "state/fixed_state_pass.hpp"
#include "state/predicates.hpp"

namespace facetry {

// A hyperplane between two pieces of a unit, normalised, with what the cell reaches on both sides.
struct OpenBoundary {
  std::vector<double> row;  // k+1 numbers; its positive side belongs to `above`
  Origin from_above;        // of the constraint, seen from the positive side
  Origin from_below;
  Index above = 0;  // piecewise: the piece above; maximum: the argument that wins there
  Index below = 0;  // the piece below, or the argument that wins there
  Range range;      // of the row on the cell
};

// The pieces that a unit takes on a cell by more than a margin.
struct UnitOnCell {
  Index number = 0;  // in graph order
  bool is_maximum = false;
  std::vector<Index> pieces;             // ascending; one: the unit is stable
  std::vector<OpenBoundary> boundaries;  // piecewise: between neighbours; maximum: all pairs

  [[nodiscard]] bool stable() const { return pieces.size() == 1; }
};

// Measures units of the stage that `pass` has entered on `cell`. A side of a boundary counts if the
// cell reaches further than `margin` there. A flat unit is stable, with its canonical piece.
class UnitMeasure {
 public:
  UnitMeasure(const NormalForm& form, const Tolerances& tolerances, double margin)
      : form_(form), ids_(form), predicates_(form, tolerances), margin_(margin) {}

  [[nodiscard]] UnitOnCell on_cell(const FixedStatePass& pass, Index stage, Index unit,
                                   const LpCell& cell) const;

 private:
  struct View {
    const FixedStatePass& pass;
    const LpCell& cell;
    Index s;
    const Stage& stage;
    const Unit& unit;
  };

  void measure_piecewise(const View& view, UnitOnCell& out) const;
  void measure_maximum(const View& view, UnitOnCell& out) const;
  [[nodiscard]] int compare(const View& view, Index a, Index b, OpenBoundary& boundary) const;

  const NormalForm& form_;
  BoundaryIds ids_;
  UnitPredicates predicates_;
  double margin_;
};

}  // namespace facetry
