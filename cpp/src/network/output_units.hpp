// Questions about outputs as units: a network with one more stage, whose units read its outputs.
// Their states say which output is the highest, or on which side of a threshold a value is; so the
// regions of the longer network are those of the network, cut where the answer changes, and
// everything that holds for regions (minimal facets, order, exactness) holds for answers too [CEE
// section IV-B].
#pragma once

#include <vector>

#include "facetry/network/normal_form.hpp"

namespace facetry {

struct OutputUnit {
  UnitKind kind = UnitKind::maximum;
  // maximum: the outputs compared, two or more, all different; state a says that outputs[a] is the
  // largest of sign * outputs. Of equal ones the first wins, as in argmax.
  std::vector<Index> outputs;
  double sign = 1.0;  // 1, or -1: the smallest
  // A maximum may be asked only where an earlier unit of the list has a given state (elsewhere its
  // own state is 0): "of the others, which is the largest, if output a is?". -1: it is asked
  // everywhere.
  Index only_if = -1;
  Index only_state = 0;
  // piecewise: state 1 where weights . outputs > threshold, else 0.
  Vector weights;
  double threshold = 0.0;
};

// The network with these units behind its last stage, which keeps its states: the new units come
// last in graph order. Its only output is the value of the first of them; or, if they are kept, its
// outputs are those of the network. Exactness: the rows of a maximum, and of weights with one entry
// of 1 or -1, are the network's own numbers. Other weights are multiplied into the last map, and
// rounded there. Throws InvalidInput unless there is a unit and all sizes, indices, signs and
// numbers are in order.
[[nodiscard]] NormalForm with_output_units(const NormalForm& form,
                                           const std::vector<OutputUnit>& units,
                                           bool keep_outputs = false);

// The network whose only output is the largest of the rows of weights . outputs + offsets: one
// maximum behind its last stage. The rows are multiplied into the last map, and rounded there.
// Throws InvalidInput unless there are two rows or more, sizes fit and all numbers are finite.
[[nodiscard]] NormalForm with_largest_of(const NormalForm& form, const Matrix& weights,
                                         const Vector& offsets);

}  // namespace facetry
