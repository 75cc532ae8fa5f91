#include "facetry/explain/query.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "facetry/base/error.hpp"
#include "facetry/network/output_units.hpp"

namespace facetry {

namespace {

void require(bool condition, const std::string& message) {
  if (!condition) throw InvalidInput(message);
}

bool is_ranking(const Query& query) {
  return query.decision == Query::Decision::highest || query.decision == Query::Decision::lowest;
}

// The query as units behind the network's last stage, and the states that are wanted of them.
class QueryWriter {
 public:
  QueryWriter(const NormalForm& form, const Query& query)
      : query_(query),
        choices_(query.outputs_each > 0 ? query.outputs_each : form.output_size()),
        outputs_(form.output_size()) {
    if (query.decision == Query::Decision::threshold) add_threshold(0);
    if (is_ranking(query)) add_ranking(0, choices_);
    if (query.outputs_each > 0) add_second_model();
    if (query.rank_runner_up) add_runner_up();
    for (const OutputCondition& condition : query.where) add_condition(condition);
    if (units_.empty()) add_condition({Vector::Zero(outputs_), 0.0});  // holds everywhere
  }

  [[nodiscard]] NormalForm form(const NormalForm& network) const {
    return with_output_units(network, units_);
  }
  [[nodiscard]] const SearchGoal& goal() const { return goal_; }

  // The choice and the second choice that the states of the added units say.
  template <class State>
  void read(const State& state_of, Index& top, Index& runner_up) const {
    if (query_.decision == Query::Decision::none) return;
    top = state_of(0);
    if (query_.outputs_each > 0) runner_up = state_of(1);
    if (!query_.rank_runner_up) return;
    if (choices_ == 2) {
      runner_up = 1 - top;
      return;
    }
    const Index unit = query_.top ? 1 : 1 + top;
    runner_up = units_[unit].outputs[state_of(unit)];
  }

 private:
  void add(OutputUnit unit, Index required) {
    units_.push_back(std::move(unit));
    goal_.required.push_back(required);
  }

  [[nodiscard]] Index wanted_top() const {
    if (!query_.top && query_.runner_up && choices_ == 2) return 1 - *query_.runner_up;
    if (!query_.top) return SearchGoal::kAny;
    return query_.change ? SearchGoal::any_but(*query_.top) : *query_.top;
  }

  void add_threshold(Index output) {
    OutputUnit unit;
    unit.kind = UnitKind::piecewise;
    unit.weights = Vector::Unit(outputs_, output);
    unit.threshold = query_.threshold;
    add(std::move(unit), wanted_top());
  }

  [[nodiscard]] OutputUnit comparison(Index first, Index count) const {
    OutputUnit unit;
    unit.outputs.resize(static_cast<std::size_t>(count));
    std::iota(unit.outputs.begin(), unit.outputs.end(), first);
    unit.sign = query_.decision == Query::Decision::lowest ? -1.0 : 1.0;
    return unit;
  }

  void add_ranking(Index first, Index count) { add(comparison(first, count), wanted_top()); }

  void add_second_model() {
    if (query_.decision == Query::Decision::threshold) {
      add_threshold(1);
    } else {
      add_ranking(choices_, choices_);
    }
    goal_.differ_first = 0;
    goal_.differ_second = 1;
  }

  // For each winner the largest of the others, asked only where it wins. Of two, the other one is second.
  void add_runner_up() {
    if (choices_ == 2) return;
    for (Index a = 0; a < choices_; ++a) {
      if (query_.top && a != *query_.top) continue;
      OutputUnit unit = comparison(0, choices_);
      unit.outputs.erase(unit.outputs.begin() + a);
      if (!query_.top) {
        unit.only_if = 0;
        unit.only_state = a;
      }
      Index required = SearchGoal::kAny;
      if (query_.runner_up) {
        const auto at = std::find(unit.outputs.begin(), unit.outputs.end(), *query_.runner_up);
        required = a == *query_.runner_up ? SearchGoal::kNone : at - unit.outputs.begin();
      }
      add(std::move(unit), required);
    }
  }

