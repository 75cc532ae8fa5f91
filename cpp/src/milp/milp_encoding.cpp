// Stage by stage; a unit's value is carried as a linear expression of variables, so that stable
// units and carried values cost nothing.
#include "facetry/milp/milp_encoding.hpp"

#include <algorithm>

#include "facetry/base/error.hpp"
#include "network/input_check.hpp"

namespace facetry {

void add_blocking_terms(const EncodedState& unit, Index piece, std::vector<LinearTerm>& terms,
                        double& right_side) {
  // Sum of what is 1 in the state turned to 0, and of what is 0 next to it turned to 1, is at least
  // 1.
  const auto turned_off = [&](Index binary) {
    terms.push_back({binary, -1.0});
    right_side -= 1.0;
  };
  if (!unit.arguments.empty()) {
    for (std::size_t a = 0; a < unit.binaries.size(); ++a) {
      if (unit.arguments[a] == piece) turned_off(unit.binaries[a]);
    }
    return;
  }
  // The binaries of lower breakpoints follow from the one below the piece, those above from the
  // next.
  const Index place = piece - unit.lowest;
  if (place > 0) turned_off(unit.binaries[place - 1]);
  if (place < size_of(unit.binaries)) terms.push_back({unit.binaries[place], 1.0});
}

Index encoded_piece(const EncodedState& unit, const std::vector<double>& values) {
  if (!unit.arguments.empty()) {
    for (std::size_t a = 0; a < unit.binaries.size(); ++a) {
      if (values[unit.binaries[a]] > 0.5) return unit.arguments[a];
    }
    return unit.arguments.front();
  }
  Index piece = unit.lowest;
  for (const Index binary : unit.binaries) piece += values[binary] > 0.5 ? 1 : 0;
  return piece;
}

std::vector<StateWord> MilpEncoding::state_of(const StateLayout& layout,
                                              const std::vector<double>& values) const {
  std::vector<StateWord> state(static_cast<std::size_t>(layout.words()), 0);
  for (Index u = 0; u < size_of(states); ++u) {
    layout.set(state.data(), u, encoded_piece(states[u], values));
  }
  return state;
}

void MilpEncoding::block(const StateLayout& layout, const StateWord* state) {
  std::vector<LinearTerm> terms;
  double right_side = 1.0;
  for (Index u = 0; u < size_of(states); ++u) {
    add_blocking_terms(states[u], layout.get(state, u), terms, right_side);
  }
  program.add_row(std::move(terms), right_side, kNoBound);
}

namespace {

// terms + constant.
struct Expression {
  std::vector<LinearTerm> terms;
  double constant = 0.0;

  void add(double factor, const Expression& other) {
    for (const LinearTerm& term : other.terms) {
      terms.push_back({term.variable, factor * term.coefficient});
    }
    constant += factor * other.constant;
  }
};

class Encoder {
 public:
  Encoder(const NormalForm& form, const FreeSpace& space, const PreActivationBounds& bounds,
          const MilpEncodingOptions& options)
      : form_(form), space_(space), bounds_(bounds), options_(options) {}

  MilpEncoding run() {
    add_coordinates();
    add_inputs();
    for (Index s = 0; s < size_of(form_.stages()); ++s) add_stage(s);
    add_outputs();
    return std::move(result_);
  }

 private:
  MixedIntegerProgram& program() { return result_.program; }

  void add_coordinates() {
    const BoxedRows& constraints = space_.constraints();
    const Index k = space_.dimension();
    for (Index j = 0; j < k; ++j) {
      result_.coordinates.push_back(
          program().add_variable(constraints.low[j], constraints.high[j], "u" + std::to_string(j)));
    }
    for (Index r = 0; r < (k > 0 ? constraints.row_count() : 0); ++r) {
      const double* row = constraints.row(r);
      std::vector<LinearTerm> terms;
      for (Index j = 0; j < k; ++j) terms.push_back({result_.coordinates[j], row[j]});
      program().add_row(std::move(terms), -row[k], kNoBound, "side_" + std::to_string(r));
    }
  }

