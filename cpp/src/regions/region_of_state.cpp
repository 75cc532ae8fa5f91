// A forward pass with the state fixed, and the rows next to each unit's piece as constraints of one
// cell.
#include "regions/region_of_state.hpp"

#include <utility>

#include "base/lengths.hpp"
#include "facetry/base/error.hpp"

namespace facetry {

RegionOfState::RegionOfState(const NormalForm& form, const FreeSpace& space,
                             const StateLayout& layout, const Tolerances& tolerances)
    : form_(form),
      space_(space),
      layout_(layout),
      ids_(form),
      tolerances_(tolerances),
      predicates_(form, tolerances),
      pass_(form, tolerances) {
  pass_.start_in(space);
}

std::optional<LpCell> RegionOfState::cell(const StateWord* state) {
  pass_.run(layout_, state);
  rows_.clear();
  origins_.clear();
  for (Index s = 0; s < size_of(form_.stages()); ++s) {
    const Stage& stage = form_.stages()[s];
    for (Index u = 0; u < size_of(stage.units); ++u) {
      add_boundaries(s, u, layout_.get(state, stage.first_unit + u));
    }
  }
  try {
    LpCell cell(space_, rows_, origins_, tolerances_);
    Vector centre;
    if (cell.inscribed_ball(centre) > tolerances_.cut) return cell;
  } catch (const NumericalError&) {  // the rows leave nothing: no interior
  }
  return std::nullopt;
}

void RegionOfState::add_boundaries(Index s, Index u, Index piece) {
  const Stage& stage = form_.stages()[s];
  const Unit& unit = stage.units[u];
  const Index k = space_.dimension();
  const Index number = stage.first_unit + u;
  const RowVector own =
      pass_.pre(s).row(unit.first_row + (unit.kind == UnitKind::maximum ? piece : 0));
  if (unit.kind == UnitKind::maximum) {
    for (Index a = 0; a < unit.row_count; ++a) {
      if (a == piece) continue;
      const RowVector row = own - pass_.pre(s).row(unit.first_row + a);
      const bool flat =
          predicates_.zero_difference(stage, unit.first_row + piece, unit.first_row + a, row.data(),
                                      pass_.inputs(s), pass_.scale(s));
      if (!flat) add(row, ids_.of(number, a));
    }
    return;
  }
  if (predicates_.zero_gradient(stage, unit.first_row, own.data(), pass_.inputs(s),
                                pass_.scale(s))) {
    return;
  }
  const auto& breakpoints = form_.function(unit).breakpoints();
  const auto add_boundary = [&](Index boundary, double sign) {
    RowVector row = sign * own;
    row[k] -= sign * breakpoints[boundary];
    add(row, ids_.of(number, boundary));
  };
  if (piece > 0) add_boundary(piece - 1, 1.0);
  if (piece < size_of(breakpoints)) add_boundary(piece, -1.0);
}

void RegionOfState::add(RowVector row, Origin origin) {
  const Index k = space_.dimension();
  row /= length_of(row.head(k));
  rows_.insert(rows_.end(), row.data(), row.data() + k + 1);
  origins_.push_back(origin);
}

}  // namespace facetry
