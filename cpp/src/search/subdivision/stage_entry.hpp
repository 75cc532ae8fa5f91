// A cell enters a stage: all units that keep one piece on the whole cell are settled, most of them
// many at once, and the others are listed as open.
#pragma once

#include <algorithm>
#include <cmath>

#include "geometry/bit_set.hpp"
#include "search/subdivision/cut_test.hpp"
#include "search/subdivision/maximum_contest.hpp"
#include "search/subdivision/recording.hpp"
#include "search/subdivision/sum_writer.hpp"

namespace facetry {

// Guarantees, numbered as the tests are:
//  1. A unit that is settled has its piece, by CutTest or MaximumContest, on the whole cell; one
//     that is not is open. A unit that depends on an open one is open; one that is not asked is
//     settled with piece 0.
//  2. Open units are in order, each with the row of the first boundary that may cut the cell,
//     normalised.
//  3. Afterwards node.sums are the next stage's, by all that is settled and carried on (SumWriter),
//     and `ranges` are those of the stage's rows on the cell (but see
//     MaximumContest::compares_only).
// REQUIRES: what is referred to outlives it; all units of the stage before are decided.
// Cost: one pass of a kernel over the stage's rows and the cell's points, then a question for each
// unit that it leaves open or doubtful, then one product with the next map.
template <class F>
class StageEntry {
 public:
  using Cell = typename F::Cell;

  // What it works with: parts of one search.
  struct Parts {
    const SearchPlan& plan;
    PathRows& rows;
    F& cells;
    RowRanges& ranges;
    SumWriter& sums;
    ExactFollower<F>& exact;
    Recording<F>& recording;
    CutTest<F>& test;
    MaximumContest<F>& contest;
  };
  explicit StageEntry(const Parts& parts);

  // node.sums are the stage's pre-activations now, node.sums.scale the magnitudes of its inputs.
  void enter(Node<Cell>& node, Index stage);

 private:
  void classify(const Node<Cell>& node, Index stage);
  void clear_rounding(Index stage, const std::uint64_t* doubtful);
  void make_room(Node<Cell>& node, Index open_count);
  void settle_quickly(Node<Cell>& node, Index stage);
  void open_quickly(Node<Cell>& node, Index stage, Index unit);
  void settle_carefully(Node<Cell>& node, Index stage, Index unit);
  void settle_piecewise(Node<Cell>& node, Index stage, Index unit);
  void settle_maximum(Node<Cell>& node, Index stage, Index unit);
  void settle(Node<Cell>& node, Index stage, Index unit, Index piece) {
    recording_.piece(node.cell, stage, unit, piece);
    sums_.settle(node.sums, stage, unit, piece, largest_[plan_.stage(stage).units[unit].first_row]);
  }
  void keep_open(Node<Cell>& node, const OpenUnit& unit, const double* row);
  void pad_open(const OpenUnits& open) const;

