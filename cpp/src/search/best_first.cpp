#include "search/best_first.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>

#include "facetry/base/parallel.hpp"
#include "facetry/geometry/lp_cells.hpp"
#include "facetry/geometry/polygon_cells.hpp"
#include "facetry/geometry/segment_cells.hpp"
#include "facetry/geometry/vertex_cells.hpp"

namespace facetry {

double BestFirstOptions::enough_for(double value) const {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
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

Interval interval_of(const TreePath& path) {
  Interval interval;
  interval.from = path;
  interval.end = path;
  if (!path.empty()) ++interval.end.back();  // what comes behind the subtree
  return interval;
}

// A thread's search, whatever its cells.
class Diver {
 public:
  virtual ~Diver() = default;
  virtual void dive(const Subtree& subtree, double value, Catch& out) = 0;
  [[nodiscard]] virtual Index cells() const = 0;
};

template <class F>
class DiverWith : public Diver {
 public:
  DiverWith(const GoalPlan& goal, std::unique_ptr<Objective> objective)
      : objective_(std::move(objective)), search_(goal.plan(), *objective_, options_for(goal)) {}

  void dive(const Subtree& subtree, double value, Catch& out) override {
    objective_->start(value, out);
    RegionList none;
    none.words = 1;
    out.finished = search_.run(interval_of(subtree.path), none);
    if (!out.finished) out.left.push_back(subtree);
  }
  Index cells() const override { return search_.cells_made(); }

 private:
  DescentOptions options_for(const GoalPlan& goal) {
    DescentOptions options;
    options.batch = std::numeric_limits<Index>::max();
    options.idle = &nobody_;
    options.keep_outputs = goal.targets().map == goal.plan().stage_count();
    options.keep_facets = false;
    options.goal = &goal;
    options.objective = objective_.get();
    return options;
  }

  std::atomic<int> nobody_{0};
  std::unique_ptr<Objective> objective_;
  SubdivisionSearch<F> search_;
};

template <class F>
std::unique_ptr<Diver> make(const GoalPlan& goal, std::unique_ptr<Objective> objective) {
  return std::make_unique<DiverWith<F>>(goal, std::move(objective));
}

using MakeDiver = std::unique_ptr<Diver> (*)(const GoalPlan&, std::unique_ptr<Objective>);

MakeDiver diver_with(CellKind kind, Index dimension) {
  switch (resolved_cell_kind(kind, dimension)) {
    case CellKind::polygons: return dimension == 1 ? &make<SegmentCells> : &make<PolygonCells>;
    case CellKind::vertices: return &make<VertexCells>;
    default: return &make<LpCells>;
  }
}

class BestFirst {
 public:
  BestFirst(const GoalPlan& goal, const BestFirstOptions& options, StopSignal& signal,
            const MakeObjective& make_objective)
      : options_(options), signal_(signal), waiting_{{}} {
    const MakeDiver make_diver = diver_with(options.cell, goal.plan().dimension());
    for (int t = 0; t < options.control.threads; ++t) {
      divers_.push_back(make_diver(goal, make_objective(options, signal)));
    }
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
    }
  }

  [[nodiscard]] BestFirstResult result() const {
    BestFirstResult result{best_, signal_.reason(), 1};
    for (const Subtree& subtree : waiting_) result.best.bound = std::max(result.best.bound, subtree.bound);
    for (const auto& diver : divers_) result.cells += diver->cells();
    return result;
  }

 private:
  [[nodiscard]] bool reached_target() const { return options_.target && best_.value >= *options_.target; }

  // The subtrees of the next round; those without hope are dropped, and so are all behind them.
  void take_round() {
    round_.clear();
    while (!waiting_.empty() && size_of(round_) < kRound) {
      std::pop_heap(waiting_.begin(), waiting_.end(), waits_longer);
      Subtree subtree = std::move(waiting_.back());
      waiting_.pop_back();
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
      waiting_.push_back(std::move(subtree));
      std::push_heap(waiting_.begin(), waiting_.end(), waits_longer);
    }
  }

  const BestFirstOptions& options_;
  StopSignal& signal_;
  std::vector<std::unique_ptr<Diver>> divers_;
  std::vector<Subtree> waiting_;  // a heap
  std::vector<Subtree> round_;
  Catch best_;
};

}  // namespace

BestFirstResult best_first(const GoalPlan& goal, const BestFirstOptions& options,
                           const MakeObjective& make_objective) {
  StopSignal signal(options.control);
  BestFirst search(goal, options, signal, make_objective);
  const auto& keep_going = options.control.keep_going;
  if (!keep_going) {
    search.run();
    return search.result();
  }
  bool cancelled = false;
  run_watched([&] { search.run(); },
              [&] {
                cancelled = cancelled || !keep_going({});
                if (cancelled) signal.stop(Termination::cancelled);
              },
              [&] { signal.stop(Termination::cancelled); });
  return search.result();
}

}  // namespace facetry
