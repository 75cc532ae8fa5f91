// A contiguous part of a subdivision: the regions between two places of its search tree, in order.
// It is a small value that can be kept, sent or written to a file; a search goes on from it exactly
// as if it had never stopped, because the tree follows from the network, the region and the
// options.
#pragma once

#include <cstdint>
#include <vector>

#include "facetry/base/index.hpp"
#include "facetry/state/activation_state.hpp"

namespace facetry {

// The choices at the successive cuts from the root: at a piecewise unit 0 is the part below the
// breakpoint and 1 what lies above it, at a maximum the choice is the winner.
using TreePath = std::vector<std::int32_t>;

struct Interval {
  TreePath from;                 // starts with this subtree; empty: with the first region
  std::vector<StateWord> after;  // or, if not empty: behind the region with this state
  TreePath end;                  // ends before this subtree; empty: with the last region
  double start_position = 0.0;   // the share of the tree before it and up to its end, each cut
  double end_position = 1.0;     // taken for equal halves: for estimates of progress only

  [[nodiscard]] bool operator==(const Interval&) const = default;
};

// What a search still has to do: intervals in ascending order. It is empty once a search is
// complete.
using Frontier = std::vector<Interval>;

}  // namespace facetry
