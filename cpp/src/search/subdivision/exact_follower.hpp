// What a safe search does where double precision leaves a question open, and how it proves that a
// region has interior.
//
// The cells are outer cells (cell_family.hpp). So a row that is clear of zero on a cell, by more
// than it may be off, is proven to keep its sign on the exact cell. A cut needs no proof: a part
// without interior ends in regions without, and those are found out at the end, because no region
// is listed unless a point is proven to lie inside all cuts that made it. Everything in between is
// asked in exact arithmetic.
#pragma once

#include <algorithm>
#include <functional>
#include <limits>
#include <memory>
#include <vector>

#include "base/rounding.hpp"
#include "search/path/cut_planes.hpp"
#include "search/path/exact_path.hpp"
#include "search/path/path_rows.hpp"
#include "search/subdivision/node.hpp"

namespace facetry {

// Follows the cuts on a search's way to the cell at hand: as exact boundaries and as rows with what
// they may be off by.
// Guarantees, numbered as the tests are:
//  1. place() of a safe search says `above` or `below` only if the exact cell has no interior on
//     the other side.
//  2. proves_interior(): true only if the exact cell has interior, and then the point is inside it;
//     false only if it has none.
//  3. facets(): the constraints that the exact cell needs: all others follow from them, and none of
//     them from the rest. Where facets_in_doubt() says no, those that the cells name are the same.
//  4. Where is_touched() says no, all boundaries that place() found on one side, on the way to the
//     cell at hand, keep a distance from it (but for constants that are not zero).
// Where it is off (searches in double precision without an objective of cells), cuts are not
// followed at all.
// REQUIRES: what is referred to outlives it. place(), proves_interior() and what follows it: a plan
// of a safe search.
// Cost: a few operations per cut; a question costs one reach() as a rule, and a rational linear
// program where a cell comes within rounding of the boundary.
template <class F>
class ExactFollower {
 public:
  using Cell = typename F::Cell;

  // `keep_going` is asked while exact arithmetic takes long (ExactPath).
  ExactFollower(const SearchPlan& plan, const PathRows& rows, F& cells, bool on,
                std::function<bool()> keep_going)
      : plan_(plan),
        path_rows_(rows),
        cells_(cells),
        keep_going_(std::move(keep_going)),
        on_(on),
        k_(plan.dimension()),
        planes_(plan.space(), plan.outward().side_error),
        row_(static_cast<std::size_t>(k_ + 1)),
        place_(static_cast<std::size_t>(k_)) {}

  // Cuts are followed as the search goes: the last one may be turned to its other side, and all but
  // the first so many dropped.
  void follow(const ExactBoundary& boundary, Origin origin, const Question& question, bool above) {
    if (!on_) return;
    if (!places_.empty()) places_[origin.number()] = static_cast<std::int32_t>(size_of(cuts_));
    cuts_.push_back({boundary, origin, above});
    planes_.add(question.row, question.error, above);
  }
  // The same for the boundary of a piecewise unit that the question is about.
  void follow_unit(Index stage, const PlannedUnit& unit, const Question& question, bool above) {
    if (on_)
      follow(boundary_of(stage, unit, question), unit.origin(question.boundary), question, above);
  }
  void turn_last() {
    if (!on_) return;
    if (touched_at_ >= count()) touched_at_ = kNever;
    cuts_.back().above = !cuts_.back().above;
    planes_.turn_last();
  }
  void keep(Index count) {
    if (!on_) return;
    if (touched_at_ > count) touched_at_ = kNever;
    cuts_.resize(static_cast<std::size_t>(count));
    planes_.keep(count);
  }
  [[nodiscard]] Index count() const { return size_of(cuts_); }
  // Of the cell at hand a boundary was found to lie on one side that may touch it, or nothing was
  // asked about one. That holds for all cells with the cuts so far.
  void touch() { touched_at_ = std::min(touched_at_, count()); }
  [[nodiscard]] bool is_touched() const { return touched_at_ != kNever; }

