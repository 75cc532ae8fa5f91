// Linear models and boundary functions of a fixed activation state, with respect to all inputs [CEE
// equations 2-4; METHOD section 2]. They are accumulated backwards, from the wanted rows to the
// inputs, so that the cost is (rows wanted) x (entries of the network), whatever the number of
// inputs.
#pragma once

#include <vector>

#include "facetry/base/linear_algebra.hpp"
#include "facetry/geometry/free_space.hpp"
#include "facetry/network/normal_form.hpp"
#include "facetry/state/activation_state.hpp"

namespace facetry {

// Affine functions of the inputs: row i is gradients.row(i) . x + offsets[i].
struct AffineFunctions {
  Matrix gradients;
  Vector offsets;
};

class Lineariser {
 public:
  // Keeps references: `form` and `layout` must outlive it. Thread-safe for reading.
  Lineariser(const NormalForm& form, const StateLayout& layout) : form_(form), layout_(layout) {}

  // The linear model h^z of a state: gradients n x m, offsets n.
  [[nodiscard]] AffineFunctions model(const StateWord* state) const;

  // The functions c_i of the given unit boundaries, oriented so that c_i >= 0 on the region of
  // `state`, in the order of `boundaries`. REQUIRES: each is a boundary of a unit (not a side) that
  // bounds the unit's piece in `state`, or any losing argument of a maximum.
  [[nodiscard]] AffineFunctions boundaries(const StateWord* state,
                                           const std::vector<Boundary>& boundaries) const;

 private:
  void through_units(const Stage& stage, const StateWord* state, Matrix& left,
                     Vector& offsets) const;

  const NormalForm& form_;
  const StateLayout& layout_;
};

// The same functions in free coordinates, one row (k+1 numbers) each, with gradients of length 1.
// REQUIRES: no gradient is zero along the free directions.
[[nodiscard]] std::vector<double> to_free_rows(const AffineFunctions& functions,
                                               const FreeSpace& space);

}  // namespace facetry
