// Rounds of dives: the subtrees of a round are searched each for itself, then what they found and
// left is brought in.
#include "facetry/search/best_first.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <memory>

#include "base/infinity.hpp"
#include "base/parallel.hpp"
#include "facetry/base/error.hpp"
#include "network/input_check.hpp"
#include "search/cell_choice.hpp"
#include "search/goal/goal_plan.hpp"
#include "search/subdivision/subdivision_search.hpp"

namespace facetry {

double BestFirstOptions::enough_for(double value) const {
  const double more = value == -kInfinity ? -kInfinity : value + gap * (1.0 + std::abs(value));
  return std::max(target ? std::max(more, std::nextafter(*target, -kInfinity)) : more, floor);
}

namespace {

constexpr Index kRound = 16;  // subtrees in one round

// Orders a heap: the largest bound first, of equal ones the first in the tree.
bool waits_longer(const Subtree& a, const Subtree& b) {
  if (a.bound != b.bound) return a.bound < b.bound;
  return std::lexicographical_compare(b.path.begin(), b.path.end(), a.path.begin(), a.path.end());
}

Index bytes_of(const Subtree& subtree) {
  return static_cast<Index>(sizeof(Subtree)) +
         size_of(subtree.path) * static_cast<Index>(sizeof(std::int32_t));
}

Interval interval_of(const TreePath& path) {
  Interval interval;
  interval.from = path;
  interval.end = path;
  if (!path.empty()) ++interval.end.back();  // what comes behind the subtree
  return interval;
}

// What is sought: one of two kinds of objective.
struct Sought {
  const GoalPlan& goal;
  const ValueObjective* values = nullptr;
  const CellObjective* cells = nullptr;
};

// A thread's search, whatever its cells.
class Diver {
 public:
  virtual ~Diver() = default;
  virtual void dive(const Subtree& subtree, double value, Catch& out) = 0;
  [[nodiscard]] virtual Index cells() const = 0;
};

template <class F>
class DiverWith : public Diver, private SearchHost {
 public:
  DiverWith(const Sought& sought, const BestFirstOptions& options, StopSignal& signal)
      : signal_(signal),
        dive_(options, sought.goal.plan().layout().words()),
        search_(sought.goal.plan(), *this, options_for(sought)) {}

  void dive(const Subtree& subtree, double value, Catch& out) override {
    dive_.start(value, out);
    RegionList none;
    none.words = 1;
    if (!search_.run(interval_of(subtree.path), none)) out.left.push_back(subtree);
  }
  Index cells() const override { return search_.cells_made(); }

 private:
  bool keep_going(double) override { return !signal_.stopped(); }
  void take_work(Interval&&) override {}
  bool batch_full(RegionList&) override { return true; }

  DescentOptions options_for(const Sought& sought) {
    DescentOptions options;
    options.batch = std::numeric_limits<Index>::max();
    options.idle = &nobody_;
    options.keep_outputs = sought.goal.targets().map == sought.goal.plan().stage_count();
    options.keep_facets = false;
    options.goal = &sought.goal;
    options.value_objective = sought.values;
    options.cell_objective = sought.cells;
    options.dive = &dive_;
    return options;
  }

  StopSignal& signal_;
  std::atomic<int> nobody_{0};
  Dive dive_;
  SubdivisionSearch<F> search_;
};

template <class F>
std::unique_ptr<Diver> make(const Sought& sought, const BestFirstOptions& options,
                            StopSignal& signal) {
  return std::make_unique<DiverWith<F>>(sought, options, signal);
}

using MakeDiver = std::unique_ptr<Diver> (*)(const Sought&, const BestFirstOptions&, StopSignal&);

MakeDiver diver_with(CellKind kind, Index dimension) {
  return with_cells(kind, dimension, []<class F>() -> MakeDiver { return &make<F>; });
}

class BestFirst {
 public:
  BestFirst(const Sought& sought, const BestFirstOptions& options, StopSignal& signal)
      : options_(options), signal_(signal), waiting_{{}}, bytes_(bytes_of(waiting_[0])) {
    const MakeDiver make_diver = diver_with(options.cell, sought.goal.plan().dimension());
    for (int t = 0; t < options.control.threads; ++t)
      divers_.push_back(make_diver(sought, options, signal));
  }

