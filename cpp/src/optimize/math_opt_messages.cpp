// Numbers of fields: ortools/math_opt/{model,sparse_containers,result,solution}.proto.
#include "optimize/math_opt_messages.hpp"

#include <limits>

#include "facetry/base/error.hpp"
#include "optimize/protobuf_wire.hpp"

namespace facetry {

namespace {

using wire::Field;
using wire::Reader;
using wire::Writer;
using Program = MixedIntegerProgram;

// A field that repeats a scalar, packed; left out if there is none.
template <class Items, class Write>
void packed(Writer& out, int field, const Items& items, Write&& write) {
  if (items.empty()) return;
  Writer content;
  for (const auto& item : items) write(content, item);
  out.field_bytes(field, content.bytes());
}

// 0, 1, 2, ...: ids are positions.
void write_ids(Writer& out, int field, std::size_t count) {
  Writer content;
  for (std::size_t i = 0; i < count; ++i) content.varint(i);
  out.field_bytes(field, content.bytes());
}

template <class Items>
void write_bounds_and_names(Writer& out, const Items& items, int low, int names) {
  packed(out, low, items, [](Writer& w, const auto& item) { w.number(item.low); });
  packed(out, low + 1, items, [](Writer& w, const auto& item) { w.number(item.high); });
  if constexpr (requires { items.front().integer; }) {
    packed(out, low + 2, items, [](Writer& w, const auto& item) { w.varint(item.integer); });
  }
  for (const auto& item : items) out.field_bytes(names, item.name);
}

std::string sparse_vector(const std::vector<LinearTerm>& terms) {
  Writer out;
  packed(out, 1, terms, [](Writer& w, const LinearTerm& term) {
    w.varint(static_cast<std::uint64_t>(term.variable));
  });
  packed(out, 2, terms, [](Writer& w, const LinearTerm& term) { w.number(term.coefficient); });
  return out.bytes();
}

std::string variables_message(const Program& program) {
  Writer out;
  write_ids(out, 1, program.variables.size());
  write_bounds_and_names(out, program.variables, 2, 5);
  return out.bytes();
}

std::string objective_message(const Program& program) {
  Writer out;
  if (program.maximize) out.field_varint(1, 1);
  if (program.offset != 0.0) out.field_number(2, program.offset);
  if (!program.objective.empty()) out.field_bytes(3, sparse_vector(program.objective));
  return out.bytes();
}

std::string rows_message(const Program& program) {
  Writer out;
  write_ids(out, 1, program.rows.size());
  write_bounds_and_names(out, program.rows, 2, 4);
  return out.bytes();
}

std::string matrix_message(const Program& program) {
  Writer rows, columns, coefficients;
  for (std::size_t r = 0; r < program.rows.size(); ++r) {
    for (const LinearTerm& term : program.rows[r].terms) {
      rows.varint(r);
      columns.varint(static_cast<std::uint64_t>(term.variable));
      coefficients.number(term.coefficient);
    }
  }
  Writer out;
  if (rows.bytes().empty()) return {};
  out.field_bytes(1, rows.bytes());
  out.field_bytes(2, columns.bytes());
  out.field_bytes(3, coefficients.bytes());
  return out.bytes();
}

std::string indicator_message(const Program::Indicator& indicator) {
  Writer out;
  out.field_varint(1, static_cast<std::uint64_t>(indicator.binary));
  out.field_bytes(2, sparse_vector(indicator.row.terms));
  out.field_number(3, indicator.row.low);
  out.field_number(4, indicator.row.high);
  if (!indicator.row.name.empty()) out.field_bytes(5, indicator.row.name);
  if (indicator.active_on_zero) out.field_varint(6, 1);
  return out.bytes();
}

void field_if_any(Writer& out, int field, const std::string& message) {
  if (!message.empty()) out.field_bytes(field, message);
}

}  // namespace

std::string model_bytes(const Program& program) {
  Writer out;
  field_if_any(out, 1, program.name);
  if (!program.variables.empty()) out.field_bytes(2, variables_message(program));
  field_if_any(out, 3, objective_message(program));
  if (!program.rows.empty()) out.field_bytes(4, rows_message(program));
  field_if_any(out, 5, matrix_message(program));
  for (std::size_t i = 0; i < program.indicators.size(); ++i) {
    Writer entry;
    entry.field_varint(1, i);
    entry.field_bytes(2, indicator_message(program.indicators[i]));
    out.field_bytes(9, entry.bytes());
  }
  return out.bytes();
}

namespace {

// TerminationReasonProto.
enum Reason : std::uint64_t {
  kOptimal = 1,
  kInfeasible = 2,
  kUnbounded = 3,
  kInfeasibleOrUnbounded = 4,
  kNoSolutionFound = 6,
  kFeasible = 9,
};

struct Outcome {
  std::uint64_t reason = 0;
  std::string detail;
  double bound = std::numeric_limits<double>::quiet_NaN();
};

Outcome read_termination(std::string_view bytes) {
  Outcome outcome;
  Reader reader(bytes);
  while (const auto field = reader.next()) {
    if (field->number == 1) outcome.reason = field->varint;
    if (field->number == 3) outcome.detail = field->content;
    if (field->number != 5) continue;
    outcome.bound = 0.0;  // a zero is not written
    Reader bounds(field->content);
    while (const auto bound = bounds.next()) {
      if (bound->number == 3) outcome.bound = bound->as_double();
    }
  }
  return outcome;
}

SolveStatus status_of(const Outcome& outcome) {
  switch (outcome.reason) {
    case kOptimal: return SolveStatus::optimal;
    case kInfeasible: return SolveStatus::infeasible;
    case kUnbounded: return SolveStatus::unbounded;
    case kInfeasibleOrUnbounded: return SolveStatus::infeasible_or_unbounded;
    case kNoSolutionFound: return SolveStatus::undecided;
    case kFeasible: return SolveStatus::feasible;
    default: break;
  }
  const char* what = outcome.reason == 5   ? "its answer is imprecise"
                     : outcome.reason == 7 ? "numerical trouble"
                                           : "an error";
  throw SolverError(std::string("the solver failed: ") + what +
                    (outcome.detail.empty() ? "" : " (" + outcome.detail + ")"));
}

void read_values(std::string_view bytes, std::vector<double>& values) {
  std::vector<std::uint64_t> ids;
  std::vector<double> numbers;
  Reader reader(bytes);
  while (const auto field = reader.next()) {
    Reader items(field->content);
    while (!items.at_end()) {
      if (field->number == 1) {
        ids.push_back(items.varint());
      } else {
        numbers.push_back(items.number());
      }
    }
  }
  if (ids.size() != numbers.size()) throw SolverError("the solver's answer is damaged");
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] >= values.size()) throw SolverError("the solver's answer is of another program");
    values[ids[i]] = numbers[i];
  }
}

