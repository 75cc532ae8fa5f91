// Programs in free MPS, read back by a small reader of its sections.
#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <set>

#include "facetry/optimize/mixed_integer_program.hpp"
#include "optimize/program_texts.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

using Program = MixedIntegerProgram;

// The sections as the format defines them: defaults are a right side of 0 and bounds of 0 and
// infinity, and an integer without an upper bound is not relied on.
class MpsReader {
 public:
  explicit MpsReader(const std::string& text) {
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
      REQUIRE(!ended_);
      const std::vector<std::string> words = words_of(line);
      if (line.front() == ' ') {
        read(words);
        continue;
      }
      section_ = words.front();
      if (section_ == "NAME") program_name = words.at(1);
      ended_ = section_ == "ENDATA";
    }
    REQUIRE(ended_);
  }

  Program program() {
    for (std::size_t v = 0; v < result_.variables.size(); ++v) {
      const Program::Variable& variable = result_.variables[v];
      if (variable.integer) REQUIRE(bounded_.contains(variable.name));
    }
    for (const std::string& name : order_) {
      const Line& line = lines_.at(name);
      Program::Row row{line.terms, -kNoBound, kNoBound, name};
      if (line.type != 'L') row.low = line.right;
      if (line.type != 'G') row.high = line.right;
      if (line.span >= 0.0) row.low = line.right - line.span;
      if (line.binary < 0) {
        REQUIRE(result_.indicators.empty());
        result_.rows.push_back(row);
      } else {
        result_.indicators.push_back({line.binary, line.on_zero, row});
      }
    }
    return std::move(result_);
  }

  std::string program_name;

 private:
  struct Line {
    char type = 'N';
    double right = 0.0;
    double span = -1.0;
    std::vector<LinearTerm> terms;
    Index binary = -1;
    bool on_zero = false;
  };

  void read(const std::vector<std::string>& words) {
    if (section_ == "OBJSENSE") {
      result_.maximize = words.at(0) == "MAX";
    } else if (section_ == "ROWS") {
      REQUIRE(words.size() == 2);
      if (words[0] == "N") {
        REQUIRE(words[1] == "COST");
        return;
      }
      REQUIRE(lines_.emplace(words[1], Line{words[0].front(), 0.0, -1.0, {}, -1, false}).second);
      order_.push_back(words[1]);
    } else if (section_ == "COLUMNS") {
      read_column(words);
    } else if (section_ == "RHS") {
      REQUIRE(words.at(0) == "SIDE");
      if (words.at(1) == "COST") {
        result_.offset = -number_of(words.at(2));
      } else {
        lines_.at(words[1]).right = number_of(words.at(2));
      }
    } else if (section_ == "RANGES") {
      REQUIRE(lines_.at(words.at(1)).type == 'L');
      lines_.at(words[1]).span = number_of(words.at(2));
    } else if (section_ == "BOUNDS") {
      read_bound(words);
    } else {
      REQUIRE(section_ == "INDICATORS");
      REQUIRE(words.at(0) == "IF");
      Line& line = lines_.at(words.at(1));
      line.binary = numbers_.at(words.at(2));
      line.on_zero = words.at(3) == "0";
    }
  }

  void read_column(const std::vector<std::string>& words) {
    REQUIRE(words.size() == 3);
    if (words[0] == "MARKER") {
      const bool starts = words[2] == "'INTORG'";
      REQUIRE(starts != integer_);
      integer_ = starts;
      return;
    }
    if (numbers_.emplace(words[0], size_of(result_.variables)).second) {
      result_.variables.push_back({0.0, kNoBound, integer_, words[0]});
    }
    const Index variable = size_of(result_.variables) - 1;
    REQUIRE(result_.variables.back().name == words[0]);  // a column in one piece
    const double value = number_of(words[2]);
    std::vector<LinearTerm>& terms =
        words[1] == "COST" ? result_.objective : lines_.at(words[1]).terms;
    if (value != 0.0) terms.push_back({variable, value});
  }

  void read_bound(const std::vector<std::string>& words) {
    Program::Variable& variable =
        result_.variables.at(static_cast<std::size_t>(numbers_.at(words.at(2))));
    const std::string& type = words[0];
    if (type == "BV") {
      REQUIRE(variable.integer);
      variable.low = 0.0;
      variable.high = 1.0;
    } else if (type == "FR" || type == "MI") {
      variable.low = -kNoBound;
      if (type == "FR") variable.high = kNoBound;
    } else if (type == "PL") {
      variable.high = kNoBound;
    } else {
      const double value = number_of(words.at(3));
      if (type != "UP") variable.low = value;
      if (type != "LO") variable.high = value;
      REQUIRE((type == "UP" || type == "LO" || type == "FX"));
    }
    if (type != "LO" && type != "MI") bounded_.insert(variable.name);
  }

  std::string section_;
  bool ended_ = false, integer_ = false;
  std::map<std::string, Line> lines_;
  std::vector<std::string> order_;
  std::map<std::string, Index> numbers_;
  std::set<std::string> bounded_;
  Program result_;
};

