// Checks of the options that all searches share, and the choice of a cell kind.
#include "facetry/search/search_options.hpp"

#include <string>

#include "facetry/base/error.hpp"

namespace facetry {

void SearchOptions::validate() const {
  control.validate();
  if (memory_limit && *memory_limit < 1) throw InvalidInput("memory_limit must be at least 1 byte");
}

void ListOptions::validate() const {
  SearchOptions::validate();
  if (max_regions && *max_regions < 1) throw InvalidInput("max_regions must be at least 1");
}

CellKind resolved_cell_kind(CellKind kind, Index dimension) {
  const bool flat = dimension <= 2;
  if (kind == CellKind::polygons && !flat) {
    throw InvalidInput("polygons are cells of one or two free dimensions; this region has " +
                       std::to_string(dimension));
  }
  if (kind != CellKind::automatic) return kind;
  if (flat) return CellKind::polygons;
  const bool few = dimension <= SearchOptions::kMostVertexDimensions;
  return few ? CellKind::vertices : CellKind::linear_programs;
}

}  // namespace facetry
