// Best-first search with dives [Land & Doig 1960; as solvers of integer programs do]: the subtrees with the
// largest bounds are taken out, each is searched straight down to a region, always into the part that promises
// more, and the parts left aside on the way wait with their bounds. Subtrees go in rounds of fixed size,
// within which nothing found counts for the others: so the result does not depend on threads.
#include "facetry/partition/optimise.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <memory>

#include "facetry/base/error.hpp"
#include "facetry/base/parallel.hpp"
#include "facetry/base/rounding.hpp"
#include "facetry/geometry/lp_cells.hpp"
#include "facetry/geometry/polygon_cells.hpp"
#include "facetry/geometry/segment_cells.hpp"
#include "facetry/geometry/vertex_cells.hpp"
#include "partition/subdivision_search.hpp"

namespace facetry {

void OptimiseOptions::validate() const {
  control.validate();
  if (target && !std::isfinite(*target)) throw InvalidInput("target must be a finite number");
  if (!(gap >= 0.0) || !std::isfinite(gap)) throw InvalidInput("gap must be a number >= 0");
}

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr Index kRound = 16;  // subtrees in one round

// A part of the tree that waits.
struct Subtree {
  TreePath path;
  double bound = kInfinity;
};

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

// What is of no interest once `value` is found: bounds up to this.
double enough_for(const OptimiseOptions& options, double value) {
  const double more = value == -kInfinity ? -kInfinity : value + options.gap * (1.0 + std::abs(value));
  return options.target ? std::max(more, std::nextafter(*options.target, -kInfinity)) : more;
}

// What one dive brings home.
struct Catch {
  std::vector<Subtree> left;
  double bound = -kInfinity;  // of all that was searched or dropped
  double value = -kInfinity;
  Vector point;  // where it is reached, in input space
  Index regions = 0;
  bool finished = false;
};

class Dive : public SearchHost, public ObjectiveHost {
 public:
  Dive(const NormalForm& form, const FreeSpace& space, const Vector& weights,
       const OptimiseOptions& options, StopSignal& signal)
      : form_(form), space_(space), weights_(weights), options_(options), signal_(signal) {}

  void start(double value, Catch& out) {
    out_ = &out;
    out.value = value;
  }

  bool keep_going(double) override { return !signal_.stopped(); }
  void take_work(Interval&&) override {}
  bool batch_full(RegionList&) override { return true; }

  double enough() const override { return enough_for(options_, out_->value); }
  void bounded(double bound) override { out_->bound = std::max(out_->bound, bound); }
  void postpone(TreePath&& path, double bound) override {
    out_->left.push_back({std::move(path), bound});
  }
  void reached(const double* point) override {
    ++out_->regions;
    const Vector x = inside(point);
    const double value = weights_.dot(form_.evaluate(x.transpose()).row(0));
    if (!(value > out_->value)) return;
    out_->value = value;
    out_->point = x;
  }

 private:
  // The point in input space; what rounding put outside the bounds of an input goes back.
  [[nodiscard]] Vector inside(const double* point) const {
    const Vector u = Eigen::Map<const Vector>(point, space_.dimension());
    const InputPolytope& region = space_.polytope();
    return space_.to_input(u).cwiseMax(region.low).cwiseMin(region.high);
  }

  const NormalForm& form_;
  const FreeSpace& space_;
  const Vector& weights_;
  const OptimiseOptions& options_;
  StopSignal& signal_;
  Catch* out_ = nullptr;
};

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
  DiverWith(const GoalPlan& goal, const Vector& weights, const OptimiseOptions& options,
            StopSignal& signal)
      : dive_(goal.form(), goal.plan().space(), weights, options, signal),
        search_(goal.plan(), dive_, options_for(goal)) {}

  void dive(const Subtree& subtree, double value, Catch& out) override {
    dive_.start(value, out);
    RegionList none;
    none.words = 1;
    out.finished = search_.run(interval_of(subtree.path), none);
    if (!out.finished) out.left.push_back(subtree);
  }
  Index cells() const override { return search_.cells_made(); }

