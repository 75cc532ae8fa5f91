// Messages to and from MathOpt: models read back by the numbers of its fields, answers written
// here.
#include "optimize/math_opt_messages.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "facetry/base/error.hpp"
#include "optimize/program_texts.hpp"
#include "optimize/protobuf_wire.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

using Program = MixedIntegerProgram;
using Fields = std::map<int, std::vector<wire::Field>>;

Fields fields_of(std::string_view bytes) {
  Fields fields;
  wire::Reader reader(bytes);
  while (const auto field = reader.next()) fields[field->number].push_back(*field);
  return fields;
}

std::string_view content(const Fields& fields, int number) {
  const auto at = fields.find(number);
  if (at == fields.end()) return {};
  REQUIRE(at->second.size() == 1);
  return at->second.front().content;
}

std::vector<double> numbers(std::string_view packed) {
  std::vector<double> result;
  for (wire::Reader reader(packed); !reader.at_end();) result.push_back(reader.number());
  return result;
}

std::vector<Index> varints(std::string_view packed) {
  std::vector<Index> result;
  for (wire::Reader reader(packed); !reader.at_end();) {
    result.push_back(static_cast<Index>(reader.varint()));
  }
  return result;
}

std::vector<LinearTerm> terms_of(std::string_view sparse) {
  const Fields fields = fields_of(sparse);
  const std::vector<Index> ids = varints(content(fields, 1));
  const std::vector<double> values = numbers(content(fields, 2));
  REQUIRE(ids.size() == values.size());
  std::vector<LinearTerm> terms;
  for (std::size_t i = 0; i < ids.size(); ++i) terms.push_back({ids[i], values[i]});
  return terms;
}

std::string text_at(const Fields& fields, int number, std::size_t i) {
  const auto at = fields.find(number);
  REQUIRE(at != fields.end());
  return std::string(at->second.at(i).content);
}

std::uint64_t varint_at(const Fields& fields, int number) {
  const auto at = fields.find(number);
  return at == fields.end() ? 0 : at->second.front().varint;
}

// model.proto: name 1, variables 2 (ids, lows, highs, integers, names), objective 3 (maximize,
// offset, terms), rows 4 (ids, lows, highs, names), matrix 5 (rows, columns, values), indicators 9.
Program read_model(std::string_view bytes) {
  const Fields model = fields_of(bytes);
  Program program;
  program.name = content(model, 1);
  const Fields variables = fields_of(content(model, 2));
  const auto lows = numbers(content(variables, 2)), highs = numbers(content(variables, 3));
  const auto integers = varints(content(variables, 4));
  for (std::size_t v = 0; v < lows.size(); ++v) {
    REQUIRE(varints(content(variables, 1)).at(v) == static_cast<Index>(v));
    program.add_variable(lows[v], highs.at(v), text_at(variables, 5, v), integers.at(v) == 1);
  }
  const Fields rows = fields_of(content(model, 4));
  const auto row_lows = numbers(content(rows, 2)), row_highs = numbers(content(rows, 3));
  for (std::size_t r = 0; r < row_lows.size(); ++r) {
    REQUIRE(varints(content(rows, 1)).at(r) == static_cast<Index>(r));
    program.add_row({}, row_lows[r], row_highs.at(r), text_at(rows, 4, r));
  }
  const Fields matrix = fields_of(content(model, 5));
  const auto in_row = varints(content(matrix, 1)), in_column = varints(content(matrix, 2));
  const auto entries = numbers(content(matrix, 3));
  REQUIRE(in_row.size() == entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    program.rows.at(in_row[i]).terms.push_back({in_column.at(i), entries[i]});
  }
  const Fields objective = fields_of(content(model, 3));
  program.maximize = varint_at(objective, 1) == 1;
  if (objective.contains(2)) program.offset = objective.at(2).front().as_double();
  program.objective = terms_of(content(objective, 3));
  if (!model.contains(9)) return program;
  for (const wire::Field& field : model.at(9)) {
    const Fields entry = fields_of(field.content);
    REQUIRE(varint_at(entry, 1) == program.indicators.size());
    const Fields own = fields_of(content(entry, 2));
    program.indicators.push_back({static_cast<Index>(varint_at(own, 1)),
                                  varint_at(own, 6) == 1,
                                  {terms_of(content(own, 2)), own.at(3).front().as_double(),
                                   own.at(4).front().as_double(), std::string(content(own, 5))}});
  }
  return program;
}