  // A variable that equals `value`.
  Index define(Expression value, double low, double high, const std::string& name) {
    const Index variable = program().add_variable(low, high, name);
    value.terms.push_back({variable, -1.0});
    program().add_row(std::move(value.terms), -value.constant, -value.constant, "def_" + name);
    return variable;
  }

  void add_inputs() {
    for (Index i = 0; i < space_.input_size(); ++i) {
      Expression input{{}, space_.origin()[i]};
      for (Index j = 0; j < space_.dimension(); ++j) {
        input.terms.push_back({result_.coordinates[j], space_.basis()(i, j)});
      }
      const std::string name =
          options_.input_names.empty() ? "x" + std::to_string(i) : options_.input_names[i];
      result_.inputs.push_back(define(std::move(input), -kNoBound, kNoBound, name));
      values_.push_back({{{result_.inputs.back(), 1.0}}, 0.0});
    }
  }

  Expression row_of(const AffineMap& map, Index r) const {
    Expression sum{{}, map.bias()[r]};
    map.for_row(r, [&](Index j, double weight) {
      if (weight != 0.0) sum.add(weight, values_[j]);
    });
    return sum;
  }

  void add_stage(Index s) {
    const Stage& stage = form_.stages()[s];
    std::vector<Index> rows;
    for (Index r = 0; r < stage.map.rows(); ++r) {
      rows.push_back(define(row_of(stage.map, r), bounds_.low[s][r], bounds_.high[s][r],
                            "q_" + std::to_string(s) + "_" + std::to_string(r)));
    }
    std::vector<Expression> next;
    for (Index u = 0; u < size_of(stage.units); ++u) {
      const Unit& unit = stage.units[u];
      const Index number = stage.first_unit + u;
      next.push_back(unit.kind == UnitKind::maximum
                         ? maximum(s, unit, rows, number)
                         : piecewise(s, unit, rows[unit.first_row], number));
    }
    for (const Index from : stage.carried) next.push_back(values_[from]);
    values_ = std::move(next);
  }

  // A row that holds where `binary` is 1 (or 0). `slack` is what the terms' sum may be off by
  // elsewhere: terms <= right_side, or <= right_side + slack.
  void add_conditional(Index binary, bool on_zero, std::vector<LinearTerm> terms, double right_side,
                       double slack, const std::string& name) {
    if (options_.form == MilpForm::indicators) {
      program().add_indicator(binary, on_zero, {std::move(terms), -kNoBound, right_side, name});
      return;
    }
    terms.push_back({binary, on_zero ? -slack : slack});
    program().add_row(std::move(terms), -kNoBound, on_zero ? right_side : right_side + slack, name);
  }

  Expression piecewise(Index s, const Unit& unit, Index q, Index number) {
    const PiecewiseFunction& function = form_.function(unit);
    const double low = bounds_.low[s][unit.first_row];
    const double high = bounds_.high[s][unit.first_row];
    EncodedState state;
    state.lowest = function.piece_at(low);
    Expression value{{{q, function.slope(state.lowest)}}, function.intercept(state.lowest)};
    for (Index b = state.lowest; b + 1 < function.pieces() && function.breakpoints()[b] < high;
         ++b) {
      const std::string name = std::to_string(number) + "_" + std::to_string(b);
      const Index binary = program().add_binary("z_" + name);
      if (!state.binaries.empty()) {
        program().add_row({{binary, 1.0}, {state.binaries.back(), -1.0}}, -kNoBound, 0.0,
                          "order_" + name);
      }
      state.binaries.push_back(binary);
      const Index r = add_ramp(q, binary, function.breakpoints()[b], low, high, name);
      value.terms.push_back({r, function.slope(b + 1) - function.slope(b)});
    }
    result_.states.push_back(std::move(state));
    return value;
  }

