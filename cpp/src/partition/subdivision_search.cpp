// Subdivision: for each stage the pre-activations are formed once per cell that enters it; its units
// are then decided in order. A unit whose boundary properly cuts the cell splits it and the parts
// are searched one after the other, so leaves come in lexicographic order of their states; any
// other unit keeps one piece on the whole cell. Buffers are shared along the path: a branch writes
// the rows of the units it decides before anything reads them.
#include "partition/subdivision_search.hpp"

#include <cmath>
#include <limits>

#include "facetry/geometry/lp_cell.hpp"
#include "facetry/geometry/vertex_cell.hpp"

namespace facetry {

namespace {

constexpr Index kCellsBetweenPolls = 16;

// row = raw / length, with the offset moved by -shift first. Returns nothing; gradient length 1.
void normalise(const double* raw, Index k, double shift, double length, double* row) {
  for (Index i = 0; i < k; ++i) row[i] = raw[i] / length;
  row[k] = (raw[k] - shift) / length;
}

double gradient_length(const double* row, Index k) {
  double sum = 0.0;
  for (Index i = 0; i < k; ++i) sum += row[i] * row[i];
  return std::sqrt(sum);
}

bool same_up_to_sign(const double* a, const double* b, Index length) {
  bool equal = true;
  bool opposite = true;
  for (Index i = 0; i < length; ++i) {
    equal = equal && a[i] == b[i];
    opposite = opposite && a[i] == -b[i];
  }
  return equal || opposite;
}

}  // namespace

template <class C>
SubdivisionSearch<C>::SubdivisionSearch(const NormalForm& form, const FreeSpace& space,
                                        const StateLayout& layout, const Tolerances& tolerances)
    : form_(form),
      space_(space),
      layout_(layout),
      tolerances_(tolerances),
      predicates_(form, tolerances),
      pass_(form, tolerances),
      open_(form.stages().size()),
      state_(static_cast<std::size_t>(layout.words()), 0),
      row_(static_cast<std::size_t>(space.dimension() + 1)),
      point_(static_cast<std::size_t>(space.dimension())) {
  pass_.start_in(space);
}

template <class C>
typename SubdivisionSearch<C>::Level& SubdivisionSearch<C>::level(Index depth) {
  while (size_of(levels_) <= depth) levels_.push_back(std::make_unique<Level>());
  return *levels_[depth];
}

template <class C>
void SubdivisionSearch<C>::enumerate(Subtree<C>& root, RegionList& found,
                                     const std::function<bool()>& keep_going) {
  found_ = &found;
  parts_ = nullptr;
  keep_going_ = &keep_going;
  stopped_ = false;
  resume(root);
}

template <class C>
void SubdivisionSearch<C>::split_once(Subtree<C>& root, std::vector<Subtree<C>>& parts,
                                      RegionList& undecided) {
  found_ = &undecided;
  parts_ = &parts;
  keep_going_ = nullptr;
  stopped_ = false;
  resume(root);
}

// Fills the buffers as if the search had come to the subtree by itself, and goes on.
template <class C>
void SubdivisionSearch<C>::resume(Subtree<C>& root) {
  state_ = root.state;
  const Index stages = size_of(form_.stages());
  for (Index s = 0; s <= root.stage && s < stages; ++s) {
    pass_.enter_stage(s);
    if (s == root.stage) break;
    decide_all(s);
    pass_.finish_stage(s);
  }
  if (root.stage < stages) {
    if (root.open) {
      open_[root.stage] = *root.open;
      decide_all(root.stage);  // open units too: their rows are written again before they are read
    } else {
      find_open_units(root.cell, root.stage);
    }
  }
  run(root.cell, root.stage, 0, 0);
}

// Writes the rows of all units of a stage by the states at hand.
template <class C>
void SubdivisionSearch<C>::decide_all(Index s) {
  const Stage& stage = form_.stages()[s];
  for (Index u = 0; u < size_of(stage.units); ++u) {
    pass_.decide(s, u, layout_.get(state_.data(), stage.first_unit + u));
  }
}

// Decides every unit that keeps one piece on the whole cell, and so on every part of it; the others
// are open.
template <class C>
void SubdivisionSearch<C>::find_open_units(C& cell, Index s) {
  const Stage& stage = form_.stages()[s];
  std::vector<Position>& open = open_[s];
  open.clear();
  for (Index u = 0; u < size_of(stage.units); ++u) {
    Position at{s, u, 0};
    const bool settled = stage.units[at.unit].kind == UnitKind::piecewise
                             ? settle_piecewise(cell, at)
                             : settle_maximum(cell, at);
    if (!settled) open.push_back(at);
  }
}

// Searches the part `cell` from the open unit number `place` of stage `s` on.
template <class C>
void SubdivisionSearch<C>::run(C& cell, Index s, Index place, Index depth) {
  for (const Index stages = size_of(form_.stages()); s < stages; ++s, place = 0) {
    for (; place < size_of(open_[s]); ++place) {
      const Position at = open_[s][place];
      const bool decided = form_.stages()[s].units[at.unit].kind == UnitKind::piecewise
                               ? advance_piecewise(cell, at, place, depth)
                               : advance_maximum(cell, at, place, depth);
      if (!decided) return;
    }
    pass_.finish_stage(s);
    if (s + 1 < stages) {
      pass_.enter_stage(s + 1);
      find_open_units(cell, s + 1);
    }
  }
  if (parts_ != nullptr) {
    parts_->push_back({cell, state_, s, std::nullopt});
  } else {
    emit(cell);
  }
}

template <class C>
void SubdivisionSearch<C>::emit(C& cell) {
  cell.facets(facets_);
  cell.interior_point(point_.data());
  found_->add(state_.data(), point_.data(), facets_);
  stopped_ = !(*keep_going_)();
}

// Writes the state of the unit at `at` and its value on the cell.
template <class C>
void SubdivisionSearch<C>::decide(const Position& at, Index piece) {
  layout_.set(state_.data(), form_.stages()[at.stage].first_unit + at.unit, piece);
  pass_.decide(at.stage, at.unit, piece);
}

// A part of a split, on which the open unit number `place` is decided: searched at once, or kept as
// a subtree when only one split is wanted.
template <class C>
void SubdivisionSearch<C>::branch(C& cell, Index s, Index place, Index depth) {
  if (parts_ != nullptr) {
    const std::vector<Position> open(open_[s].begin() + place + 1, open_[s].end());
    parts_->push_back({cell, state_, s, open});
    return;
  }
  if (stopped_) return;
  if (++cells_ % kCellsBetweenPolls == 0) stopped_ = !(*keep_going_)();
  if (!stopped_) run(cell, s, place + 1, depth);
}

// Decides the unit if it keeps one piece on the whole cell. Otherwise at.boundary is the first
// breakpoint that cuts the cell, row_ its hyperplane, and the cell has just measured it.
template <class C>
bool SubdivisionSearch<C>::settle_piecewise(C& cell, Position& at) {
  const Stage& stage = form_.stages()[at.stage];
  const Unit& unit = stage.units[at.unit];
  const PiecewiseFunction& function = form_.function(unit);
  const RowScale& scale = pass_.scale(at.stage);
  const Index k = space_.dimension();
  const double* raw = pass_.pre_row(at.stage, unit.first_row);
  const double noise = predicates_.offset_noise(stage, unit.first_row, scale);
  // Far from every breakpoint a range is enough, and neither length nor direction matters.
  const auto [low, high] = cell.range(raw);
  while (at.boundary + 1 < function.pieces() &&
         low > function.breakpoints()[at.boundary] +
                   predicates_.breakpoint_noise(function.breakpoints()[at.boundary], noise)) {
    ++at.boundary;
  }
  const bool last = at.boundary + 1 == function.pieces();
  if (last || high < function.breakpoints()[at.boundary] -
                         predicates_.breakpoint_noise(function.breakpoints()[at.boundary], noise)) {
    decide(at, at.boundary);
    return true;
  }
  if (predicates_.zero_gradient(stage, unit.first_row, raw, pass_.inputs(at.stage), scale)) {
    decide(at, predicates_.constant_piece(unit, raw[k], noise));
    return true;
  }
  const double length = gradient_length(raw, k);
  for (; at.boundary + 1 < function.pieces(); ++at.boundary) {
    normalise(raw, k, function.breakpoints()[at.boundary], length, row_.data());
    const Reach reach = cell.reach(row_.data());
    if (reach.above > tolerances_.cut && reach.below > tolerances_.cut) return false;
    if (std::min(reach.above, reach.below) > 0.0) note_undecided(cell, at, at.boundary, reach);
    if (reach.below > reach.above) break;  // the cell lies below this breakpoint
  }
  decide(at, at.boundary);
  return true;
}

// Decides an open unit on a part of the cell it was open on, or splits that part. The pieces above
// the lowest are cut off one by one, so that parts come in ascending order.
template <class C>
bool SubdivisionSearch<C>::advance_piecewise(C& cell, Position at, Index place, Index depth) {
  const std::int32_t number =
      static_cast<std::int32_t>(form_.stages()[at.stage].first_unit + at.unit);
  C* rest = &cell;
  bool whole = true;
  while (!settle_piecewise(*rest, at)) {
    Level& parts = level(depth++);
    rest->cut(row_.data(), {number, static_cast<std::int32_t>(at.boundary)}, parts.above,
              parts.below);
    decide(at, at.boundary);
    branch(parts.below, at.stage, place, depth);
    if (stopped_) return false;
    rest = &parts.above;
    whole = false;
    ++at.boundary;
  }
  if (!whole) branch(*rest, at.stage, place, depth);
  return whole;
}

// Decides a maximum if one argument is ahead of all others on the whole cell, by a margin.
template <class C>
bool SubdivisionSearch<C>::settle_maximum(C& cell, Position& at) {
  const Stage& stage = form_.stages()[at.stage];
  const Unit& unit = stage.units[at.unit];
  const Index k = space_.dimension();
  const auto margin = [&](Index argument) {
    return predicates_.offset_noise(stage, unit.first_row + argument, pass_.scale(at.stage));
  };
  const auto ahead = [&](Index winner, Index loser) {
    const double* own = pass_.pre_row(at.stage, unit.first_row + winner);
    const double* other = pass_.pre_row(at.stage, unit.first_row + loser);
    for (Index i = 0; i <= k; ++i) row_[i] = own[i] - other[i];
    return cell.range(row_.data()).low > margin(winner) + margin(loser);
  };
  for (Index winner = 0; winner < unit.row_count; ++winner) {
    Index loser = 0;
    while (loser < unit.row_count && (loser == winner || ahead(winner, loser))) ++loser;
    if (loser < unit.row_count) continue;
    decide(at, winner);
    return true;
  }
  return false;
}

// The k-way split at a maximum: one part per argument that wins somewhere, in order.
template <class C>
bool SubdivisionSearch<C>::advance_maximum(C& cell, Position at, Index place, Index depth) {
  const Unit& unit = form_.stages()[at.stage].units[at.unit];
  Level& parts = level(depth);
  for (Index winner = 0; winner < unit.row_count; ++winner) {
    bool clipped = false;
    C* part = clip_to_winner(cell, at, winner, parts, clipped);
    if (part == nullptr) continue;
    decide(at, winner);
    if (!clipped) return true;  // wins on the whole cell: no other argument is left
    branch(*part, at.stage, place, depth + 1);
    if (stopped_) return false;
  }
  return false;
}

// The part of `cell` where argument `winner` is the largest, or null if it has no interior or an
// argument that comes first is the same there.
template <class C>
C* SubdivisionSearch<C>::clip_to_winner(C& cell, const Position& at, Index winner, Level& parts,
                                        bool& clipped) {
  const Stage& stage = form_.stages()[at.stage];
  const Unit& unit = stage.units[at.unit];
  const Index k = space_.dimension();
  const double* own = pass_.pre_row(at.stage, unit.first_row + winner);
  const std::int32_t number = static_cast<std::int32_t>(stage.first_unit + at.unit);
  C* current = &cell;
  for (Index loser = 0; loser < unit.row_count; ++loser) {
    if (loser == winner) continue;
    const double* other = pass_.pre_row(at.stage, unit.first_row + loser);
    for (Index i = 0; i <= k; ++i) row_[i] = own[i] - other[i];
    const Index first = unit.first_row + winner;
    const Index second = unit.first_row + loser;
    if (predicates_.zero_difference(stage, first, second, row_.data(), pass_.inputs(at.stage),
                                    pass_.scale(at.stage))) {
      const double noise = predicates_.offset_noise(stage, first, pass_.scale(at.stage)) +
                           predicates_.offset_noise(stage, second, pass_.scale(at.stage));
      const bool tie = std::abs(row_[k]) <= noise;
      if (tie ? loser < winner : row_[k] < 0.0) return nullptr;
      continue;
    }
    const double length = gradient_length(row_.data(), k);
    normalise(row_.data(), k, 0.0, length, row_.data());
    const Reach reach = current->reach(row_.data());
    const bool above = reach.above > tolerances_.cut;
    const bool below = reach.below > tolerances_.cut;
    if (above && below) {
      C* target = current == &parts.above ? &parts.below : &parts.above;
      current->cut(row_.data(), {number, static_cast<std::int32_t>(loser)}, *target, parts.spare);
      current = target;
      clipped = true;
      continue;
    }
    const bool thin = std::min(reach.above, reach.below) > 0.0;
    if (thin) note_undecided(*current, at, loser, reach);
    if (reach.below > reach.above) return nullptr;
  }
  return current;
}

// Is the row at hand, bit for bit, one that was decided before on this path? Then a reach that is
// not zero is rounding, and the tie is certain.
template <class C>
bool SubdivisionSearch<C>::exact_copy(const Position& at) const {
  const Index k = space_.dimension();
  std::vector<double> other(static_cast<std::size_t>(k + 1));
  const BoxedRows& sides = space_.constraints();
  Vector gradient;
  for (Index c = 0; c < sides.constraint_count(); ++c) {
    sides.gradient(c, gradient);
    std::copy(gradient.data(), gradient.data() + k, other.begin());
    other[k] = sides.slack(c, Vector::Zero(k));
    if (same_up_to_sign(other.data(), row_.data(), k + 1)) return true;
  }
  for (Index s = 0; s <= at.stage; ++s) {
    const Stage& stage = form_.stages()[s];
    const Index units = s == at.stage ? at.unit : size_of(stage.units);
    for (Index u = 0; u < units; ++u) {
      const Unit& unit = stage.units[u];
      if (unit.kind != UnitKind::piecewise) continue;
      const double* raw = pass_.pre_row(s, unit.first_row);
      const double length = gradient_length(raw, k);
      if (length == 0.0) continue;
      for (const double t : form_.function(unit).breakpoints()) {
        normalise(raw, k, t, length, other.data());
        if (same_up_to_sign(other.data(), row_.data(), k + 1)) return true;
      }
    }
  }
  return false;
}

template <class C>
void SubdivisionSearch<C>::note_undecided(const C& cell, const Position& at, Index boundary,
                                          const Reach& reach) {
  if (exact_copy(at)) return;
  const bool above_is_thin = reach.above < reach.below;
  UndecidedCut cut;
  const Index unit = form_.stages()[at.stage].first_unit + at.unit;
  cut.boundary = {static_cast<std::int32_t>(unit), static_cast<std::int32_t>(boundary)};
  cut.reach = std::min(reach.above, reach.below);
  cut.place.resize(static_cast<std::size_t>(space_.dimension()));
  cell.farthest(above_is_thin, cut.place.data());
  found_->add_undecided(std::move(cut));
}

template class SubdivisionSearch<VertexCell>;
template class SubdivisionSearch<LpCell>;

}  // namespace facetry
