// A network arranged for blocks of points: states by a forward pass, linear models by reverse
// accumulation, both as matrix products over the whole block (base/block_kernels.hpp). What a point
// gets does not depend on the block it is in.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/stack_memory.hpp"
#include "facetry/base/tolerances.hpp"
#include "facetry/network/normal_form.hpp"
#include "facetry/state/activation_state.hpp"
#include "kernels/block_kernels.hpp"

namespace facetry {

// An affine map and its transpose, as the kernels read them.
class BlockMap {
 public:
  explicit BlockMap(const AffineMap& map);

  [[nodiscard]] BlockKernels::Weights forward() const { return weights(forward_, rows_, columns_); }
  // Rows are the map's columns.
  [[nodiscard]] BlockKernels::Weights backward() const {
    return weights(backward_, columns_, rows_);
  }
  // A single row: the bias.
  [[nodiscard]] BlockKernels::Weights bias_row() const {
    return {1, rows_, bias(), nullptr, nullptr};
  }
  [[nodiscard]] const double* bias() const { return bias_.data(); }
  [[nodiscard]] Index rows() const { return rows_; }
  [[nodiscard]] Index columns() const { return columns_; }

 private:
  struct Entries {
    std::vector<double> weights;
    std::vector<Index> offsets;  // both empty: dense
    std::vector<Index> columns;
  };
  [[nodiscard]] static BlockKernels::Weights weights(const Entries& entries, Index rows,
                                                     Index width);
  void fill_dense(const AffineMap& map);
  void fill_sparse(const AffineMap& map);

  Index rows_;
  Index columns_;
  Vector bias_;
  Entries forward_;
  Entries backward_;
};

// Immutable; shared by threads. Keeps references to `form` and `layout`.
class BlockNetwork {
 public:
  // Cost: the entries of the network's maps.
  BlockNetwork(const NormalForm& form, const StateLayout& layout);

  [[nodiscard]] const NormalForm& form() const { return form_; }
  [[nodiscard]] const StateLayout& layout() const { return layout_; }
  [[nodiscard]] const BlockMap& map(Index stage) const { return maps_[stage]; }
  [[nodiscard]] const BlockKernels::Function& function(const Unit& unit) const {
    return functions_[unit.function];
  }
  // Where a unit's piece lies in a state: (state[word] >> shift) & mask.
  struct Field {
    Index word;
    Index shift;
    StateWord mask;
  };
  [[nodiscard]] const Field& field(Index unit) const { return fields_[unit]; }
  [[nodiscard]] Index most_values() const { return most_values_; }
  [[nodiscard]] Index most_rows() const { return most_rows_; }

 private:
  const NormalForm& form_;
  const StateLayout& layout_;
  std::vector<BlockMap> maps_;  // one per stage
  std::vector<BlockKernels::Function> functions_;
  std::vector<Field> fields_;
  Index most_values_ = 0;  // of any stage, and of the inputs
  Index most_rows_ = 0;    // pre-activations of any stage
};

// A block at a time; one per thread.
class BlockPass {
 public:
  static constexpr Index kMost = 64;  // points of a block

  explicit BlockPass(const BlockNetwork& network);

  // The states of rows begin .. begin + count of X: the lowest piece that holds the computed
  // pre-activation, the lowest of the largest arguments (NormalForm::states, rounded differently).
  // REQUIRES: 1 <= count <= kMost, X has the network's number of inputs.
  void find_states(const MatrixView& X, Index begin, Index count);

  // The same; points for which rounding may have chosen a piece are in doubt(p). The others have
  // the lowest pieces that hold in exact arithmetic.
  void find_proven_states(const MatrixView& X, Index begin, Index count);
  [[nodiscard]] bool doubt(Index p) const { return doubt_[p] != 0; }

  // Takes states from elsewhere, one after another.
  // REQUIRES: 1 <= count <= kMost.
  void set_states(const StateWord* states, Index count);

  // Word w of the state of point p.
  [[nodiscard]] StateWord word(Index w, Index p) const { return words_[w * lanes_ + p]; }

  // The linear models of the block's states: coef count x n x m, intercept count x n.
  void models(double* coef, double* intercept);

 private:
  void start_block(Index count);
  void load(const MatrixView& X, Index begin);
  void forward(bool prove);
  void forward_stage(Index s, bool prove);
  void add_rounding(Index s);
  void pass_rounding(Index s);
  void back_from(Index output);
  void back_through_units(Index s);
  void back_through_map(Index s);
  void store(Index output, double* coef, double* intercept) const;
  [[nodiscard]] BlockKernels::Field field(Index unit) const;

  const BlockNetwork& network_;
  const BlockKernels& kernels_;
  StackMemory memory_;
  Index count_ = 0;
  Index lanes_ = 0;
  double* values_;  // planes of values, or of gradients with respect to them
  double* next_;
  double* rows_;  // planes of pre-activations, or of gradients with respect to them
  double* offset_;
  double* scale_;  // the largest magnitude of a stage's values, with what they are off by
  double* error_;  // what values may be off by
  StateWord* words_;
  StateWord* doubt_;
  std::vector<double> zeros_;
  // For bounds of rounding, per stage.
  struct Rounding {
    double share = 0.0;  // of the magnitudes of a row's terms
    double norm = 0.0;   // the largest of a row
    double bias = 0.0;
    double slope = 1.0;  // of a unit
    double intercept = 0.0;
  };
  std::vector<Rounding> rounding_;
  std::vector<std::vector<BlockKernels::Room>> rooms_;  // per stage and row
};

// One T per thread, made when the thread first asks for it.
template <class T>
class PerThread {
 public:
  explicit PerThread(int threads) : made_(static_cast<std::size_t>(threads)) {}

  template <class Make>
  T& get(int thread, Make&& make) {
    std::unique_ptr<T>& own = made_[static_cast<std::size_t>(thread)];
    if (!own) own = make();
    return *own;
  }

 private:
  std::vector<std::unique_ptr<T>> made_;
};

}  // namespace facetry
