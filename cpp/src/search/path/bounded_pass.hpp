// A forward pass with every unit's state fixed, in double precision, that says of each
// pre-activation what rounding may have left in it.
#pragma once

#include <vector>

#include "search/plan/search_plan.hpp"

namespace facetry {

class BoundedPass {
 public:
  // REQUIRES a plan of a safe search, which outlives the pass. Affine functions have the offset in
  // their last column; `linear`: there is none, and biases and intercepts do not count.
  explicit BoundedPass(const SearchPlan& plan, bool linear = false);

  // One stage: first its pre-activations from its inputs, which may be off by `errors`; then, once
  // its units' states are known, its values.
  [[nodiscard]] Matrix& inputs(Index s) { return values_[s]; }
  [[nodiscard]] std::vector<double>& input_errors(Index s) { return errors_[s]; }
  void enter_stage(Index s);
  void finish_stage(Index s, const StateWord* state);
  // All stages, from the inputs of stage 0.
  void run(const StateWord* state);

  [[nodiscard]] const double* pre(Index s, Index row) const {
    return pre_[s].data() + row * pre_[s].cols();
  }
  // What an entry of a pre-activation may be off by. 0: it is exact.
  [[nodiscard]] double error(Index s, Index row) const { return pre_errors_[s][row]; }
  // For what is computed otherwise.
  [[nodiscard]] Matrix& pre(Index s) { return pre_[s]; }
  [[nodiscard]] WorkArray<double>& errors(Index s) { return pre_errors_[s]; }

 private:
  [[nodiscard]] double largest(const double* row, Index columns) const;

  const SearchPlan& plan_;
  bool linear_;
  std::vector<Matrix> values_, pre_;
  std::vector<std::vector<double>> errors_;
  std::vector<WorkArray<double>> pre_errors_;
  std::vector<double> shares_;
  std::vector<std::int32_t> numbers_;
};

}  // namespace facetry