  // The sides of the region and the cuts, as rows; also with one more, until the next call.
  // REQUIRES that cuts are followed.
  [[nodiscard]] CellRows rows() const { return planes_.rows(); }
  [[nodiscard]] CellRows rows_with(const double* row, double error) {
    planes_.add(row, error, true);
    const CellRows with = planes_.rows();
    planes_.keep(count());
    return with;
  }

  // Makes row_of() possible. REQUIRES that cuts are followed, and there are none yet.
  void remember_places() {
    places_.assign(static_cast<std::size_t>(std::max<Index>(plan_.boundary_count(), 1)), -1);
    const std::vector<Index>& sides = plan_.space().sides();
    for (Index c = 0; c < size_of(sides); ++c) {
      if (sides[c] < 0) continue;
      if (sides[c] >= size_of(side_places_))
        side_places_.resize(static_cast<std::size_t>(sides[c]) + 1, -1);
      side_places_[sides[c]] = static_cast<std::int32_t>(c);
    }
  }
  // The row of a side of the region or of a cut on the way, k+1 numbers, positive inside. False:
  // it is not one of these, or artificial.
  [[nodiscard]] bool row_of(Origin origin, double* out, Index step = 1) const {
    Index place = -1;
    if (!origin.is_side()) {
      const Index cut = places_[origin.number()];
      if (cut >= 0 && cut < size_of(cuts_) && cuts_[cut].origin == origin) {
        place = planes_.count() - size_of(cuts_) + cut;
      }
    } else if (!origin.is_artificial() && origin.number() < size_of(side_places_)) {
      place = side_places_[origin.number()];
    }
    if (place >= 0) planes_.row(place, out, step);
    return place >= 0;
  }

  // What a normalised row's values may be off by. `t`: what was subtracted.
  [[nodiscard]] double row_error(Index stage, Index row, double t, double length,
                                 const double* normalised) const {
    if (length == 0.0) return std::numeric_limits<double>::infinity();
    return path_rows_.row_error(stage, row, t) / length + 2.0 * value_rounding(normalised, k_);
  }
  // The boundary of a piecewise unit that a question is about.
  [[nodiscard]] static ExactBoundary boundary_of(Index stage, const PlannedUnit& unit,
                                                 const Question& question) {
    return {stage, unit.first_row, -1, unit.function->breakpoints()[question.boundary]};
  }
  // How far both parts of a cut go beyond its row.
  [[nodiscard]] double shift_of(const Question& question, Origin origin) const {
    return outward_shift(question.row, k_, question.error, plan_.outward().stray, origin.number());
  }

  // Where does the cell lie? `across`: the boundary is to split it, at the question's row, which
  // may have become another one; the cell has been asked about it.
  [[nodiscard]] Side place(const Cell& cell, const ExactBoundary& boundary, Question& question);
  // Does a boundary of the network touch the cell at the point that all boundaries share, and keep
  // clear of its other corners? Then what it reaches beyond is rounding; also of searches that are
  // not safe.
  [[nodiscard]] bool touches_at_common_point(const Cell& cell, const double* row,
                                             double error = 0.0) const {
    if constexpr (kListsPoints<F>) {
      if (plan_.common_point() == nullptr) return false;
      const Reach others = reach_off_common_point(cell, row);
      const double clear = plan_.tolerances().clear_corner + 2.0 * error;
      // Some corner must be off that point: without one nothing is said.
      return (others.below < -clear && others.above > clear) ||
             (others.above < -clear && others.below > clear);
    } else {
      return false;
    }
  }
  // Is the function of a boundary zero everywhere? REQUIRES: it is constant (Question::constant).
  [[nodiscard]] bool is_zero(const ExactBoundary& boundary) {
    return exact().function(path(), boundary).offset_sign() == 0;
  }

