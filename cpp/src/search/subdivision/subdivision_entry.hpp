// What a search does when a cell enters a stage: the members of SubdivisionSearch that settle all
// units which keep one piece on the whole cell. Included by subdivision_search.cpp alone.
#pragma once

#include <algorithm>
#include <cmath>

#include "kernels/kernels.hpp"
#include "facetry/geometry/bit_set.hpp"
#include "search/subdivision/subdivision_search.hpp"

namespace facetry {

inline Kernels::Points kernel_points(const PointList& points) {
  return {points.data, points.count, points.step, points.plane};
}

// node.sums are the stage's pre-activations now, node.scale the magnitudes of its inputs.
template <class F>
void SubdivisionSearch<F>::enter_stage(Node& node, Index s) {
  const StagePlan& plan = plan_.stage(s);
  const MapColumns& into = *plan.into;
  StageRows& rows = rows_.stage(s);
  add_pending(node);
  rows.scale = node.scale;
  rows.pre = node.sums;
  if (safe_) rows_.bound_rounding(s);
  node.stage = s;
  node.place = 0;
  node.scale = {};
  settled_count_ = 0;
  direct_count_ = 0;
  marked_ = false;
  carry_values(s);
  if (!safe_ || !plan.only_maxima) {
    classify(node, s);
  } else if (!compares_only(s)) {
    cells_.ranges(node.cell, {rows.pre, into.rows(), into.stride()}, low_.data(), high_.data());
  }
  node.fresh = false;
  node.sure = true;
  if (plan.single_breakpoints) {
    settle_quickly(node, s);
  } else {
    make_room(node, size_of(plan.units));
    for (Index u = 0; u < size_of(plan.units); ++u) settle_carefully(node, s, u);
  }
  const OpenUnits& open = node.open;
  for (Index c = 0; c <= k_; ++c) {
    double* plane = open.rows + c * open.stride;
    std::fill(plane + open.count, plane + padded(open.count), 0.0);
  }
  add_settled(node, s);
  measured_ = goal_ != nullptr;
}

// The ranges of the stage's rows on the node's cell, and what they say at once: low_, high_, bits_, largest_.
template <class F>
void SubdivisionSearch<F>::classify(const Node& node, Index s) {
  const StagePlan& plan = plan_.stage(s);
  const MapColumns& into = *plan.into;
  const StageRows& rows = rows_.stage(s);
  Kernels::Points points{nullptr, 0, 0, 0};
  if constexpr (kListsPoints<F>) {
    points = kernel_points(cells_.points(node.cell));
  } else {
    cells_.ranges(node.cell, {rows.pre, into.rows(), into.stride()}, low_.data(), high_.data());
  }
  const Index words = (into.stride() + 63) / 64;
  kernels_.classify(rows.pre, into.stride(), k_,
                    {low_.data(), high_.data(), plan.breakpoints.data(),
                     safe_ ? rows.noise_slopes : plan.noise_slopes.data(), plan.noise_bases.data(),
                     safe_ ? rows.noise_scale : rows.scale.gradient + rows.scale.offset,
                     safe_ ? 0.0 : rows.scale.gradient, points},
                    {bits_.data(), bits_.data() + words, bits_.data() + 2 * words, largest_.data(),
                     &above_scale_.gradient, &above_scale_.offset});
  if (!safe_) clear_rounding(s, bits_.data() + 2 * words);
}

// An empty list of open units, for so many at most.
template <class F>
void SubdivisionSearch<F>::make_room(Node& node, Index open_count) {
  OpenUnits& open = node.open;
  open = {};
  if (open_count == 0) return;
  open.stride = padded(open_count);
  open.units = cells_.memory().template take<OpenUnit>(open_count);
  open.rows = cells_.memory().template take<double>(open.stride * (k_ + 1));
}

// Copies the values that the stage passes on.
template <class F>
void SubdivisionSearch<F>::carry_values(Index s) {
  const std::vector<Index>& carried = plan_.stage(s).stage->carried;
  if (carried.empty()) return;
  double* out = cells_.memory().template take<double>(size_of(carried) * (k_ + 1));
  rows_.stage(s).carried = out;
  for (const Index from : carried) {
    if (s == 0) {
      std::copy_n(plan_.inputs() + from * (k_ + 1), k_ + 1, out);
    } else {
      rows_.decided_value(s - 1, from, out);
    }
    out += k_ + 1;
  }
}

// Writes gradients that are zero up to rounding as zero, and so the offsets of such rows that are:
// otherwise what cancellation left of a flat unit would be all that the next stage sees, and nothing
// there could tell it from a slope. `doubtful` marks the rows that may be such.
template <class F>
void SubdivisionSearch<F>::clear_rounding(Index s, const std::uint64_t* doubtful) {
  const MapColumns& into = *plan_.stage(s).into;
  StageRows& rows = rows_.stage(s);
  double* copy = nullptr;
  for_bits(doubtful, (into.stride() + 63) / 64, [&](Index r) {
    if (r >= into.rows() || !rows_.zero_gradient(s, r, largest_[r])) return;
    if (copy == nullptr) {
      copy = cells_.memory().template take<double>(into.size());
      std::copy_n(rows.pre, into.size(), copy);
      rows.pre = copy;
    }
    for (Index c = 0; c < k_; ++c) copy[c * into.stride() + r] = 0.0;
    double& offset = copy[k_ * into.stride() + r];
    const Stage& stage = *plan_.stage(s).stage;
    if (std::abs(offset) <= plan_.predicates().offset_noise(stage, r, rows.scale)) offset = 0.0;
    largest_[r] = 0.0;
    low_[r] = offset;
    high_[r] = offset;
  });
}

// The units of a stage with one breakpoint each: most are settled by a comparison each, many at once.
template <class F>
void SubdivisionSearch<F>::settle_quickly(Node& node, Index s) {
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
    if (plan.all_relu) StateLayout::set_bits(state, plan.stage->first_unit + w * 64, above[w]);
  }
  if (plan.all_relu) {
    if (recording()) {
      record_bits(node.cell, s, above, 1);
      record_bits(node.cell, s, below, 0);
    }
    const bool any = std::any_of(above, above + words, [](std::uint64_t word) { return word != 0; });
    marked_ = plan.next->has_one_row();
    if (!marked_) direct_count_ = kernels_.bit_numbers(above, plan.into->stride(), direct_.data());
    node.scale = above_scale_;
    if (any) node.scale.error = rows_.stage(s).value_error;
  } else {
    for_bits(above, words, [&](Index u) { settle(node, s, u, 1); });
    for_bits(below, words, [&](Index u) { settle(node, s, u, 0); });
  }
  make_room(node, open_count);
  for_bits(open, words, [&](Index u) { open_quickly(node, s, u); });
}