std::string packed(const std::vector<double>& values) {
  wire::Writer out;
  for (const double value : values) out.number(value);
  return out.bytes();
}

// One point of an answer: values by the number of the variable.
std::string solution(const std::vector<std::pair<Index, double>>& values, double objective,
                     std::uint64_t status) {
  wire::Writer ids, vector, primal, out;
  std::vector<double> own;
  for (const auto& [id, value] : values) {
    ids.varint(static_cast<std::uint64_t>(id));
    own.push_back(value);
  }
  vector.field_bytes(1, ids.bytes());
  vector.field_bytes(2, packed(own));
  primal.field_bytes(1, vector.bytes());
  primal.field_number(2, objective);
  primal.field_varint(3, status);
  out.field_bytes(1, primal.bytes());
  return out.bytes();
}

std::string answer(std::uint64_t reason, const std::string& detail, double bound,
                   const std::vector<std::string>& solutions = {}) {
  wire::Writer bounds, termination, out;
  bounds.field_number(3, bound);
  termination.field_varint(1, reason);
  termination.field_bytes(3, detail);
  termination.field_bytes(5, bounds.bytes());
  out.field_bytes(2, termination.bytes());
  for (const std::string& own : solutions) out.field_bytes(3, own);
  return out.bytes();
}

constexpr std::uint64_t kOptimal = 1, kFeasiblePoint = 2, kInfeasiblePoint = 3;

}  // namespace

TEST_CASE("Models say all that programs do, by MathOpt's numbers of fields") {
  Random random(791);
  std::size_t rows = 0, indicators = 0;
  for (int round = 0; round < 300; ++round) {
    Program program = any_program(random);
    program.name = round % 2 == 0 ? "some program" : "";
    // Rows without a bound are written here too: they get one, so that all can be compared.
    for (Program::Row& row : program.rows) row.high = std::min(row.high, 1e300);
    for (Program::Indicator& own : program.indicators) own.row.low = std::max(own.row.low, -1e300);
    const Program back = read_model(model_bytes(program));
    require_same(program, back);
    REQUIRE(back.name == program.name);
    for (std::size_t v = 0; v < program.variables.size(); ++v) {
      REQUIRE(back.variables[v].name == program.variables[v].name);
    }
    for (std::size_t r = 0; r < program.rows.size(); ++r) {
      REQUIRE(back.rows[r].name == program.rows[r].name);
    }
    for (std::size_t i = 0; i < program.indicators.size(); ++i) {
      REQUIRE(back.indicators[i].row.name == program.indicators[i].row.name);
    }
    rows += back.rows.size();
    indicators += back.indicators.size();
  }
  CHECK(rows > 300);
  CHECK(indicators > 150);
}

TEST_CASE("Empty parts of a program are left out") {
  CHECK(model_bytes(Program{}).empty());
  Program program;
  program.add_variable(0.0, 1.0, "x");
  program.add_row({}, 0.0, 1.0, "r");
  const Fields fields = fields_of(model_bytes(program));
  CHECK(fields.contains(2));
  CHECK(fields.contains(4));
  CHECK(fields.size() == 2);  // neither a name nor an objective nor a matrix
}

TEST_CASE("An answer with its point, its bound and what the solver said") {
  const std::string bytes =
      answer(kOptimal, "fine", 4.5, {solution({{2, -1.5}, {0, 3.0}}, 4.25, kFeasiblePoint)});
  const MipSolution result = read_result(bytes, 4);
  CHECK(result.status == SolveStatus::optimal);
  CHECK(result.detail == "fine");
  CHECK(result.bound == 4.5);
  CHECK(result.objective == 4.25);
  CHECK(result.values == std::vector<double>{3.0, 0.0, -1.5, 0.0});  // zeros are not written
}