  // Is the cell at hand a region? `point`: inside it as cells say; if it takes exact arithmetic,
  // one that is inside.
  [[nodiscard]] bool proves_interior(const Cell& cell, double* point);
  // After it: may cells be wrong about the region's facets? Then these are they.
  [[nodiscard]] bool facets_in_doubt() const { return facets_in_doubt_; }
  [[nodiscard]] const std::vector<Origin>& facets(const Cell& cell, const double* inside);

  // The largest value of weights . outputs on the region at hand, its boundary included, not below
  // it and one rounding away; of some of its constraints, those that are tight near `point`, or of
  // all. `point` becomes where it is reached. Infinite as ExactPath::most() says.
  [[nodiscard]] double most(const Vector& weights, bool all, double* point);

 private:
  // A side of the region or a cut, counted through, that may be a facet of the region at hand, and
  // where.
  struct Doubtful {
    Index constraint = 0;
    std::vector<double> place;
  };

  [[nodiscard]] ExactPath::Path path() const { return {path_rows_.state().data(), cuts_}; }
  [[nodiscard]] ExactPath& exact() {
    if (exact_ == nullptr) exact_ = std::make_unique<ExactPath>(plan_, keep_going_);
    return *exact_;
  }
  [[nodiscard]] Side place_like_copy(const ExactBoundary& boundary) const;
  [[nodiscard]] Side place_around_common_point(const Cell& cell, const Question& question) const;
  [[nodiscard]] Reach reach_off_common_point(const Cell& cell, const double* row) const;
  [[nodiscard]] int refine(const ExactBoundary& boundary, Question& question);
  [[nodiscard]] Side place_exactly(const Cell& cell, const ExactBoundary& boundary,
                                   Question& question, const Reach& reach);
  [[nodiscard]] bool is_facet(const Doubtful& doubtful);
  // The constraints that probably keep the cell from going further to one side of a row that it was
  // asked about last. In many dimensions a cell has hundreds of facets, and few of these.
  void limits_of(const Cell& cell, const double* row, bool above, std::vector<Origin>& out) {
    if constexpr (requires { cells_.support(cell, row, above, out); }) {
      cells_.support(cell, row, above, out);
    } else {
      cells_.facets(cell, out);
    }
  }

  // Regions thinner than this many cut tolerances are not left to cells.
  static constexpr double kThick = 10.0;
  static constexpr Index kNever = std::numeric_limits<Index>::max();

