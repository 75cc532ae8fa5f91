// Where a depth-first search is, and which branches belong to its interval.
#pragma once

#include <optional>

#include "facetry/regions/interval.hpp"

namespace facetry {

class SearchPath {
 public:
  // Puts the search at the root.
  void start(const Interval& interval);

  // Is the way still the one to the interval's first subtree? Then others have been here before,
  // and what they noted is not noted again.
  [[nodiscard]] bool retracing() const { return start_match_ >= 0; }
  // Is the search on its way to the region `after`?
  [[nodiscard]] bool follows_state() const { return retracing() && !interval_.after.empty(); }
  [[nodiscard]] const std::vector<StateWord>& after() const { return interval_.after; }

  // Takes one of `arity` branches if some of it lies in the interval; true: leave() must follow.
  // `towards` is the branch that holds the region `after`; read only if follows_state().
  bool enter(std::int32_t choice, std::int32_t arity, std::int32_t towards) {
    const Index depth = size_of(path_);
    const bool at_edge = start_match_ == depth || end_match_ == depth;
    if (at_edge && !enter_at_edge(choice, towards)) return false;
    path_.push_back({choice, arity});
    return true;
  }
  void leave() {
    path_.pop_back();
    const Index depth = size_of(path_);
    if (start_match_ > depth) start_match_ = kBehind;
    if (end_match_ > depth) end_match_ = depth;
  }
  // The search has reached the region `after`.
  void reached_start() { start_match_ = kBehind; }

  // Gives away the last part of what is left: the shallowest cut whose upper part is still to come
  // becomes the end of this interval and the start of the returned one. Nothing if none is left.
  std::optional<Interval> split();

  // The interval as it is now: its end moves when a part is given away.
  [[nodiscard]] const Interval& interval() const { return interval_; }
  // The choices from the root to the place at hand.
  [[nodiscard]] TreePath choices() const;
  [[nodiscard]] Index depth() const { return size_of(path_); }

  // The share of the whole tree that lies before the search, each cut taken for equal halves.
  [[nodiscard]] double position() const { return position_of(depth()); }

 private:
  [[nodiscard]] bool enter_at_edge(std::int32_t choice, std::int32_t towards);
  [[nodiscard]] double position_of(Index depth) const;
  [[nodiscard]] double width_of(Index depth) const;

  static constexpr Index kBehind = -1;

  struct Step {
    std::int32_t choice;
    std::int32_t arity;
  };
  Interval interval_;
  std::vector<Step> path_;
  Index start_match_ = kBehind;  // how much of the way to the first subtree is done
  Index end_match_ = 0;          // how many choices are those to the end
};

}  // namespace facetry
