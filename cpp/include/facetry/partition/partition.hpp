// A partition as it is used: what a search found, with everything that follows from it computed on
// demand, in parallel batches.
#pragma once

#include <memory>
#include <vector>

#include "facetry/base/linear_algebra.hpp"
#include "facetry/geometry/free_space.hpp"
#include "facetry/network/normal_form.hpp"
#include "facetry/regions/region_view.hpp"
#include "facetry/search/search_options.hpp"
#include "facetry/state/activation_state.hpp"

namespace facetry {

class VertexCell;
struct AffineFunctions;
struct SubdivisionResult;

// Everything about the facets of some regions, flat: facet f of region i (counted from the range's
// begin) is number offsets[i] + f of all other arrays.
struct FacetTable {
  std::vector<Index> offsets{0};
  std::vector<Origin> origins;  // see Partition::boundary_ids
  // Region behind each facet; -1: a side, or not listed. In a complete safe partition every facet
  // but the sides has one, and its neighbor has a facet that leads back.
  std::vector<Index> neighbors;
  std::vector<Index> tight_offsets{0};  // per facet
  std::vector<TightUnit> tight;
  std::vector<Index> change_offsets{0};  // per facet
  std::vector<Index> changes;
};

class Partition {
 public:
  // The regions of `list` must be in ascending order of their states, as `subdivide` returns them
  // (`ordered`), or in any order (then locate, find and neighbors are not available).
  Partition(std::shared_ptr<const NormalForm> form, std::shared_ptr<const FreeSpace> space,
            SubdivisionResult&& found, bool ordered = true);
  // The same of regions that belong to someone else. Those with a guard are checked when they are
  // first read: every member that reads regions then throws FileFormatError if they are damaged.
  Partition(std::shared_ptr<const NormalForm> form, std::shared_ptr<const FreeSpace> space,
            RegionView regions, Termination termination, bool ordered, Exactness exactness);

  [[nodiscard]] Index size() const { return list_.count; }
  [[nodiscard]] bool ordered() const { return ordered_; }
  [[nodiscard]] Termination termination() const { return termination_; }
  [[nodiscard]] Exactness exactness() const { return exactness_; }
  [[nodiscard]] const NormalForm& form() const { return *form_; }
  [[nodiscard]] const FreeSpace& space() const { return *space_; }
  // Call RegionView::require before reading its arrays.
  [[nodiscard]] const RegionView& regions() const { return list_; }
  // Checks every region; does nothing if they come from a search.
  void check(int threads) const { list_.require({0, list_.count}, threads); }
  [[nodiscard]] const StateLayout& layout() const { return layout_; }
  // What the origins of facets and of undecided cuts mean.
  [[nodiscard]] const BoundaryIds& boundary_ids() const { return ids_; }

  // Linear models: coef is range x n x m (row-major, flat), intercept range x n.
  void models(RegionRange range, int threads, double* coef, double* intercept) const;

  // States as numbers, range x units.
  void states(RegionRange range, std::int32_t* out) const;

  // Interior points in input space, range x m.
  void interior_points(RegionRange range, double* out) const;

  // Minimal halfspaces a . x <= b of each facet in the order of the facet arrays; the part of `a`
  // along the region's free directions has length 1, so b - a . x is a distance within the region's
  // affine hull. A: facets x m, b: facets.
  void halfspaces(RegionRange range, int threads, double* A, double* b) const;

  // k-dimensional volumes in input units. Throws InvalidInput above kMostVolumeDimensions.
  // Cost: nothing if the search kept them; else about that of the search for this part of the list
  // and of measuring it, where the list has most regions of its part of the tree, and tens of times
  // more where not.
  void volumes(RegionRange range, int threads, double* out) const;

  // The vertices of region i in input space (V x m). In two dimensions they go round
  // counter-clockwise in free coordinates. Any dimension, but their number grows fast.
  [[nodiscard]] Matrix vertices(Index i) const;

  // Cost: of a large range of a safe search's list, less than the search; of regions that some
  // boundary touches without cutting them (ties), and of lists of searches in double precision, a
  // forward pass and comparisons with all units, ten times that and more.
  [[nodiscard]] FacetTable facet_table(RegionRange range, int threads) const;

