// How a search for the best is led: what a node promises of the objective, and what a region holds.
// One class for each kind of objective (facetry/search/objective.hpp).
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "base/rounding.hpp"
#include "facetry/search/objective.hpp"
#include "search/subdivision/dive.hpp"
#include "search/subdivision/exact_follower.hpp"
#include "search/subdivision/goal_watch.hpp"

namespace facetry {

// Guarantees, numbered as the tests are:
//  1. promise_of(): the objective is no more than this anywhere on the node's cell, where it
//     counts.
//  2. promises_little(): true only if that is no more than Dive::enough(); then the dive knows the
//     bound.
//  3. report(): the dive knows the best of a region and a bound of it.
// REQUIRES: what is referred to outlives it; a watch that is on.
// Cost: a look at the targets behind the cell, and what the objective takes.
template <class F>
class ObjectiveGuide {
 public:
  using Cell = typename F::Cell;

  virtual ~ObjectiveGuide() = default;

  // Can the objective be no more on the node than what is found already? `measured`: as in
  // GoalWatch.
  [[nodiscard]] bool promises_little(Node<Cell>& node, bool measured);
  // The most that it can be on a new part of a cell, with its cut followed.
  [[nodiscard]] double promise_of(Node<Cell>& part);
  // All units are decided: the region at hand, if it is one.
  virtual void report(Node<Cell>& node) = 0;

  [[nodiscard]] Dive& dive() { return dive_; }

 protected:
  ObjectiveGuide(Dive& dive, GoalWatch<F>& watch) : dive_(dive), watch_(watch) {}

  // REQUIRES watch_.look(node) where the watch sees from its stage.
  [[nodiscard]] virtual double promise(Node<Cell>& node) = 0;

  static constexpr double kInfinity = std::numeric_limits<double>::infinity();
  Dive& dive_;
  GoalWatch<F>& watch_;
};

template <class F>
bool ObjectiveGuide<F>::promises_little(Node<Cell>& node, bool measured) {
  const bool changed = !watch_.sees_from(node.stage) || watch_.look(node, measured);
  if (std::exchange(node.promised, false) && !changed) return false;
  const double bound = promise(node);
  if (bound > dive_.enough()) return false;
  dive_.drop(bound);
  return true;
}

template <class F>
double ObjectiveGuide<F>::promise_of(Node<Cell>& part) {
  part.promised = true;
  if (watch_.sees_from(part.stage)) static_cast<void>(watch_.look(part, false));
  return promise(part);
}

// The goal's only target is the objective.
template <class F>
class ValueGuide final : public ObjectiveGuide<F> {
 public:
  using Cell = typename F::Cell;

  ValueGuide(const ValueObjective& objective, const SearchPlan& plan, const PathRows& rows,
             Dive& dive, GoalWatch<F>& watch, ExactFollower<F>& exact)
      : ObjectiveGuide<F>(dive, watch),
        objective_(objective),
        plan_(plan),
        rows_(rows),
        exact_(exact) {}

  void report(Node<Cell>& node) override {
    Vector u(plan_.dimension());
    Find find;
    if (this->watch_.sees_from(node.stage)) {
      static_cast<void>(this->watch_.look(node, false));
      find.bound = this->watch_.most_of_target(node, 0, this->kInfinity, u.data());
    } else {
      find.bound = this->watch_.most_without_units(node, this->kInfinity, u.data());
      if (plan_.safe()) find.bound += rounding_without_units();
    }
    try_point(u, find);
    if (plan_.safe()) close_exactly(u, find);
    this->dive_.take(std::move(find), rows_.state().data());
  }

 protected:
  double promise(Node<Cell>& node) override {
    return this->watch_.most_of_target(node, 0, this->kInfinity);
  }

 private:
  // Keeps a point, in free coordinates, if it is the best.
  void try_point(const Vector& u, Find& find) const {
    // What rounding put outside the bounds of an input goes back.
    const InputPolytope& region = plan_.space().polytope();
    Vector point = plan_.space().to_input(u).cwiseMax(region.low).cwiseMin(region.high);
    const double value = objective_.value(point);
    if (find.point.size() > 0 && !(value > find.value)) return;
    find.value = value;
    find.point = std::move(point);
  }