  const SearchPlan& plan_;
  PathRows& rows_;
  F& cells_;
  RowRanges& ranges_;
  SumWriter& sums_;
  ExactFollower<F>& exact_;
  Recording<F>& recording_;
  CutTest<F>& test_;
  MaximumContest<F>& contest_;
  const RowKernels& kernels_ = row_kernels();
  bool safe_;
  Index k_;
  WorkArray<double> largest_;      // gradient entry of each row of the stage
  WorkArray<std::uint64_t> bits_;  // what is known about them
  RowScale above_scale_;           // of the rows above their breakpoints
  std::vector<double> row_;
};

template <class F>
StageEntry<F>::StageEntry(const Parts& parts)
    : plan_(parts.plan),
      rows_(parts.rows),
      cells_(parts.cells),
      ranges_(parts.ranges),
      sums_(parts.sums),
      exact_(parts.exact),
      recording_(parts.recording),
      test_(parts.test),
      contest_(parts.contest),
      safe_(parts.plan.safe()),
      k_(parts.plan.dimension()),
      row_(static_cast<std::size_t>(k_ + 1)) {
  Index most = 0;
  for (Index s = 0; s < plan_.stage_count(); ++s)
    most = std::max(most, plan_.stage(s).into->stride());
  largest_.ensure(most);
  std::fill_n(largest_.data(), most, 0.0);  // of maxima alone it is not asked
  bits_.ensure(3 * (most / 64 + 1));
}

template <class F>
void StageEntry<F>::enter(Node<Cell>& node, Index s) {
  const StagePlan& plan = plan_.stage(s);
  StageRows& rows = rows_.stage(s);
  sums_.add_pending(node.sums, node.stage);
  rows.scale = node.sums.scale;
  rows.pre = node.sums.planes;
  rows.has_inputs = false;
  if (safe_) rows_.bound_rounding(s);
  node.stage = s;
  node.place = 0;
  sums_.begin_stage(node.sums, s);
  if (!safe_ || !plan.only_maxima) {
    classify(node, s);
  } else if (!contest_.compares_only(s)) {
    cells_.ranges(node.cell, {rows.pre, plan.into->rows(), plan.into->stride()}, ranges_.low.data(),
                  ranges_.high.data());
  }
  node.fresh = false;
  node.sure = true;
  if (plan.single_breakpoints) {
    settle_quickly(node, s);
  } else {
    make_room(node, size_of(plan.units));
    for (Index u = 0; u < size_of(plan.units); ++u) settle_carefully(node, s, u);
  }
  pad_open(node.open);
  sums_.add_settled(node.sums, s);
  ranges_.measured = true;
}

// The ranges of the stage's rows on the node's cell, and what they say at once: ranges_, bits_,
// largest_.
template <class F>
void StageEntry<F>::classify(const Node<Cell>& node, Index s) {
  const StagePlan& plan = plan_.stage(s);
  const MapColumns& into = *plan.into;
  const StageRows& rows = rows_.stage(s);
  KernelPoints points{nullptr, 0, 0, 0};
  if constexpr (kListsPoints<F>) {
    points = kernel_points(cells_.points(node.cell));
  } else {
    cells_.ranges(node.cell, {rows.pre, into.rows(), into.stride()}, ranges_.low.data(),
                  ranges_.high.data());
  }
  const Index words = (into.stride() + 63) / 64;
  kernels_.classify(rows.pre, into.stride(), k_,
                    {ranges_.low.data(), ranges_.high.data(), plan.breakpoints.data(),
                     safe_ ? rows.noise_slopes : plan.noise_slopes.data(), plan.noise_bases.data(),
                     safe_ ? rows.noise_scale : rows.scale.gradient + rows.scale.offset,
                     safe_ ? 0.0 : rows.scale.gradient, points},
                    {bits_.data(), bits_.data() + words, bits_.data() + 2 * words, largest_.data(),
                     &above_scale_.gradient, &above_scale_.offset});
  if (!safe_) clear_rounding(s, bits_.data() + 2 * words);
}

// Writes gradients that are zero up to rounding as zero, and so the offsets of such rows that are:
// otherwise what cancellation left of a flat unit would be all that the next stage sees, and
// nothing there could tell it from a slope. `doubtful` marks the rows that may be such.
template <class F>
void StageEntry<F>::clear_rounding(Index s, const std::uint64_t* doubtful) {
  const MapColumns& into = *plan_.stage(s).into;
  StageRows& rows = rows_.stage(s);
  double* copy = nullptr;
  for_bits(doubtful, (into.stride() + 63) / 64, [&](Index r) {
    if (r >= into.rows() || !rows_.zero_gradient(s, r, largest_[r])) return;
    const Stage& stage = *plan_.stage(s).stage;
    const double noise = plan_.predicates().offset_noise(stage, r, rows_.stage(s).scale);
    const double stored = rows.pre[k_ * into.stride() + r];
    if (largest_[r] == 0.0 && (stored == 0.0 || std::abs(stored) > noise)) return;  // nothing to do
    if (copy == nullptr) {
      copy = cells_.memory().template take<double>(into.size());
      std::copy_n(rows.pre, into.size(), copy);
      rows.pre = copy;
    }
    for (Index c = 0; c < k_; ++c) copy[c * into.stride() + r] = 0.0;
    double& offset = copy[k_ * into.stride() + r];
    if (std::abs(offset) <= noise) offset = 0.0;
    largest_[r] = 0.0;
    ranges_.low[r] = offset;
    ranges_.high[r] = offset;
  });
}

// An empty list of open units, for so many at most.
template <class F>
void StageEntry<F>::make_room(Node<Cell>& node, Index open_count) {
  OpenUnits& open = node.open;
  open = {};
  if (open_count == 0) return;
  open.stride = padded(open_count);
  open.units = cells_.memory().template take<OpenUnit>(open_count);
  open.rows = cells_.memory().template take<double>(open.stride * (k_ + 1));
}

// The units of a stage with one breakpoint each: most are settled by a comparison each, many at
// once.
template <class F>
void StageEntry<F>::settle_quickly(Node<Cell>& node, Index s) {
  const StagePlan& plan = plan_.stage(s);
  const Index count = size_of(plan.units);
  const Index words = (plan.into->stride() + 63) / 64;
  StateWord* state = rows_.state().data();
  std::uint64_t* above = bits_.data();
  std::uint64_t* below = above + words;
  std::uint64_t* open = below + words;
  for (Index w = 0; w < plan_.layout().words(); ++w) state[w] &= ~plan.state_mask[w];
  Index open_count = 0;
  for (Index w = 0; w < words; ++w) {
    const Index left = count - w * 64;
    const std::uint64_t valid = left >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << left) - 1;
    above[w] &= valid & ~open[w];  // doubtful ones stay open
    below[w] &= valid & ~open[w];
    open[w] = valid & ~above[w] & ~below[w];
    open_count += count_bits(open[w]);
  }
  if (plan.all_relu) {
    recording_.pieces(node.cell, s, above, 1);
    recording_.pieces(node.cell, s, below, 0);
    sums_.settle_marked(node.sums, s, above, above_scale_);
  } else {
    for_bits(above, words, [&](Index u) { settle(node, s, u, 1); });
    for_bits(below, words, [&](Index u) { settle(node, s, u, 0); });
  }
  make_room(node, open_count);
  for_bits(open, words, [&](Index u) { open_quickly(node, s, u); });
}

