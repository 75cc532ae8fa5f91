// The sides of a polytope in input space without rounding: which of them hold as equalities, which
// are needed, and how thick the polytope is behind them. For the few questions about an analysis
// region that double precision leaves open.
#pragma once

#include <span>
#include <vector>

#include "base/exact_row.hpp"
#include "facetry/geometry/free_space.hpp"
#include "optimize/exact_program.hpp"

namespace facetry {

// Guarantees, numbered as the tests are:
//  1. slack_of(): the largest slack of a side on the whole polytope, by its sign exactly, and as a
//     double rounded once.
//  2. is_needed(): true exactly if the side cuts something off from what the others leave.
// Cost: a linear program in integers for each question. A polytope of more than kMostInputs inputs
// that vary is not asked (can_ask()): that takes minutes.
class ExactSides {
 public:
  static constexpr Index kMostInputs = 40;

  // REQUIRES: `polytope` outlives it and is in order (finite A and b, low <= high, no NaN).
  explicit ExactSides(const InputPolytope& polytope);

  [[nodiscard]] bool can_ask() const { return size_of(free_) <= kMostInputs; }

  // Of side number `side`: limit - a . x at its largest. `empty`: no point fulfils all sides.
  // `unbounded`: there is no largest one.
  struct Slack {
    bool empty = false;
    bool unbounded = false;
    int sign = 0;
    double value = 0.0;
  };
  // REQUIRES can_ask().
  [[nodiscard]] Slack slack_of(Index side);

  // Is there a point that breaks the side and fulfils the others? REQUIRES can_ask().
  [[nodiscard]] bool is_needed(Index side, std::span<const Index> others);

  // limit - a . (origin + basis v) as a function of v: its entries and its offset, each rounded
  // once and all of them divided by the length of the gradient. REQUIRES: it is not constant.
  [[nodiscard]] Vector row_in(Index side, const Vector& origin, const Matrix& basis) const;

 private:
  [[nodiscard]] ExactRow row_of(Index side) const;

  const InputPolytope& polytope_;
  std::vector<Index> free_;   // inputs that vary
  std::vector<Index> sides_;  // those that can be broken
  std::vector<ExactRow> rows_;
  ExactProgram program_;
};

}  // namespace facetry
