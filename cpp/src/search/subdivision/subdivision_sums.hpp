// What a search writes on its way: the states of units that are decided, the sums of the next stage, the
// regions, and cuts that are left undecided. Included by subdivision_search.cpp alone.
#pragma once

#include <algorithm>
#include <cmath>

#include "facetry/base/error.hpp"
#include "search/subdivision/subdivision_search.hpp"

namespace facetry {

[[noreturn]] inline void throw_foreign_start() {
  throw InvalidInput("the frontier does not belong to this search");
}

template <class F>
inline void SubdivisionSearch<F>::write_state(const StagePlan& stage, Index unit, Index piece) {
  StateWord* state = rows_.state().data();
  if (stage.all_relu) {
    StateLayout::set_bit(state, stage.first_unit + unit, piece);
  } else {
    plan_.layout().set(state, stage.units[unit].number, piece);
  }
}

// Writes the state of a unit, and adds its value to the sums of the next stage.
template <class F>
void SubdivisionSearch<F>::decide(Node& node, const Question& question, Index piece) {
  const StagePlan& stage = plan_.stage(node.stage);
  write_state(stage, question.unit, piece);
  if (!wants_sums(node.stage)) return;
  const PlannedUnit& planned = stage.units[question.unit];
  if (!planned.is_relu || planned.first_row != question.unit) {
    add_value(node, question.unit, piece);
  } else if (piece != 0) {  // else it is nothing
    add_relu(node, question);
  }
}

// The row of an open ReLU as it stands.
template <class F>
void SubdivisionSearch<F>::add_relu(Node& node, const Question& question) {
  const StageRows& rows = rows_.stage(node.stage);
  if (node.pending_count == Node::kMostPending) add_pending(node);
  node.pending[static_cast<std::size_t>(node.pending_count++)] = static_cast<std::int32_t>(question.unit);
  const double offset = rows.pre[k_ * plan_.stage(node.stage).into->stride() + question.unit];
  node.scale.gradient = std::max(node.scale.gradient, question.largest);
  node.scale.offset = std::max(node.scale.offset, std::abs(offset));
  node.scale.error = std::max(node.scale.error, rows.value_error);
}

template <class F>
void SubdivisionSearch<F>::add_value(Node& node, Index unit, Index piece) {
  const StagePlan& stage = plan_.stage(node.stage);
  const PlannedUnit& planned = stage.units[unit];
  const StageRows& rows = rows_.stage(node.stage);
  if (planned.function != nullptr && planned.function->slope(piece) == 0.0 &&
      planned.function->intercept(piece) == 0.0) {
    return;
  }
  add_pending(node);
  rows_.value(node.stage, unit, piece, value_.data());
  grow(node.scale, value_.data(), k_);
  node.scale.error = std::max(node.scale.error, rows.value_error);
  double* out = own_sums(node);
  const double* value = value_.data();
  stage.next->add(node.sums, out, {&unit, &value, 1, 1}, columns_);
  node.sums = out;
  node.own = true;
}

// Adds the rows of the units that were decided last to the sums.
template <class F>
void SubdivisionSearch<F>::add_pending(Node& node) {
  if (node.pending_count == 0) return;
  const StagePlan& stage = plan_.stage(node.stage);
  double* out = own_sums(node);
  stage.next->add_rows(node.sums, out, rows_.stage(node.stage).pre, stage.into->stride(),
                       node.pending.data(), node.pending_count);
  node.sums = out;
  node.own = true;
  node.pending_count = 0;
}

// Where the node's sums may be written to.
template <class F>
double* SubdivisionSearch<F>::own_sums(Node& node) {
  if (node.own) return const_cast<double*>(node.sums);
  return cells_.memory().template take<double>(plan_.stage(node.stage).next->size());
}

template <class F>
void SubdivisionSearch<F>::emit(Node& node) {
  if (options_.objective != nullptr) {
    return options_.objective->measures_cells() ? report_cell(node) : report_value(node);
  }
  if (path_.retracing()) {  // the region `after`: known already
    if (!path_.follows_state() || rows_.state() != path_.after()) throw_foreign_start();
    path_.reached_start();
    return;
  }
  RegionList::Place place = found_->next(cells_.facet_room(node.cell));
  Index facets = 0;
  if constexpr (requires { cells_.describe(node.cell, place.facets, place.point); }) {
    facets = cells_.describe(node.cell, place.facets, place.point);
    if (!options_.keep_facets) facets = 0;
  } else {
    if (options_.keep_facets) facets = cells_.facets(node.cell, place.facets);
    cells_.interior_point(node.cell, place.point);
  }
  // Safe: less than a hair was left, and in it nothing.
  if (safe_ && !prove_interior(node.cell, place, facets)) return;
  if (options_.keep_outputs) write_outputs(node, place.outputs);
  const StateWord* state = rows_.state().data();
  for (Index w = 0; w < found_->words; ++w) place.state[w] = state[w];
  if (recording()) options_.recorder->leaf(state, place.point);
  found_->finish(facets);
  noted_ = found_->mark();
  if (found_->count >= options_.batch) {
    last_position_ = path_.position();
    last_ = rows_.state();
    stopped_ = !host_.batch_full(*found_);
    found_before_ = found_->count;
    noted_ = found_->mark();
  }
}

// output_size rows of k+1 numbers.
template <class F>
void SubdivisionSearch<F>::write_outputs(Node& node, double* out) {
  const MapColumns& output = plan_.output();
  if (node.pending_count > 0 && !output.is_dense()) add_pending(node);
  const Index last = plan_.stage_count() - 1;
  const double* pre = last < 0 ? nullptr : rows_.stage(last).pre;
  const Index stride = last < 0 ? 0 : plan_.stage(last).into->stride();
  output.write_rows(node.sums, pre, stride, node.pending.data(), node.pending_count, out);
}

template <class F>
void SubdivisionSearch<F>::note_undecided(const Cell& cell, Index stage, const Question& question,
                                          const Reach& reach) {
  if (path_.retracing() || rows_.exact_copy(stage, question.unit, question.row)) return;
  const bool above_is_thin = reach.above < reach.below;
  UndecidedCut cut;
  cut.boundary = plan_.stage(stage).units[question.unit].origin(question.boundary);
  cut.reach = std::min(reach.above, reach.below);
  cut.place.resize(static_cast<std::size_t>(k_));
  cells_.farthest(cell, above_is_thin, cut.place.data());
  found_->add_undecided(std::move(cut));
}

}  // namespace facetry
