// A network on an analysis region as a mixed-integer linear program [CEE section III-B]: one binary
// variable for each breakpoint that a unit's pre-activation may pass, one for each argument that a
// maximum may take. Its feasible points are the points of the region with all values of the network
// there.
//
// It is written over free coordinates u, because fixed inputs vanish there and the numbers are of
// one size, with the inputs x = origin + basis u beside them under their own names. For each stage:
//
// clang-format off
//   q    = W v + b                  one variable per pre-activation, within its bounds
//   r_j  = max(q - t_j, 0)          for each breakpoint t_j that is open, with the binary z_j: q >= t_j
//   v    = s q + c + sum of (slope changes) r_j: no variable of its own
//   y    = max of q_a               for a maximum, with one binary w_a per argument, and sum w_a = 1
// clang-format on
#pragma once

#include <string>
#include <vector>

#include "facetry/network/linear_bounds.hpp"
#include "facetry/optimize/mixed_integer_program.hpp"
#include "facetry/state/activation_state.hpp"

namespace facetry {

enum class MilpForm {
  big_m,       // linear rows only, with constants from the bounds
  indicators,  // rows that hold where a binary is 1 (or 0); not every solver takes them
};

struct MilpEncodingOptions {
  MilpForm form = MilpForm::big_m;
  std::vector<std::string>
      input_names;  // of m inputs and n outputs; empty: x0, x1, ... and y0, y1, ...
  std::vector<std::string> output_names;
};

// Where one unit's state stands among the variables.
struct EncodedState {
  Index lowest = 0;  // piecewise: the piece where no binary is 1
  std::vector<Index>
      binaries;  // piecewise: one per open breakpoint, ascending; maximum: per argument
  std::vector<Index>
      arguments;  // of a maximum: which argument each binary stands for; one: it is fixed
};

struct MilpEncoding {
  MixedIntegerProgram program;       // without an objective
  std::vector<Index> coordinates;    // variables of the k free coordinates
  std::vector<Index> inputs;         // of the m inputs
  std::vector<Index> outputs;        // of the n outputs
  std::vector<EncodedState> states;  // of each unit, in graph order

  // The activation state of a point of the program (one value per variable).
  [[nodiscard]] std::vector<StateWord> state_of(const StateLayout& layout,
                                                const std::vector<double>& values) const;
  // Adds a row that no point with this state satisfies, and all others do [CEE section III-B,
  // "blocking"].
  void block(const StateLayout& layout, const StateWord* state);
};

// `bounds` must hold on the region (see there); the tighter they are, the easier the program is.
// Units that they leave one piece are fixed and get no binary.
// REQUIRES: sizes that fit, else InvalidInput. A boundary belongs to the pieces on both its sides.
// Cost: the entries of the network.
[[nodiscard]] MilpEncoding encode(const NormalForm& form, const FreeSpace& space,
                                  const PreActivationBounds& bounds,
                                  const MilpEncodingOptions& options = {});

// The terms and the bound of a row "this is not the given piece" for one unit; see block().
void add_blocking_terms(const EncodedState& unit, Index piece, std::vector<LinearTerm>& terms,
                        double& right_side);
// The piece that the values of its binaries stand for.
[[nodiscard]] Index encoded_piece(const EncodedState& unit, const std::vector<double>& values);

}  // namespace facetry
