// What becomes of the open units of a part that a cut left: most do not cut the smaller cell any
// more, and one pass over all of them is cheaper than a question to each at its turn.
#pragma once

#include <algorithm>

#include "geometry/bit_set.hpp"
#include "search/subdivision/cut_test.hpp"
#include "search/subdivision/recording.hpp"
#include "search/subdivision/sum_writer.hpp"

namespace facetry {

// Guarantees, numbered as the tests are:
//  1. Open units that keep one piece on the cell are settled, by CutTest where a pass over the
//     cell's points leaves it open; the others stay open, in order, with their rows.
//  2. node.sums have the values of all that was settled, and of what was pending.
//  3. With `keeps_ranges`, `ranges` bound the rows of all units that stay open on the cell.
// REQUIRES: what is referred to outlives it; the stage of a node has single breakpoints.
// Cost: one pass over the open units' rows and the cell's points, and a copy of the rows that stay.
template <class F>
class OpenFilter {
 public:
  using Cell = typename F::Cell;

  OpenFilter(const SearchPlan& plan, F& cells, RowRanges& ranges, SumWriter& sums,
             Recording<F>& recording, CutTest<F>& test, bool keeps_ranges)
      : plan_(plan),
        cells_(cells),
        ranges_(ranges),
        sums_(sums),
        recording_(recording),
        test_(test),
        keeps_ranges_(keeps_ranges),
        k_(plan.dimension()) {
    for (Index s = 0; s < plan.stage_count(); ++s) {
      const Index stride = padded(size_of(plan.stage(s).units));
      bits_.ensure(3 * (stride / 64 + 1));
      numbers_.ensure(stride + kRowBlock);
    }
  }

  // Is it worth a pass over the node's open units?
  [[nodiscard]] bool pays(const Node<Cell>& node) const {
    constexpr Index kWorthSorting = 3;
    return node.fresh && plan_.stage(node.stage).single_breakpoints &&
           node.open_count() >= kWorthSorting;
  }
  // Settles what keeps one piece. REQUIRES: at least one unit is open.
  void sort(Node<Cell>& node);

 private:
  void classify(const Node<Cell>& node, Index first, Index count, Index words);
  [[nodiscard]] bool settle_thin(Node<Cell>& node, Index place);
  void settle(Node<Cell>& node, Index place, Index piece) {
    const OpenUnit& open = node.open.units[place];
    recording_.piece(node.cell, node.stage, open.unit, piece);
    sums_.settle_open(node.sums, node.stage, open, piece);
  }
  void keep_ranges(const Node<Cell>& node, Index first, const std::uint64_t* across, Index words);
  void keep_across(Node<Cell>& node, Index first, Index kept);

  const SearchPlan& plan_;
  F& cells_;
  RowRanges& ranges_;
  SumWriter& sums_;
  Recording<F>& recording_;
  CutTest<F>& test_;
  const RowKernels& kernels_ = row_kernels();
  bool keeps_ranges_;
  Index k_;
  WorkArray<std::uint64_t> bits_;           // above, below, across: of the open units
  WorkArray<std::int32_t> numbers_;         // of those that stay
  WorkArray<double> open_low_, open_high_;  // of their rows
};

template <class F>
void OpenFilter<F>::sort(Node<Cell>& node) {
  const Index first = node.place / kRowBlock * kRowBlock;  // rows are read in whole blocks
  const Index count = node.open.count - first;
  const Index words = (count + 63) / 64;
  const std::uint64_t* above = bits_.data();
  const std::uint64_t* below = above + words;
  std::uint64_t* across = bits_.data() + 2 * words;
  classify(node, first, count, words);
  node.sure = true;
  sums_.begin_part(node.sums);
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
    for_bits(&up, 1, [&](Index i) { settle(node, at(i), 1); });
    for_bits(&down, 1, [&](Index i) { settle(node, at(i), 0); });
    kept += count_bits(across[w]);
  }
  node.fresh = false;
  if (keeps_ranges_) keep_ranges(node, first, across, words);
  if (kept == node.open_count()) return;
  sums_.add_settled_open(node.sums, node.stage);
  keep_across(node, first, kept);
}

// On which side each boundary from `first` leaves the cell, in bits_; none: it reaches into the
// cell by no more than the cut tolerance.
template <class F>
void OpenFilter<F>::classify(const Node<Cell>& node, Index first, Index count, Index words) {
  const OpenUnits& open = node.open;
  std::uint64_t* above = bits_.data();
  std::uint64_t* below = above + words;
  std::uint64_t* across = below + words;
  const double cut = plan_.tolerances().cut;
  if (!kListsPoints<F> || keeps_ranges_) {
    open_low_.ensure(open.stride);
    open_high_.ensure(open.stride);
    cells_.ranges(node.cell, {open.rows + first, count, open.stride}, open_low_.data(),
                  open_high_.data());
    kernels_.sort_ranges(open_low_.data(), open_high_.data(), count, open.error, cut, above, below,
                         across);
  } else if constexpr (kListsPoints<F>) {
    kernels_.sort_rows(open.rows + first, open.stride, count, k_,
                       kernel_points(cells_.points(node.cell)), open.error, cut, above, below,
                       across);
  }
}

// The ranges of the rows of units that stay open, for what looks at the goal next.
template <class F>
void OpenFilter<F>::keep_ranges(const Node<Cell>& node, Index first, const std::uint64_t* across,
                                Index words) {
  const StagePlan& plan = plan_.stage(node.stage);
  for_bits(across, words, [&](Index i) {
    const OpenUnit& unit = node.open.units[first + i];
    const double t = plan.breakpoints[unit.unit];
    ranges_.low[unit.unit] = open_low_[i] * unit.length + t;
    ranges_.high[unit.unit] = open_high_[i] * unit.length + t;
  });
  ranges_.measured = true;
}

// A unit whose boundary reaches into the cell by no more than the cut tolerance, or whose range is
// not known exactly. True: it is settled.
template <class F>
bool OpenFilter<F>::settle_thin(Node<Cell>& node, Index place) {
  if constexpr (!kExactRanges<F>) return false;
  Question question = test_.question_at(node.open, place);
  if (test_.cuts(node.cell, node.stage, question)) return false;
  settle(node, place, question.boundary);
  return true;
}

// Lists the `kept` units that are marked in the third part of bits_, counted from `first`.
template <class F>
void OpenFilter<F>::keep_across(Node<Cell>& node, Index first, Index kept) {
  const OpenUnits& old = node.open;
  const Index count = old.count - first;
  const std::uint64_t* across = bits_.data() + 2 * ((count + 63) / 64);
  kernels_.bit_numbers(across, count, numbers_.data());
  OpenUnits fresh;
  fresh.count = kept;
  fresh.stride = padded(kept);
  fresh.error = old.error;
  if (kept > 0) {
    fresh.units = cells_.memory().template take<OpenUnit>(kept);
    fresh.rows = cells_.memory().template take<double>(fresh.stride * (k_ + 1));
    for (Index i = 0; i < kept; ++i) fresh.units[i] = old.units[first + numbers_[i]];
    kernels_.gather(old.rows + first, old.stride, numbers_.data(), kept, k_ + 1, fresh.rows,
                    fresh.stride);
    for (Index c = 0; c <= k_; ++c) {
      std::fill(fresh.rows + c * fresh.stride + kept, fresh.rows + (c + 1) * fresh.stride, 0.0);
    }
  }
  node.open = fresh;
  node.place = 0;
}

}  // namespace facetry
