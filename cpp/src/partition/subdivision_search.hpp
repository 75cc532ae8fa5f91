// The depth-first search itself, for one thread and one kind of cell.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "facetry/geometry/cell.hpp"
#include "facetry/partition/predicates.hpp"
#include "facetry/partition/subdivision.hpp"
#include "partition/fixed_state_pass.hpp"

namespace facetry {

// A decision that is open: about unit `unit` of `stage`, from its breakpoint `boundary` on.
struct Position {
  Index stage = 0;
  Index unit = 0;
  Index boundary = 0;
};

// A subtree of the search: a cell, the states decided so far, and what is open. stage == number of
// stages: nothing is left to decide. Without `open` the stage has not been entered yet.
template <class C>
struct Subtree {
  C cell;
  std::vector<StateWord> state;
  Index stage = 0;
  std::optional<std::vector<Position>> open;
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
  // without a split becomes one part with nothing left to decide.
  void split_once(Subtree<C>& root, std::vector<Subtree<C>>& parts, RegionList& undecided);

 private:
  struct Level {
    C above, below, spare;
  };

  void resume(Subtree<C>& root);
  void decide_all(Index stage);
  void find_open_units(C& cell, Index stage);
  void run(C& cell, Index stage, Index place, Index depth);
  bool settle_piecewise(C& cell, Position& at);
  bool settle_maximum(C& cell, Position& at);
  // True: decided on the whole cell. False: the cell was split and its parts have been searched.
  bool advance_piecewise(C& cell, Position at, Index place, Index depth);
  bool advance_maximum(C& cell, Position at, Index place, Index depth);
  C* clip_to_winner(C& cell, const Position& at, Index winner, Level& level, bool& clipped);
  void decide(const Position& at, Index piece);
  void branch(C& cell, Index stage, Index place, Index depth);
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
  std::vector<std::vector<Position>> open_;  // of each stage: units that may still cut
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