// Keeps a unit with one breakpoint open if its range says that it cuts the cell; else there is more
// to ask.
template <class F>
void StageEntry<F>::open_quickly(Node<Cell>& node, Index s, Index u) {
  if constexpr (kExactRanges<F>) {
    const double t = plan_.stage(s).breakpoints[u];
    rows_.row(s, u, row_.data());
    const double length = gradient_length(row_.data(), k_);
    const double clear = 2.0 * plan_.tolerances().cut * length;
    if (ranges_.high[u] - t > clear && t - ranges_.low[u] > clear) {
      normalise(row_.data(), k_, t, length, row_.data());
      const double error = safe_ ? exact_.row_error(s, u, t, length, row_.data()) : 0.0;
      if (error <= plan_.tolerances().row_error) {
        keep_open(node, {static_cast<std::int32_t>(u), 0, length, error, largest_[u]}, row_.data());
        return;
      }
    }
  }
  settle_piecewise(node, s, u);
}

template <class F>
void StageEntry<F>::settle_carefully(Node<Cell>& node, Index s, Index u) {
  const PlannedUnit& unit = plan_.stage(s).units[u];
  if (unit.only_if >= 0 && node.is_open(unit.only_if)) {
    keep_open(node, {static_cast<std::int32_t>(u), 0, 0.0, 0.0, 0.0}, nullptr);
  } else if (!is_asked(plan_, s, unit, rows_.state().data())) {
    exact_.touch();
    settle(node, s, u, 0);
  } else if (unit.function != nullptr) {
    settle_piecewise(node, s, u);
  } else {
    settle_maximum(node, s, u);
  }
}

