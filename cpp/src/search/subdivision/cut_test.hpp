// Does a boundary cut a cell? The one place where a depth-first search decides it, in double
// precision or safely.
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "regions/region_list.hpp"
#include "search/path/search_path.hpp"
#include "search/subdivision/exact_follower.hpp"
#include "search/subdivision/node.hpp"

namespace facetry {

// Guarantees, numbered as the tests are:
//  1. In double precision a boundary cuts a cell if and only if the cell reaches beyond
//     Tolerances::cut on both sides of it; one that reaches less far, and is no copy of an earlier
//     boundary, is noted as undecided, with the deepest point.
//  2. In a safe search: ExactFollower, guarantee 1.
//  3. A unit that is not cut has the piece that question.boundary says then, on the whole cell.
//  4. Where the difference of two arguments is zero everywhere, the one that comes first is ahead.
// After `yes` the cells have been asked what a cut along question.row asks for.
// REQUIRES: what is referred to outlives it; rows of the stages that are named are written.
// Cost: one reach() for each boundary; less for open units whose first boundary is clear of all
// corners.
template <class F>
class CutTest {
 public:
  using Cell = typename F::Cell;

  CutTest(const SearchPlan& plan, const PathRows& rows, const SearchPath& path, F& cells,
          ExactFollower<F>& exact)
      : plan_(plan),
        rows_(rows),
        path_(path),
        cells_(cells),
        exact_(exact),
        safe_(plan.safe()),
        k_(plan.dimension()),
        row_(static_cast<std::size_t>(k_ + 1)),
        other_(static_cast<std::size_t>(k_ + 1)) {}

  // Where undecided cuts are noted, from now on.
  void note_in(RegionList& found) { found_ = &found; }

  // The first boundary of an open unit, with its row.
  [[nodiscard]] Question question_at(const OpenUnits& open, Index place) {
    const OpenUnit& unit = open.units[place];
    const double* plane = open.rows + place;
    for (Index c = 0; c <= k_; ++c) row_[c] = plane[c * open.stride];
    return {unit.unit, unit.boundary, unit.length, row_.data(), unit.error, unit.largest};
  }

  // Is the boundary in question, or a later one of its unit, a proper cut of the cell? If not,
  // question.boundary becomes the piece that the unit has on the whole cell.
  [[nodiscard]] bool cuts(const Cell& cell, Index stage, Question& question);
  // The same for the first boundary of an open unit of the node.
  [[nodiscard]] bool cuts_open(const Node<Cell>& node, Question& question) {
    if (kExactRanges<F> && node.sure && question.error <= plan_.tolerances().row_error) {
      if constexpr (!kCutAsks<F>) static_cast<void>(cells_.reach(node.cell, question.row));
      return true;
    }
    return cuts_at_first(node, question);
  }

  // Where is argument `winner` of a maximum ahead of another one, question.boundary: on the whole
  // cell (`above`), nowhere, or on a part, along question.row? Where they are the same the first
  // one is ahead.
  [[nodiscard]] Side compare(const Cell& cell, Index stage, Index winner, Question& question);

 private:
  [[nodiscard]] bool cuts_at_first(const Node<Cell>& node, Question& question);
  void write_row(Index stage, const PlannedUnit& unit, Question& question);
  [[nodiscard]] Side compare_safely(const Cell& cell, const ExactBoundary& boundary, bool first,
                                    Question& question);
  void note_undecided(const Cell& cell, Index stage, const Question& question, const Reach& reach,
                      PathRows::Copy copy);