// Keeps a unit with one breakpoint open if its range says that it cuts the cell; else there is more to ask.
template <class F>
void SubdivisionSearch<F>::open_quickly(Node& node, Index s, Index u) {
  if constexpr (kExactRanges<F>) {
    const double t = plan_.stage(s).breakpoints[u];
    rows_.row(s, u, row_.data());
    const double length = gradient_length(row_.data(), k_);
    const double clear = 2.0 * plan_.tolerances().cut * length;
    if (high_[u] - t > clear && t - low_[u] > clear) {
      normalise(row_.data(), k_, t, length, row_.data());
      const double error = safe_ ? row_error(s, u, t, length, row_.data()) : 0.0;
      if (error <= plan_.tolerances().row_error) {
        keep_open(node, {static_cast<std::int32_t>(u), 0, length, error, largest_[u]}, row_.data());
        return;
      }
    }
  }
  settle_piecewise(node, s, u);
}

template <class F>
void SubdivisionSearch<F>::settle_carefully(Node& node, Index s, Index u) {
  const PlannedUnit& unit = plan_.stage(s).units[u];
  if (unit.only_if >= 0 && is_open(node, unit.only_if)) {
    keep_open(node, {static_cast<std::int32_t>(u), 0, 0.0, 0.0, 0.0}, nullptr);
  } else if (!is_asked(s, unit)) {
    settle(node, s, u, 0);
  } else if (unit.function != nullptr) {
    settle_piecewise(node, s, u);
  } else {
    settle_maximum(node, s, u);
  }
}

template <class F>
void SubdivisionSearch<F>::keep_open(Node& node, const OpenUnit& unit, const double* row) {
  OpenUnits& open = node.open;
  double* plane = open.rows + open.count;
  for (Index c = 0; c <= k_; ++c) plane[c * open.stride] = row != nullptr ? row[c] : 0.0;
  open.units[open.count++] = unit;
  open.error = std::max(open.error, unit.error);
}

