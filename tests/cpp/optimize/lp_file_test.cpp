// Programs in the LP format, read back by a small reader of its grammar.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "facetry/optimize/mixed_integer_program.hpp"
#include "optimize/program_texts.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

using Program = MixedIntegerProgram;

// Reads what lp_text writes; a two-sided row comes as two that follow each other, NAME_low and
// NAME_high. Variables are numbered as the section of bounds lists them.
class LpReader {
 public:
  explicit LpReader(const std::string& text) {
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
      REQUIRE(line.size() <= 510);  // what readers take in one line
      for (std::string& word : words_of(line)) words_.push_back(std::move(word));
    }
    find_variables();
  }

  Program program() {
    result_.maximize = take() == "Maximize";
    REQUIRE(take() == "cost:");
    read_terms(result_.objective, result_.offset);
    REQUIRE(take() == "Subject");
    REQUIRE(take() == "To");
    while (peek() != "Bounds") read_row();
    while (at_ < words_.size() && peek() != "Generals" && peek() != "End") ++at_;
    if (peek() == "Generals") {
      ++at_;
      while (peek() != "End") result_.variables[numbers_.at(take())].integer = true;
    }
    REQUIRE(take() == "End");
    REQUIRE(at_ == words_.size());
    return std::move(result_);
  }

 private:
  const std::string& peek() const { return words_.at(at_); }
  std::string take() { return words_.at(at_++); }

  static double bound(const std::string& word) {
    return word == "+inf" ? kNoBound : word == "-inf" ? -kNoBound : number_of(word);
  }

  void find_variables() {
    auto at = std::find(words_.begin(), words_.end(), "Bounds");
    REQUIRE(at != words_.end());
    for (++at; *at != "Generals" && *at != "End";) {
      Program::Variable variable;
      if (at[1] == "free") {
        variable.name = at[0];
        at += 2;
      } else {
        REQUIRE(at[1] == "<=");
        REQUIRE(at[3] == "<=");
        variable = {bound(at[0]), bound(at[4]), false, at[2]};
        at += 5;
      }
      REQUIRE(numbers_.emplace(variable.name, size_of(result_.variables)).second);
      result_.variables.push_back(variable);
    }
  }

  // Signed terms and numbers, up to a word that is neither.
  void read_terms(std::vector<LinearTerm>& terms, double& constant) {
    while (peek() == "+" || peek() == "-" || peek() == "0") {
      const double sign = peek() == "-" ? -1.0 : 1.0;
      if (peek() != "0") ++at_;
      const double number = sign * number_of(take());
      const auto variable = numbers_.find(peek());
      if (variable == numbers_.end()) {
        constant += number;
      } else {
        if (number != 0.0) terms.push_back({variable->second, number});
        ++at_;
      }
    }
  }

  void read_row() {
    Program::Row row;
    std::string name = take();
    REQUIRE(name.back() == ':');
    name.pop_back();
    REQUIRE(!names_.contains(name));
    Index binary = -1;
    bool on_zero = false;
    if (words_.at(at_ + 3) == "->") {
      binary = numbers_.at(take());
      REQUIRE(take() == "=");
      on_zero = take() == "0";
      ++at_;
    }
    double none = 0.0;
    read_terms(row.terms, none);
    REQUIRE(none == 0.0);
    const std::string relation = take();
    const double right = number_of(take());
    if (relation != "<=") row.low = right;
    if (relation != ">=") row.high = right;
    names_[name] = {binary, on_zero};
    const std::string low = "_low", high = "_high";
    if (name.ends_with(low)) {
      lower_ = row;
      stem_ = name.substr(0, name.size() - low.size());
      return;
    }
    if (!stem_.empty()) {
      REQUIRE(name == stem_ + high);
      REQUIRE(row.terms == lower_.terms);
      REQUIRE(names_.at(stem_ + low) == names_.at(name));
      row.low = lower_.low;
      stem_.clear();
    }
    if (binary < 0) {
      REQUIRE(result_.indicators.empty());
      result_.rows.push_back(row);
    } else {
      result_.indicators.push_back({binary, on_zero, row});
    }
  }

  std::vector<std::string> words_;
  std::size_t at_ = 0;
  std::map<std::string, Index> numbers_;
  std::map<std::string, std::pair<Index, bool>> names_;  // of rows, with their condition
  Program::Row lower_;
  std::string stem_;
  Program result_;
};

}  // namespace

TEST_CASE("What is written is read back: bounds, two-sided rows, integers, indicators") {
  Random random(771);
  std::size_t rows = 0, indicators = 0, integers = 0;
  for (int round = 0; round < 400; ++round) {
    const Program program = any_program(random);
    const std::string text = lp_text(program);
    CAPTURE(text);
    const Program back = LpReader(text).program();
    require_same(program, back);
    rows += back.rows.size();
    indicators += back.indicators.size();
    for (const auto& variable : back.variables) integers += variable.integer ? 1 : 0;
  }
  CHECK(rows > 400);
  CHECK(indicators > 200);
  CHECK(integers > 1000);
}

TEST_CASE("The text to the letter, with names that need changing") {
  CHECK(lp_text(oddly_named()) ==
        "Minimize\n"
        " cost: + 3 a_b_1 - 0.5\n"
        "Subject To\n"
        " row_1_low:  + 1 a_b + 0.25 v3 >= -1.5\n"
        " row_1_high:  + 1 a_b + 0.25 v3 <= 2\n"
        " row_1_1:  - 1e-07 a_b_1 = 3\n"
        " r3:  0 a_b <= 7\n"
        " _2_x: _free = 1 ->  + 1 a_b - 1 a_b_1 <= 0\n"
        " r5: _free = 0 ->  + 2 a_b_1 >= 1\n"
        "Bounds\n"
        " -inf <= a_b <= 4\n"
        " 0.5 <= a_b_1 <= +inf\n"
        " 0 <= _free <= 1\n"
        " -2 <= v3 <= +inf\n"
        "Generals\n"
        " _free\n"
        " v3\n"
        "End\n");
}

TEST_CASE("Long rows are broken into lines that readers take") {
  Program program;
  std::vector<LinearTerm> terms;
  for (Index v = 0; v < 100; ++v) {
    program.add_variable(0.0, kNoBound, "quite_a_long_name_of_a_variable_" + std::to_string(v));
    terms.push_back({v, -1.0 / 3.0 * static_cast<double>(v + 1)});
  }
  program.add_row(terms, 1.0, 2.0, "long");
  program.set_objective(terms, 0.0, true);
  require_same(program, LpReader(lp_text(program)).program());  // it looks at lengths too
}

TEST_CASE("A variable that has the objective's name, and rows that have a variable's") {
  Program program;
  const Index x = program.add_variable(0.0, 1.0, "cost");
  program.add_variable(0.0, 1.0, "a_low");
  program.add_row({{x, 1.0}}, 0.0, 2.0, "a");
  program.set_objective({{x, 1.0}}, 0.0, true);
  const std::string text = lp_text(program);
  CHECK(text.find("Maximize\n cost_0: + 1 cost\n") == 0);
  CHECK(text.find("\n a_low_0:  + 1 cost >= 0\n a_high:  + 1 cost <= 2\n") != std::string::npos);
}
