// The depth-first search itself, for one thread and one kind of cell.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "facetry/geometry/cell.hpp"
#include "facetry/partition/predicates.hpp"
#include "facetry/partition/subdivision.hpp"
#include "partition/fixed_state_pass.hpp"

namespace facetry {

// Where a search stands: the next decision is about breakpoint `boundary` of unit `unit` of `stage`.
// stage == number of stages: nothing is left to decide.
struct Position {
  Index stage = 0;
  Index unit = 0;
  Index boundary = 0;
};

// A subtree of the search: a cell, the states decided so far, and what comes next.
template <class C>
struct Subtree {
  C cell;
  std::vector<StateWord> state;
  Position position;
};

template <class C>
class SubdivisionSearch {
 public:
  // REQUIRES: all references outlive the search.
  SubdivisionSearch(const NormalForm& form, const FreeSpace& space, const StateLayout& layout,
                    const Tolerances& tolerances);

  // Enumerates a subtree into `found`. `keep_going` is asked at every leaf and every few
  // cells; when it returns false the search stops where it is.
  void enumerate(Subtree<C>& root, RegionList& found, const std::function<bool()>& keep_going);

  // Follows a subtree to its first split and appends the parts to `parts`, in order; a subtree
  // without a split becomes one part at the end position.
  void split_once(Subtree<C>& root, std::vector<Subtree<C>>& parts, RegionList& undecided);

 private:
  // What one unit does to a cell.
  enum class Outcome { decided, split, stopped };

  struct Level {
    C above, below, spare;
  };

  void run(C& cell, Position at, Index depth);
  void replay(const Subtree<C>& root);
  Outcome advance_piecewise(C& cell, Position& at, Index depth);
  Outcome advance_maximum(C& cell, Position& at, Index depth);
  C* clip_to_winner(C& cell, const Position& at, Index winner, Level& level, bool& clipped);
  void decide(const Position& at, Index piece);
  void branch(C& cell, Position at, Index depth);
  void emit(C& cell);
  bool exact_copy(const Position& at) const;
  void note_undecided(const C& cell, const Position& at, Index boundary, const Reach& reach);
  Level& level(Index depth);

  const NormalForm& form_;
  const FreeSpace& space_;
  const StateLayout& layout_;
  Tolerances tolerances_;
  UnitPredicates predicates_;
  FixedStatePass pass_;
  std::vector<StateWord> state_;
  std::vector<double> row_;
  std::vector<double> point_;
  std::vector<Origin> facets_;
  std::vector<std::unique_ptr<Level>> levels_;
  RegionList* found_ = nullptr;
  std::vector<Subtree<C>>* parts_ = nullptr;  // set while splitting once
  const std::function<bool()>* keep_going_ = nullptr;
  bool stopped_ = false;
  Index cells_ = 0;
};

}  // namespace facetry
