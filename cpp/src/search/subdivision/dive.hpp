// What a depth-first search for the best leaves behind: the parts that wait, and what was found.
#pragma once

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "facetry/regions/interval.hpp"
#include "facetry/search/best_first.hpp"

namespace facetry {

// A part of the tree that waits.
struct Subtree {
  TreePath path;
  double bound = std::numeric_limits<double>::infinity();
};

// What a dive has caught.
struct Catch {
  std::vector<Subtree> left;
  double bound = -std::numeric_limits<double>::infinity();  // of all that was searched or dropped
  double value =
      -std::numeric_limits<double>::infinity();  // the largest, if more than what was known before
  Vector point;                                  // where it is reached, in input space
  std::vector<StateWord> state;                  // of the region there
  Index regions = 0;
};

// One search straight down. One per thread.
// Guarantees, numbered as the tests are:
//  1. Whatever is dropped, left aside or found, its bound is in Catch::bound or in a subtree that
//     waits.
//  2. Only what is more than all before it, here or known at the start, is kept.
class Dive {
 public:
  // REQUIRES: the options outlive it. `words`: of a state.
  Dive(const BestFirstOptions& options, Index words) : options_(options), words_(words) {}

  // Begins: so much is known already.
  void start(double value, Catch& out) {
    out_ = &out;
    out.value = value;
  }

  // Nothing up to this value is of interest any more.
  [[nodiscard]] double enough() const { return options_.enough_for(out_->value); }
  // The same once this value is found too.
  [[nodiscard]] double enough_with(double value) const {
    return options_.enough_for(std::max(value, out_->value));
  }
  // A part that was left out: the objective is nowhere above `bound` on it.
  void drop(double bound) { out_->bound = std::max(out_->bound, bound); }
  // A subtree that may wait, unless it is of no interest; `path` makes its path.
  template <class MakePath>
  void leave_aside(double bound, MakePath&& path) {
    if (bound > enough()) {
      out_->left.push_back({path(), bound});
    } else {
      drop(bound);
    }
  }
  // A region that counts.
  void take(Find&& find, const StateWord* state) {
    ++out_->regions;
    drop(find.bound);
    if (!(find.value > out_->value)) return;
    out_->value = find.value;
    out_->point = std::move(find.point);
    out_->state.assign(state, state + words_);
  }

 private:
  const BestFirstOptions& options_;
  Index words_;
  Catch* out_ = nullptr;
};

}  // namespace facetry
