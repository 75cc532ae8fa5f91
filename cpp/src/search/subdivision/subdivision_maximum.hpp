// How maxima are decided: a contest of the arguments drops those that cannot be the largest anywhere on
// the cell, and the cell is split among the others. Included by subdivision_search.cpp alone.
#pragma once

#include <algorithm>
#include <cmath>

#include "search/subdivision/subdivision_search.hpp"

namespace facetry {

// All pairs of so many contenders are compared at once; where more are left, each waits for its turn.
constexpr Index kMostCompared = 8;

// Decides a maximum if one argument is ahead of all others on the whole cell, by a margin.
template <class F>
void SubdivisionSearch<F>::settle_maximum(Node& node, Index s, Index u) {
  const Index winner = contest(node, s, u, !compares_only(s));
  if (winner >= 0) {
    settle(node, s, u, winner);
  } else {
    keep_open(node, {static_cast<std::int32_t>(u), 0, 0.0, 0.0, 0.0}, nullptr);
  }
}

// Does a stage ask of its maxima only whether the one argument that is wanted wins, or later questions?
template <class F>
bool SubdivisionSearch<F>::compares_only(Index s) const {
  return compares_only_ && s + 1 == plan_.stage_count();
}

// Marks which arguments contend (contenders()); the rest is behind one that does, everywhere on the cell and
// by a margin: it need not be asked about there. The winner, if only one is left that may be it; else -1.
// `by_ranges`: are the ranges of the stage's rows at hand?
template <class F>
Index SubdivisionSearch<F>::contest(const Node& node, Index s, Index u, bool by_ranges) {
  const Index count = plan_.stage(s).units[u].row_count;
  char* contends = contenders(s, u);
  std::fill_n(contends, count, char{1});
  const Index wanted = only_winner(s, u);
  if (by_ranges && wanted < 0) drop_by_ranges(s, u);
  drop_by_differences(node, s, u);
  const bool decided = std::count(contends, contends + count, char{1}) == 1;
  const Index winner = decided ? std::find(contends, contends + count, char{1}) - contends : -1;
  // A recorder is told of every argument unless one wins: none is left out then.
  if (winner < 0 && recording()) std::fill_n(contends, count, char{1});
  return wanted < 0 || winner == wanted ? winner : -1;
}

// What a row's values on the region may be off by.
template <class F>
double SubdivisionSearch<F>::room_of(Index s, Index row) const {
  if (safe_) return rows_.row_error(s, row, 0.0);
  return plan_.predicates().offset_noise(*plan_.stage(s).stage, row, rows_.stage(s).scale);
}

// Drops arguments whose largest value is below the smallest of another one.
template <class F>
void SubdivisionSearch<F>::drop_by_ranges(Index s, Index u) {
  const PlannedUnit& unit = plan_.stage(s).units[u];
  char* contends = contenders(s, u);
  double sure = -std::numeric_limits<double>::infinity();
  for (Index a = unit.first_row; a < unit.first_row + unit.row_count; ++a) {
    sure = std::max(sure, low_[a] - room_of(s, a));
  }
  for (Index a = 0; a < unit.row_count; ++a) {
    const Index row = unit.first_row + a;
    if (high_[row] + room_of(s, row) < sure) contends[a] = 0;
  }
}

// Has the bound of a target said that the wanted argument is ahead of this one on the whole cell?
template <class F>
bool SubdivisionSearch<F>::is_certainly_behind(const Node& node, Index row) const {
  if (node.certain_count == 0) return false;
  const Index target = goal_->target_against(row);
  return target >= 0 && node.is_certain(target);
}

// The pairs of arguments to compare: the wanted one and each that it is not known to be ahead of, or all that
// contend, if they are few.
template <class F>
void SubdivisionSearch<F>::list_pairs(const Node& node, Index s, Index u) {
  const PlannedUnit& unit = plan_.stage(s).units[u];
  char* contends = contenders(s, u);
  const Index wanted = only_winner(s, u);
  pairs_.clear();
  if (wanted >= 0) {
    for (Index a = 0; a < unit.row_count; ++a) {
      if (a == wanted) continue;
      contends[a] = is_certainly_behind(node, unit.first_row + a) ? 0 : 1;
      if (contends[a] != 0) pairs_.push_back({wanted, a});
    }
    return;
  }
  if (std::count(contends, contends + unit.row_count, char{1}) > kMostCompared) return;
  for (Index a = 0; a < unit.row_count; ++a) {
    for (Index b = a + 1; b < unit.row_count; ++b) {
      if (contends[a] != 0 && contends[b] != 0) pairs_.push_back({a, b});
    }
  }
}

// Compares the contenders with each other, or with the one that is wanted.
template <class F>
void SubdivisionSearch<F>::drop_by_differences(const Node& node, Index s, Index u) {
  list_pairs(node, s, u);
  if (pairs_.empty()) return;
  const Index first = plan_.stage(s).units[u].first_row;
  const Index count = size_of(pairs_);
  const Index stride = padded(count);
  const Index row_stride = plan_.stage(s).into->stride();
  for (Index c = 0; c <= k_; ++c) {
    const double* rows = rows_.stage(s).pre + c * row_stride + first;
    double* out = differences_.data() + c * stride;
    for (Index p = 0; p < count; ++p) out[p] = rows[pairs_[p][0]] - rows[pairs_[p][1]];
    std::fill(out + count, out + stride, 0.0);
  }
  cells_.ranges(node.cell, {differences_.data(), count, stride}, difference_low_.data(),
                difference_high_.data());
  char* contends = contenders(s, u);
  for (Index p = 0; p < count; ++p) {
    const auto [a, b] = pairs_[p];
    const double room = room_of(s, first + a) + room_of(s, first + b);
    if (difference_low_[p] > room) contends[b] = 0;
    if (difference_high_[p] < -room) contends[a] = 0;
  }
}

// The k-way split at a maximum: one part per argument that wins somewhere, in order.
template <class F>
bool SubdivisionSearch<F>::advance_maximum(Node& node) {
  const Index index = node.open.units[node.place].unit;
  const PlannedUnit& unit = plan_.stage(node.stage).units[index];
  if (!is_asked(node.stage, unit)) {
    decide(node, {index}, 0);
    return true;
  }
  if (unit.only_if >= 0) {  // on the whole cell that entered the stage nothing was asked
    const Index winner = contest(node, node.stage, index, false);
    if (winner >= 0) {
      record_piece(node.cell, node.stage, index, winner);
      decide(node, {index}, winner);
      return true;
    }
  }
  const char* contends = contenders(node.stage, index);
  StackMemory& memory = cells_.memory();
  add_pending(node);  // once for all parts
  const StackMemory::Mark mark = memory.mark();
  const Index cuts_before = size_of(cuts_);
  const Index wanted = only_winner(node.stage, index);
  for (Index winner = 0; winner < unit.row_count && !stopped_; ++winner) {
    if (contends[winner] == 0 || (wanted >= 0 && winner != wanted)) continue;
    Node part = node;
    const Side side = clip_to_winner(part.cell, node.stage, index, winner);
    if (side == Side::all) {  // wins on the whole cell: no other argument is left
      record_piece(node.cell, node.stage, index, winner);
      decide(node, {index}, winner);
      return true;
    }
    if (side == Side::part) {
      part.own = false;
      part.fresh = true;
      part.sure = false;
      ++part.place;
      decide(part, {index}, winner);
      // An arity beyond two: such a branch is not given away (SearchPath::split).
      const Index towards =
          path_.follows_state() ? plan_.layout().get(path_.after().data(), unit.number) : 0;
      branch(part, winner, std::max<Index>(3, unit.row_count), towards);
    }
    for (Index cut = size_of(cuts_); cut > cuts_before && recording(); --cut) {
      options_.recorder->end_part();
    }
    if (follows_) forget_cuts(cuts_before);
    memory.release(mark);
  }
  return false;
}

// Clips the cell to the part where argument `winner` is the largest: all of it, a part, or none (no
// interior, or an argument that comes first is the same there).
template <class F>
typename SubdivisionSearch<F>::Side SubdivisionSearch<F>::clip_to_winner(Cell& cell, Index stage,
                                                                         Index index, Index winner) {
  const PlannedUnit& unit = plan_.stage(stage).units[index];
  const Stage& own_stage = *plan_.stage(stage).stage;
  const RowScale& scale = rows_.stage(stage).scale;
  const UnitPredicates& predicates = plan_.predicates();
  const double cut = plan_.tolerances().cut;
  const char* contends = contenders(stage, index);
  Side side = Side::all;
  for (Index loser = 0; loser < unit.row_count; ++loser) {
    if (loser == winner || contends[loser] == 0) continue;
    const Index first = unit.first_row + winner;
    const Index second = unit.first_row + loser;
    rows_.row(stage, first, row_.data());
    rows_.row(stage, second, value_.data());
    for (Index c = 0; c <= k_; ++c) row_[c] -= value_[c];
    if (safe_) {
      const Place place = clip_safely(cell, stage, index, winner, loser);
      if (place == Place::below) return Side::none;
      if (place == Place::across) side = Side::part;
      continue;
    }
    if (rows_.zero_difference(stage, first, second, row_.data())) {
      const double noise = predicates.offset_noise(own_stage, first, scale) +
                           predicates.offset_noise(own_stage, second, scale);
      const bool tie = std::abs(row_[k_]) <= noise;
      if (tie ? loser < winner : row_[k_] < 0.0) return Side::none;
      continue;
    }
    const double length = gradient_length(row_.data(), k_);
    normalise(row_.data(), k_, 0.0, length, row_.data());
    const Question question{index, loser, length, row_.data()};
    const Reach reach = cells_.reach(cell, row_.data());
    if (reach.above > cut && reach.below > cut) {
      Cell dropped;
      const Cell whole = cell;
      cells_.cut(whole, row_.data(), unit.origin(loser), cell, dropped);
      if (follows_) follow_cut({stage, first, second, 0.0}, unit.origin(loser), question, true);
      side = Side::part;
      continue;
    }
    if (std::min(reach.above, reach.below) > 0.0) note_undecided(cell, stage, question, reach);
    if (reach.below > reach.above) return Side::none;
  }
  return side;
}

}  // namespace facetry
