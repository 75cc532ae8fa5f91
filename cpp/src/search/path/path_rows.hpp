// The affine functions along a search's path: what the pre-activations and values of each stage are
// on the cell at hand, by the states decided so far. Rare questions about rounding are answered
// here.
#pragma once

#include <cmath>
#include <vector>

#include "base/rounding.hpp"
#include "search/plan/search_plan.hpp"

namespace facetry {

// One stage on the path, as the cell that entered it sees it.
struct StageRows {
  const double* pre = nullptr;      // pre-activations: planes of the stage's stride
  const double* carried = nullptr;  // carried values, k+1 numbers each
  RowScale scale;                   // magnitudes of the stage's inputs
  std::vector<char> contends;  // of maxima, by row: may this argument be the largest somewhere?
  // Safe searches: what rounding on the whole path may leave behind.
  double value_error = 0.0;  // in entries and offsets of the stage's values
  // In the values of row r: noise_slopes[r] * noise_scale (and what its bias leaves, StagePlan).
  const double* noise_slopes = nullptr;
  double noise_scale = 0.0;
  double entry_scale = 0.0;   // in entries of a row, for a sum of weights of 1
  bool by_row = false;        // are `entries` and `noise` in use?
  WorkArray<double> entries;  // in entries of each row
  WorkArray<double> noise;    // in its values
  // The stage's inputs, once they were asked for on this cell.
  mutable Matrix inputs;
  mutable bool has_inputs = false;
};

class PathRows {
 public:
  explicit PathRows(const SearchPlan& plan);

  [[nodiscard]] StageRows& stage(Index s) { return stages_[s]; }
  [[nodiscard]] const StageRows& stage(Index s) const { return stages_[s]; }
  [[nodiscard]] std::vector<StateWord>& state() { return state_; }
  [[nodiscard]] const std::vector<StateWord>& state() const { return state_; }

  // Pre-activation `row` of stage s, k+1 numbers.
  void row(Index s, Index row, double* out) const {
    const Index stride = plan_.stage(s).into->stride();
    const double* plane = stages_[s].pre + row;
    for (Index c = 0; c <= k_; ++c) out[c] = plane[c * stride];
  }
  // The value of a unit of stage s that has `piece`.
  void value(Index s, Index unit, Index piece, double* out) const;
  // Value number i of stage s by the states decided: a unit's or a carried one.
  void decided_value(Index s, Index i, double* out) const;

  // Bounds the rounding of all that follows in stage s, from the magnitudes and the error of its
  // inputs, which must be written to stage(s).scale. For safe searches.
  void bound_rounding(Index s);
  // What a row's value minus t may be off by, wherever |u_i| <= 1.01: by rounding on the whole
  // path, of this row and of the value itself. REQUIRES bound_rounding(s).
  [[nodiscard]] double row_error(Index s, Index row, double t) const {
    const StagePlan& plan = plan_.stage(s);
    const AffineMap& map = plan.stage->map;
    return stages_[s].noise_slopes[row] * stages_[s].noise_scale +
           plan.noise_share * (std::abs(map.bias()[row]) + std::abs(t)) + kUnderflow;
  }

  // Is the gradient of a row whose largest entry is `largest` zero up to rounding?
  [[nodiscard]] bool zero_gradient(Index s, Index row, double largest) const;
  // The same for the difference of two rows.
  [[nodiscard]] bool zero_difference(Index s, Index row, Index other,
                                     const double* difference) const;

  // Is where pre-activation `row` of stage s equals t a side of the region, or a boundary that was
  // decided before `unit` of the stage on this path? `exact`: by the rows as they were computed,
  // one a multiple of the other, without rounding; then a reach that is not zero is rounding.
  // `near`: once they are normalised, up to rounding; then a reach of zero may be one that is not.
  enum class Copy { none, near, exact };
  [[nodiscard]] Copy copy_of(Index s, Index unit, Index row, double t) const;

 private:
  [[nodiscard]] bool repeats_a_row(Index s, Index unit, Index number, double t) const;
  void mark_parallel(Index s, const double* wanted, std::vector<char>& marks) const;
  [[nodiscard]] const Matrix& inputs_of(Index s) const;
  void add_errors(Index s, double value_noise);
  void add_input_errors();
  [[nodiscard]] double entry_error(Index s, Index row) const;

  const SearchPlan& plan_;
  Index k_;
  std::vector<StageRows> stages_;
  std::vector<StateWord> state_;
  std::vector<double> input_errors_;  // of add_errors()
  std::vector<std::int32_t> input_numbers_;
};

}  // namespace facetry
