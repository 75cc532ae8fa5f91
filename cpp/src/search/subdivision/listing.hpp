// The list that a search writes its regions to, and what it needs to say where it stopped.
#pragma once

#include <algorithm>
#include <vector>

#include "regions/region_list.hpp"
#include "search/path/search_path.hpp"

namespace facetry {

// Guarantees, numbered as the tests are:
//  1. remaining(): what of an interval is behind the last region that was finished, in this list or
//     in a batch that was taken; the whole interval, as it is now, if there is none.
//  2. drop_unfinished(): undecided cuts that were noted behind that region are gone.
// Cost: constant, but for a copy of a state.
class Listing {
 public:
  // A run begins; the list may hold regions that are not of this run.
  void start(RegionList& list) {
    list_ = &list;
    before_ = list.count;
    noted_ = list.mark();
    last_.clear();
  }
  [[nodiscard]] RegionList& list() { return *list_; }

  // About where the search is in the tree (SearchPath::position).
  [[nodiscard]] double position() const { return position_; }
  void move_to(double position) { position_ = position; }

  // The next region of the list is written.
  void finish(Index facets, bool touched) {
    list_->finish(facets, touched);
    noted_ = list_->mark();
  }
  // `take` takes the batch and leaves an empty list; the last region of it has this state. Returns
  // what `take` does.
  template <class Take>
  bool hand_over(const std::vector<StateWord>& state, double position, Take&& take) {
    position_ = position;
    last_ = state;
    const bool go_on = take(*list_);
    before_ = list_->count;
    noted_ = list_->mark();
    return go_on;
  }

  void drop_unfinished() { list_->drop_notes_after(noted_); }

  [[nodiscard]] Interval remaining(const Interval& interval) const {
    Interval rest = interval;
    const bool has_found = list_ != nullptr && list_->count > before_;
    if (!has_found && last_.empty()) return rest;
    rest.from.clear();
    rest.after = last_;
    if (has_found) {
      const StateWord* state = list_->state(list_->count - 1);
      rest.after.assign(state, state + list_->words);
    }
    rest.start_position = position_;
    return rest;
  }

 private:
  RegionList* list_ = nullptr;
  Index before_ = 0;             // regions of the list that are not of this run
  std::vector<StateWord> last_;  // the state of the last region of the last batch, if there was one
  double position_ = 0.0;
  RegionList::Mark noted_;  // what was noted when the last region was found
};

}  // namespace facetry
