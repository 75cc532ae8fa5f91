// Compression in two sweeps: backwards to find the values that an output reads, forwards to write
// each of those as an affine function of inputs and units. Cost: the entries of the merged rows.
#include "network/compression.hpp"

#include <algorithm>

#include "facetry/base/error.hpp"
#include "network/maximum_swap.hpp"

namespace facetry {

AffineRows::Row AffineRows::base(Index base) {
  const Index begin = size_of(columns_);
  columns_.push_back(base);
  weights_.push_back(1.0);
  return {begin, begin + 1, 0.0};
}

AffineRows::Row AffineRows::scaled(const Row& row, double a, double b) {
  if (a == 1.0) return {row.begin, row.end, row.bias + b};
  const Index begin = size_of(columns_);
  for (Index e = row.begin; e < row.end; ++e) {
    columns_.push_back(columns_[e]);
    weights_.push_back(a * weights_[e]);
  }
  return {begin, size_of(columns_), a * row.bias + b};
}

AffineRows::Row AffineRows::combined(const SparseRows& weights, Index row,
                                     const std::vector<Row>& rows, double bias, Index base_count) {
  sums_.resize(base_count, 0.0);
  touched_.resize(base_count, 0);
  touched_list_.clear();
  for (Index e = weights.offsets[row]; e < weights.offsets[row + 1]; ++e) {
    const Row& term = rows[weights.columns[e]];
    const double factor = weights.weights[e];
    bias += factor * term.bias;
    for (Index t = term.begin; t < term.end; ++t) {
      const Index column = columns_[t];
      if (!touched_[column]) {
        touched_[column] = 1;
        touched_list_.push_back(column);
      }
      sums_[column] += factor * weights_[t];
    }
  }
  std::sort(touched_list_.begin(), touched_list_.end());
  const Index begin = size_of(columns_);
  for (const Index column : touched_list_) {
    columns_.push_back(column);
    weights_.push_back(sums_[column]);
    sums_[column] = 0.0;
    touched_[column] = 0;
  }
  return {begin, size_of(columns_), bias};
}

namespace {

const std::vector<Index>& arguments_of(const Operation& operation) {
  struct Arguments {
    const std::vector<Index>& operator()(const AffineOperation& o) const { return o.rows.columns; }
    const std::vector<Index>& operator()(const PiecewiseOperation& o) const { return o.arguments; }
    const std::vector<Index>& operator()(const MaximumOperation& o) const { return o.arguments; }
  };
  return std::visit(Arguments{}, operation);
}

// The arguments that result `i` of an operation reads: a range of arguments_of().
std::pair<Index, Index> argument_range(const Operation& operation, Index i) {
  if (const auto* affine = std::get_if<AffineOperation>(&operation)) {
    return {affine->rows.offsets[i], affine->rows.offsets[i + 1]};
  }
  if (const auto* maximum = std::get_if<MaximumOperation>(&operation)) {
    return {maximum->offsets[i], maximum->offsets[i + 1]};
  }
  return {i, i + 1};
}

// Which values some output reads, directly or through others.
std::vector<char> find_live(const NeuralGraph& graph, const std::vector<Index>& outputs,
                            const MaximumSwap& swap) {
  std::vector<char> live(static_cast<std::size_t>(graph.size()), 0);
  for (const Index value : outputs) live[value] = 1;
  for (Index o = size_of(graph.operations()) - 1; o >= 0; --o) {
    const Operation& operation = graph.operations()[o];
    const std::vector<Index>& arguments = arguments_of(operation);
    for (Index v = graph.first_value(o); v < graph.first_value(o + 1); ++v) {
      if (!live[v]) continue;
      const auto [begin, end] = argument_range(operation, v - graph.first_value(o));
      const bool swapped = swap.swapped(v);
      for (Index e = begin; e < end; ++e)
        live[swapped ? swap.applied(arguments[e]).argument : arguments[e]] = 1;
    }
  }
  return live;
}

// The forward sweep.
class Compressor {
 public:
  Compressor(const NeuralGraph& graph, const std::vector<Index>& outputs)
      : graph_(graph),
        outputs_(outputs),
        swap_(graph, outputs),
        live_(find_live(graph, outputs, swap_)) {
    rows_.resize(static_cast<std::size_t>(graph.size()));
  }

  CompressedGraph run() {
    result_.input_size = graph_.input_size();
    for (Index j = 0; j < graph_.input_size(); ++j) rows_[j] = result_.pool.base(j);
    for (Index o = 0; o < size_of(graph_.operations()); ++o) {
      std::visit([&](const auto& operation) { add(operation, o); }, graph_.operations()[o]);
    }
    for (const Index value : outputs_) result_.outputs.push_back(rows_[value]);
    return std::move(result_);
  }

 private:
  // Calls body(element, value number) for the live results of operation o.
  template <class Body>
  void for_live(Index o, Body&& body) {
    const Index first = graph_.first_value(o);
    for (Index v = first; v < graph_.first_value(o + 1); ++v) {
      if (live_[v]) body(v - first, v);
    }
  }