 private:
  SearchOptions options_for(const GoalPlan& goal) {
    SearchOptions options;
    options.batch = std::numeric_limits<Index>::max();
    options.idle = &nobody_;
    options.keep_outputs = true;
    options.keep_facets = false;
    options.goal = &goal;
    options.objective = &dive_;
    return options;
  }

  std::atomic<int> nobody_{0};
  Dive dive_;
  SubdivisionSearch<F> search_;
};

using MakeDiver = std::unique_ptr<Diver> (*)(const GoalPlan&, const Vector&,
                                             const OptimiseOptions&, StopSignal&);

template <class F>
std::unique_ptr<Diver> make(const GoalPlan& goal, const Vector& weights,
                            const OptimiseOptions& options, StopSignal& signal) {
  return std::make_unique<DiverWith<F>>(goal, weights, options, signal);
}

MakeDiver diver_with(CellKind kind, Index dimension) {
  switch (resolved_cell_kind(kind, dimension)) {
    case CellKind::polygons: return dimension == 1 ? &make<SegmentCells> : &make<PolygonCells>;
    case CellKind::vertices: return &make<VertexCells>;
    default: return &make<LpCells>;
  }
}

class BestFirst {
 public:
  BestFirst(const GoalPlan& goal, const Vector& weights, const OptimiseOptions& options,
            StopSignal& signal)
      : options_(options), signal_(signal), waiting_{{}} {
    const MakeDiver make_diver = diver_with(options.cell, goal.plan().dimension());
    for (int t = 0; t < options.control.threads; ++t) {
      divers_.push_back(make_diver(goal, weights, options, signal));
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

  [[nodiscard]] Optimum result() const {
    Optimum optimum;
    optimum.point = best_.point;
    optimum.value = best_.value;
    optimum.bound = best_.bound;
    for (const Subtree& subtree : waiting_) optimum.bound = std::max(optimum.bound, subtree.bound);
    optimum.regions = best_.regions;
    optimum.cells = 1;
    for (const auto& diver : divers_) optimum.cells += diver->cells();
    optimum.termination = signal_.reason();
    return optimum;
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
      if (subtree.bound <= enough_for(options_, best_.value)) {
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
    }
    for (Subtree& subtree : one.left) {
      waiting_.push_back(std::move(subtree));
      std::push_heap(waiting_.begin(), waiting_.end(), waits_longer);
    }
  }

  const OptimiseOptions& options_;
  StopSignal& signal_;
  std::vector<std::unique_ptr<Diver>> divers_;
  std::vector<Subtree> waiting_;  // a heap
  std::vector<Subtree> round_;
  Catch best_;
};

Optimum at_point(const NormalForm& form, const FreeSpace& space, const Vector& weights) {
  Optimum optimum;
  optimum.point = space.origin();
  optimum.value = weights.dot(form.evaluate(optimum.point.transpose()).row(0));
  const NetworkBounds bounds = bound_network(form, space, BoundMethod::interval);
  const Vector most = weights.cwiseMax(0.0).cwiseProduct(bounds.output_high) +
                      weights.cwiseMin(0.0).cwiseProduct(bounds.output_low);
  optimum.bound = most.sum() + rounding_of(weights.size() + 4) * most.cwiseAbs().sum();
  optimum.cells = optimum.regions = 1;
  return optimum;
}

}  // namespace

Optimum maximise(const NormalForm& form, const FreeSpace& space, const Vector& weights,
                 const OptimiseOptions& options) {
  options.validate();
  if (weights.size() != form.output_size() || !weights.allFinite()) {
    throw InvalidInput("an objective needs one finite weight for each output");
  }
  if (form.input_size() != space.input_size()) {
    throw InvalidInput("the analysis region does not have the inputs of the network");
  }
  if (space.dimension() == 0) return at_point(form, space, weights);
  const SearchPlan plan(form, space, options.tolerances, options.exactness);
  GoalTargets targets;
  targets.map = size_of(form.stages());
  targets.coefficients = weights.transpose();
  targets.offset = Vector::Zero(1);
  const GoalPlan goal(plan, std::move(targets), {});
  StopSignal signal(options.control);
  BestFirst search(goal, weights, options, signal);
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