TEST_CASE("Of several points the first that is feasible counts") {
  const std::string first = solution({{0, 1.0}}, 1.0, kInfeasiblePoint);
  const std::string second = solution({{0, 2.0}}, 2.0, kFeasiblePoint);
  const std::string third = solution({{0, 3.0}}, 3.0, kFeasiblePoint);
  const MipSolution result = read_result(answer(9, "", 0.0, {first, second, third}), 1);
  CHECK(result.status == SolveStatus::feasible);
  CHECK(result.values == std::vector<double>{2.0});
  CHECK(result.objective == 2.0);
  CHECK_THROWS_WITH_AS((void)read_result(answer(9, "", 0.0, {first}), 1),
                       "the solver claims a solution and gives none", SolverError);
}

TEST_CASE("Every reason to end is a status, or an error that says which") {
  const std::map<std::uint64_t, SolveStatus> reasons = {{2, SolveStatus::infeasible},
                                                        {3, SolveStatus::unbounded},
                                                        {4, SolveStatus::infeasible_or_unbounded},
                                                        {6, SolveStatus::undecided}};
  for (const auto& [reason, status] : reasons) {
    const MipSolution result = read_result(answer(reason, "so it is", -1.0), 2);
    CHECK(result.status == status);
    CHECK(result.detail == "so it is");
    CHECK(result.values.empty());
    CHECK(std::isnan(result.objective));
  }
  const auto error_of = [](std::uint64_t reason, const std::string& detail) -> std::string {
    try {
      (void)read_result(answer(reason, detail, 0.0), 2);
    } catch (const SolverError& error) {
      return error.what();
    }
    return "";
  };
  CHECK(error_of(5, "") == "the solver failed: its answer is imprecise");
  CHECK(error_of(7, "singular") == "the solver failed: numerical trouble (singular)");
  CHECK(error_of(8, "") == "the solver failed: an error");
  CHECK(error_of(0, "") == "the solver failed: an error");
  CHECK_THROWS_AS((void)read_result("", 2), SolverError);
}

TEST_CASE("A bound that is zero is not written; none at all is no number") {
  wire::Writer termination, out;
  termination.field_varint(1, 2);
  out.field_bytes(2, termination.bytes());
  CHECK(std::isnan(read_result(out.bytes(), 1).bound));
  wire::Writer with_bounds, own;
  with_bounds.field_varint(1, 2);
  with_bounds.field_bytes(5, "");
  own.field_bytes(2, with_bounds.bytes());
  CHECK(read_result(own.bytes(), 1).bound == 0.0);
}

TEST_CASE("Answers that are damaged or of another program are errors") {
  const std::string fine = answer(kOptimal, "", 0.0, {solution({{1, 2.0}}, 2.0, kFeasiblePoint)});
  CHECK(read_result(fine, 2).values == std::vector<double>{0.0, 2.0});
  CHECK_THROWS_WITH_AS((void)read_result(fine, 1), "the solver's answer is of another program",
                       SolverError);
  int refused = 0;
  for (std::size_t size = 0; size < fine.size(); ++size) {
    CHECK_THROWS_AS((void)read_result(std::string_view(fine).substr(0, size), 2), SolverError);
    ++refused;
  }
  CHECK(refused > 30);
  // More numbers of variables than values.
  wire::Writer ids, vector, primal, point, out;
  ids.varint(0);
  ids.varint(1);
  vector.field_bytes(1, ids.bytes());
  vector.field_bytes(2, packed({1.0}));
  primal.field_bytes(1, vector.bytes());
  primal.field_varint(3, kFeasiblePoint);
  point.field_bytes(1, primal.bytes());
  out.field_bytes(3, point.bytes());
  CHECK_THROWS_WITH_AS((void)read_result(out.bytes(), 2), "the solver's answer is damaged",
                       SolverError);
}
