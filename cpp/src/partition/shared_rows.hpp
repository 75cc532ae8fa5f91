// The functions of boundaries for one region after another, with respect to all inputs: rows of a
// stage are kept while the states of the stages before it stay, as they do from region to region of
// a sorted list.
#pragma once

#include <vector>

#include "facetry/network/normal_form.hpp"
#include "facetry/state/activation_state.hpp"

namespace facetry {

// Guarantees, numbered as the tests are:
//  1. boundary() is the function that Lineariser::boundaries gives, up to rounding.
//  2. It depends on the state and the boundary alone, not on the regions before. So does
//     halfspace(), which is that function scaled.
// REQUIRES: form and layout outlive it. Not thread-safe: one per thread.
// Cost: rows are computed when some boundary needs them: (values that are not zero) x (inputs + 1)
// each. Of lists in order three to four rows a region with three stages, a tenth of one with two.
// Memory: (rows of all stages) x (inputs + 1, made even).
class SharedRows {
 public:
  SharedRows(const NormalForm& form, const StateLayout& layout);

  // Goes to the region of a state.
  void move_to(const StateWord* state);

  // Writes the function c of a unit's boundary, m gradient entries and the offset, so that c >= 0
  // on the region. REQUIRES: as Lineariser::boundaries.
  void boundary(const Boundary& boundary, double* out);

  // The halfspace a . x <= b of a facet, m numbers and one: the function above, divided by
  // length(gradient). REQUIRES: of one SharedRows the same `length` at all times.
  template <class Length>
  void halfspace(const Boundary& facet, const Length& length, double* a, double* b) {
    const Unscaled found = unscaled(facet);
    if (*found.epoch != found.now) {
      *found.epoch = found.now;
      scale(found.row, length(found.row));
    }
    for (Index c = 0; c < m_; ++c) a[c] = -found.sign * found.row[c];
    *b = found.sign * found.row[m_];
  }

  // A value that is slope x row, up to a constant.
  struct Active {
    const double* row;
    double slope;
    Index position;
  };

 private:
  // A value of a stage: slope x row + intercept, or an input (row: none).
  struct Value {
    const double* row = nullptr;
    double slope = 0.0;
    double intercept = 0.0;
    Index input = -1;
  };
  // A facet's function that may have to be scaled first.
  struct Unscaled {
    double* row;
    Index* epoch;  // when it was
    Index now;
    double sign;
  };
  struct StageRows {
    std::vector<double> rows;         // map.rows() x width_
    std::vector<Index> row_epochs;    // when each row was computed
    std::vector<double> scaled;       // the same rows less the one breakpoint of their units,
    std::vector<Index> scale_epochs;  // scaled, and when they were
    std::vector<Value> values;        // by position
    std::vector<Index> value_epochs;  // when each value was looked up
    std::vector<StateWord> mask;      // the bits of the stage's units in a state
    std::vector<Active> active;       // its values with a row, as of
    Index active_epoch = 0;
    std::vector<Index> others;  // values that are an input or have an intercept
    bool only_relus = false;
    Index epoch = 1;  // counts changes of states in this stage or one before
  };

  [[nodiscard]] Index rows_epoch(Index stage) const {
    return stage == 0 ? 1 : stages_[stage - 1].epoch;
  }
  [[nodiscard]] Unscaled unscaled(const Boundary& facet);
  void scale(double* row, double length) const;
  const double* row(Index stage, Index number);
  const Value& value(Index stage, Index position);
  [[nodiscard]] Value look_up(Index stage, Index position);
  [[nodiscard]] bool only_relus(const Stage& stage) const;
  void list_active(Index stage);
  void list_active_relus(Index stage);
  void add_active(const double* weights, Index stage, double* out);
  void add_value(double weight, Index stage, Index position, double* out);

  const NormalForm& form_;
  const StateLayout& layout_;
  Index m_;
  Index width_;                  // of a row: m + 1 and a zero if that is odd
  std::vector<Index> stage_of_;  // each unit
  std::vector<StageRows> stages_;
  std::vector<StateWord> state_;
  std::vector<double> own_;  // of a boundary that is not kept
  Index own_epoch_ = 0;
  bool begun_ = false;
};

}  // namespace facetry
