// Numbers for breakpoints and arguments, unit after unit.
#include "facetry/state/activation_state.hpp"

#include <limits>

#include "facetry/base/error.hpp"

namespace facetry {

BoundaryIds::BoundaryIds(const NormalForm& form) {
  constexpr Index kMost = std::numeric_limits<std::int32_t>::max();
  first_.reserve(static_cast<std::size_t>(form.unit_count()));
  for (const Stage& stage : form.stages()) {
    for (const Unit& unit : stage.units) {
      const bool piecewise = unit.kind == UnitKind::piecewise;
      const Index own = piecewise ? form.piece_count(unit) - 1 : unit.row_count;
      if (count() + own > kMost) throw InvalidInput("the units have too many boundaries");
      const auto number = static_cast<std::int32_t>(first_.size());
      first_.push_back(static_cast<std::int32_t>(count()));
      units_.insert(units_.end(), static_cast<std::size_t>(own), number);
    }
  }
}

std::vector<Boundary> BoundaryIds::at(const std::vector<Origin>& origins) const {
  std::vector<Boundary> result;
  result.reserve(origins.size());
  for (const Origin origin : origins) result.push_back(at(origin));
  return result;
}

}  // namespace facetry