  // As the side "not above" of a unit, which a value at the limit belongs to.
  void add_condition(const OutputCondition& condition) {
    OutputUnit unit;
    unit.kind = UnitKind::piecewise;
    unit.weights = -condition.weights;
    unit.threshold = -condition.threshold;
    add(std::move(unit), 0);
  }

  const Query& query_;
  Index choices_;
  Index outputs_;
  std::vector<OutputUnit> units_;
  SearchGoal goal_;
};

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

QueryAnswer assemble(const std::shared_ptr<const NormalForm>& form,
                     const std::shared_ptr<const FreeSpace>& space, const Query& query,
                     const QueryWriter& writer, std::shared_ptr<const NormalForm> longer,
                     SubdivisionResult found) {
  QueryAnswer result;
  result.cells = found.cells;
  const StateLayout layout(*longer);
  const Index first = form->unit_count();
  for (Index i = 0; i < found.regions.count; ++i) {
    Index top = -1;
    Index runner_up = -1;
    const StateWord* state = found.regions.state(i);
    writer.read([&](Index unit) { return layout.get(state, first + unit); }, top, runner_up);
    if (query.decision != Query::Decision::none) result.top.push_back(top);
    if (query.rank_runner_up || query.outputs_each > 0) result.runner_up.push_back(runner_up);
  }
  result.network = std::make_shared<Partition>(form, space, without_answers(*form, found), false);
  result.regions = std::make_shared<Partition>(std::move(longer), space, std::move(found));
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
  require(!change || top, "a change is a change of the top choice: name it");
  if (rank_runner_up) {
    require(is_ranking(*this), "a runner-up needs a choice between outputs");
    require(!change && outputs_each == 0, "a runner-up is asked of one model and one top choice, or of all");
  }
  if (runner_up) {
    require(rank_runner_up && is_choice(*runner_up), "the runner-up does not exist");
    require(!top || *top != *runner_up, "an output cannot be compared with itself");
  }
  if (outputs_each > 0) {
    require(outputs == 2 * outputs_each, "two models need the same number of outputs");
    require(decision != Decision::none && !top, "models differ in their decisions: neither has a top");
  }
  for (const OutputCondition& condition : where) {
    require(condition.weights.size() == outputs, "a condition needs one weight for each output");
    require(condition.weights.allFinite() && std::isfinite(condition.threshold),
            "the weights and the threshold of a condition must be finite numbers");
  }
}

QueryAnswer answer(const std::shared_ptr<const NormalForm>& form,
                   const std::shared_ptr<const FreeSpace>& space, const Query& query,
                   const SubdivisionOptions& options) {
  query.validate(form->output_size());
  const QueryWriter writer(*form, query);
  auto longer = std::make_shared<const NormalForm>(writer.form(*form));
  SubdivisionOptions own = options;
  own.goal = writer.goal();
  SubdivisionResult found = subdivide(*longer, *space, own);
  return assemble(form, space, query, writer, std::move(longer), std::move(found));
}

QueryAnswer answer_by_milp(const std::shared_ptr<const NormalForm>& form,
                           const std::shared_ptr<const FreeSpace>& space, const Query& query,
                           const MipSolver& solver, const MilpOptions& options) {
  query.validate(form->output_size());
  const QueryWriter writer(*form, query);
  auto longer = std::make_shared<const NormalForm>(writer.form(*form));
  MilpOptions own = options;
  own.goal = writer.goal();
  MilpResult solved = enumerate_by_milp(*longer, *space, solver, own);
  SubdivisionResult found;
  found.regions = std::move(solved.regions);
  found.termination = solved.termination;
  found.exactness = Exactness::floating;
  found.cells = solved.solves;
  return assemble(form, space, query, writer, std::move(longer), std::move(found));
}

}  // namespace facetry
