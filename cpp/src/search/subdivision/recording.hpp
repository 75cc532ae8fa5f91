// What a search tells its recorder (search_recorder.hpp), if it has one: every call does nothing
// without.
#pragma once

#include <vector>

#include "geometry/bit_set.hpp"
#include "search/path/path_rows.hpp"
#include "search/path/search_path.hpp"
#include "search/search_recorder.hpp"
#include "search/subdivision/node.hpp"

namespace facetry {

// Guarantees, numbered as the tests are:
//  1. A piece is told as its two boundaries at most, of a maximum as all arguments that lost, each
//     with the side that the cell is on, by values at every point of the cell.
//  2. A basis is the k constraints that are tight where the cell comes closest to the boundary; it
//     is empty for a row without gradient.
//  3. Nothing that others told before is told again: on the way to an interval's first subtree
//     pieces are not told.
// REQUIRES: what is referred to outlives it; rows of the stages that are named are written.
// Cost: one reach() for each side; without a recorder one comparison.
template <class F>
class Recording {
 public:
  using Cell = typename F::Cell;

  Recording(SearchRecorder* recorder, const SearchPlan& plan, const PathRows& rows,
            const SearchPath& path, F& cells)
      : recorder_(recorder),
        plan_(plan),
        rows_(rows),
        path_(path),
        cells_(cells),
        k_(plan.dimension()) {}

  [[nodiscard]] bool on() const { return recorder_ != nullptr; }

  void begin_part(Origin boundary, bool above) {
    if (on()) recorder_->begin_part(boundary, above);
  }
  void end_part() {
    if (on()) recorder_->end_part();
  }
  void leaf(const StateWord* state, const double* point) {
    if (on()) recorder_->leaf(state, point);
  }

  // The unit has this piece on the whole cell: on which side of its boundaries that is, and why.
  void piece(const Cell& cell, Index stage, Index unit, Index piece) {
    if (on() && !path_.retracing()) tell_piece(cell, stage, plan_.stage(stage).units[unit], piece);
  }
  // The same for units of a stage that are marked, one bit each.
  void pieces(const Cell& cell, Index stage, const std::uint64_t* bits, Index own) {
    if (!on()) return;
    const Index words = (size_of(plan_.stage(stage).units) + 63) / 64;
    for_bits(bits, words, [&](Index unit) { piece(cell, stage, unit, own); });
  }
  // The cell that is about to be cut at a question is above the boundary before this one.
  void passed(const Cell& cell, Index stage, const Question& question) {
    if (on() && question.boundary > 0) tell_passed(cell, stage, question);
  }
  // The whole cell is on one side of a boundary whose row this is, of any length.
  void side(const Cell& cell, Origin boundary, const double* row, bool above) {
    if (on()) tell_side(cell, boundary, row, above);
  }

 private:
  void tell_piece(const Cell& cell, Index stage, const PlannedUnit& unit, Index piece);
  void tell_passed(const Cell& cell, Index stage, const Question& question);
  void tell_side(const Cell& cell, Origin boundary, const double* row, bool above);

  SearchRecorder* recorder_;
  const SearchPlan& plan_;
  const PathRows& rows_;
  const SearchPath& path_;
  F& cells_;
  Index k_;
  std::vector<Origin> basis_;
};

template <class F>
void Recording<F>::tell_piece(const Cell& cell, Index stage, const PlannedUnit& unit, Index piece) {
  std::vector<double> row(static_cast<std::size_t>(k_ + 1));
  if (unit.function == nullptr) {
    std::vector<double> other(row.size());
    rows_.row(stage, unit.first_row + piece, row.data());
    for (Index loser = 0; loser < unit.row_count; ++loser) {
      if (loser == piece) continue;
      rows_.row(stage, unit.first_row + loser, other.data());
      for (Index c = 0; c <= k_; ++c) other[c] = row[c] - other[c];
      tell_side(cell, unit.origin(loser), other.data(), true);
    }
    return;
  }
  rows_.row(stage, unit.first_row, row.data());
  const double offset = row[k_];
  for (const Index boundary : {piece - 1, piece}) {
    if (boundary < 0 || boundary >= size_of(unit.function->breakpoints())) continue;
    row[k_] = offset - unit.function->breakpoints()[boundary];
    tell_side(cell, unit.origin(boundary), row.data(), boundary < piece);
  }
}

template <class F>
void Recording<F>::tell_passed(const Cell& cell, Index stage, const Question& question) {
  const PlannedUnit& unit = plan_.stage(stage).units[question.unit];
  std::vector<double> row(static_cast<std::size_t>(k_ + 1));
  rows_.row(stage, unit.first_row, row.data());
  row[k_] -= unit.function->breakpoints()[question.boundary - 1];
  tell_side(cell, unit.origin(question.boundary - 1), row.data(), true);
  static_cast<void>(cells_.reach(cell, question.row));  // what a cut asks for
}

template <class F>
void Recording<F>::tell_side(const Cell& cell, Origin boundary, const double* row, bool above) {
  std::vector<double> own(row, row + k_ + 1);
  const double length = gradient_length(row, k_);
  basis_.clear();
  if (length > 0.0) {
    normalise(row, k_, 0.0, length, own.data());
    static_cast<void>(cells_.reach(cell, own.data()));
    cells_.tight(cell, !above, basis_);
  }
  recorder_->fixed(boundary, above, basis_);
}

}  // namespace facetry
