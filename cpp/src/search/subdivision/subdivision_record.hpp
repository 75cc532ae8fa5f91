// What a search tells its recorder, if it has one. Included by subdivision_search.cpp alone.
#pragma once

#include "facetry/geometry/bit_set.hpp"
#include "search/subdivision/subdivision_search.hpp"

namespace facetry {

// The unit has this piece on the whole cell: on which side of its boundaries that is, and why.
template <class F>
void SubdivisionSearch<F>::record_piece(const Cell& cell, Index stage, Index index, Index piece) {
  if (options_.recorder == nullptr || path_.retracing()) return;
  const PlannedUnit& unit = plan_.stage(stage).units[index];
  std::vector<double> row(static_cast<std::size_t>(k_ + 1));
  if (unit.function == nullptr) {
    std::vector<double> other(row.size());
    rows_.row(stage, unit.first_row + piece, row.data());
    for (Index loser = 0; loser < unit.row_count; ++loser) {
      if (loser == piece) continue;
      rows_.row(stage, unit.first_row + loser, other.data());
      for (Index c = 0; c <= k_; ++c) other[c] = row[c] - other[c];
      record_side(cell, unit.origin(loser), other.data(), true);
    }
    return;
  }
  rows_.row(stage, unit.first_row, row.data());
  const double offset = row[k_];
  for (const Index boundary : {piece - 1, piece}) {
    if (boundary < 0 || boundary >= size_of(unit.function->breakpoints())) continue;
    row[k_] = offset - unit.function->breakpoints()[boundary];
    record_side(cell, unit.origin(boundary), row.data(), boundary < piece);
  }
}

template <class F>
void SubdivisionSearch<F>::record_side(const Cell& cell, Origin boundary, const double* row,
                                       bool above) {
  std::vector<double> own(row, row + k_ + 1);
  const double length = gradient_length(row, k_);
  basis_.clear();
  if (length > 0.0) {
    normalise(row, k_, 0.0, length, own.data());
    static_cast<void>(cells_.reach(cell, own.data()));
    cells_.tight(cell, !above, basis_);
  }
  options_.recorder->fixed(boundary, above, basis_);
}

// The cell that is about to be cut is above the boundaries before this one.
template <class F>
void SubdivisionSearch<F>::record_passed(const Cell& cell, Index stage, const Question& question) {
  if (options_.recorder == nullptr || question.boundary == 0) return;
  const PlannedUnit& unit = plan_.stage(stage).units[question.unit];
  std::vector<double> row(static_cast<std::size_t>(k_ + 1));
  rows_.row(stage, unit.first_row, row.data());
  row[k_] -= unit.function->breakpoints()[question.boundary - 1];
  record_side(cell, unit.origin(question.boundary - 1), row.data(), true);
  static_cast<void>(cells_.reach(cell, question.row));  // what a cut asks for
}

// The same for many units of a stage, one bit each.
template <class F>
void SubdivisionSearch<F>::record_bits(const Cell& cell, Index stage, const std::uint64_t* bits,
                                       Index piece) {
  if (options_.recorder == nullptr) return;
  const Index words = (size_of(plan_.stage(stage).units) + 63) / 64;
  for_bits(bits, words, [&](Index unit) { record_piece(cell, stage, unit, piece); });
}

}  // namespace facetry
