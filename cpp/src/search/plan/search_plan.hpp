// What a search reads at every cell, laid out for it once: the maps into each stage by columns, the
// norms that rounding is measured against, and what each unit is.
#pragma once

#include <memory>
#include <vector>

#include "facetry/base/tolerances.hpp"
#include "facetry/geometry/free_space.hpp"
#include "facetry/network/normal_form.hpp"
#include "facetry/state/activation_state.hpp"
#include "search/path/exact_region.hpp"
#include "search/plan/map_columns.hpp"
#include "search/plan/row_copies.hpp"
#include "search/subdivision.hpp"
#include "state/predicates.hpp"

namespace facetry {

// A unit as the search meets it.
struct PlannedUnit {
  Index first_row = 0;
  Index row_count = 1;                          // arguments, of a maximum
  const PiecewiseFunction* function = nullptr;  // null: a maximum
  std::int32_t number = 0;                      // in graph order
  std::int32_t first_boundary = 0;              // its number in BoundaryIds
  bool is_relu = false;                         // nothing, or the row itself
  std::int32_t only_if = -1;                    // as in Unit
  std::int32_t only_state = 0;

  [[nodiscard]] Origin origin(Index boundary) const {
    return Origin::cut(first_boundary + boundary);
  }
};

struct StagePlan {
  const Stage* stage = nullptr;
  std::vector<PlannedUnit> units;
  Index first_unit = 0;              // its number in graph order
  const MapColumns* into = nullptr;  // the map to this stage's pre-activations
  const MapColumns* next = nullptr;  // from its values to the next stage, or to the outputs
  WorkArray<double> noise_slopes;    // rounding of a row: slope x magnitudes of the inputs + base
  WorkArray<double> noise_bases;
  bool only_maxima = true;
  bool single_breakpoints = true;     // unit u reads row u and has exactly one breakpoint; then:
  WorkArray<double> breakpoints;      //   of each row
  std::vector<StateWord> state_mask;  //   the bits of the stage's units in a state
  bool all_relu = false;              //   every unit is a ReLU, its bit next to its neighbour's
  RowCopies copies;
  // For bounds of rounding:
  double most_norm = 0.0;   // the largest sum of magnitudes of a row's weights
  double most_bias = 0.0;   // the largest magnitude of a bias
  double most_slope = 0.0;  // and of a slope; at least 1
  double most_intercept = 0.0;
  double sum_rounding =
      0.0;  // relative error of a row's entries, measured against what they are sums of
  MapColumns magnitudes;     // safe: of the map to this stage, for sums of errors
  double noise_share = 1.0;  // what noise_bases is a share of magnitudes by
};

class SearchPlan {
 public:
  // Keeps references, which must outlive the plan. Immutable, shared by all threads.
  SearchPlan(const NormalForm& form, const FreeSpace& space, const Tolerances& tolerances,
             Exactness exactness = Exactness::floating);
  SearchPlan(const SearchPlan&) = delete;
  SearchPlan& operator=(const SearchPlan&) = delete;

  [[nodiscard]] const NormalForm& form() const { return form_; }
  [[nodiscard]] const FreeSpace& space() const { return space_; }
  [[nodiscard]] const StateLayout& layout() const { return layout_; }
  // How many numbers BoundaryIds gives.
  [[nodiscard]] Index boundary_count() const { return boundary_count_; }
  [[nodiscard]] const Tolerances& tolerances() const { return tolerances_; }
  [[nodiscard]] bool safe() const { return safe_; }
  // For outer cells (cell_family.hpp).
  [[nodiscard]] const Outward& outward() const { return outward_; }
  // Does every boundary pass through the point where all inputs are zero, exactly, with that point
  // well inside all sides but those that pass through it as well? Then it is this one, in free
  // coordinates, up to rounding; else null.
  [[nodiscard]] const double* common_point() const {
    return common_point_.size() == 0 ? nullptr : common_point_.data();
  }
  // REQUIRES safe().
  [[nodiscard]] const ExactRegion& exact_region() const { return *exact_region_; }
  [[nodiscard]] const UnitPredicates& predicates() const { return predicates_; }
  [[nodiscard]] Index dimension() const { return space_.dimension(); }
  [[nodiscard]] Index stage_count() const { return size_of(stages_); }
  [[nodiscard]] const StagePlan& stage(Index s) const { return stages_[s]; }
  [[nodiscard]] const MapColumns& output() const { return maps_.back(); }

  // The inputs as affine functions of the free coordinates: m rows of k+1 numbers.
  // Do the inputs' magnitudes on the region differ by more than a small factor? Then bounds of
  // rounding that take all for the largest say little.
  [[nodiscard]] bool uneven_inputs() const { return uneven_inputs_; }
  [[nodiscard]] const double* inputs() const { return inputs_.data(); }
  // The first stage's pre-activations (or the outputs of a network without units): planes.
  [[nodiscard]] const double* first_sums() const { return first_sums_.data(); }
  [[nodiscard]] RowScale input_scale() const { return input_scale_; }

 private:
  const NormalForm& form_;
  const FreeSpace& space_;
  Tolerances tolerances_;
  bool safe_;
  Outward outward_;
  std::unique_ptr<const ExactRegion> exact_region_;
  Vector common_point_;
  StateLayout layout_;
  UnitPredicates predicates_;
  std::vector<MapColumns> maps_;  // into stage 0, 1, ...; the last one to the outputs
  std::vector<StagePlan> stages_;
  Matrix inputs_;
  WorkArray<double> first_sums_;
  bool uneven_inputs_ = false;
  Index boundary_count_ = 0;
  RowScale input_scale_;
};

}  // namespace facetry
