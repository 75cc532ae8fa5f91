// Queries on a model's outputs [CEE section IV-B; METHOD section 3]: which output is the highest
// where, and which comes second; thresholds and linear conditions; where two models decide
// differently. A query is a partition of a longer network (network/output_units.hpp), searched only
// where the answer is.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "facetry/milp/milp_engine.hpp"
#include "facetry/network/normal_form.hpp"
#include "facetry/optimize/mixed_integer_program.hpp"
#include "facetry/partition/partition.hpp"
#include "facetry/search/search_options.hpp"

namespace facetry {

// weights . outputs >= threshold.
struct OutputCondition {
  Vector weights;
  double threshold = 0.0;
};

struct Query {
  // How outputs become a choice: the highest or the lowest, or 1 where the one output is above a
  // threshold, else 0. `none`: only conditions count.
  enum class Decision { none, highest, lowest, threshold };
  Decision decision = Decision::none;
  double threshold = 0.0;

  // The choice that is asked about; empty: all, each with its regions.
  std::optional<Index> top;
  // Regions where anything but `top` is the choice. REQUIRES top.
  bool change = false;
  // The second choice too: one that is asked about, or all. REQUIRES highest or lowest.
  bool rank_runner_up = false;
  std::optional<Index> runner_up;

  // Where outputs are the same on a whole region: every order of them, each with that region, or
  // the first only, as argmax. Rankings only; a limit counts regions before ties are written out.
  bool all_ties = false;

  std::vector<OutputCondition> where;

  // If > 0: the outputs are those of two models of so many each, side by side, and only regions
  // count where their choices differ. REQUIRES a decision, and neither top nor runner-up.
  Index outputs_each = 0;

  // Throws InvalidInput that says what does not fit a network with so many outputs.
  void validate(Index outputs) const;
};

struct QueryAnswer {
  // The regions with all guards among their facets: a partition of the longer network. Do not ask
  // it for models, points or neighbours.
  std::shared_ptr<Partition> regions;
  // The same regions, in the same order, as regions of the network itself, for their models and
  // flat units. Without facets.
  std::shared_ptr<Partition> network;
  std::vector<Index> top;  // of each region; empty without a decision
  std::vector<Index>
      runner_up;    // of each region; with `outputs_each` the second model's choice; or empty
  Index cells = 0;  // visited; of the MILP engine: solves
};

// Where outputs are the same on a whole region the lowest index wins, as in argmax (but see
// all_ties); for a threshold and conditions, values at the limit count as METHOD says: not above,
// and fulfilled. Order: by the state of the network, then by choice. Limits, threads and exactness
// as in subdivide().
// Throws InvalidInput for a query that does not fit.
[[nodiscard]] QueryAnswer answer(const std::shared_ptr<const NormalForm>& form,
                                 const std::shared_ptr<const FreeSpace>& space, const Query& query,
                                 const ListOptions& options);

// The same by the MILP engine; a second choice needs `top`.
[[nodiscard]] QueryAnswer answer_by_milp(const std::shared_ptr<const NormalForm>& form,
                                         const std::shared_ptr<const FreeSpace>& space,
                                         const Query& query, const MipSolver& solver,
                                         const MilpOptions& options);

// Is a choice ahead of every other at a point, in exact arithmetic? Then it is so in a
// neighbourhood too: ties do not count. REQUIRES: a decision that fits the outputs, a choice of it,
// a finite point.
[[nodiscard]] bool wins_strictly(const NormalForm& form, const Query& query, const Vector& x,
                                 Index choice);

}  // namespace facetry
