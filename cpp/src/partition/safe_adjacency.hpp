// What lies behind the facets of regions of a safe search: as Adjacency says, but no answer depends
// on rounding. Copies of a hyperplane that differ in their last bits are different here, as they
// are there.
//
// Everything is computed in double precision with a bound of its rounding (BoundedPass); a
// comparison that the bound leaves open is made with the exact functions.
#pragma once

#include <vector>

#include "partition/adjacency.hpp"
#include "search/path/bounded_pass.hpp"
#include "search/path/exact_path.hpp"

namespace facetry {

class SafeAdjacency {
 public:
  // Keeps references, which must outlive it. REQUIRES a plan of a safe search. Not thread-safe: one
  // per thread.
  SafeAdjacency(const SearchPlan& plan, const BoundaryIds& ids);

  // As Adjacency::across, of minimal facets. Cost: one forward pass in k+1 columns with its bounds;
  // per facet a comparison with every boundary that may touch the region, and one column of the
  // stages that may change.
  [[nodiscard]] std::vector<FacetAcross> across(const StateWord* state,
                                                const std::vector<Origin>& facets);

  // As Adjacency::flat_units.
  [[nodiscard]] std::vector<Index> flat_units(const StateWord* state);
  // As Adjacency::tied_arguments.
  [[nodiscard]] std::vector<Index> tied_arguments(const StateWord* state, Index unit);

 private:
  // A boundary next to the region's piece of its unit.
  struct Candidate {
    ExactBoundary boundary;
    Index unit = 0;      // within the stage
    Index number = 0;    // of the unit
    Index argument = 0;  // breakpoint, of a piecewise unit; argument that loses
    Index to = 0;        // the piece behind it
    double sign = 1.0;   // of the function, on the region
    double error = 0.0;  // of an entry of its row
  };
  // A unit whose pre-activation is on a breakpoint (or whose maximum is shared) along a facet.
  struct Open {
    Index stage = 0;
    Index unit = 0;
    Index boundary = 0;
    std::vector<Index> arguments;
  };

  void begin_list(const StateWord* state);
  void list_boundaries(const StateWord* state);
  void list_boundaries_of(const StateWord* state, Index stage, Index unit);
  void add_boundary(const StateWord* state, Candidate candidate);
  void add_flat(const Candidate& candidate, Index piece);
  [[nodiscard]] ExactRow exact_row(const StateWord* state, const Candidate& candidate);
  [[nodiscard]] bool are_copies(Index a, Index b) const;
  [[nodiscard]] bool same_hyperplane(const StateWord* state, Index a, Index b);
  [[nodiscard]] Index candidate_of(Origin facet) const;
  void add_side(Origin facet);
  FacetAcross across_one(const StateWord* state, Origin facet);
  void step_across(const StateWord* state, Index facet, FacetAcross& result);
  void begin_stage(Index s, Index first, const double* direction);
  [[nodiscard]] Index piece_behind(const Open& open, const StateWord* state, Index axis,
                                   int outward);
  [[nodiscard]] int slope_sign(const StateWord* state, const ExactBoundary& boundary, Index axis,
                               int outward);

  const SearchPlan& plan_;
  const BoundaryIds& ids_;
  Index k_;
  BoundedPass pass_;   // on the region
  BoundedPass slope_;  // behind a facet: derivatives along its outward normal
  ExactPath here_, there_;
  std::vector<Candidate> candidates_;
  std::vector<double>
      rows_;  // of the candidates: k+1 numbers each, normalised, positive on the region
  std::vector<Open> flat_, open_;
  std::vector<double> row_, other_;
};

}  // namespace facetry