  // r = max(q - t, 0), with a binary that says which.
  Index add_ramp(Index q, Index binary, double t, double low, double high,
                 const std::string& name) {
    const Index r = program().add_variable(0.0, high - t, "r_" + name);
    program().add_row({{r, 1.0}, {q, -1.0}}, -t, kNoBound, "ramp_" + name);
    add_conditional(binary, false, {{r, 1.0}, {q, -1.0}}, -t, t - low, "on_" + name);
    add_conditional(binary, true, {{r, 1.0}}, 0.0, high - t, "off_" + name);
    return r;
  }

  Expression maximum(Index s, const Unit& unit, const std::vector<Index>& rows, Index number) {
    const auto low = bounds_.low[s].segment(unit.first_row, unit.row_count);
    const auto high = bounds_.high[s].segment(unit.first_row, unit.row_count);
    EncodedState state;
    for (Index a = 0; a < unit.row_count; ++a) {
      if (high[a] >= low.maxCoeff()) state.arguments.push_back(a);
    }
    if (state.arguments.size() == 1) {
      const Index only = rows[unit.first_row + state.arguments.front()];
      result_.states.push_back(std::move(state));
      return {{{only, 1.0}}, 0.0};
    }
    const std::string own = std::to_string(number);
    const Index y = program().add_variable(low.maxCoeff(), high.maxCoeff(), "max_" + own);
    std::vector<LinearTerm> all;
    for (const Index a : state.arguments) {
      const std::string name = own + "_" + std::to_string(a);
      const Index q = rows[unit.first_row + a];
      const Index binary = program().add_binary("w_" + name);
      program().add_row({{y, 1.0}, {q, -1.0}}, 0.0, kNoBound, "above_" + name);
      add_conditional(binary, false, {{y, 1.0}, {q, -1.0}}, 0.0, high.maxCoeff() - low[a],
                      "is_" + name);
      all.push_back({binary, 1.0});
      state.binaries.push_back(binary);
    }
    program().add_row(std::move(all), 1.0, 1.0, "one_" + own);
    result_.states.push_back(std::move(state));
    return {{{y, 1.0}}, 0.0};
  }

  void add_outputs() {
    for (Index o = 0; o < form_.output_size(); ++o) {
      const std::string name =
          options_.output_names.empty() ? "y" + std::to_string(o) : options_.output_names[o];
      result_.outputs.push_back(define(row_of(form_.output(), o), -kNoBound, kNoBound, name));
    }
  }

  const NormalForm& form_;
  const FreeSpace& space_;
  const PreActivationBounds& bounds_;
  const MilpEncodingOptions& options_;
  MilpEncoding result_;
  std::vector<Expression> values_;  // of the last stage
};

void check(const NormalForm& form, const FreeSpace& space, const PreActivationBounds& bounds,
           const MilpEncodingOptions& options) {
  require_searchable(form, space);
  const auto named = [](const std::vector<std::string>& names, Index count) {
    return names.empty() || size_of(names) == count;
  };
  if (!named(options.input_names, form.input_size()) ||
      !named(options.output_names, form.output_size())) {
    throw InvalidInput("there must be a name for every input and output, or none");
  }
  bool fits = bounds.low.size() == form.stages().size() && bounds.high.size() == bounds.low.size();
  for (Index s = 0; fits && s < size_of(form.stages()); ++s) {
    const Index rows = form.stages()[s].map.rows();
    fits = bounds.low[s].size() == rows && bounds.high[s].size() == rows &&
           (bounds.low[s].array() <= bounds.high[s].array()).all();
  }
  if (!fits) throw InvalidInput("the bounds do not fit the network");
}

}  // namespace

MilpEncoding encode(const NormalForm& form, const FreeSpace& space,
                    const PreActivationBounds& bounds, const MilpEncodingOptions& options) {
  check(form, space, bounds, options);
  return Encoder(form, space, bounds, options).run();
}

}  // namespace facetry
