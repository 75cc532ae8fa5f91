// Choices on the way down, and the intervals of the tree that they belong to.
#include "search/path/search_path.hpp"

#include <utility>

namespace facetry {

void SearchPath::start(const Interval& interval) {
  interval_ = interval;
  path_.clear();
  start_match_ = interval.from.empty() && interval.after.empty() ? kBehind : 0;
  end_match_ = 0;
}

// The way so far is the one to the interval's first subtree, or to its end: does some of the branch
// lie in it?
bool SearchPath::enter_at_edge(std::int32_t choice, std::int32_t towards) {
  const Index depth = size_of(path_);
  if (start_match_ == depth) {
    const std::int32_t first = interval_.after.empty() ? interval_.from[depth] : towards;
    if (choice < first) return false;
    start_match_ = choice == first ? depth + 1 : kBehind;
    if (interval_.after.empty() && start_match_ == size_of(interval_.from)) start_match_ = kBehind;
  }
  if (end_match_ == depth && depth < size_of(interval_.end)) {
    const std::int32_t last = interval_.end[depth];
    if (choice > last || (choice == last && depth + 1 == size_of(interval_.end))) return false;
    if (choice == last) end_match_ = depth + 1;
  }
  return true;
}

std::optional<Interval> SearchPath::split() {
  if (retracing()) return std::nullopt;
  for (Index d = end_match_; d < depth(); ++d) {
    // Only cuts in two: at a maximum it is not known yet which parts will come.
    if (path_[d].choice != 0 || path_[d].arity != 2) continue;
    const bool at_end = d == end_match_ && d < size_of(interval_.end);
    if (at_end && d + 1 == size_of(interval_.end)) continue;  // the upper part is excluded already
    Interval rest;
    for (Index i = 0; i < d; ++i) rest.from.push_back(path_[i].choice);
    rest.from.push_back(1);
    rest.start_position = position_of(d) + width_of(d + 1);
    rest.end_position = std::exchange(interval_.end_position, rest.start_position);
    rest.end = std::exchange(interval_.end, rest.from);
    end_match_ = d;
    return rest;
  }
  return std::nullopt;
}

TreePath SearchPath::choices() const {
  TreePath result;
  result.reserve(path_.size());
  for (const Step& step : path_) result.push_back(step.choice);
  return result;
}

double SearchPath::width_of(Index depth) const {
  double width = 1.0;
  for (Index d = 0; d < depth; ++d) width /= static_cast<double>(path_[d].arity);
  return width;
}

double SearchPath::position_of(Index depth) const {
  double before = 0.0;
  double width = 1.0;
  for (Index d = 0; d < depth; ++d) {
    width /= static_cast<double>(path_[d].arity);
    before += width * static_cast<double>(path_[d].choice);
  }
  return before;
}

}  // namespace facetry
