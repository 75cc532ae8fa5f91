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
      pass_(form),
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
  replay(root);
  run(root.cell, root.position, 0);
}

template <class C>
void SubdivisionSearch<C>::split_once(Subtree<C>& root, std::vector<Subtree<C>>& parts,
                                      RegionList& undecided) {
  found_ = &undecided;
  parts_ = &parts;
  keep_going_ = nullptr;
  stopped_ = false;
  replay(root);
  run(root.cell, root.position, 0);
}

// Fills the buffers as if the search had come to the subtree's position by itself.
template <class C>
void SubdivisionSearch<C>::replay(const Subtree<C>& root) {
  state_ = root.state;
  for (Index s = 0; s <= root.position.stage && s < size_of(form_.stages()); ++s) {
    pass_.enter_stage(s);
    const Stage& stage = form_.stages()[s];
    const bool last = s == root.position.stage;
    const Index decided = last ? root.position.unit : size_of(stage.units);
    for (Index u = 0; u < decided; ++u) {
      decide({s, u, 0}, layout_.get(state_.data(), stage.first_unit + u));
    }
    if (!last) pass_.finish_stage(s);
  }
}

template <class C>
void SubdivisionSearch<C>::run(C& cell, Position at, Index depth) {
  while (at.stage < size_of(form_.stages())) {
    const Stage& stage = form_.stages()[at.stage];
    while (at.unit < size_of(stage.units)) {
      const Outcome outcome = stage.units[at.unit].kind == UnitKind::piecewise
                                  ? advance_piecewise(cell, at, depth)
                                  : advance_maximum(cell, at, depth);
      if (outcome != Outcome::decided) return;
    }
    pass_.finish_stage(at.stage);
    at = {at.stage + 1, 0, 0};
    if (at.stage < size_of(form_.stages())) pass_.enter_stage(at.stage);
  }
  if (parts_ != nullptr) {
    parts_->push_back({cell, state_, at});
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

// A part of a split: searched at once, or kept as a subtree when only one split is wanted.
template <class C>
void SubdivisionSearch<C>::branch(C& cell, Position at, Index depth) {
  if (parts_ != nullptr) {
    parts_->push_back({cell, state_, at});
    return;
  }
  if (stopped_) return;
  if (++cells_ % kCellsBetweenPolls == 0) stopped_ = !(*keep_going_)();
  if (!stopped_) run(cell, at, depth);
}

template <class C>
auto SubdivisionSearch<C>::advance_piecewise(C& cell, Position& at, Index depth) -> Outcome {
  const Stage& stage = form_.stages()[at.stage];
  const Unit& unit = stage.units[at.unit];
  const PiecewiseFunction& function = form_.function(unit);
  const Index k = space_.dimension();
  const double* raw = pass_.pre_row(at.stage, unit.first_row);
  const Position next{at.stage, at.unit + 1, 0};
  if (predicates_.zero_gradient(stage, unit.first_row, raw, pass_.inputs(at.stage), pass_.scale(at.stage))) {
    const double noise = predicates_.offset_noise(stage, unit.first_row, pass_.scale(at.stage));
    decide(at, predicates_.constant_piece(unit, raw[k], noise));
    at = next;
    return Outcome::decided;
  }
  const double length = gradient_length(raw, k);
  for (; at.boundary + 1 < function.pieces(); ++at.boundary) {
    normalise(raw, k, function.breakpoints()[at.boundary], length, row_.data());
    const Reach reach = cell.reach(row_.data());
    const bool above = reach.above > tolerances_.cut;
    const bool below = reach.below > tolerances_.cut;
    if (above && below) {
      Level& parts = level(depth);
      const std::int32_t number = static_cast<std::int32_t>(stage.first_unit + at.unit);
      cell.cut(row_.data(), {number, static_cast<std::int32_t>(at.boundary)}, parts.above,
               parts.below);
      decide(at, at.boundary);
      branch(parts.below, next, depth + 1);
      branch(parts.above, {at.stage, at.unit, at.boundary + 1}, depth + 1);
      return Outcome::split;
    }
    if (std::min(reach.above, reach.below) > 0.0) note_undecided(cell, at, at.boundary, reach);
    if (reach.below > reach.above) break;  // the cell lies below this breakpoint
  }
  decide(at, at.boundary);
  at = next;
  return Outcome::decided;
}

// The k-way split at a maximum: one part per argument that wins somewhere, in order.
template <class C>
auto SubdivisionSearch<C>::advance_maximum(C& cell, Position& at, Index depth) -> Outcome {
  const Unit& unit = form_.stages()[at.stage].units[at.unit];
  const Position next{at.stage, at.unit + 1, 0};
  Level& parts = level(depth);
  for (Index winner = 0; winner < unit.row_count; ++winner) {
    bool clipped = false;
    C* part = clip_to_winner(cell, at, winner, parts, clipped);
    if (part == nullptr) continue;
    decide(at, winner);
    if (!clipped) {  // wins on the whole cell: no other argument is left
      at = next;
      return Outcome::decided;
    }
    branch(*part, next, depth + 1);
    if (stopped_) return Outcome::stopped;
  }
  return Outcome::split;
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
