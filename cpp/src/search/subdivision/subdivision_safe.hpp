// What a safe search does where double precision leaves a question open, and how it proves that a region
// has interior. Included by subdivision_search.cpp alone.
//
// The cells are outer cells (cell_family.hpp). So a row that is clear of zero on a cell, by more than it
// may be off, is proven to keep its sign on the exact cell. A cut needs no proof: a part without interior
// ends in regions without, and those are found out at the end, because no region is listed unless a point
// is proven to lie inside all cuts that made it. Everything in between is asked in exact arithmetic.
#pragma once

#include <algorithm>
#include <limits>

#include "search/subdivision/subdivision_search.hpp"

namespace facetry {

// What a normalised row's values may be off by. `t`: what was subtracted.
template <class F>
double SubdivisionSearch<F>::row_error(Index stage, Index row, double t, double length,
                                       const double* normalised) const {
  if (length == 0.0) return std::numeric_limits<double>::infinity();
  return rows_.row_error(stage, row, t) / length + 2.0 * value_rounding(normalised, k_);
}

template <class F>
ExactBoundary SubdivisionSearch<F>::boundary_of(Index stage, const Question& question) const {
  const PlannedUnit& unit = plan_.stage(stage).units[question.unit];
  return {stage, unit.first_row, -1, unit.function->breakpoints()[question.boundary]};
}

template <class F>
ExactPath& SubdivisionSearch<F>::exact() {
  if (exact_ == nullptr) {
    exact_ = std::make_unique<ExactPath>(plan_, [this] { return host_.keep_going(last_position_); });
  }
  return *exact_;
}

// Where does the cell lie? `across`: the boundary is to split it.
template <class F>
typename SubdivisionSearch<F>::Place SubdivisionSearch<F>::place_safely(
    const Cell& cell, const ExactBoundary& boundary, Question& question) {
  const double cut = plan_.tolerances().cut;
  if (question.error > plan_.tolerances().row_error) {  // the row as it was computed says too little
    const int sign = refine(boundary, question);
    if (sign != 0) return sign > 0 ? Place::above : Place::below;
  }
  const Reach reach = cells_.reach(cell, question.row);
  if (reach.above > cut && reach.below > cut) return Place::across;
  if (reach.below < -question.error) return Place::above;
  if (reach.above < -question.error) return Place::below;
  return place_exactly(cell, boundary, question, reach);
}

// Puts the exact function, rounded once, in place of the question's row: 0. If that function is constant,
// there is no row: 1 where it is positive, else -1; where it is zero, that is the piece that counts.
template <class F>
int SubdivisionSearch<F>::refine(const ExactBoundary& boundary, Question& question) {
  const ExactRow& function = exact().function({rows_.state().data(), cuts_}, boundary);
  question.constant = function.is_constant();
  if (question.constant) return function.offset_sign() > 0 ? 1 : -1;
  function.scaled(row_.data());
  const double length = gradient_length(row_.data(), k_);
  if (length > 0.0) normalise(row_.data(), k_, 0.0, length, row_.data());
  question.row = row_.data();
  question.error = 2.0 * value_rounding(row_.data(), k_);
  return 0;
}

// A side that the cell is beyond doubt on is not asked about; if the cell is on neither, nothing is lost
// whatever the answer is: there is no interior.
template <class F>
typename SubdivisionSearch<F>::Place SubdivisionSearch<F>::place_exactly(
    const Cell& cell, const ExactBoundary& boundary, Question& question, const Reach& reach) {
  const int sign = refine(boundary, question);
  if (sign != 0) return sign > 0 ? Place::above : Place::below;
  const ExactPath::Path path{rows_.state().data(), cuts_};
  const double cut = plan_.tolerances().cut;
  cells_.facets(cell, facets_);
  const bool below = reach.below > cut || exact().reaches(path, boundary, false, facets_);
  if (!below) return Place::above;
  const bool above = reach.above > cut || exact().reaches(path, boundary, true, facets_);
  if (!above) return Place::below;
  static_cast<void>(cells_.reach(cell, question.row));  // what a cut asks for
  return Place::across;
}

// Clips the cell to where an argument of a maximum is ahead of another one; the difference of their rows
// is in row_. `above`: everywhere; `below`: nowhere, or they are the same and the other one comes first.
template <class F>
typename SubdivisionSearch<F>::Place SubdivisionSearch<F>::clip_safely(Cell& cell, Index stage,
                                                                       Index index, Index winner,
                                                                       Index loser) {
  const PlannedUnit& unit = plan_.stage(stage).units[index];
  const ExactBoundary boundary{stage, unit.first_row + winner, unit.first_row + loser, 0.0};
  const double length = gradient_length(row_.data(), k_);
  if (length > 0.0) normalise(row_.data(), k_, 0.0, length, row_.data());
  Question question{index, loser, length, row_.data()};
  question.error = row_error(stage, boundary.first, 0.0, length, row_.data()) +
                   row_error(stage, boundary.second, 0.0, length, row_.data());
  Place place = place_safely(cell, boundary, question);
  if (place == Place::below && winner < loser && question.constant) {
    const ExactRow& function = exact().function({rows_.state().data(), cuts_}, boundary);
    if (function.offset_sign() == 0) place = Place::above;
  }
  const Origin origin = unit.origin(loser);
  if (place != Place::across) {
    if (options_.recorder != nullptr) {
      record_side(cell, origin, question.row, place == Place::above);
    }
    return place;
  }
  if (recording()) options_.recorder->begin_part(origin, true);
  const Cell whole = cell;
  Cell dropped;
  cells_.cut(whole, question.row, origin, cell, dropped, shift_of(question, origin));
  follow_cut(boundary, origin, question, true);
  return place;
}

template <class F>
void SubdivisionSearch<F>::follow_cut(const ExactBoundary& boundary, Origin origin,
                                      const Question& question, bool above) {
  cuts_.push_back({boundary, origin, above});
  planes_.add(question.row, question.error, above);
}

template <class F>
void SubdivisionSearch<F>::turn_cut() {
  cuts_.back().above = !cuts_.back().above;
  planes_.turn_last();
}

template <class F>
void SubdivisionSearch<F>::forget_cuts(Index count) {
  cuts_.resize(static_cast<std::size_t>(count));
  planes_.keep(count);
}

// The facets of a region, exactly. Constraints that are clear of the outer cell do not touch the exact one;
// of the others one is a facet if a point breaks it alone. Where none is at hand exact arithmetic decides.
template <class F>
void SubdivisionSearch<F>::decide_facets(const Cell& cell, const ExactPath::Path& path,
                                         const double* inside) {
  facets_.clear();
  touching_.clear();
  doubtful_.clear();
  proven_.assign(static_cast<std::size_t>(planes_.count()), char{0});
  exact().load(path);
  for (Index r = 0; r < planes_.count(); ++r) {
    planes_.row(r, row_.data());
    if (cells_.reach(cell, row_.data()).below < -planes_.error(r)) continue;
    touching_.push_back(r);
    const Origin origin = exact().origin_of(path, r);
    if (origin.is_artificial()) continue;
    const bool seen = (cells_.beyond_facet(cell, origin, inside, value_.data()) &&
                       planes_.only_breaks(r, value_.data())) ||
                      (planes_.step_across(r, inside, value_.data()) &&
                       planes_.only_breaks(r, value_.data()));
    if (seen) {
      facets_.push_back(origin);
      proven_[r] = 1;
      continue;
    }
    cells_.farthest(cell, false, value_.data());
    doubtful_.push_back({r, value_});
  }
  for (const Doubtful& doubtful : doubtful_) {
    if (is_facet(doubtful)) {
      facets_.push_back(exact().origin_of(path, doubtful.constraint));
    } else {
      std::erase(touching_, doubtful.constraint);
    }
  }
  std::sort(facets_.begin(), facets_.end());
}

// Is it, among those in touching_? If not, the facets that come near where it touches mostly say so.
template <class F>
bool SubdivisionSearch<F>::is_facet(const Doubtful& doubtful) {
  for (const bool all : {false, true}) {
    others_.clear();
    for (const Index r : touching_) {
      const bool asked = all || (proven_[r] && planes_.value(r, doubtful.place.data()) <= plan_.tolerances().near);
      if (asked && r != doubtful.constraint) others_.push_back(r);
    }
    if (!exact().is_needed(doubtful.constraint, others_)) return false;
  }
  return true;
}

// Regions thinner than this many cut tolerances are not left to them.
constexpr double kThick = 10.0;

// Is the region at hand, whose interior point and facets (so many) are at `place`, a region? If it takes
// exact arithmetic to say so, point and facets are computed there too.
template <class F>
bool SubdivisionSearch<F>::prove_interior(const Cell& cell, RegionList::Place& place, Index& facets) {
  const double clearance = planes_.clearance(place.point);
  const ExactPath::Path path{rows_.state().data(), cuts_};
  if (clearance <= 0.0 && !exact().has_interior(path, place.point)) return false;
  const double cut = plan_.tolerances().cut;
  const bool doubtful = clearance <= kThick * cut || cells_.facets_are_doubtful(cell);
  if (!doubtful || !options_.keep_facets) return true;
  decide_facets(cell, path, place.point);
  facets = size_of(facets_);
  place.facets = found_->facets.room_for(facets);
  std::copy_n(facets_.data(), facets, place.facets);
  return true;
}

}  // namespace facetry