  void add(const AffineOperation& operation, Index o) {
    const Index bases = result_.input_size + size_of(result_.units);
    for_live(o, [&](Index i, Index value) {
      rows_[value] = result_.pool.combined(operation.rows, i, rows_, operation.bias[i], bases);
    });
  }

  void add(const PiecewiseOperation& operation, Index o) {
    std::vector<Index> numbers;
    std::vector<PiecewiseFunction> simple;
    for (const PiecewiseFunction& function : operation.functions) {
      simple.push_back(function.simplified());
      numbers.push_back(function_number(simple.back()));
    }
    for_live(o, [&](Index i, Index value) {
      const Index which = operation.which[i];
      rows_[value] = apply(simple[which], numbers[which], rows_[operation.arguments[i]], o, i);
    });
  }

  void add(const MaximumOperation& operation, Index o) {
    for_live(o, [&](Index g, Index value) {
      std::vector<Index> arguments;
      const bool swapped = swap_.swapped(value);
      for (Index e = operation.offsets[g]; e < operation.offsets[g + 1]; ++e) {
        const Index given = operation.arguments[e];
        const Index argument = swapped ? swap_.applied(given).argument : given;
        const bool known =
            std::find(arguments.begin(), arguments.end(), argument) != arguments.end();
        if (!known) arguments.push_back(argument);
      }
      rows_[value] = maximum(arguments, o, g);
      if (swapped) rows_[value] = applied_behind(operation.arguments[operation.offsets[g]], value);
    });
  }

  // The function of a maximum's arguments, behind it; the unit is that of the first of them.
  AffineRows::Row applied_behind(Index argument, Index value) {
    const MaximumSwap::Applied applied = swap_.applied(argument);
    const PiecewiseFunction simple = applied.function->simplified();
    return apply(simple, function_number(simple), rows_[value], applied.operation,
                 applied.position);
  }

  AffineRows::Row apply(const PiecewiseFunction& function, Index number,
                        const AffineRows::Row& argument, Index operation, Index position) {
    if (argument.constant()) return {0, 0, function(argument.bias)};
    if (function.pieces() == 1) {
      return result_.pool.scaled(argument, function.slope(0), function.intercept(0));
    }
    const Unit unit{UnitKind::piecewise, 0, 1, number, operation, position};
    return add_unit(unit, {argument});
  }

  AffineRows::Row maximum(const std::vector<Index>& values, Index operation, Index position) {
    std::vector<AffineRows::Row> arguments;
    Index constant = -1;  // position of the largest constant argument so far
    for (const Index value : values) {
      const AffineRows::Row& row = rows_[value];
      if (!row.constant()) {
        arguments.push_back(row);
      } else if (constant < 0) {
        constant = size_of(arguments);
        arguments.push_back(row);
      } else {
        arguments[constant].bias = std::max(arguments[constant].bias, row.bias);
      }
    }
    if (arguments.size() == 1) return arguments.front();
    if (arguments.size() == 2 && constant >= 0) {
      const double floor = arguments[constant].bias;
      const PiecewiseFunction at_least({floor}, {0.0, 1.0}, {floor, 0.0});
      return apply(at_least, function_number(at_least), arguments[1 - constant], operation,
                   position);
    }
    const Unit unit{UnitKind::maximum, 0, size_of(arguments), -1, operation, position};
    return add_unit(unit, std::move(arguments));
  }

  AffineRows::Row add_unit(const Unit& unit, std::vector<AffineRows::Row> arguments) {
    Index level = 0;
    for (const AffineRows::Row& row : arguments) {
      for (Index e = row.begin; e < row.end; ++e) {
        level = std::max(level, level_of(result_.pool.column(e)));
      }
    }
    result_.units.push_back({unit, std::move(arguments), level + 1});
    return result_.pool.base(result_.input_size + size_of(result_.units) - 1);
  }

  Index level_of(Index base) const {
    return base < result_.input_size ? 0 : result_.units[base - result_.input_size].level;
  }

  Index function_number(const PiecewiseFunction& function) {
    auto& known = result_.functions;
    const auto at = std::find(known.begin(), known.end(), function);
    if (at != known.end()) return static_cast<Index>(at - known.begin());
    known.push_back(function);
    return size_of(known) - 1;
  }

  const NeuralGraph& graph_;
  const std::vector<Index>& outputs_;
  MaximumSwap swap_;
  std::vector<char> live_;
  std::vector<AffineRows::Row> rows_;  // of each value
  CompressedGraph result_;
};

}  // namespace

CompressedGraph compress(const NeuralGraph& graph, const std::vector<Index>& outputs) {
  if (outputs.empty()) throw InvalidInput("a model needs at least one output");
  graph.check_values(outputs);
  return Compressor(graph, outputs).run();
}

}  // namespace facetry
