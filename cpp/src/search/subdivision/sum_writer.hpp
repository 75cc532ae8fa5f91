// Writes what is decided on a search's way: the states of units, and the sums that are the next
// stage's pre-activations (of the last stage: the outputs) once all units are decided.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/stack_memory.hpp"
#include "search/path/path_rows.hpp"
#include "search/subdivision/node.hpp"

namespace facetry {

// Guarantees, numbered as the tests are:
//  1. When all units of a stage are decided and add_pending() was called, sums.planes are the map
//     to the next stage applied to the stage's values in these states, up to rounding; sums.scale
//     bounds the magnitudes of these values.
//  2. It does not matter for 1 whether units are decided one by one, or many at once when a cell
//     enters the stage or comes to a part of a cut.
//  3. Sums that a node does not own are left as they are.
// REQUIRES: plan, rows and memory outlive it; the stage's pre-activations and carried values are in
// `rows`. A list (settle... to add_settled) is one node's: nothing else is listed in between.
// Cost: one column of the next map times k+1 for each value; short sums of ReLUs are added up to
// four at a time.
class SumWriter {
 public:
  // `with_outputs`: are the sums of the last stage wanted?
  SumWriter(const SearchPlan& plan, PathRows& rows, StackMemory& memory, bool with_outputs);

  // Is it known what a stage's values are for?
  [[nodiscard]] bool wants_sums(Index stage) const { return stage < stages_with_sums_; }

  // A unit of the stage is decided.
  void write_state(Index stage, Index unit, Index piece) {
    const StagePlan& plan = plan_.stage(stage);
    StateWord* state = rows_.state().data();
    if (plan.all_relu) {
      StateLayout::set_bit(state, plan.first_unit + unit, piece);
    } else {
      plan_.layout().set(state, plan.units[unit].number, piece);
    }
  }
  // The same, and its value is added to the sums. Of the question only unit and, for an open ReLU,
  // `largest` count.
  void decide(NextSums& sums, Index stage, const Question& question, Index piece) {
    write_state(stage, question.unit, piece);
    if (!wants_sums(stage)) return;
    const PlannedUnit& planned = plan_.stage(stage).units[question.unit];
    if (!planned.is_relu || planned.first_row != question.unit) {
      add_value(sums, stage, question.unit, piece);
    } else if (piece != 0) {  // else it is nothing
      add_relu(sums, stage, question.unit, question.largest);
    }
  }
  // Adds the rows of the ReLUs that were decided last.
  void add_pending(NextSums& sums, Index stage) {
    if (sums.pending_count > 0) add_pending_rows(sums, stage);
  }
  // Before a cut: what would cost more to add on each part than once.
  void add_most_pending(NextSums& sums, Index stage) {
    if (sums.pending_count == 0) return;
    const bool is_short = plan_.stage(stage).next->stride() <= 2 * kRowBlock;
    if (sums.pending_count > (is_short ? 2 : 0)) add_pending(sums, stage);
  }

  // A cell enters a stage, whose pre-activations are in `rows`: starts a list, with sums that have
  // nothing yet. The values that the stage passes on are copied into `rows`.
  void begin_stage(NextSums& sums, Index stage);
  // Lists the value of a unit that has this piece on the whole cell. `largest`: its row's largest
  // gradient entry.
  void settle(NextSums& sums, Index stage, Index unit, Index piece, double largest);
  // Lists the ReLUs of a stage of nothing else that are marked in `above`, with the magnitudes of
  // their rows. `above` lives until add_settled().
  void settle_marked(NextSums& sums, Index stage, const std::uint64_t* above,
                     const RowScale& scale);
  // The next stage's sums by all that is listed.
  void add_settled(NextSums& sums, Index stage);

  // A part of a cut: starts a list with the node's pending rows.
  void begin_part(const NextSums& sums);
  // Lists an open unit that has this piece on the whole part.
  void settle_open(NextSums& sums, Index stage, const OpenUnit& unit, Index piece);
  // Adds what is listed to the sums.
  void add_settled_open(NextSums& sums, Index stage);

  // The outputs: output_size rows of k+1 numbers. `sums`: of the last stage, all units decided.
  // REQUIRES with_outputs.
  void write_outputs(NextSums& sums, double* out);

