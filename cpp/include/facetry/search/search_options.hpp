// How a search is done: the part of the options that every search has, and means the same
// everywhere. The options of a search derive from it and add what is theirs.
#pragma once

#include <optional>

#include "facetry/base/control.hpp"
#include "facetry/base/tolerances.hpp"

namespace facetry {

// How far a search's result can be trusted [METHOD section 4].
enum class Exactness {
  // Double precision: a cut counts if the cell reaches beyond Tolerances::cut on both sides; one
  // that reaches into the cell, but less far, is counted as undecided and not made.
  floating,
  // Every "cannot cut here" is proven with bounds of all roundings, and so is the interior of every
  // region; what the bounds leave open is decided in exact arithmetic on the numbers of the normal
  // form. Nothing is undecided. Wherever hyperplanes come as close as Tolerances::near to meeting
  // in
  // a point, exact arithmetic says what the facets are, so behind each there is a region of the
  // list.
  safe
};

// How cells are held. Polygons need two free dimensions, or one (segments).
enum class CellKind { automatic, polygons, vertices, linear_programs };

struct SearchOptions {
  Control control;                      // threads, deadline, cancellation and progress
  CellKind cell = CellKind::automatic;  // polygons, vertices up to kMostVertexDimensions, then LPs
  Exactness exactness = Exactness::safe;
  // Stop when what the search holds takes this many bytes: the regions found, or the parts of the
  // tree that wait.
  std::optional<Index> memory_limit;
  Tolerances tolerances;

  static constexpr Index kMostVertexDimensions = 7;

  // The same, for a search of another kind.
  void take(const SearchOptions& other) { *this = other; }

  // Throws InvalidInput that names the field.
  void validate() const;
};

// The same of a search that lists regions.
struct ListOptions : SearchOptions {
  std::optional<Index> max_regions;  // stop after the first this many, in order
  // Measure every region as it is found, and keep the volumes: 8 bytes each. Needs no more than
  // kMostVolumeDimensions free dimensions, else InvalidInput. The MILP engine keeps none.
  bool keep_volumes = false;

  using SearchOptions::take;
  void take(const ListOptions& other) { *this = other; }

  // Throws InvalidInput that names the field.
  void validate() const;
};

// The kind of cells that a search of so many free dimensions uses. Throws InvalidInput for polygons
// in more than two.
[[nodiscard]] CellKind resolved_cell_kind(CellKind kind, Index dimension);

}  // namespace facetry
