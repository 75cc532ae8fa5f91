// What lies behind each facet of a region: the units whose hyperplane contains it, the state on the
// other side, and what changes across it [METHOD section 1, "facet"].
#pragma once

#include <memory>
#include <vector>

#include "facetry/base/tolerances.hpp"
#include "facetry/geometry/free_space.hpp"
#include "facetry/network/normal_form.hpp"
#include "facetry/state/activation_state.hpp"
#include "state/linearise.hpp"
#include "state/predicates.hpp"

namespace facetry {

class FixedStatePass;

struct FacetAcross {
  std::vector<TightUnit> tight;  // ascending by unit
  std::vector<Index> changes;    // units whose canonical state differs, ascending
  std::vector<StateWord> state;  // on the other side; empty if the facet is a side of the region
};

class Adjacency {
 public:
  // Keeps references, which must outlive it. Not thread-safe: one per thread.
  Adjacency(const NormalForm& form, const FreeSpace& space, const StateLayout& layout,
            const BoundaryIds& ids, const Tolerances& tolerances = {});
  ~Adjacency();

  // Everything about the facets of one region, in the order of `facets`. The state behind a facet
  // comes from value and directional derivative along the outward normal, not from flipping a unit,
  // so it is right where several units share a hyperplane.
  // Cost: one forward pass in k+1 columns, and one in one column per facet.
  [[nodiscard]] std::vector<FacetAcross> across(const StateWord* state,
                                                const std::vector<Origin>& facets);

  // Units that are flat on the region of `state`: a pre-activation equals a breakpoint (or several
  // maximal arguments coincide) identically on it.
  [[nodiscard]] std::vector<Index> flat_units(const StateWord* state);

  // The other arguments of a maximum (a unit's number) that are the same as the winner identically
  // on the region.
  [[nodiscard]] std::vector<Index> tied_arguments(const StateWord* state, Index unit);

 private:
  struct FlatOrTight {
    Index stage;
    Index unit;                    // within the stage
    Index boundary = 0;            // breakpoint, of a piecewise unit
    std::vector<Index> arguments;  // that are maximal on the facet, of a maximum
  };

  void find_flat(const StateWord* state);
  void find_flat_unit(const StateWord* state, Index stage, Index unit);
  void facet_row(const StateWord* state, const Boundary& facet, std::vector<double>& row) const;
  void boundary_row(Index stage, Index unit, Index piece, Index boundary,
                    std::vector<double>& row) const;
  [[nodiscard]] bool usable(Index stage, Index unit, Index boundary, Index piece) const;
  FacetAcross across_one(const StateWord* state, const Boundary& facet);
  void find_tight(const StateWord* state, const std::vector<double>& row, FacetAcross& facet,
                  std::vector<FlatOrTight>& open) const;
  void step_across(const StateWord* state, const std::vector<double>& row,
                   const std::vector<FlatOrTight>& open, FacetAcross& facet) const;

  const NormalForm& form_;
  const FreeSpace& space_;
  const StateLayout& layout_;
  const BoundaryIds& ids_;
  Tolerances tolerances_;
  UnitPredicates predicates_;
  std::unique_ptr<FixedStatePass> pass_;
  std::vector<FlatOrTight> flat_;
};

}  // namespace facetry