  const SearchPlan& plan_;
  const PathRows& rows_;
  const SearchPath& path_;
  F& cells_;
  ExactFollower<F>& exact_;
  const RowKernels& kernels_ = row_kernels();
  bool safe_;
  Index k_;
  RegionList* found_ = nullptr;
  std::vector<double> row_, other_;
};

// Asks more only if the unit's first row is not clear of all corners, or not beyond some on both
// sides.
template <class F>
bool CutTest<F>::cuts_at_first(const Node<Cell>& node, Question& question) {
  if constexpr (kCutAsks<F> && kListsPoints<F>) {
    const bool single = plan_.stage(node.stage).single_breakpoints;
    if (single && question.error <= plan_.tolerances().row_error) {
      const PointList points = cells_.points(node.cell);
      RowKernels::Side side;
      kernels_.side(points.data, points.plane, k_, question.row, plan_.tolerances().cut,
                    question.error, &side);
      if (side.some_above && side.some_below) return true;
      if (side.all_above || side.all_below) {
        question.boundary = side.all_above ? 1 : 0;
        return false;
      }
    }
  }
  return cuts(node.cell, node.stage, question);
}

template <class F>
bool CutTest<F>::cuts(const Cell& cell, Index stage, Question& question) {
  const PlannedUnit& unit = plan_.stage(stage).units[question.unit];
  const Index pieces = unit.function->pieces();
  const double cut = plan_.tolerances().cut;
  for (; question.boundary + 1 < pieces; ++question.boundary) {
    if (question.row == nullptr) write_row(stage, unit, question);
    if (safe_) {
      const Side side = exact_.place(cell, exact_.boundary_of(stage, unit, question), question);
      if (side == Side::across) return true;
      if (side == Side::below) return false;
    } else {
      const Reach reach = cells_.reach(cell, question.row);
      if (reach.above > cut && reach.below > cut) return true;
      if (std::min(reach.above, reach.below) > -plan_.tolerances().zero_gradient &&
          !exact_.touches_at_common_point(cell, question.row)) {
        const double t = unit.function->breakpoints()[question.boundary];
        const PathRows::Copy copy = rows_.copy_of(stage, question.unit, unit.first_row, t);
        note_undecided(cell, stage, question, reach, copy);
      }
      if (reach.below > reach.above) return false;  // the cell lies below this breakpoint
    }
    question.row = nullptr;
  }
  return false;
}

// The row of the boundary in question, normalised.
template <class F>
void CutTest<F>::write_row(Index stage, const PlannedUnit& unit, Question& question) {
  const double t = unit.function->breakpoints()[question.boundary];
  rows_.row(stage, unit.first_row, row_.data());
  normalise(row_.data(), k_, t, question.length, row_.data());
  question.row = row_.data();
  if (safe_)
    question.error = exact_.row_error(stage, unit.first_row, t, question.length, row_.data());
}

template <class F>
Side CutTest<F>::compare(const Cell& cell, Index stage, Index winner, Question& question) {
  const Index loser = question.boundary;
  const Index first_row = plan_.stage(stage).units[question.unit].first_row;
  const ExactBoundary boundary{stage, first_row + winner, first_row + loser, 0.0};
  rows_.row(stage, boundary.first, row_.data());
  rows_.row(stage, boundary.second, other_.data());
  for (Index c = 0; c <= k_; ++c) row_[c] -= other_[c];
  if (safe_) return compare_safely(cell, boundary, winner < loser, question);
  if (rows_.zero_difference(stage, boundary.first, boundary.second, row_.data())) {
    const Stage& own = *plan_.stage(stage).stage;
    const RowScale& scale = rows_.stage(stage).scale;
    const double noise = plan_.predicates().offset_noise(own, boundary.first, scale) +
                         plan_.predicates().offset_noise(own, boundary.second, scale);
    const bool tie = std::abs(row_[k_]) <= noise;
    const bool behind = tie ? loser < winner : row_[k_] < 0.0;
    return behind ? Side::below : Side::above;
  }
  question.length = gradient_length(row_.data(), k_);
  normalise(row_.data(), k_, 0.0, question.length, row_.data());
  question.row = row_.data();
  const double cut = plan_.tolerances().cut;
  const Reach reach = cells_.reach(cell, question.row);
  if (reach.above > cut && reach.below > cut) return Side::across;
  if (std::min(reach.above, reach.below) > 0.0)
    note_undecided(cell, stage, question, reach, PathRows::Copy::none);
  return reach.below > reach.above ? Side::below : Side::above;
}

// `first`: does the one that is to be ahead come first?
template <class F>
Side CutTest<F>::compare_safely(const Cell& cell, const ExactBoundary& boundary, bool first,
                                Question& question) {
  const double length = gradient_length(row_.data(), k_);
  if (length > 0.0) normalise(row_.data(), k_, 0.0, length, row_.data());
  question.length = length;
  question.row = row_.data();
  question.error = exact_.row_error(boundary.stage, boundary.first, 0.0, length, row_.data()) +
                   exact_.row_error(boundary.stage, boundary.second, 0.0, length, row_.data());
  const Side side = exact_.place(cell, boundary, question);
  if (side == Side::below && first && question.constant && exact_.is_zero(boundary))
    return Side::above;
  return side;
}

template <class F>
void CutTest<F>::note_undecided(const Cell& cell, Index stage, const Question& question,
                                const Reach& reach, PathRows::Copy copy) {
  if (path_.retracing() || copy == PathRows::Copy::exact) return;
  const double least = std::min(reach.above, reach.below);
  if (least <= 0.0 && copy == PathRows::Copy::none) return;  // the cell touches the boundary
  const bool above_is_thin = reach.above < reach.below;
  UndecidedCut cut;
  cut.boundary = plan_.stage(stage).units[question.unit].origin(question.boundary);
  cut.reach = std::max(least, plan_.tolerances().zero_gradient);  // rounding hides no more
  cut.place.resize(static_cast<std::size_t>(k_));
  cells_.farthest(cell, above_is_thin, cut.place.data());
  found_->add_undecided(std::move(cut));
}

}  // namespace facetry