  const SearchPlan& plan_;
  const PathRows& path_rows_;
  F& cells_;
  std::function<bool()> keep_going_;
  bool on_;
  Index k_;
  std::vector<PathCut> cuts_;         // on the way to the cell at hand
  std::vector<std::int32_t> places_;  // by a cut's number: where it was last; see remember_places()
  std::vector<std::int32_t> side_places_;
  Index touched_at_ = kNever;         // the least number of cuts at which a boundary touched
  CutPlanes planes_;                  // the same as rows, with the sides of the region
  std::unique_ptr<ExactPath> exact_;  // once it is needed
  std::vector<double> row_;           // of a question
  std::vector<Origin> below_limits_, above_limits_;
  bool facets_in_doubt_ = false;
  // Of facets():
  std::vector<Origin> facets_;
  std::vector<double> place_;
  WorkArray<double> least_;      // value of each constraint at the cell's points
  std::vector<Index> touching_;  // those that may touch the region, redundant ones left out
  std::vector<Index> others_;
  std::vector<char> proven_;  // are they facets?
  std::vector<Doubtful> doubtful_;
};

template <class F>
Side ExactFollower<F>::place(const Cell& cell, const ExactBoundary& boundary, Question& question) {
  const double cut = plan_.tolerances().cut;
  if (question.error >
      plan_.tolerances().row_error) {  // the row as it was computed says too little
    const int sign = refine(boundary, question);
    if (sign != 0) return sign > 0 ? Side::above : Side::below;
  }
  const Reach reach = cells_.reach(cell, question.row);
  if (reach.above > cut && reach.below > cut) return Side::across;
  if (reach.below < -question.error) return Side::above;
  if (reach.above < -question.error) return Side::below;
  return place_exactly(cell, boundary, question, reach);
}

// On which side of a cut is the cell that was made along an exact copy of the boundary's
// hyperplane? `across`: there is none.
template <class F>
Side ExactFollower<F>::place_like_copy(const ExactBoundary& boundary) const {
  const RowCopies& copies = plan_.stage(boundary.stage).copies;
  const auto at_zero = [](const ExactBoundary& b) { return b.second < 0 && b.t == 0.0; };
  if (!copies.any() || !at_zero(boundary) || !copies.is_shared(boundary.first)) return Side::across;
  for (auto cut = cuts_.rbegin(); cut != cuts_.rend() && cut->boundary.stage >= boundary.stage;
       ++cut) {
    const ExactBoundary& other = cut->boundary;
    if (other.stage != boundary.stage || !at_zero(other)) continue;
    if (copies.first(other.first) != copies.first(boundary.first)) continue;
    const bool same = copies.positive(other.first) == copies.positive(boundary.first);
    return same == cut->above ? Side::above : Side::below;
  }
  return Side::across;
}

// Where every boundary passes through one point, a cell whose other corners are all clear of a
// boundary lies on one side of it: from the common point each ray into the exact cell keeps the
// signs of all boundaries, and it ends on a side of the region that is far from that point, so in
// the hull of corners that are, but for a vanishing share. `across`: nothing is said.
template <class F>
Side ExactFollower<F>::place_around_common_point(const Cell& cell, const Question& question) const {
  if constexpr (kListsPoints<F>) {
    if (!touches_at_common_point(cell, question.row, question.error)) return Side::across;
    return reach_off_common_point(cell, question.row).above > 0.0 ? Side::above : Side::below;
  }
  return Side::across;
}

// How far the corners reach that are not near the common point.
template <class F>
Reach ExactFollower<F>::reach_off_common_point(const Cell& cell, const double* row) const {
  const double* common = plan_.common_point();
  const PointList points = cells_.points(cell);
  Reach reach{-std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
  for (Index v = 0; v < points.count; ++v) {
    double value = row[k_];
    double distance = 0.0;
    for (Index c = 0; c < k_; ++c) {
      const double at = points.data[v * points.step + c * points.plane];
      value += row[c] * at;
      distance = std::max(distance, std::abs(at - common[c]));
    }
    if (distance <= plan_.tolerances().near) continue;
    reach.above = std::max(reach.above, value);
    reach.below = std::max(reach.below, -value);
  }
  return reach;
}

// Puts the exact function, rounded once, in place of the question's row: 0. If that function is
// constant, there is no row: 1 where it is positive, else -1; where it is zero, that is the piece
// that counts.
template <class F>
int ExactFollower<F>::refine(const ExactBoundary& boundary, Question& question) {
  const ExactRow& function = exact().function(path(), boundary);
  question.constant = function.is_constant();
  if (question.constant) {
    if (function.offset_sign() == 0) touch();
    return function.offset_sign() > 0 ? 1 : -1;
  }
  function.scaled(row_.data());
  const double length = gradient_length(row_.data(), k_);
  if (length > 0.0) normalise(row_.data(), k_, 0.0, length, row_.data());
  question.row = row_.data();
  question.error = 2.0 * value_rounding(row_.data(), k_);
  return 0;
}

// A side that the cell is beyond doubt on is not asked about; if the cell is on neither, nothing is
// lost whatever the answer is: there is no interior.
template <class F>
Side ExactFollower<F>::place_exactly(const Cell& cell, const ExactBoundary& boundary,
                                     Question& question, const Reach& reach) {
  const double cut = plan_.tolerances().cut;
  Side known = place_like_copy(boundary);
  if (known == Side::across) known = place_around_common_point(cell, question);
  if (known != Side::across) {
    touch();
    return known;
  }
  const bool ask_below = reach.below <= cut;
  const bool ask_above = reach.above <= cut;
  if (ask_below) limits_of(cell, question.row, false, below_limits_);
  if (ask_above) limits_of(cell, question.row, true, above_limits_);
  const int sign = refine(boundary, question);
  if (sign != 0) return sign > 0 ? Side::above : Side::below;
  touch();
  const bool below = !ask_below || exact().reaches(path(), boundary, false, below_limits_);
  if (!below) return Side::above;
  const bool above = !ask_above || exact().reaches(path(), boundary, true, above_limits_);
  if (!above) return Side::below;
  static_cast<void>(cells_.reach(cell, question.row));  // what a cut asks for
  return Side::across;
}

template <class F>
bool ExactFollower<F>::proves_interior(const Cell& cell, double* point) {
  const double clearance = planes_.clearance(point);
  if (clearance <= 0.0 && !exact().has_interior(path(), point)) return false;
  facets_in_doubt_ =
      clearance <= kThick * plan_.tolerances().cut || cells_.facets_are_doubtful(cell);
  return true;
}

template <class F>
double ExactFollower<F>::most(const Vector& weights, bool all, double* point) {
  touching_.clear();
  for (Index r = 0; r < planes_.count(); ++r) {
    if (std::abs(planes_.value(r, point)) <= plan_.tolerances().near) touching_.push_back(r);
  }
  return exact().most(path(), weights, touching_, all, point);
}

// Constraints that are clear of the outer cell do not touch the exact one; of the others one is a
// facet if a point breaks it alone. Where none is at hand exact arithmetic decides.
template <class F>
const std::vector<Origin>& ExactFollower<F>::facets(const Cell& cell, const double* inside) {
  facets_.clear();
  touching_.clear();
  doubtful_.clear();
  proven_.assign(static_cast<std::size_t>(planes_.count()), char{0});
  const Index sides = planes_.count() - count();
  if constexpr (kListsPoints<F>) planes_.least_values(kernel_points(cells_.points(cell)), least_);
  for (Index r = 0; r < planes_.count(); ++r) {
    if (kListsPoints<F> && least_[r] > planes_.error(r)) continue;
    planes_.row(r, row_.data());
    const Reach reach = cells_.reach(cell, row_.data());
    if (reach.below < -planes_.error(r)) continue;
    // A cut that does so is not needed.
    if (r >= sides && touches_at_common_point(cell, row_.data())) continue;
    touching_.push_back(r);
    const Origin origin =
        r >= sides ? cuts_[r - sides].origin : Origin::side(plan_.space().sides()[r]);
    if (origin.is_artificial()) continue;
    const bool seen =
        (cells_.beyond_facet(cell, origin, inside, place_.data()) &&
         planes_.only_breaks(r, place_.data())) ||
        (planes_.step_across(r, inside, place_.data()) && planes_.only_breaks(r, place_.data()));
    if (seen) {
      facets_.push_back(origin);
      proven_[r] = 1;
      continue;
    }
    cells_.farthest(cell, false, place_.data());
    doubtful_.push_back({r, place_});
  }
  if (!doubtful_.empty()) exact().load(path());
  for (const Doubtful& doubtful : doubtful_) {
    if (is_facet(doubtful)) {
      facets_.push_back(exact().origin_of(path(), doubtful.constraint));
    } else {
      std::erase(touching_, doubtful.constraint);
    }
  }
  std::sort(facets_.begin(), facets_.end());
  return facets_;
}

// Is it, among those in touching_? If not, the facets that come near where it touches mostly say
// so.
template <class F>
bool ExactFollower<F>::is_facet(const Doubtful& doubtful) {
  for (const bool all : {false, true}) {
    others_.clear();
    for (const Index r : touching_) {
      const bool asked =
          all || (proven_[r] && planes_.value(r, doubtful.place.data()) <= plan_.tolerances().near);
      if (asked && r != doubtful.constraint) others_.push_back(r);
    }
    if (!exact().is_needed(doubtful.constraint, others_)) return false;
  }
  return true;
}

}  // namespace facetry