  // Units that are flat on each region, joined: those of region i (counted from the range's begin)
  // are units[offsets[i] .. offsets[i+1]].
  struct Ragged {
    std::vector<Index> offsets{0};
    std::vector<Index> units;
  };
  [[nodiscard]] Ragged flat_units(RegionRange range, int threads) const;
  // Of one maximum for each region of the range (a unit's number): the other arguments that are the
  // same as the winner identically on the region, joined as above. Throws InvalidInput unless there
  // is one maximum for each.
  // Cost: a forward pass in k+1 columns each, with exact functions where rounding leaves it open
  // (safe).
  [[nodiscard]] Ragged tied_arguments(RegionRange range, const std::vector<Index>& maxima,
                                      int threads) const;

  // The vertices of several regions, as vertices() gives them, joined.
  struct Corners {
    std::vector<Index> offsets{0};
    Matrix points;
  };
  [[nodiscard]] Corners corners(RegionRange range, int threads) const;

  // For each row of X (N x m) the region that holds it: the lowest where several do (on a facet),
  // -1 outside the analysis region or where no listed region holds it.
  void locate(const MatrixView& X, int threads, Index* out) const;

  // The region with this state, or -1. Cost: logarithmic.
  [[nodiscard]] Index find(const StateWord* state) const;

 private:
  template <class Ask>
  void with_adjacency(Index count, int threads, const Ask& ask) const;
  [[nodiscard]] std::vector<Index> touched_of(RegionRange range, int threads) const;
  [[nodiscard]] std::vector<Origin> facets_of(Index i) const;
  [[nodiscard]] AffineFunctions facet_functions(Index i) const;
  [[nodiscard]] VertexCell cell(Index i) const;
  void require_ordered(const char* what) const;

  std::shared_ptr<const NormalForm> form_;
  std::shared_ptr<const FreeSpace> space_;
  StateLayout layout_;
  BoundaryIds ids_;
  RegionView list_;
  Termination termination_;
  Exactness exactness_;
  bool ordered_;
};

// All linear regions of a network on an analysis region, in ascending order of their states.
//
// Guarantees: with termination() `complete` the regions cover the analysis region (up to cuts that
// are counted as undecided, with Exactness::floating); each has interior; none is listed twice; the
// same result, in the same order, for any number of threads. A limit of regions leaves the first
// ones in order; other limits and cancellation leave some subset, in order.
// REQUIRES: form->input_size() == space->input_size(), else InvalidInput. k = 0 gives one region.
// Cost: output-sensitive: proportional to the regions times the units. Memory: the result.
[[nodiscard]] std::shared_ptr<Partition> find_partition(
    const std::shared_ptr<const NormalForm>& form, const std::shared_ptr<const FreeSpace>& space,
    const ListOptions& options = {});

// Explanations of single points: state, linear model and validity region without any search
// [CEE section V-B; METHOD section 3, "Points"].

// The linear models at points: X is N x m; coef N x n x m and intercept N x n (row-major, flat).
// The state is that of NormalForm::states(), up to its rounding: on a boundary the lowest piece.
// What a point gets does not depend on the other points or on `threads`. Throws InvalidInput if X
// has another number of columns. Cost per point: the entries of the network, times 1 + n; points
// are taken in blocks, as matrix products.
void explain_points(const NormalForm& form, const MatrixView& X, int threads, double* coef,
                    double* intercept);

// The validity region of each point within an analysis region, one per row of X and in that order
// (so not sorted, and the same region as often as points lie in it). Where a point is on a
// boundary, the lowest region that holds it, as in Partition::locate(); with Exactness::floating
// the one that it enters when it moves towards the middle of the analysis region. Of the options
// threads, exactness, cells and tolerances count.
// Throws InvalidInput if a point is not in the analysis region, or that has no free dimension.
// Cost per point: one way down the tree of cells; floating, one linear program per unit in the free
// dimensions.
[[nodiscard]] std::shared_ptr<Partition> validity_regions(
    const std::shared_ptr<const NormalForm>& form, const std::shared_ptr<const FreeSpace>& space,
    const MatrixView& X, const SearchOptions& options = {});

}  // namespace facetry