  // What the only row of a network without units may be off by, wherever its inputs are.
  [[nodiscard]] double rounding_without_units() const {
    const AffineMap& map = plan_.form().output();
    const InputPolytope& region = plan_.space().polytope();
    const Vector most = region.low.cwiseAbs().cwiseMax(region.high.cwiseAbs());
    const Vector& weights = objective_.weights();
    double sum = 0.0;
    for (Index i = 0; i < weights.size(); ++i) {
      if (weights[i] == 0.0) continue;
      double row = std::abs(map.bias()[i]);
      map.for_row(i, [&](Index j, double weight) { row += std::abs(weight) * most[j]; });
      sum += std::abs(weights[i]) * row;
    }
    return 8.0 * rounding_of(map.columns() + weights.size() + 2 * plan_.dimension() + 20) * sum;
  }

  // Outer cells go beyond the region, and rows may be off: where that leaves more open than is of
  // interest, the region's best corner is found in exact arithmetic, from the constraints that are
  // near at first.
  void close_exactly(Vector u, Find& find) {
    for (const bool all : {false, true}) {
      if (find.bound <= this->dive_.enough_with(find.value)) return;
      find.bound = std::min(find.bound, exact_.most(objective_.weights(), all, u.data()));
      if (std::isfinite(find.bound)) try_point(u, find);
    }
  }

  const ValueObjective& objective_;
  const SearchPlan& plan_;
  const PathRows& rows_;
  ExactFollower<F>& exact_;
};

// The goal's targets say which regions count. Ranges that bounds are made from are narrowed to
// where the objective matters.
template <class F>
class CellGuide final : public ObjectiveGuide<F>, private RangeFilter {
 public:
  using Cell = typename F::Cell;

  CellGuide(const CellObjective& objective, const SearchPlan& plan, const PathRows& rows, F& cells,
            Dive& dive, GoalWatch<F>& watch, ExactFollower<F>& exact)
      : ObjectiveGuide<F>(dive, watch),
        objective_(objective),
        plan_(plan),
        rows_(rows),
        cells_(cells),
        exact_(exact),
        inside_(static_cast<std::size_t>(plan.dimension())) {
    watch.narrow_by(*this);
  }

  void report(Node<Cell>& node) override {
    cells_.interior_point(node.cell, inside_.data());
    if (plan_.safe() && !exact_.proves_interior(node.cell, inside_.data())) return;
    const StateWord* state = rows_.state().data();
    this->dive_.take(objective_.best_of(exact_.rows(), state, inside_.data(), this->dive_.enough()),
                     state);
  }

 protected:
  // The largest promise of the part where a target is not negative; if all must be reached, the
  // least of these.
  double promise(Node<Cell>& node) override {
    const GoalTargets& targets = this->watch_.targets();
    const double enough = this->dive_.enough();
    if (!this->watch_.sees_from(node.stage) || targets.count() == 0)
      return objective_.promise(exact_.rows(), enough);
    double most = targets.any ? -this->kInfinity : this->kInfinity;
    for (Index f = 0; f < targets.count(); ++f) {
      const double* row = nullptr;
      const double error = this->watch_.target_row(node, f, &row);
      const bool reachable = cells_.most(node.cell, row, 0.0, nullptr) + error >= 0.0;
      const double own =
          reachable ? objective_.promise(exact_.rows_with(row, error), enough) : -this->kInfinity;
      most = targets.any ? std::max(most, own) : std::min(most, own);
    }
    return most;
  }

 private:
  void narrow(const RowPlanes& rows, double* low, double* high) const override {
    objective_.narrow(rows, this->dive_.enough(), low, high);
  }

  const CellObjective& objective_;
  const SearchPlan& plan_;
  const PathRows& rows_;
  F& cells_;
  ExactFollower<F>& exact_;
  std::vector<double> inside_;
};

}  // namespace facetry