// Decides the unit if it keeps one piece on the whole cell, or keeps it open.
template <class F>
void SubdivisionSearch<F>::settle_piecewise(Node& node, Index s, Index u) {
  const Stage& stage = *plan_.stage(s).stage;
  const PlannedUnit& unit = plan_.stage(s).units[u];
  const std::vector<double>& breakpoints = unit.function->breakpoints();
  const Index r = unit.first_row;
  const double noise =
      safe_ ? 0.0 : plan_.predicates().offset_noise(stage, r, rows_.stage(s).scale);
  // Far from every breakpoint a range is enough, and neither length nor direction matters.
  Index piece = 0;
  const auto room = [&] {
    return safe_ ? rows_.row_error(s, r, breakpoints[piece])
                 : plan_.predicates().breakpoint_noise(breakpoints[piece], noise);
  };
  while (piece < size_of(breakpoints) && low_[r] > breakpoints[piece] + room()) ++piece;
  if (piece == size_of(breakpoints) || high_[r] < breakpoints[piece] - room()) {
    settle(node, s, u, piece);
    return;
  }
  rows_.row(s, r, row_.data());
  if (safe_ && stage.map.row_norms()[r] == 0.0) {  // the bias, and nothing is rounded
    settle(node, s, u, unit.function->piece_at(row_[k_]));
    return;
  }
  if (!safe_ && largest_[r] == 0.0) {
    settle(node, s, u, plan_.predicates().constant_piece(stage.units[u], row_[k_], noise));
    return;
  }
  const double length = gradient_length(row_.data(), k_);
  const double clear = 2.0 * plan_.tolerances().cut * length;
  const double t = breakpoints[piece];
  if (length > 0.0) normalise(row_.data(), k_, t, length, row_.data());
  Question question{u, piece, length, row_.data()};
  if (safe_) question.error = row_error(s, r, t, length, row_.data());
  const bool surely_cut = kExactRanges<F> && high_[r] - t > clear && t - low_[r] > clear &&
                          question.error <= plan_.tolerances().row_error;
  if (surely_cut || cuts(node.cell, s, question)) {
    node.sure = node.sure && surely_cut;
    keep_open(node, {static_cast<std::int32_t>(u), static_cast<std::int32_t>(question.boundary), length,
                     question.error, largest_[r]},
              row_.data());
  } else {
    settle(node, s, u, question.boundary);
  }
}

// Writes the state of a unit, and lists its value for the sums of the next stage.
template <class F>
void SubdivisionSearch<F>::settle(Node& node, Index s, Index u, Index piece) {
  record_piece(node.cell, s, u, piece);
  const PlannedUnit& unit = plan_.stage(s).units[u];
  plan_.layout().set(rows_.state().data(), unit.number, piece);
  if (!wants_sums(s)) return;
  const Index stride = plan_.stage(s).into->stride();
  if (unit.is_relu && unit.first_row == u) {
    if (piece == 0) return;
    const double* row = rows_.stage(s).pre + unit.first_row;
    node.scale.gradient = std::max(node.scale.gradient, largest_[unit.first_row]);
    node.scale.offset = std::max(node.scale.offset, std::abs(row[k_ * stride]));
    node.scale.error = rows_.stage(s).value_error;
    direct_[direct_count_++] = static_cast<std::int32_t>(u);
    return;
  }
  const bool nothing = unit.function != nullptr && unit.function->slope(piece) == 0.0 &&
                       unit.function->intercept(piece) == 0.0;
  if (nothing) return;
  rows_.value(s, u, piece, list_value(u));
  grow(node.scale, settled_values_[settled_count_ - 1], k_);
  node.scale.error = rows_.stage(s).value_error;
}

// Room for one more value of the stage.
template <class F>
double* SubdivisionSearch<F>::list_value(Index number) {
  double* value = settled_rows_.data() + settled_count_ * (k_ + 1);
  settled_values_[settled_count_] = value;
  settled_[settled_count_++] = number;
  return value;
}

// node.sums = the next stage's sums as far as they are known for the whole cell.
template <class F>
void SubdivisionSearch<F>::add_settled(Node& node, Index s) {
  node.own = false;
  if (!wants_sums(s)) return;
  const StagePlan& plan = plan_.stage(s);
  for (Index c = 0; c < size_of(plan.stage->carried); ++c) {
    double* value = list_value(size_of(plan.units) + c);
    std::copy_n(rows_.stage(s).carried + c * (k_ + 1), k_ + 1, value);
    grow(node.scale, value, k_);
    node.scale.error = std::max(node.scale.error, rows_.stage(s).scale.error);
  }
  double* sums = cells_.memory().template take<double>(plan.next->size());
  const double* pre = rows_.stage(s).pre;
  const double* bias = plan.next->bias();
  if (marked_) {
    plan.next->add_marked(bias, sums, pre, plan.into->stride(), bits_.data());
    bias = sums;
  }
  if (!marked_ || direct_count_ > 0) {
    plan.next->add_rows(bias, sums, pre, plan.into->stride(), direct_.data(), direct_count_);
  }
  if (settled_count_ > 0) {
    plan.next->add(sums, sums, {settled_.data(), settled_values_.data(), 1, settled_count_}, columns_);
  }
  node.sums = sums;
  node.own = true;
}

}  // namespace facetry
