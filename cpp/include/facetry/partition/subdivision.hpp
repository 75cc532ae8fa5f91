// The subdivision engine: all linear regions of a network on an analysis region, by splitting one
// convex cell layer after layer and unit after unit [ALGORITHMS section 1].
#pragma once

#include <optional>

#include "facetry/base/control.hpp"
#include "facetry/base/tolerances.hpp"
#include "facetry/geometry/free_space.hpp"
#include "facetry/network/normal_form.hpp"
#include "facetry/partition/region_list.hpp"

namespace facetry {

enum class CellKind { automatic, vertices, linear_programs };

struct SubdivisionOptions {
  Control control;
  CellKind cell = CellKind::automatic;  // vertices up to kMostVertexDimensions, then LPs
  std::optional<Index> max_regions;     // stop after the first this many, in order
  Tolerances tolerances;

  static constexpr Index kMostVertexDimensions = 7;

  // Throws InvalidInput that names the field.
  void validate() const;
};

struct SubdivisionResult {
  RegionList regions;
  Termination termination = Termination::complete;
};

// Enumerates the regions in lexicographic order of their states.
//
// Guarantees, numbered as the tests are:
//  1. Complete: with termination `complete` the validity regions cover the analysis region, up to
//     the cuts counted as undecided.
//  2. Every region has interior: it is thicker than Tolerances::cut.
//  3. No state twice; flat units have their lowest adjacent piece [METHOD section 1].
//  4. Facets are minimal: none can be left out, none repeats another.
//  5. The same result, in the same order, for any number of threads.
//  6. A region limit returns the first regions in order; other limits return some subset, in order.
//
// REQUIRES: form.input_size() == space.input_size(), else InvalidInput. k = 0 gives one region.
// Cost: output-sensitive: proportional to the regions times the units, no dead ends. Memory: one
// path of cells per thread, and the result.
[[nodiscard]] SubdivisionResult subdivide(const NormalForm& form, const FreeSpace& space,
                                          const SubdivisionOptions& options = {});

}  // namespace facetry