// A range is written as its width, so the lower side is what rounding makes of it.
Program with_rounded_ranges(Program program) {
  const auto round = [](Program::Row& row) {
    const bool both = row.low > -kNoBound && row.high < kNoBound && row.low != row.high;
    if (!both) return;
    const double low = row.high - (row.high - row.low);
    REQUIRE(std::abs(low - row.low) <= 1e-15 * std::max(std::abs(row.low), std::abs(row.high)));
    row.low = low;
  };
  for (Program::Row& row : program.rows) round(row);
  for (Program::Indicator& indicator : program.indicators) round(indicator.row);
  return program;
}

}  // namespace

TEST_CASE("What is written is read back: bounds, ranges, integers, indicators") {
  Random random(781);
  std::size_t rows = 0, indicators = 0, integers = 0;
  for (int round = 0; round < 400; ++round) {
    const Program program = any_program(random);
    const std::string text = mps_text(program);
    CAPTURE(text);
    const Program back = MpsReader(text).program();
    require_same(with_rounded_ranges(program), back);
    rows += back.rows.size();
    indicators += back.indicators.size();
    for (const auto& variable : back.variables) integers += variable.integer ? 1 : 0;
  }
  CHECK(rows > 400);
  CHECK(indicators > 200);
  CHECK(integers > 1000);
}

TEST_CASE("The text to the letter, with names that need changing") {
  CHECK(mps_text(oddly_named()) ==
        "NAME my_program\n"
        "ROWS\n N COST\n L row_1\n E row_1_1\n L r3\n L _2_x\n G r5\n"
        "COLUMNS\n"
        " a_b row_1 1\n a_b _2_x 1\n"
        " a_b_1 COST 3\n a_b_1 row_1_1 -1e-07\n a_b_1 _2_x -1\n a_b_1 r5 2\n"
        " MARKER 'MARKER' 'INTORG'\n"
        " _free COST 0\n"
        " v3 row_1 0.25\n"
        " MARKER 'MARKER' 'INTEND'\n"
        "RHS\n SIDE COST 0.5\n SIDE row_1 2\n SIDE row_1_1 3\n SIDE r3 7\n SIDE r5 1\n"
        "RANGES\n SPAN row_1 3.5\n"
        "BOUNDS\n"
        " MI LIMIT a_b\n UP LIMIT a_b 4\n"
        " LO LIMIT a_b_1 0.5\n"
        " BV LIMIT _free\n"
        " LO LIMIT v3 -2\n PL LIMIT v3\n"
        "INDICATORS\n IF _2_x _free 1\n IF r5 _free 0\n"
        "ENDATA\n");
}

TEST_CASE("A program without a name, a variable and a row that have the objective's") {
  Program program;
  const Index x = program.add_variable(1.0, 1.0, "COST");
  program.add_row({{x, 2.0}}, 1.0, kNoBound, "COST");
  MpsReader reader(mps_text(program));
  CHECK(reader.program_name == "program");
  const Program back = reader.program();
  CHECK(back.variables[0].name == "COST_0");
  CHECK(back.rows[0].name == "COST_1");
  require_same(program, back);
}

TEST_CASE("An indicator whose row has no bound says nothing, and is left out with its row") {
  Program program;
  const Index z = program.add_binary("z");
  program.add_indicator(z, false, {{{z, 1.0}}, -kNoBound, kNoBound, "nothing"});
  CHECK(mps_text(program).find("nothing") == std::string::npos);
  CHECK(mps_text(program).find("INDICATORS") == std::string::npos);
  CHECK(lp_text(program).find("nothing") == std::string::npos);
}