// Decides a maximum if one argument is ahead of all others on the whole cell, by a margin.
template <class F>
void StageEntry<F>::settle_maximum(Node<Cell>& node, Index s, Index u) {
  const Index winner = contest_.winner(node.cell, node.certain, s, u, !contest_.compares_only(s));
  if (winner >= 0) {
    settle(node, s, u, winner);
  } else {
    keep_open(node, {static_cast<std::int32_t>(u), 0, 0.0, 0.0, 0.0}, nullptr);
  }
}

// Decides the unit if it keeps one piece on the whole cell, or keeps it open.
template <class F>
void StageEntry<F>::settle_piecewise(Node<Cell>& node, Index s, Index u) {
  const Stage& stage = *plan_.stage(s).stage;
  const PlannedUnit& unit = plan_.stage(s).units[u];
  const std::vector<double>& breakpoints = unit.function->breakpoints();
  const Index r = unit.first_row;
  const double low = ranges_.low[r];
  const double high = ranges_.high[r];
  const double noise =
      safe_ ? 0.0 : plan_.predicates().offset_noise(stage, r, rows_.stage(s).scale);
  // Far from every breakpoint a range is enough, and neither length nor direction matters.
  Index piece = 0;
  const auto room = [&] {
    return safe_ ? rows_.row_error(s, r, breakpoints[piece])
                 : plan_.predicates().breakpoint_noise(breakpoints[piece], noise);
  };
  while (piece < size_of(breakpoints) && low > breakpoints[piece] + room()) ++piece;
  if (piece == size_of(breakpoints) || high < breakpoints[piece] - room())
    return settle(node, s, u, piece);
  rows_.row(s, r, row_.data());
  if (safe_ && stage.map.row_norms()[r] == 0.0) {  // the bias, and nothing is rounded
    return settle(node, s, u, unit.function->piece_at(row_[k_]));
  }
  if (!safe_ && largest_[r] == 0.0) {
    return settle(node, s, u, plan_.predicates().constant_piece(stage.units[u], row_[k_], noise));
  }
  const double length = gradient_length(row_.data(), k_);
  const double clear = 2.0 * plan_.tolerances().cut * length;
  const double t = breakpoints[piece];
  if (length > 0.0) normalise(row_.data(), k_, t, length, row_.data());
  Question question{u, piece, length, row_.data()};
  if (safe_) question.error = exact_.row_error(s, r, t, length, row_.data());
  const bool surely_cut = kExactRanges<F> && high - t > clear && t - low > clear &&
                          question.error <= plan_.tolerances().row_error;
  if (!surely_cut && !test_.cuts(node.cell, s, question))
    return settle(node, s, u, question.boundary);
  node.sure = node.sure && surely_cut;
  keep_open(node,
            {static_cast<std::int32_t>(u), static_cast<std::int32_t>(question.boundary), length,
             question.error, largest_[r]},
            question.row);
}

template <class F>
void StageEntry<F>::keep_open(Node<Cell>& node, const OpenUnit& unit, const double* row) {
  OpenUnits& open = node.open;
  double* plane = open.rows + open.count;
  for (Index c = 0; c <= k_; ++c) plane[c * open.stride] = row != nullptr ? row[c] : 0.0;
  open.units[open.count++] = unit;
  open.error = std::max(open.error, unit.error);
}

// Rows are read in whole blocks.
template <class F>
void StageEntry<F>::pad_open(const OpenUnits& open) const {
  for (Index c = 0; c <= k_; ++c) {
    double* plane = open.rows + c * open.stride;
    std::fill(plane + open.count, plane + padded(open.count), 0.0);
  }
}

}  // namespace facetry
