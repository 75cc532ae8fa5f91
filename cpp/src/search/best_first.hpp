// Best-first search with dives [Land & Doig 1960; as solvers of integer programs do]: the subtrees with the
// largest bounds are taken out, each is searched straight down to a region, always into the part that promises
// more, and the parts left aside on the way wait with their bounds. Subtrees go in rounds of fixed size,
// within which nothing found counts for the others: so the result does not depend on threads.
#pragma once

#include <algorithm>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "facetry/base/control.hpp"
#include "facetry/search/subdivision.hpp"
#include "search/goal/goal_plan.hpp"
#include "search/subdivision/subdivision_search.hpp"

namespace facetry {

// A part of the tree that waits.
struct Subtree {
  TreePath path;
  double bound = std::numeric_limits<double>::infinity();
};

// What a search has found.
struct Catch {
  std::vector<Subtree> left;
  double bound = -std::numeric_limits<double>::infinity();  // of all that was searched or dropped
  double value = -std::numeric_limits<double>::infinity();  // the largest
  Vector point;                                              // where it is reached, in input space
  std::vector<StateWord> state;                              // there, if the objective keeps it
  Index regions = 0;
  bool finished = false;
};

struct BestFirstOptions {
  Control control;
  CellKind cell = CellKind::automatic;
  double gap = 0.0;              // nothing above by no more than this is looked for, relative to 1 + |value|
  double floor = -std::numeric_limits<double>::infinity();  // nothing up to this is
  std::optional<double> target;  // ends once this is reached

  // What is of no interest once `value` is found: bounds up to this.
  [[nodiscard]] double enough_for(double value) const;
};

// A thread's objective: what counts in a region, told as the search goes. Says by reached() (ObjectiveHost) what it
// has found.
class Objective : public SearchHost, public ObjectiveHost {
 public:
  Objective(const BestFirstOptions& options, StopSignal& signal) : options_(options), signal_(signal) {}

  void start(double value, Catch& out) {
    out_ = &out;
    out.value = value;
  }

  bool keep_going(double) override { return !signal_.stopped(); }
  void take_work(Interval&&) override {}
  bool batch_full(RegionList&) override { return true; }

  double enough() const override { return options_.enough_for(out_->value); }
  void bounded(double bound) override { out_->bound = std::max(out_->bound, bound); }
  void postpone(TreePath&& path, double bound) override { out_->left.push_back({std::move(path), bound}); }

 protected:
  [[nodiscard]] Catch& caught() { return *out_; }

 private:
  const BestFirstOptions& options_;
  StopSignal& signal_;
  Catch* out_ = nullptr;
};

struct BestFirstResult {
  Catch best;  // its bound is of all there is
  Termination termination = Termination::complete;
  Index cells = 0;
};

// Makes a thread's objective; the search options as far as the objective has a say.
using MakeObjective = std::function<std::unique_ptr<Objective>(const BestFirstOptions&, StopSignal&)>;

// REQUIRES: everything that is referred to outlives the call; dimension >= 1.
[[nodiscard]] BestFirstResult best_first(const GoalPlan& goal, const BestFirstOptions& options,
                                         const MakeObjective& make_objective);

}  // namespace facetry
