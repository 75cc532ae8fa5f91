// Programs for tests of the text formats, and what two programs must share to be the same.
#pragma once

#include <doctest/doctest.h>

#include <charconv>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "facetry/optimize/mixed_integer_program.hpp"
#include "random.hpp"

namespace facetry::testing {

inline std::vector<std::string> words_of(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

inline double number_of(const std::string& word) {
  double value = 0.0;
  const auto end = std::from_chars(word.data(), word.data() + word.size(), value);
  if (end.ptr != word.data() + word.size()) throw std::runtime_error("no number: " + word);
  return value;
}

// Numbers of every size; whole ones now and then.
inline double any_number(Random& random) {
  if (random.chance(0.4)) return static_cast<double>(random.between(-3, 3));
  return random.normal() * std::pow(10.0, static_cast<double>(random.between(-12, 12)));
}

// Bounds of every kind: none, one, two, two that are the same.
inline void any_bounds(Random& random, double& low, double& high) {
  low = any_number(random);
  high = random.chance(0.2) ? low : low + std::abs(any_number(random));
  if (random.chance(0.3)) low = -kNoBound;
  if (random.chance(0.3)) high = kNoBound;
}

inline std::vector<LinearTerm> any_terms(Random& random, Index variables) {
  std::vector<LinearTerm> terms;
  for (Index v = 0; v < variables; ++v) {
    if (random.chance(0.4)) terms.push_back({v, any_number(random)});
  }
  return terms;
}

// The first two variables are binary; every third name is empty.
inline MixedIntegerProgram any_program(Random& random) {
  MixedIntegerProgram program;
  const auto named = [&](const char* what, Index number) {
    return random.chance(0.3) ? std::string() : what + std::to_string(number);
  };
  const Index variables = random.between(2, 12);
  for (Index v = 0; v < variables; ++v) {
    double low = 0.0, high = 1.0;
    if (v >= 2) any_bounds(random, low, high);
    program.add_variable(low, high, named("x_", v), v < 2 || random.chance(0.3));
  }
  for (Index r = random.below(6); r > 0; --r) {
    double low = 0.0, high = 0.0;
    any_bounds(random, low, high);
    program.add_row(any_terms(random, variables), low, high, named("row", r));
  }
  for (Index i = random.below(4); i > 0; --i) {
    MixedIntegerProgram::Row row;
    any_bounds(random, row.low, row.high);
    row.terms = any_terms(random, variables);
    row.name = named("if", i);
    program.add_indicator(random.below(2), random.chance(0.5), row);
  }
  program.set_objective(any_terms(random, variables), random.chance(0.5) ? 0.0 : any_number(random),
                        random.chance(0.5));
  program.validate();
  return program;
}

// A row without a bound says nothing, so formats leave it out.
inline bool says_nothing(const MixedIntegerProgram::Row& row) {
  return row.low == -kNoBound && row.high == kNoBound;
}

inline void require_same_row(const MixedIntegerProgram::Row& own,
                             const MixedIntegerProgram::Row& other) {
  REQUIRE(own.terms == other.terms);
  REQUIRE(own.low == other.low);
  REQUIRE(own.high == other.high);
}

// All but names, which formats may change.
inline void require_same(MixedIntegerProgram own, const MixedIntegerProgram& other) {
  std::erase_if(own.rows, says_nothing);
  std::erase_if(own.indicators, [](const auto& indicator) { return says_nothing(indicator.row); });
  REQUIRE(own.variables.size() == other.variables.size());
  for (std::size_t v = 0; v < own.variables.size(); ++v) {
    REQUIRE(own.variables[v].low == other.variables[v].low);
    REQUIRE(own.variables[v].high == other.variables[v].high);
    REQUIRE(own.variables[v].integer == other.variables[v].integer);
  }
  REQUIRE(own.rows.size() == other.rows.size());
  for (std::size_t r = 0; r < own.rows.size(); ++r) require_same_row(own.rows[r], other.rows[r]);
  REQUIRE(own.indicators.size() == other.indicators.size());
  for (std::size_t i = 0; i < own.indicators.size(); ++i) {
    REQUIRE(own.indicators[i].binary == other.indicators[i].binary);
    REQUIRE(own.indicators[i].active_on_zero == other.indicators[i].active_on_zero);
    require_same_row(own.indicators[i].row, other.indicators[i].row);
  }
  REQUIRE(own.maximize == other.maximize);
  REQUIRE(own.offset == other.offset);
  REQUIRE(own.objective == other.objective);
}

// Names that formats do not take, or that are there already.
inline MixedIntegerProgram oddly_named() {
  MixedIntegerProgram program;
  program.name = "my program";
  const Index x = program.add_variable(-kNoBound, 4.0, "a b");
  const Index y = program.add_variable(0.5, kNoBound, "a_b");
  const Index z = program.add_binary("free");
  const Index n = program.add_variable(-2.0, kNoBound, "", true);
  program.add_row({{x, 1.0}, {n, 0.25}}, -1.5, 2.0, "row 1");
  program.add_row({{y, -1e-7}}, 3.0, 3.0, "row_1");
  program.add_row({{x, 1.0}}, -kNoBound, kNoBound, "nothing");
  program.add_row({}, -kNoBound, 7.0, "");
  program.add_indicator(z, false, {{{x, 1.0}, {y, -1.0}}, -kNoBound, 0.0, "2 x"});
  program.add_indicator(z, true, {{{y, 2.0}}, 1.0, kNoBound, ""});
  program.set_objective({{y, 3.0}}, -0.5, false);
  return program;
}

}  // namespace facetry::testing
