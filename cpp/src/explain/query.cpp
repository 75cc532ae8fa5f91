// Queries by either engine: the network with the query's units, a search for their states, and the
// answer read from them.
#include "facetry/explain/query.hpp"

#include <cmath>
#include <string>

#include "explain/query_ties.hpp"
#include "explain/query_writer.hpp"
#include "facetry/base/error.hpp"
#include "milp/milp_search.hpp"
#include "search/subdivision.hpp"

namespace facetry {

namespace {

void require(bool condition, const std::string& message) {
  if (!condition) throw InvalidInput(message);
}

// The regions that were found as regions of the network: its units come first in every state.
SubdivisionResult without_answers(const NormalForm& form, const SubdivisionResult& found) {
  const StateLayout own(form);
  SubdivisionResult result;
  result.termination = found.termination;
  result.exactness = found.exactness;
  result.regions.words = own.words();
  result.regions.dimension = found.regions.dimension;
  std::vector<StateWord> state(static_cast<std::size_t>(own.words()));
  for (Index i = 0; i < found.regions.count; ++i) {
    const StateWord* longer = found.regions.state(i);
    own.copy_prefix(longer, state.data());
    result.regions.add(state.data(), found.regions.interior_point(i), {});
  }
  return result;
}

// The choices of each region, and the regions of the network.
void describe(const Query& query, const QueryWriter& writer, const NormalForm& longer, Index first,
              const SubdivisionResult& found, QueryAnswer& result) {
  const StateLayout layout(longer);
  for (Index i = 0; i < found.regions.count; ++i) {
    Index top = -1;
    Index runner_up = -1;
    const StateWord* state = found.regions.state(i);
    writer.read([&](Index unit) { return layout.get(state, first + unit); }, top, runner_up);
    if (query.decision != Query::Decision::none) result.top.push_back(top);
    if (query.rank_runner_up || query.outputs_each > 0) result.runner_up.push_back(runner_up);
  }
}

QueryAnswer assemble(const std::shared_ptr<const NormalForm>& form,
                     const std::shared_ptr<const FreeSpace>& space, const Query& query,
                     const QueryWriter& writer, const std::shared_ptr<const NormalForm>& longer,
                     SubdivisionResult found, int threads) {
  QueryAnswer result;
  result.cells = found.cells;
  const Index first = form->unit_count();
  if (query.all_ties) {
    const Partition once(longer, space, SubdivisionResult(found));
    if (auto more = with_all_ties(once, query, writer, first, threads)) found = std::move(*more);
  }
  describe(query, writer, *longer, first, found, result);
  result.network = std::make_shared<Partition>(form, space, without_answers(*form, found), false);
  result.regions = std::make_shared<Partition>(longer, space, std::move(found));
  return result;
}

}  // namespace

void Query::validate(Index outputs) const {
  const auto is_choice = [&](Index choice) {
    const Index choices = decision == Decision::threshold ? 2
                          : outputs_each > 0              ? outputs_each
                                                          : outputs;
    return choice >= 0 && choice < choices;
  };
  if (decision == Decision::threshold) {
    require(outputs == (outputs_each > 0 ? 2 : 1), "a threshold needs a model with one output");
    require(std::isfinite(threshold), "the threshold must be a finite number");
  }
  if (is_ranking(*this)) {
    require((outputs_each > 0 ? outputs_each : outputs) >= 2, "a choice needs two outputs or more");
  }
  if (top) {
    require(decision != Decision::none, "a top choice needs a model with a decision");
    require(is_choice(*top), "the top choice does not exist");
  }
  require(!all_ties || (is_ranking(*this) && !change && outputs_each == 0),
          "this query compares no outputs, so none can tie: ask it without all ties");
  require(!change || top, "a change is a change of the top choice: name it");
  if (rank_runner_up) {
    require(is_ranking(*this), "a runner-up needs a choice between outputs");
    require(!change && outputs_each == 0,
            "a runner-up is asked of one model and one top choice, or of all");
  }
  if (runner_up) {
    require(rank_runner_up && is_choice(*runner_up), "the runner-up does not exist");
    require(!top || *top != *runner_up, "an output cannot be compared with itself");
  }
  if (outputs_each > 0) {
    require(outputs == 2 * outputs_each, "two models need the same number of outputs");
    require(decision != Decision::none && !top,
            "models differ in their decisions: neither has a top");
  }
  for (const OutputCondition& condition : where) {
    require(condition.weights.size() == outputs, "a condition needs one weight for each output");
    require(condition.weights.allFinite() && std::isfinite(condition.threshold),
            "the weights and the threshold of a condition must be finite numbers");
  }
}

QueryAnswer answer(const std::shared_ptr<const NormalForm>& form,
                   const std::shared_ptr<const FreeSpace>& space, const Query& query,
                   const ListOptions& options) {
  query.validate(form->output_size());
  const QueryWriter writer(*form, query);
  const auto longer = std::make_shared<const NormalForm>(writer.form(*form));
  SubdivisionOptions own;
  own.take(options);
  own.goal = writer.goal();
  SubdivisionResult found = subdivide(*longer, *space, own);
  return assemble(form, space, query, writer, longer, std::move(found), options.control.threads);
}

QueryAnswer answer_by_milp(const std::shared_ptr<const NormalForm>& form,
                           const std::shared_ptr<const FreeSpace>& space, const Query& query,
                           const MipSolver& solver, const MilpOptions& options) {
  query.validate(form->output_size());
  const QueryWriter writer(*form, query);
  const auto longer = std::make_shared<const NormalForm>(writer.form(*form));
  MilpOptions own = options;
  own.goal = writer.goal();
  MilpResult solved = enumerate_by_milp(*longer, *space, solver, own);
  SubdivisionResult found;
  found.regions = std::move(solved.regions);
  found.termination = solved.termination;
  found.exactness = Exactness::floating;
  found.cells = solved.solves;
  return assemble(form, space, query, writer, longer, std::move(found), options.control.threads);
}

}  // namespace facetry
