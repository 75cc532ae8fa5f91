// Candidates are thinned out until every argument of one is read by candidates only.
#include "network/maximum_swap.hpp"

#include <algorithm>

namespace facetry {

namespace {

bool non_decreasing(const PiecewiseFunction& function) {
  return std::all_of(function.slopes().begin(), function.slopes().end(),
                     [](double slope) { return slope >= 0.0; });
}

// The values that operation o reads for its result number i.
template <class Visit>
void for_arguments(const Operation& operation, Index i, Visit&& visit) {
  if (const auto* affine = std::get_if<AffineOperation>(&operation)) {
    for (Index e = affine->rows.offsets[i]; e < affine->rows.offsets[i + 1]; ++e)
      visit(affine->rows.columns[e]);
  } else if (const auto* maximum = std::get_if<MaximumOperation>(&operation)) {
    for (Index e = maximum->offsets[i]; e < maximum->offsets[i + 1]; ++e)
      visit(maximum->arguments[e]);
  } else {
    visit(std::get<PiecewiseOperation>(operation).arguments[i]);
  }
}

}  // namespace

MaximumSwap::MaximumSwap(const NeuralGraph& graph, const std::vector<Index>& outputs)
    : graph_(graph), swapped_(static_cast<std::size_t>(graph.size()), 0) {
  const std::vector<Operation>& operations = graph.operations();
  bool any = false;
  for (Index o = 0; o < size_of(operations); ++o) {
    const auto* maximum = std::get_if<MaximumOperation>(&operations[o]);
    if (maximum == nullptr) continue;
    for (Index v = graph.first_value(o); v < graph.first_value(o + 1); ++v) {
      swapped_[v] = is_candidate(*maximum, v - graph.first_value(o)) ? 1 : 0;
      any = any || swapped_[v] != 0;
    }
  }
  while (any) {
    any = false;
    // Values that something else reads.
    std::vector<char> read(swapped_.size(), 0);
    for (const Index value : outputs) read[value] = 1;
    for (Index o = 0; o < size_of(operations); ++o) {
      for (Index v = graph.first_value(o); v < graph.first_value(o + 1); ++v) {
        if (swapped_[v] != 0) continue;
        for_arguments(operations[o], v - graph.first_value(o), [&](Index a) { read[a] = 1; });
      }
    }
    for (Index o = 0; o < size_of(operations); ++o) {
      for (Index v = graph.first_value(o); v < graph.first_value(o + 1); ++v) {
        if (swapped_[v] == 0) continue;
        bool free = true;
        for_arguments(operations[o], v - graph.first_value(o),
                      [&](Index a) { free = free && read[a] == 0; });
        if (free) continue;
        swapped_[v] = 0;
        any = true;  // its arguments are read by something else now
      }
    }
  }
}

// Two arguments or more, one function applied to all of them, which keeps their order.
bool MaximumSwap::is_candidate(const MaximumOperation& operation, Index group) const {
  const Index begin = operation.offsets[group];
  const Index end = operation.offsets[group + 1];
  const PiecewiseFunction* function = nullptr;
  for (Index e = begin; e < end; ++e) {
    const Index value = operation.arguments[e];
    if (value < graph_.input_size()) return false;
    const Operation& made = graph_.operations()[operation_of(value)];
    if (!std::holds_alternative<PiecewiseOperation>(made)) return false;
    const PiecewiseFunction* own = applied(value).function;
    if (function != nullptr && !(*own == *function)) return false;
    function = own;
  }
  return end - begin >= 2 && non_decreasing(*function);
}

Index MaximumSwap::operation_of(Index value) const {
  Index begin = 0;
  Index end = size_of(graph_.operations());
  while (end - begin > 1) {
    const Index middle = begin + (end - begin) / 2;
    (graph_.first_value(middle) <= value ? begin : end) = middle;
  }
  return begin;
}

MaximumSwap::Applied MaximumSwap::applied(Index value) const {
  const Index o = operation_of(value);
  const Index position = value - graph_.first_value(o);
  const auto& operation = std::get<PiecewiseOperation>(graph_.operations()[o]);
  return {operation.arguments[position], o, position,
          &operation.functions[operation.which[position]]};
}

}  // namespace facetry
