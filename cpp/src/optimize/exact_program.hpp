// Linear programs in exact integers, for sets of constraints whose interior is too thin for
// doubles. A dictionary with integer pivots [Edmonds 1967; Bareiss 1968]: all entries are
// determinants of the input over one common denominator, so nothing is rounded and no fraction is
// ever reduced. The least- index criss-cross rule [Terlaky 1985] needs no feasible start and cannot
// cycle.
#pragma once

#include <deque>
#include <functional>
#include <span>
#include <vector>

#include "base/exact_row.hpp"

namespace facetry {

class ExactProgram {
 public:
  // Thrown when keep_going() says no.
  struct Interrupted {};

  // Constraints over `dimension` variables. `keep_going` (may be empty) is asked before every
  // pivot.
  explicit ExactProgram(Index dimension, std::function<bool()> keep_going = {});

  // row . (x, 1) >= 0. Returns its number, counted from 0.
  Index add(ExactRow row);
  // The same without a copy. REQUIRES that the row stays as it is until clear().
  Index refer_to(const ExactRow& row);
  void clear();

  // Is there a point where all rows are positive? `first` are rows that are probably equally tight
  // at the point that is deepest inside, up to dimension + 1 of them: a start, nothing more.
  // `point` (may be null; then any interior will do) becomes such a point, dimension numbers
  // rounded once, as deep inside as can be: then rows count as long as their largest entry.
  // REQUIRES: rows of length dimension + 1. Any other input is good, also none, contradictory or
  // repeated rows. Cost: about dimension + (pivots to the optimum) pivots of rows x dimension
  // products.
  [[nodiscard]] bool has_interior(std::span<const Index> first, double* point = nullptr);

  // The largest value of an objective where no row is negative: numerator / denominator, for its
  // entries without their exponent.
  struct Extreme {
    enum class Kind {
      found,
      infeasible,
      unbounded,  // or infeasible too: no combination of rows bounds it
    };
    Kind kind = Kind::infeasible;
    Integer numerator = 0;
    Integer denominator = 1;  // > 0
  };
  // `first`: rows that are probably zero where it is reached. `point` (may be null) becomes such a
  // place, dimension numbers rounded once. REQUIRES, and cost: as above.
  [[nodiscard]] Extreme maximise(const ExactRow& objective, std::span<const Index> first,
                                 double* point = nullptr);

 private:
  template <class Ask>
  auto with_dictionary(std::size_t bits, const Ask& ask) const;

  std::function<bool()> keep_going_;
  Index dimension_;
  std::vector<const ExactRow*> rows_;
  std::deque<ExactRow> kept_;
};

}  // namespace facetry
