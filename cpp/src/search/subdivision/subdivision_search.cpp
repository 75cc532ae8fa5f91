// Subdivision: a cell that enters a stage knows the stage's pre-activations as affine functions. Units
// that keep one piece on the whole cell are settled at once; the others are decided in order. One
// whose boundary properly cuts the cell splits it, and the parts are searched one after the other, so
// leaves come in lexicographic order of their states. The next stage's pre-activations are added up
// on the way: what the settled units give once for the cell, then one rank-1 term per decision.
#include "search/subdivision/subdivision_search.hpp"

#include <algorithm>
#include <cmath>

#include "facetry/geometry/lp_cells.hpp"
#include "facetry/geometry/polygon_cells.hpp"
#include "facetry/geometry/segment_cells.hpp"
#include "facetry/geometry/vertex_cells.hpp"
#include "search/subdivision/subdivision_entry.hpp"
#include "search/subdivision/subdivision_filter.hpp"
#include "search/subdivision/subdivision_goal.hpp"
#include "search/subdivision/subdivision_maximum.hpp"
#include "search/subdivision/subdivision_record.hpp"
#include "search/subdivision/subdivision_safe.hpp"
#include "search/subdivision/subdivision_sums.hpp"

namespace facetry {

namespace {

// Cells that answer by linear programs may take a second each where there are hundreds of dimensions.
template <class F>
constexpr Index kCellsBetweenPolls = kListsPoints<F> || kExactRanges<F> ? 64 : 1;
constexpr Index kWorthSorting = 3;  // open units, to sort them all at once on a smaller cell

// Units that are decided, but not added to the sums yet, may be added on each part of a cut or once before
// it; short sums are cheaper to add to than to write.
Index most_inherited(const StagePlan& stage) {
  return stage.next->stride() <= 2 * kRowBlock ? 2 : 0;
}

}  // namespace

template <class F>
SubdivisionSearch<F>::SubdivisionSearch(const SearchPlan& plan, SearchHost& host,
                                        const DescentOptions& options)
    : plan_(plan),
      host_(host),
      options_(options),
      cells_(plan.space(), plan.tolerances(), plan.outward()),
      k_(plan.dimension()),
      stages_with_sums_(plan.stage_count() - (options.keep_outputs ? 0 : 1)),
      rows_(plan),
      row_(static_cast<std::size_t>(k_ + 1)),
      value_(static_cast<std::size_t>(k_ + 1)),
      point_(static_cast<std::size_t>(k_)),
      safe_(plan.safe()),
      follows_(safe_ || (options.objective != nullptr && options.objective->measures_cells())),
      planes_(plan.space(), plan.outward().side_error),
      goal_(options.goal) {
  if constexpr (requires { cells_.keep_redundant_rows(); }) {
    if (options.objective != nullptr) cells_.keep_redundant_rows();
  }
  if (goal_ != nullptr) {
    goal_bounds_ = std::make_unique<GoalBounds>(*goal_);
    compares_only_ = goal_->compares_only();
  }
  Index most_values = 0;
  Index most_compared = 0;
  for (Index s = 0; s < plan.stage_count(); ++s) {
    const StagePlan& stage = plan.stage(s);
    low_.ensure(stage.into->stride());
    high_.ensure(stage.into->stride());
    largest_.ensure(stage.into->stride());
    bits_.ensure(3 * (stage.into->stride() / 64 + 1));
    most_values = std::max(most_values, stage.stage->width());
    for (const PlannedUnit& unit : stage.units) {
      if (unit.function != nullptr) continue;
      const Index contest = std::min(unit.row_count, kMostCompared);
      most_compared = std::max({most_compared, unit.row_count, contest * (contest - 1) / 2});
    }
  }
  differences_.ensure(padded(most_compared) * (k_ + 1));
  difference_low_.ensure(padded(most_compared));
  difference_high_.ensure(padded(most_compared));
  settled_.resize(static_cast<std::size_t>(most_values));
  settled_values_.resize(settled_.size());
  direct_.ensure(padded(most_values) + kRowBlock);
  settled_rows_.resize(static_cast<std::size_t>(most_values * (k_ + 1)));
}

template <class F>
bool SubdivisionSearch<F>::run(const Interval& interval, RegionList& found) {
  found_ = &found;
  found_before_ = found.count;
  noted_ = found.mark();
  last_.clear();
  path_.start(interval);
  cells_at_gift_ = cells_made_;
  stopped_ = false;
  cells_.memory().release({});
  forget_cuts(0);
  try {
    start();
  } catch (const ExactProgram::Interrupted&) {  // what was found before stays
    stopped_ = true;
  }
  if (path_.retracing() && !stopped_) throw_foreign_start();
  if (stopped_) found.drop_notes_after(noted_);
  return !stopped_;
}

template <class F>
Interval SubdivisionSearch<F>::remaining() const {
  Interval rest = path_.interval();
  const bool has_found = found_ != nullptr && found_->count > found_before_;
  if (!has_found && last_.empty()) return rest;
  rest.from.clear();
  rest.after = last_;
  if (has_found) {
    const StateWord* state = found_->state(found_->count - 1);
    rest.after.assign(state, state + found_->words);
  }
  rest.start_position = last_position_;
  return rest;
}

template <class F>
void SubdivisionSearch<F>::start() {
  Node node;
  node.cell = cells_.root();
  node.sums = plan_.first_sums();
  node.scale = plan_.input_scale();
  if (plan_.stage_count() == 0) {
    emit(node);
  } else {
    enter_stage(node, 0);
    descend(node);
  }
}

// Searches what is left of a node.
template <class F>
void SubdivisionSearch<F>::descend(Node& node) {
  while (true) {
    const StagePlan& stage = plan_.stage(node.stage);
    if (node.fresh && stage.single_breakpoints && node.open.count - node.place >= kWorthSorting) {
      filter_open(node);
    }
    if (goal_ != nullptr && hopeless(node)) return;
    for (; node.place < node.open.count; ++node.place) {
      const bool piecewise = stage.units[node.open.units[node.place].unit].function != nullptr;
      if (!(piecewise ? advance_piecewise(node) : advance_maximum(node))) return;
    }
    if (node.stage + 1 == plan_.stage_count()) {
      if (goal_ != nullptr && contradicts(node)) return;
      break;
    }
    enter_stage(node, node.stage + 1);
  }
  emit(node);
}

// A part of a split, on which the open unit at hand is decided.
template <class F>
void SubdivisionSearch<F>::branch(Node& part, Index choice, Index arity, Index towards) {
  if (!path_.enter(static_cast<std::int32_t>(choice), static_cast<std::int32_t>(arity),
                   static_cast<std::int32_t>(towards))) {
    return;
  }
  share_work();
  if (!stopped_) descend(part);
  path_.leave();
}

template <class F>
void SubdivisionSearch<F>::share_work() {
  if (++cells_made_ % kCellsBetweenPolls<F> == 0) {
    last_position_ = path_.position();
    if (!host_.keep_going(last_position_)) stopped_ = true;
  }
  if (options_.idle->load(std::memory_order_relaxed) == 0) return;
  if (cells_made_ - cells_at_gift_ < options_.cells_before_sharing) return;
  cells_at_gift_ = cells_made_;
  if (auto rest = path_.split()) host_.take_work(std::move(*rest));
}

// The first boundary of an open unit, with its row in row_.
template <class F>
typename SubdivisionSearch<F>::Question SubdivisionSearch<F>::question_at(const Node& node,
                                                                          Index place) {
  const OpenUnit& open = node.open.units[place];
  const double* plane = node.open.rows + place;
  for (Index c = 0; c <= k_; ++c) row_[c] = plane[c * node.open.stride];
  return {open.unit, open.boundary, open.length, row_.data(), open.error, open.largest};
}

template <class F>
bool SubdivisionSearch<F>::surely_cuts(const Node& node, const Question& question) const {
  return kExactRanges<F> && node.sure && question.error <= plan_.tolerances().row_error;
}

// The same as cuts(), which is asked only if the unit's first row is not clear of all corners, or not
// beyond some on both sides.
template <class F>
bool SubdivisionSearch<F>::cuts_at_first(const Node& node, Question& question) {
  if constexpr (kCutAsks<F> && kListsPoints<F>) {
    const bool single = plan_.stage(node.stage).single_breakpoints;
    if (single && question.error <= plan_.tolerances().row_error) {
      const PointList points = cells_.points(node.cell);
      Kernels::Side side;
      kernels_.side(points.data, points.plane, k_, question.row, plan_.tolerances().cut, question.error,
                    &side);
      if (side.some_above && side.some_below) return true;
      if (side.all_above || side.all_below) {
        question.boundary = side.all_above ? 1 : 0;
        return false;
      }
    }
  }
  return cuts(node.cell, node.stage, question);
}

// Decides an open unit on the cell at hand (true), or splits the cell and searches the parts.
template <class F>
bool SubdivisionSearch<F>::advance_piecewise(Node& node) {
  Question question = question_at(node, node.place);
  if (surely_cuts(node, question)) {
    if constexpr (!kCutAsks<F>) static_cast<void>(cells_.reach(node.cell, question.row));
  } else if (!cuts_at_first(node, question)) {
    if (recording()) record_piece(node.cell, node.stage, question.unit, question.boundary);
    decide(node, question, question.boundary);
    return true;
  }
  const bool two = plan_.stage(node.stage).units[question.unit].function->pieces() == 2;
  if (options_.objective != nullptr && two) {
    split_best_first(node, question);
  } else {
    split(node, question);
  }
  return false;
}

// The pieces above the lowest are cut off one by one, so that parts come in ascending order. The node
// becomes what is left above.
template <class F>
void SubdivisionSearch<F>::split(Node& node, Question& question) {
  const PlannedUnit& unit = plan_.stage(node.stage).units[question.unit];
  StackMemory& memory = cells_.memory();
  const StackMemory::Mark before = memory.mark();
  const auto towards = [&] {
    if (!path_.follows_state()) return 0;
    return plan_.layout().get(path_.after().data(), unit.number) > question.boundary ? 1 : 0;
  };
  Index entered = 0;
  const Index cuts_before = size_of(cuts_);
  if (node.pending_count > most_inherited(plan_.stage(node.stage))) add_pending(node);
  const auto go_on = [](Node& rest) {
    rest.fresh = true;
    rest.sure = false;
    ++rest.place;
  };
  bool inside = true;
  do {
    const Origin origin = unit.origin(question.boundary);
    if (recording()) record_passed(node.cell, node.stage, question);
    Node part = node;
    part.own = false;  // the others need the sums as they are
    go_on(part);
    cells_.cut(part.cell, question.row, origin, node.cell, part.cell, shift_of(question, origin));
    if (follows_) follow_cut(boundary_of(node.stage, question), origin, question, false);
    const StackMemory::Mark mark = memory.mark();
    decide(part, question, question.boundary);
    if (recording()) options_.recorder->begin_part(origin, false);
    branch(part, 0, 2, towards());
    if (recording()) options_.recorder->end_part();
    memory.release(mark);
    inside = !stopped_ && path_.enter(1, 2, towards());
    if (!inside) break;
    if (follows_) turn_cut();
    if (recording()) options_.recorder->begin_part(origin, true);
    ++entered;
    share_work();
    ++question.boundary;
    question.row = nullptr;
  } while (cuts(node.cell, node.stage, question));
  if (inside) {
    if (recording()) record_piece(node.cell, node.stage, question.unit, question.boundary);
    go_on(node);
    decide(node, question, question.boundary);
    descend(node);
  }
  for (; entered > 0; --entered) {
    path_.leave();
    if (recording()) options_.recorder->end_part();
  }
  if (follows_) forget_cuts(cuts_before);
  memory.release(before);
}

// Is the unit's boundary in question, or a later one, a proper cut of the cell? If not,
// question.boundary becomes the piece that the unit has on the whole cell.
template <class F>
bool SubdivisionSearch<F>::cuts(const Cell& cell, Index stage, Question& question) {
  const PiecewiseFunction& function = *plan_.stage(stage).units[question.unit].function;
  const double cut = plan_.tolerances().cut;
  for (; question.boundary + 1 < function.pieces(); ++question.boundary) {
    if (question.row == nullptr) {
      rows_.row(stage, plan_.stage(stage).units[question.unit].first_row, row_.data());
      normalise(row_.data(), k_, function.breakpoints()[question.boundary], question.length,
                row_.data());
      question.row = row_.data();
      if (safe_) {
        question.error = row_error(stage, plan_.stage(stage).units[question.unit].first_row,
                                   function.breakpoints()[question.boundary], question.length,
                                   row_.data());
      }
    }
    if (safe_) {
      const Place place = place_safely(cell, boundary_of(stage, question), question);
      if (place == Place::across) return true;
      if (place == Place::below) return false;
      question.row = nullptr;
      continue;
    }
    const Reach reach = cells_.reach(cell, question.row);
    if (reach.above > cut && reach.below > cut) return true;
    if (std::min(reach.above, reach.below) > 0.0) note_undecided(cell, stage, question, reach);
    if (reach.below > reach.above) break;  // the cell lies below this breakpoint
    question.row = nullptr;
  }
  return false;
}

template class SubdivisionSearch<SegmentCells>;
template class SubdivisionSearch<PolygonCells>;
template class SubdivisionSearch<VertexCells>;
template class SubdivisionSearch<LpCells>;

}  // namespace facetry