// The first point among the solutions that is feasible.
void read_solution(std::string_view bytes, Index variables, MipSolution& result) {
  constexpr std::uint64_t kFeasiblePoint = 2;
  Reader solution(bytes);
  while (const auto part = solution.next()) {
    if (part->number != 1 || !result.values.empty()) continue;
    std::vector<double> values(static_cast<std::size_t>(variables), 0.0);
    double objective = 0.0;
    std::uint64_t status = 0;
    Reader primal(part->content);
    while (const auto field = primal.next()) {
      if (field->number == 1) read_values(field->content, values);
      if (field->number == 2) objective = field->as_double();
      if (field->number == 3) status = field->varint;
    }
    if (status != kFeasiblePoint) continue;
    result.values = std::move(values);
    result.objective = objective;
  }
}

}  // namespace

MipSolution read_result(std::string_view bytes, Index variables) {
  MipSolution result;
  result.objective = std::numeric_limits<double>::quiet_NaN();
  Outcome outcome;
  Reader reader(bytes);
  while (const auto field = reader.next()) {
    if (field->number == 2) outcome = read_termination(field->content);
    if (field->number == 3) read_solution(field->content, variables, result);
  }
  result.status = status_of(outcome);
  result.detail = outcome.detail;
  result.bound = outcome.bound;
  const bool solved =
      result.status == SolveStatus::optimal || result.status == SolveStatus::feasible;
  if (solved && result.values.empty() && variables > 0) {
    throw SolverError("the solver claims a solution and gives none");
  }
  return result;
}

}  // namespace facetry
