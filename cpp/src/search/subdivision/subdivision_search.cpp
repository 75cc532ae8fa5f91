// Subdivision: a cell that enters a stage knows the stage's pre-activations as affine functions.
// Units that keep one piece on the whole cell are settled at once; the others are decided in order.
// One whose boundary properly cuts the cell splits it, and the parts are searched one after the
// other, so leaves come in lexicographic order of their states. The next stage's pre-activations
// are added up on the way: what the settled units give once for the cell, then one rank-1 term per
// decision.
#include "search/subdivision/subdivision_search.hpp"

#include <algorithm>
#include <utility>

#include "facetry/base/error.hpp"
#include "geometry/lp_cells.hpp"
#include "geometry/polygon_cells.hpp"
#include "geometry/segment_cells.hpp"
#include "geometry/vertex_cells.hpp"

namespace facetry {

namespace {

// Cells that answer by linear programs may take a second each where there are hundreds of
// dimensions.
template <class F>
constexpr Index kCellsBetweenPolls = kListsPoints<F> || kExactRanges<F> ? 64 : 1;

[[noreturn]] void throw_foreign_start() {
  throw InvalidInput("the frontier does not belong to this search");
}

}  // namespace

template <class F>
SubdivisionSearch<F>::SubdivisionSearch(const SearchPlan& plan, SearchHost& host,
                                        const DescentOptions& options)
    : plan_(plan),
      host_(host),
      options_(options),
      cells_(plan.space(), plan.tolerances(), plan.outward()),
      rows_(plan),
      ranges_(plan),
      sums_(plan, rows_, cells_.memory(), options.keep_outputs),
      exact_(plan, rows_, cells_,
             plan.safe() || options.cell_objective != nullptr || options.measures != Measures::none,
             [this] { return host_.keep_going(listing_.position()); }),
      measure_(plan, exact_, options.measures),
      recording_(options.recorder, plan, rows_, path_, cells_),
      test_(plan, rows_, path_, cells_, exact_),
      contest_(plan, rows_, cells_, ranges_, options.goal, recording_.on()),
      watch_(plan, rows_, cells_, ranges_, sums_, options.goal),
      entry_({plan, rows_, cells_, ranges_, sums_, exact_, recording_, test_, contest_}),
      filter_(plan, cells_, ranges_, sums_, recording_, test_, watch_.on()) {
  if (options.value_objective != nullptr) {
    guide_ = std::make_unique<ValueGuide<F>>(*options.value_objective, plan, rows_, *options.dive,
                                             watch_, exact_);
  } else if (options.cell_objective != nullptr) {
    guide_ = std::make_unique<CellGuide<F>>(*options.cell_objective, plan, rows_, cells_,
                                            *options.dive, watch_, exact_);
  }
  if constexpr (requires { cells_.keep_redundant_rows(); }) {
    if (guide_ != nullptr) cells_.keep_redundant_rows();
  }
}

template <class F>
bool SubdivisionSearch<F>::run(const Interval& interval, RegionList& found) {
  listing_.start(found);
  test_.note_in(found);
  path_.start(interval);
  cells_at_gift_ = cells_made_;
  stopped_ = false;
  cells_.memory().release({});
  exact_.keep(0);
  try {
    start();
  } catch (const ExactProgram::Interrupted&) {  // what was found before stays
    stopped_ = true;
  }
  if (path_.retracing() && !stopped_) throw_foreign_start();
  if (stopped_) listing_.drop_unfinished();
  return !stopped_;
}

template <class F>
void SubdivisionSearch<F>::start() {
  Node node;
  node.cell = cells_.root();
  node.sums.planes = plan_.first_sums();
  node.sums.scale = plan_.input_scale();
  if (plan_.stage_count() == 0) {
    emit(node);
  } else {
    entry_.enter(node, 0);
    descend(node);
  }
}

// Searches what is left of a node.
template <class F>
void SubdivisionSearch<F>::descend(Node& node) {
  while (true) {
    if (filter_.pays(node)) filter_.sort(node);
    if (watch_.on() && hopeless(node)) return;
    for (; node.place < node.open.count; ++node.place) {
      if (!advance(node)) return;
    }
    if (node.stage + 1 == plan_.stage_count()) break;
    entry_.enter(node, node.stage + 1);
  }
  if (watch_.on() && watch_.contradicts(node)) return;
  emit(node);
}

// Is it certain that the node holds nothing of what is wanted? What another search found promising
// is not asked again.
template <class F>
bool SubdivisionSearch<F>::hopeless(Node& node) {
  const bool measured = std::exchange(ranges_.measured, false);
  if (watch_.contradicts(node)) return true;
  if (path_.retracing()) return false;
  return guide_ != nullptr ? guide_->promises_little(node, measured)
                           : watch_.out_of_reach(node, measured);
}

template <class F>
void SubdivisionSearch<F>::emit(Node& node) {
  if (guide_ != nullptr) return guide_->report(node);
  if (path_.retracing()) {  // the region `after`: known already
    if (!path_.follows_state() || rows_.state() != path_.after()) throw_foreign_start();
    path_.reached_start();
    if (!options_.only_start) return;
    stopped_ = true;  // once it is listed
  }
  RegionList& found = listing_.list();
  RegionList::Place place = found.next(cells_.facet_room(node.cell));
  Index facets = describe(node.cell, place);
  if (plan_.safe()) {
    if (!exact_.proves_interior(node.cell, place.point))
      return;  // less than a hair was left, and in it nothing
    if (finds_facets() && exact_.facets_in_doubt()) {
      const std::vector<Origin>& exact = exact_.facets(node.cell, place.point);
      facets = size_of(exact);
      place.facets = found.facets.room_for(facets);
      std::copy_n(exact.data(), facets, place.facets);
    }
  }
  if (measure_.on()) measure_.write(node.cell, {place.facets, place.facets + facets}, place);
  if (options_.keep_outputs) sums_.write_outputs(node.sums, place.outputs);
  for (Index w = 0; w < found.words; ++w)
    place.state[w] = rows_.state()[w];  // few: less than a call takes
  recording_.leaf(place.state, place.point);
  listing_.finish(options_.keep_facets ? facets : 0, exact_.is_touched());
  if (found.count < options_.batch) return;
  stopped_ = !listing_.hand_over(rows_.state(), path_.position(),
                                 [this](RegionList& batch) { return host_.batch_full(batch); });
}

// The cell's interior point and, if they are wanted and cells can tell them, its facets: how many.
template <class F>
Index SubdivisionSearch<F>::describe(const Cell& cell, RegionList::Place& place) {
  if (plan_.safe() && cells_.facets_are_doubtful(cell)) {  // ExactFollower will say
    cells_.interior_point(cell, place.point);
    return 0;
  }
  if constexpr (requires { cells_.describe(cell, place.facets, place.point); }) {
    const Index facets = cells_.describe(cell, place.facets, place.point);
    return finds_facets() ? facets : 0;
  } else {
    const Index facets = finds_facets() ? cells_.facets(cell, place.facets) : 0;
    cells_.interior_point(cell, place.point);
    return facets;
  }
}

template <class F>
bool SubdivisionSearch<F>::advance(Node& node) {
  const OpenUnit& unit = node.open.units[node.place];
  const bool piecewise = plan_.stage(node.stage).units[unit.unit].function != nullptr;
  return piecewise ? advance_piecewise(node) : advance_maximum(node);
}

template <class F>
void SubdivisionSearch<F>::decide(Node& node, const Question& question, Index piece) {
  sums_.decide(node.sums, node.stage, question, piece);
}

template <class F>
bool SubdivisionSearch<F>::advance_piecewise(Node& node) {
  Question question = test_.question_at(node.open, node.place);
  if (!test_.cuts_open(node, question)) {
    recording_.piece(node.cell, node.stage, question.unit, question.boundary);
    decide(node, question, question.boundary);
    return true;
  }
  const bool two = unit_of(node, question).function->pieces() == 2;
  if (guide_ != nullptr && two) {
    split_best_first(node, question);
  } else {
    split(node, question);
  }
  return false;
}

// The pieces above the lowest are cut off one by one, so that parts come in ascending order. The
// node becomes what is left above.
template <class F>
void SubdivisionSearch<F>::split(Node& node, Question& question) {
  const Before before = here();
  const PlannedUnit& unit = unit_of(node, question);
  sums_.add_most_pending(node.sums, node.stage);
  bool inside = true;
  do {
    search_below(node, unit, question);
    inside = enter_above(unit, question);
  } while (inside && test_.cuts(node.cell, node.stage, question));
  if (inside) search_rest(node, question);
  leave_above(before.depth);
  forget(before);
}

// Cuts the node's cell: the part below is searched, and the node keeps the part above.
template <class F>
inline void SubdivisionSearch<F>::search_below(Node& node, const PlannedUnit& unit,
                                               const Question& question) {
  const Origin origin = unit.origin(question.boundary);
  recording_.passed(node.cell, node.stage, question);
  Node part = node;
  part.sums.own = false;  // the others need the sums as they are
  part.go_on();
  cells_.cut(part.cell, question.row, origin, node.cell, part.cell,
             exact_.shift_of(question, origin));
  exact_.follow_unit(node.stage, unit, question, false);
  const StackMemory::Mark mark = cells_.memory().mark();
  decide(part, question, question.boundary);
  recording_.begin_part(origin, false);
  branch(part, 0, 2, path_.follows_state() && state_ahead(unit) > question.boundary ? 1 : 0);
  recording_.end_part();
  cells_.memory().release(mark);
}

// Goes to the part above the question's boundary, and on to the next boundary. False: nothing of it
// is to be searched.
template <class F>
inline bool SubdivisionSearch<F>::enter_above(const PlannedUnit& unit, Question& question) {
  const Index towards = path_.follows_state() && state_ahead(unit) > question.boundary ? 1 : 0;
  if (stopped_ || !path_.enter(1, 2, static_cast<std::int32_t>(towards))) return false;
  exact_.turn_last();
  recording_.begin_part(unit.origin(question.boundary), true);
  share_work();
  ++question.boundary;
  question.row = nullptr;
  return true;
}

// The unit has one piece on what is left.
template <class F>
inline void SubdivisionSearch<F>::search_rest(Node& node, const Question& question) {
  recording_.piece(node.cell, node.stage, question.unit, question.boundary);
  node.go_on();
  decide(node, question, question.boundary);
  descend(node);
}

template <class F>
inline void SubdivisionSearch<F>::leave_above(Index depth) {
  while (path_.depth() > depth) {
    path_.leave();
    recording_.end_part();
  }
}

// Splits at the one breakpoint of a unit: the part that promises more is searched, the other may
// wait.
template <class F>
void SubdivisionSearch<F>::split_best_first(Node& node, const Question& question) {
  const Before before = here();
  const PlannedUnit& unit = unit_of(node, question);
  const Origin origin = unit.origin(question.boundary);
  sums_.add_pending(node.sums, node.stage);  // once for both parts
  Node parts[2] = {node, node};
  cells_.cut(node.cell, question.row, origin, parts[1].cell, parts[0].cell,
             exact_.shift_of(question, origin));
  double bounds[2] = {0.0, 0.0};
  for (Index piece = 0; piece < 2; ++piece) {
    Node& part = parts[piece];
    part.sums.own = false;
    part.go_on();
    decide(part, question, piece);
    if (path_.retracing()) continue;
    exact_.follow_unit(node.stage, unit, question, piece == 1);
    bounds[piece] = guide_->promise_of(part);
    exact_.keep(before.cuts);
  }
  if (path_.retracing()) {
    enter_part(parts[0], unit, question, 0);
    if (!stopped_) enter_part(parts[1], unit, question, 1);
  } else {
    const Index first = bounds[0] >= bounds[1] ? 0 : 1;
    guide_->dive().leave_aside(bounds[1 - first], [&] {
      TreePath other = path_.choices();
      other.push_back(static_cast<std::int32_t>(1 - first));
      return other;
    });
    enter_part(parts[first], unit, question, first);
  }
  forget(before);
}

template <class F>
void SubdivisionSearch<F>::enter_part(Node& part, const PlannedUnit& unit, const Question& question,
                                      Index piece) {
  const Index cuts = exact_.count();
  plan_.layout().set(rows_.state().data(), unit.number, piece);
  exact_.follow_unit(part.stage, unit, question, piece == 1);
  branch(part, piece, 2, piece);
  exact_.keep(cuts);
}

// The k-way split at a maximum: one part per argument that wins somewhere, in order.
template <class F>
bool SubdivisionSearch<F>::advance_maximum(Node& node) {
  const Index index = node.open.units[node.place].unit;
  const PlannedUnit& unit = plan_.stage(node.stage).units[index];
  if (!is_asked(plan_, node.stage, unit, rows_.state().data())) {
    exact_.touch();
    decide(node, {index}, 0);
    return true;
  }
  Index sole = -1;
  if (unit.only_if >= 0) {  // on the whole cell that entered the stage nothing was asked
    sole = contest_.winner(node.cell, node.certain, node.stage, index, false);
  }
  if (sole < 0) sums_.add_pending(node.sums, node.stage);  // once for all parts
  const Before before = here();
  for (Index winner = 0; winner < unit.row_count && sole < 0 && !stopped_; ++winner) {
    if (!contest_.may_win(node.stage, index, winner)) continue;
    Node part = node;
    const Side side = clip_to_winner(part.cell, node.stage, index, winner);
    if (side == Side::above) sole = winner;  // on the whole cell: no other argument is left
    if (side == Side::across) search_winner(part, index, winner);
    for (Index cut = exact_.count(); cut > before.cuts; --cut) recording_.end_part();
    forget(before);
  }
  if (sole < 0) return false;
  recording_.piece(node.cell, node.stage, index, sole);
  decide(node, {index}, sole);
  return true;
}

// Searches the part of a cell where an argument is the largest.
template <class F>
void SubdivisionSearch<F>::search_winner(Node& part, Index index, Index winner) {
  const PlannedUnit& unit = plan_.stage(part.stage).units[index];
  part.sums.own = false;
  part.go_on();
  decide(part, {index}, winner);
  // An arity beyond two: such a branch is not given away (SearchPath::split).
  branch(part, winner, std::max<Index>(3, unit.row_count),
         path_.follows_state() ? state_ahead(unit) : 0);
}

// Clips the cell to the part where argument `winner` is the largest: all of it (`above`), a part,
// or none (no interior, or an argument that comes first is the same there).
template <class F>
Side SubdivisionSearch<F>::clip_to_winner(Cell& cell, Index stage, Index index, Index winner) {
  const PlannedUnit& unit = plan_.stage(stage).units[index];
  Side clipped = Side::above;
  for (Index loser = 0; loser < unit.row_count; ++loser) {
    if (loser == winner || !contest_.contends(stage, index, loser)) continue;
    Question question{index, loser};
    const Origin origin = unit.origin(loser);
    const Side side = test_.compare(cell, stage, winner, question);
    if (side != Side::across) recording_.side(cell, origin, question.row, side == Side::above);
    if (side == Side::below) return side;
    if (side == Side::above) continue;
    recording_.begin_part(origin, true);
    const Cell whole = cell;
    Cell dropped;
    cells_.cut(whole, question.row, origin, cell, dropped, exact_.shift_of(question, origin));
    exact_.follow({stage, unit.first_row + winner, unit.first_row + loser, 0.0}, origin, question,
                  true);
    clipped = Side::across;
  }
  return clipped;
}

// A part of a split, on which the open unit at hand is decided.
template <class F>
inline void SubdivisionSearch<F>::branch(Node& part, Index choice, Index arity, Index towards) {
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
    listing_.move_to(path_.position());
    if (!host_.keep_going(listing_.position())) stopped_ = true;
  }
  if (options_.idle->load(std::memory_order_relaxed) == 0) return;
  if (cells_made_ - cells_at_gift_ < options_.cells_before_sharing) return;
  cells_at_gift_ = cells_made_;
  if (auto rest = path_.split()) host_.take_work(std::move(*rest));
}

template class SubdivisionSearch<SegmentCells>;
template class SubdivisionSearch<PolygonCells>;
template class SubdivisionSearch<VertexCells>;
template class SubdivisionSearch<LpCells>;

}  // namespace facetry
