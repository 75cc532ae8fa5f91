// A forward pass through a network at one point, with proven signs: in double precision with bounds
// of rounding, and in exact arithmetic where they leave a sign open.
#pragma once

#include <vector>

#include "facetry/network/normal_form.hpp"
#include "state/exact_values.hpp"

namespace facetry {

// Stages are entered in order, and the pieces of all units of a stage decided, before the next one
// is entered. One per thread.
// Guarantee: signs are those of the exact pre-activations at the point, as long as only pieces that
// hold there (boundaries included) were decided.
class ProvenPass {
 public:
  // REQUIRES: `form` outlives it.
  explicit ProvenPass(const NormalForm& form);

  // Begins with a point; the first stage, if there is one, is entered. REQUIRES: finite numbers, as
  // many as the network has inputs.
  void start(const VectorView& x);
  void decide(Index stage, Index unit, Index piece);
  // All units of a stage are decided: enters the next one, if there is one.
  void finish_stage(Index stage);

  // A pre-activation as computed, and the magnitude of the largest value that its stage reads.
  [[nodiscard]] double pre(Index stage, Index row) const { return pre_[stage](row, 0); }
  [[nodiscard]] double scale(Index stage) const;
  // The piece that was decided for a unit of the stage.
  [[nodiscard]] Index piece(Index stage, Index unit) const { return pieces_[stage][unit]; }
  // Is a unit's state asked at all (Unit::only_if)?
  [[nodiscard]] bool is_asked(Index stage, const Unit& unit) const {
    return unit.only_if < 0 || pieces_[stage][unit.only_if] == unit.only_state;
  }

  // The sign of a pre-activation minus t, or minus another one of the stage.
  [[nodiscard]] int sign_to(Index stage, Index row, double t);
  [[nodiscard]] int sign_between(Index stage, Index row, Index other);

 private:
  void enter_stage(Index stage);
  [[nodiscard]] ExactValues& exact();

  const NormalForm& form_;
  Vector x_;
  ExactValues exact_;  // of x_, once it is needed
  bool exact_started_ = false;
  std::vector<Matrix> pre_;
  std::vector<Matrix> values_;
  std::vector<Vector> errors_;  // what the values may be off by
  std::vector<Vector> rooms_;   // what the pre-activations may be off by
  std::vector<std::vector<Index>> pieces_;
};

}  // namespace facetry
