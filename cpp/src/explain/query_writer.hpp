// A query as units behind the network's last stage, and the states that are wanted of them.
#pragma once

#include <algorithm>
#include <numeric>
#include <vector>

#include "facetry/explain/query.hpp"
#include "network/output_units.hpp"

namespace facetry {

inline bool is_ranking(const Query& query) {
  return query.decision == Query::Decision::highest || query.decision == Query::Decision::lowest;
}

// REQUIRES: the query is valid and outlives it.
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
    top = is_ranking(query_) ? units_[0].outputs[state_of(0)] : state_of(0);
    if (query_.outputs_each > 0) runner_up = state_of(1);
    if (!query_.rank_runner_up) return;
    if (choices_ == 2) {
      runner_up = 1 - top;
      return;
    }
    const Index unit = runner_up_unit(top);
    runner_up = units_[unit].outputs[state_of(unit)];
  }

  // Of the units that were added, by their place among them: which one ranks the others where `top`
  // wins, and the state that says that this output is its largest.
  [[nodiscard]] Index runner_up_unit(Index top) const { return query_.top ? 1 : 1 + top; }
  [[nodiscard]] bool has_runner_up_units() const { return query_.rank_runner_up && choices_ > 2; }
  [[nodiscard]] const std::vector<Index>& outputs_of(Index unit) const {
    return units_[unit].outputs;
  }
  [[nodiscard]] Index state_for(Index unit, Index output) const {
    const std::vector<Index>& outputs = units_[unit].outputs;
    return std::find(outputs.begin(), outputs.end(), output) - outputs.begin();
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

  // Of equal outputs the first of a comparison wins: with all ties that is the one that is asked
  // about, and a second choice that is asked about wins only if it must.
  void add_ranking(Index first, Index count) {
    OutputUnit unit = comparison(first, count);
    if (query_.all_ties && query_.top) move_to(unit, *query_.top, true);
    if (query_.all_ties && !query_.top && query_.runner_up) move_to(unit, *query_.runner_up, false);
    Index wanted = wanted_top();
    if (wanted >= 0 && query_.outputs_each == 0) {
      wanted = std::find(unit.outputs.begin(), unit.outputs.end(), wanted) - unit.outputs.begin();
    }
    add(std::move(unit), wanted);
  }

  static void move_to(OutputUnit& unit, Index output, bool front) {
    std::erase(unit.outputs, output);
    unit.outputs.insert(front ? unit.outputs.begin() : unit.outputs.end(), output);
  }

  void add_second_model() {
    if (query_.decision == Query::Decision::threshold) {
      add_threshold(1);
    } else {
      add_ranking(choices_, choices_);
    }
    goal_.differ_first = 0;
    goal_.differ_second = 1;
  }

  // For each winner the largest of the others, asked only where it wins. Of two, the other one is
  // second.
  void add_runner_up() {
    if (choices_ == 2) return;
    for (Index a = 0; a < choices_; ++a) {
      if (query_.top && a != *query_.top) continue;
      OutputUnit unit = comparison(0, choices_);
      unit.outputs.erase(unit.outputs.begin() + a);
      if (!query_.top) {
        unit.only_if = 0;
        unit.only_state = state_for(0, a);
      }
      Index required = SearchGoal::kAny;
      if (query_.all_ties && query_.runner_up && a != *query_.runner_up)
        move_to(unit, *query_.runner_up, true);
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

}  // namespace facetry