  void run() {
    while (!waiting_.empty() && !signal_.stopped() && !reached_target()) {
      take_round();
      if (round_.empty()) return;
      std::vector<Catch> caught(round_.size());
      parallel_for(size_of(round_), options_.control.threads, [&](Index i, int thread) {
        divers_[thread]->dive(round_[i], best_.value, caught[i]);
      });
      for (Catch& one : caught) bring_in(one);
      if (options_.memory_limit && bytes_ > *options_.memory_limit)
        signal_.stop(Termination::memory_limit);
    }
  }

  [[nodiscard]] BestFirstResult result() const {
    BestFirstResult result{best_.point,      best_.value, best_.state,  best_.bound,
                           signal_.reason(), 1,           best_.regions};
    for (const Subtree& subtree : waiting_) result.bound = std::max(result.bound, subtree.bound);
    for (const auto& diver : divers_) result.cells += diver->cells();
    return result;
  }

 private:
  [[nodiscard]] bool reached_target() const {
    return options_.target && best_.value >= *options_.target;
  }

  // The subtrees of the next round; those without hope are dropped, and so are all behind them.
  void take_round() {
    round_.clear();
    while (!waiting_.empty() && size_of(round_) < kRound) {
      std::pop_heap(waiting_.begin(), waiting_.end(), waits_longer);
      Subtree subtree = std::move(waiting_.back());
      waiting_.pop_back();
      bytes_ -= bytes_of(subtree);
      if (subtree.bound <= options_.enough_for(best_.value)) {
        best_.bound = std::max(best_.bound, subtree.bound);
        waiting_.clear();
        return;
      }
      round_.push_back(std::move(subtree));
    }
  }

  void bring_in(Catch& one) {
    best_.regions += one.regions;
    best_.bound = std::max(best_.bound, one.bound);
    if (one.point.size() > 0 && one.value > best_.value) {
      best_.value = one.value;
      best_.point = one.point;
      best_.state = std::move(one.state);
    }
    for (Subtree& subtree : one.left) {
      bytes_ += bytes_of(subtree);
      waiting_.push_back(std::move(subtree));
      std::push_heap(waiting_.begin(), waiting_.end(), waits_longer);
    }
  }

  const BestFirstOptions& options_;
  StopSignal& signal_;
  std::vector<std::unique_ptr<Diver>> divers_;
  std::vector<Subtree> waiting_;  // a heap
  Index bytes_;                   // of what was brought into it, and waits
  std::vector<Subtree> round_;
  Catch best_;
};

BestFirstResult search(const Sought& sought, const BestFirstOptions& options) {
  StopSignal signal(options.control);
  BestFirst search(sought, options, signal);
  run_controlled(options.control, signal, [&] { search.run(); }, [] { return Progress{}; });
  return search.result();
}

void check(const NormalForm& form, const FreeSpace& space, const BestFirstOptions& options) {
  options.validate();
  require_searchable(form, space);
  if (space.dimension() == 0)
    throw InvalidInput("the analysis region is a point: there is nothing to search");
}

}  // namespace

void BestFirstOptions::validate() const {
  SearchOptions::validate();
  if (!(gap >= 0.0) || !std::isfinite(gap)) throw InvalidInput("gap must be a number >= 0");
  if (std::isnan(floor)) throw InvalidInput("floor must be a number");
  if (target && !std::isfinite(*target)) throw InvalidInput("target must be a finite number");
}

BestFirstResult search_best_first(const NormalForm& form, const FreeSpace& space,
                                  const ValueObjective& objective,
                                  const BestFirstOptions& options) {
  check(form, space, options);
  if (objective.weights().size() != form.output_size() || !objective.weights().allFinite()) {
    throw InvalidInput("an objective needs one finite weight for each output");
  }
  const SearchPlan plan(form, space, options.tolerances, options.exactness);
  GoalTargets targets;
  targets.map = size_of(form.stages());
  targets.coefficients = objective.weights().transpose();
  targets.offset = Vector::Zero(1);
  const GoalPlan goal(plan, std::move(targets), {});
  return search({goal, &objective, nullptr}, options);
}

BestFirstResult search_best_first(const NormalForm& form, const FreeSpace& space,
                                  const SearchGoal& goal, const CellObjective& objective,
                                  const BestFirstOptions& options) {
  check(form, space, options);
  if (goal.empty()) throw InvalidInput("a search for the best region of a goal needs a goal");
  goal.validate(form);
  const SearchPlan plan(form, space, options.tolerances, options.exactness);
  const GoalPlan goal_plan(plan, targets_of(form, goal), goal);
  return search({goal_plan, nullptr, &objective}, options);
}

}  // namespace facetry