 private:
  void add_relu(NextSums& sums, Index stage, Index unit, double largest) {
    const StageRows& rows = rows_.stage(stage);
    if (sums.pending_count == NextSums::kMostPending) add_pending_rows(sums, stage);
    sums.pending[static_cast<std::size_t>(sums.pending_count++)] = static_cast<std::int32_t>(unit);
    grow_by_row(sums.scale, stage, unit, largest);
    sums.scale.error = std::max(sums.scale.error, rows.value_error);
  }
  // The magnitudes of a ReLU that is on.
  void grow_by_row(RowScale& scale, Index stage, Index row, double largest) const {
    const double offset = rows_.stage(stage).pre[k_ * plan_.stage(stage).into->stride() + row];
    scale.gradient = std::max(scale.gradient, largest);
    scale.offset = std::max(scale.offset, std::abs(offset));
  }
  [[nodiscard]] static bool is_nothing(const PlannedUnit& unit, Index piece) {
    return unit.function != nullptr && unit.function->slope(piece) == 0.0 &&
           unit.function->intercept(piece) == 0.0;
  }
  void add_value(NextSums& sums, Index stage, Index unit, Index piece);
  void add_pending_rows(NextSums& sums, Index stage);
  void carry_values(Index stage);
  [[nodiscard]] double* own_sums(NextSums& sums, Index stage);
  double* list_value(Index number);

  const SearchPlan& plan_;
  PathRows& rows_;
  StackMemory& memory_;
  Index k_;
  Index stages_with_sums_;  // all but the last one, if the outputs are not wanted
  std::vector<double> value_;
  std::vector<const double*> columns_;
  // The list: values with their affine functions, and
  std::vector<Index> settled_;
  std::vector<const double*> settled_values_;
  std::vector<double> settled_rows_;
  Index settled_count_ = 0;
  // those whose value is the row of the same number,
  WorkArray<std::int32_t> direct_;
  Index direct_count_ = 0;
  const std::uint64_t* marked_ = nullptr;  // or these, of a map with one row
};

// What is called for every unit or cut is here, to be inlined.

inline void SumWriter::add_pending_rows(NextSums& sums, Index stage) {
  const StagePlan& plan = plan_.stage(stage);
  double* out = own_sums(sums, stage);
  plan.next->add_rows(sums.planes, out, rows_.stage(stage).pre, plan.into->stride(),
                      sums.pending.data(), sums.pending_count);
  sums.planes = out;
  sums.own = true;
  sums.pending_count = 0;
}

// Where the sums may be written to.
inline double* SumWriter::own_sums(NextSums& sums, Index stage) {
  if (sums.own) return const_cast<double*>(sums.planes);
  return memory_.take<double>(plan_.stage(stage).next->size());
}

// Room for one more value of the stage.
inline double* SumWriter::list_value(Index number) {
  double* value = settled_rows_.data() + settled_count_ * (k_ + 1);
  settled_values_[settled_count_] = value;
  settled_[settled_count_++] = number;
  return value;
}

inline void SumWriter::settle(NextSums& sums, Index stage, Index unit, Index piece,
                              double largest) {
  const PlannedUnit& planned = plan_.stage(stage).units[unit];
  plan_.layout().set(rows_.state().data(), planned.number, piece);
  if (!wants_sums(stage)) return;
  if (planned.is_relu && planned.first_row == unit) {
    if (piece == 0) return;
    grow_by_row(sums.scale, stage, unit, largest);
    direct_[direct_count_++] = static_cast<std::int32_t>(unit);
  } else {
    if (is_nothing(planned, piece)) return;
    double* value = list_value(unit);
    rows_.value(stage, unit, piece, value);
    grow(sums.scale, value, k_);
  }
  sums.scale.error = rows_.stage(stage).value_error;
}

inline void SumWriter::settle_open(NextSums& sums, Index stage, const OpenUnit& open, Index piece) {
  write_state(stage, open.unit, piece);
  if (!wants_sums(stage)) return;
  const PlannedUnit& unit = plan_.stage(stage).units[open.unit];
  if (!unit.is_relu) {
    if (!is_nothing(unit, piece)) rows_.value(stage, open.unit, piece, list_value(open.unit));
  } else if (piece == 1) {
    direct_[direct_count_++] = open.unit;
    grow_by_row(sums.scale, stage, open.unit, open.largest);
    sums.scale.error = std::max(sums.scale.error, rows_.stage(stage).value_error);
  }
}

}  // namespace facetry
