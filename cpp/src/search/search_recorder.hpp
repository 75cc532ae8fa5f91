// What a search can tell of how it came to its result, so that a certificate can be written from
// it: which cuts it made, which units it found to keep a piece and from which constraints that
// follows, and where it ended. The skeleton of the certificates of ALGORITHMS section 2.
#pragma once

#include <span>

#include "facetry/geometry/constraint.hpp"
#include "facetry/state/activation_state.hpp"

namespace facetry {

// Is told in depth-first order. Boundaries and constraints go by the ids of BoundaryIds; on a path
// the function of a boundary is that of the states above it, so a certificate can recompute it
// exactly. A maximum that is split is told as the cuts of each winner in turn: begin_part() for
// every argument that wins somewhere, split() and end_part() inside it for each loser that is cut
// off.
class SearchRecorder {
 public:
  virtual ~SearchRecorder() = default;

  // A cut through the cell at hand; what follows up to the matching end_part() is about the part on
  // the positive side (`above`) or the other.
  virtual void begin_part(Origin boundary, bool above) = 0;
  virtual void end_part() = 0;

  // The whole cell is on one side of a boundary. `basis`: the constraints that are tight where the
  // cell comes closest to it, k of them as a rule: the proof is a combination of these, or, where
  // rounding or exact arithmetic had a say, one that a linear program from there finds.
  virtual void fixed(Origin boundary, bool above, std::span<const Origin> basis) = 0;

  // A region: its state and a point inside (free coordinates).
  virtual void leaf(const StateWord* state, const double* point) = 0;
};

}  // namespace facetry
