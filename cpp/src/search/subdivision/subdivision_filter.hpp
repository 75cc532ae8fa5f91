// What a search does with the open units of a part that a cut left: most do not cut the smaller cell any
// more, and one pass over all of them is cheaper than a question to each at its turn. Included by
// subdivision_search.cpp alone.
#pragma once

#include <algorithm>
#include <cmath>

#include "kernels/kernels.hpp"
#include "facetry/geometry/bit_set.hpp"
#include "search/subdivision/subdivision_search.hpp"

namespace facetry {

// Settles the open units that keep one piece on the cell; the others stay open, in order.
// REQUIRES: the stage has single breakpoints.
template <class F>
void SubdivisionSearch<F>::filter_open(Node& node) {
  const OpenUnits& open = node.open;
  const Index first = node.place / kRowBlock * kRowBlock;  // rows are read in whole blocks
  const Index count = open.count - first;
  const Index words = (count + 63) / 64;
  std::uint64_t* above = bits_.data();
  std::uint64_t* below = above + words;
  std::uint64_t* across = below + words;
  const double cut = plan_.tolerances().cut;
  const bool measures = !kListsPoints<F> || goal_ != nullptr;
  if (measures) {
    open_low_.ensure(open.stride);
    open_high_.ensure(open.stride);
    cells_.ranges(node.cell, {open.rows + first, count, open.stride}, open_low_.data(), open_high_.data());
    kernels_.sort_ranges(open_low_.data(), open_high_.data(), count, open.error, cut, above, below, across);
  } else if constexpr (kListsPoints<F>) {
    kernels_.sort_rows(open.rows + first, open.stride, count, k_,
                       kernel_points(cells_.points(node.cell)), open.error, cut, above, below, across);
  }
  // Added with what is settled now.
  node.sure = true;
  direct_count_ = node.pending_count;
  std::copy_n(node.pending.data(), node.pending_count, direct_.data());
  settled_count_ = 0;
  Index kept = 0;
  for (Index w = 0; w < words; ++w) {
    const Index before = w == 0 ? node.place - first : 0;
    const Index left = std::min<Index>(64, count - w * 64);
    const std::uint64_t valid = (~std::uint64_t{0} >> (64 - left)) & (~std::uint64_t{0} << before);
    const auto at = [&](Index i) { return first + w * 64 + i; };
    across[w] &= valid;
    const std::uint64_t thin = valid & ~above[w] & ~below[w] & ~across[w];
    for_bits(&thin, 1, [&](Index i) {
      if (settle_thin(node, at(i))) return;
      across[w] |= std::uint64_t{1} << i;
      node.sure = false;
    });
    const std::uint64_t up = above[w] & valid;
    const std::uint64_t down = below[w] & valid;
    for_bits(&up, 1, [&](Index i) { settle_open(node, at(i), 1); });
    for_bits(&down, 1, [&](Index i) { settle_open(node, at(i), 0); });
    kept += count_bits(across[w]);
  }
  node.fresh = false;
  if (goal_ != nullptr) keep_ranges(node, first, across, words);
  if (kept == open.count - node.place) return;
  add_settled_open(node);
  keep_across(node, first, kept);
}

// The ranges of the rows of units that stay open, for what looks at the goal next.
template <class F>
void SubdivisionSearch<F>::keep_ranges(const Node& node, Index first, const std::uint64_t* across, Index words) {
  const StagePlan& plan = plan_.stage(node.stage);
  for_bits(across, words, [&](Index i) {
    const OpenUnit& unit = node.open.units[first + i];
    const double t = plan.breakpoints[unit.unit];
    low_[unit.unit] = open_low_[i] * unit.length + t;
    high_[unit.unit] = open_high_[i] * unit.length + t;
  });
  measured_ = true;
}

// A unit whose boundary reaches into the cell by no more than the cut tolerance, or whose range is not
// known exactly. True: it is settled.
template <class F>
bool SubdivisionSearch<F>::settle_thin(Node& node, Index place) {
  if constexpr (!kExactRanges<F>) return false;
  Question question = question_at(node, place);
  if (cuts(node.cell, node.stage, question)) return false;
  settle_open(node, place, question.boundary);
  return true;
}

template <class F>
void SubdivisionSearch<F>::settle_open(Node& node, Index place, Index piece) {
  if (recording()) record_piece(node.cell, node.stage, node.open.units[place].unit, piece);
  const OpenUnit& open = node.open.units[place];
  const StagePlan& plan = plan_.stage(node.stage);
  const PlannedUnit& unit = plan.units[open.unit];
  write_state(plan, open.unit, piece);
  if (!wants_sums(node.stage)) return;
  if (!unit.is_relu) {
    const bool nothing = unit.function->slope(piece) == 0.0 && unit.function->intercept(piece) == 0.0;
    if (!nothing) rows_.value(node.stage, open.unit, piece, list_value(open.unit));
  } else if (piece == 1) {
    direct_[direct_count_++] = static_cast<std::int32_t>(open.unit);
    const double offset = rows_.stage(node.stage).pre[k_ * plan.into->stride() + open.unit];
    node.scale.gradient = std::max(node.scale.gradient, open.largest);
    node.scale.offset = std::max(node.scale.offset, std::abs(offset));
    node.scale.error = std::max(node.scale.error, rows_.stage(node.stage).value_error);
  }
}

// Adds what was settled to the node's sums.
template <class F>
void SubdivisionSearch<F>::add_settled_open(Node& node) {
  if (direct_count_ + settled_count_ == 0) return;
  node.pending_count = 0;
  const StagePlan& plan = plan_.stage(node.stage);
  double* out = own_sums(node);
  plan.next->add_rows(node.sums, out, rows_.stage(node.stage).pre, plan.into->stride(),
                      direct_.data(), direct_count_);
  for (Index i = 0; i < settled_count_; ++i) grow(node.scale, settled_values_[i], k_);
  if (settled_count_ > 0) {
    node.scale.error = std::max(node.scale.error, rows_.stage(node.stage).value_error);
  }
  if (settled_count_ > 0) {
    plan.next->add(out, out, {settled_.data(), settled_values_.data(), 1, settled_count_}, columns_);
  }
  node.sums = out;
  node.own = true;
}

// Lists the `kept` units that are marked in the third part of bits_, counted from `first`.
template <class F>
void SubdivisionSearch<F>::keep_across(Node& node, Index first, Index kept) {
  const OpenUnits& old = node.open;
  const Index count = old.count - first;
  const std::uint64_t* across = bits_.data() + 2 * ((count + 63) / 64);
  kernels_.bit_numbers(across, count, direct_.data());
  OpenUnits fresh;
  fresh.count = kept;
  fresh.stride = padded(kept);
  fresh.error = old.error;
  if (kept > 0) {
    fresh.units = cells_.memory().template take<OpenUnit>(kept);
    fresh.rows = cells_.memory().template take<double>(fresh.stride * (k_ + 1));
    for (Index i = 0; i < kept; ++i) fresh.units[i] = old.units[first + direct_[i]];
    kernels_.gather(old.rows + first, old.stride, direct_.data(), kept, k_ + 1, fresh.rows,
                     fresh.stride);
    for (Index c = 0; c <= k_; ++c) {
      std::fill(fresh.rows + c * fresh.stride + kept, fresh.rows + (c + 1) * fresh.stride, 0.0);
    }
  }
  node.open = fresh;
  node.place = 0;
}

}  // namespace facetry
