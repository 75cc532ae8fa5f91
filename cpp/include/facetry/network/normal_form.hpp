// The normal form: what every engine reads. Validated and immutable.
//
// A compressed network is a line of stages and one output map. The values of stage s are its units'
// results followed by *carried* values, copied from the stage before because a later stage or the
// output still reads them (that is how skips pass):
//
//   pre-activations  p_s = W_s v_{s-1} + b_s          (v_0 = the inputs)
//   values           v_s = (unit results of p_s, carried elements of v_{s-1})
//   logits           f(x) = W_out v_last + b_out
//
// Units are numbered stage by stage, inside a stage in the order of the graph: this is the "graph
// order" of activation states [METHOD section 1].
#pragma once

#include <vector>

#include "facetry/geometry/affine_map.hpp"
#include "facetry/network/neural_graph.hpp"

namespace facetry {

enum class UnitKind { piecewise, maximum };

// One scalar non-linear element; it reads rows first_row .. first_row + row_count of its stage's
// pre-activations (a piecewise unit reads one, a maximum one per argument).
struct Unit {
  UnitKind kind = UnitKind::piecewise;
  Index first_row = 0;
  Index row_count = 1;
  Index function = -1;   // of a piecewise unit: position in NormalForm::functions()
  Index operation = -1;  // where it comes from: operation of the neural graph, and
  Index position = -1;   // the element of that operation's result
  // Asked only where unit `only_if` of the same stage, an earlier one, has the state `only_state`;
  // elsewhere its state is 0. -1: asked everywhere. Only maxima of network/output_units.hpp are
  // asked conditionally.
  Index only_if = -1;
  Index only_state = 0;
};

struct Stage {
  AffineMap map;  // v_{s-1} -> pre-activations
  std::vector<Unit> units;
  std::vector<Index> carried;  // positions in v_{s-1}
  Index first_unit = 0;        // number of units in the stages before

  [[nodiscard]] Index width() const { return size_of(units) + size_of(carried); }
};

struct OutputUnit;

class NormalForm {
 public:
  // Compresses `graph` down to the values `outputs`: consecutive affine steps are merged, constants
  // folded, functions of one piece and maxima of one argument dissolved, repeated arguments of a
  // maximum and values that no output reads dropped. A unit whose weights all happen to be zero
  // stays. Rounding: a row of one affine step on inputs and units keeps its numbers; of merged
  // steps each product and each sum is rounded to double once. Whatever is proven later is proven
  // of the rows that come out here. Cost: the entries of the merged affine maps. Throws
  // InvalidInput for an empty or unknown `outputs`.
  NormalForm(const NeuralGraph& graph, const std::vector<Index>& outputs);

  [[nodiscard]] Index input_size() const { return input_size_; }
  [[nodiscard]] Index output_size() const { return output_.rows(); }
  [[nodiscard]] Index unit_count() const { return unit_count_; }
  [[nodiscard]] const std::vector<Stage>& stages() const { return stages_; }
  [[nodiscard]] const AffineMap& output() const { return output_; }
  [[nodiscard]] const std::vector<PiecewiseFunction>& functions() const { return functions_; }
  [[nodiscard]] const PiecewiseFunction& function(const Unit& unit) const {
    return functions_[unit.function];
  }
  // How many states the unit has: the pieces of its function, or the arguments of its maximum.
  [[nodiscard]] Index piece_count(const Unit& unit) const {
    return unit.kind == UnitKind::piecewise ? function(unit).pieces() : unit.row_count;
  }
  // The network up to the pre-activations of a stage, which are its outputs. REQUIRES 0 <= stage <
  // the number of stages.
  [[nodiscard]] NormalForm head(Index stage) const;
  // The number of the stage that holds a unit. REQUIRES 0 <= unit < unit_count().
  [[nodiscard]] Index stage_of(Index unit) const;
  // The number of states of every unit, in order.
  [[nodiscard]] std::vector<Index> piece_counts() const;

  // Logits, one sample per row: X is N x m, the result N x n. Rounded differently from
  // NeuralGraph::evaluate, equal in real arithmetic. Thread-safe.
  [[nodiscard]] Matrix evaluate(const MatrixView& X) const;

  // States at points, N x unit_count: the lowest piece whose closed interval holds the computed
  // pre-activation, the lowest argument among the largest. Thread-safe.
  [[nodiscard]] Eigen::Matrix<std::int32_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> states(
      const MatrixView& X) const;

 private:
  friend class NormalFormBuilder;
  friend NormalForm with_output_units(const NormalForm& form, const std::vector<OutputUnit>& units,
                                      bool keep_outputs);
  friend NormalForm with_largest_of(const NormalForm& form, const Matrix& weights,
                                    const Vector& offsets);

  Index input_size_ = 0;
  Index unit_count_ = 0;
  std::vector<Stage> stages_;
  AffineMap output_;
  std::vector<PiecewiseFunction> functions_;
};

}  // namespace facetry
