// The LP format of CPLEX: objective, "Subject To", "Bounds", "Generals", "End".
#include <vector>

#include "facetry/optimize/mixed_integer_program.hpp"
#include "optimize/program_names.hpp"

namespace facetry {

namespace {

using Program = MixedIntegerProgram;

class LpText {
 public:
  explicit LpText(const Program& program) : program_(program) {
    for (Index v = 0; v < size_of(program.variables); ++v) {
      variables_.push_back(names_.unique(program.variables[v].name, "v", v));
    }
  }

  std::string text() {
    text_ += program_.maximize ? "Maximize\n" : "Minimize\n";
    text_ += " " + names_.unique("cost", "", 0) + ":";
    write_terms(program_.objective);
    if (program_.offset != 0.0) write_signed(program_.offset);
    text_ += "\nSubject To\n";
    Index number = 0;
    for (const Program::Row& row : program_.rows) write_row(row, "", number++);
    for (const Program::Indicator& indicator : program_.indicators) {
      write_row(indicator.row,
                variables_[indicator.binary] + (indicator.active_on_zero ? " = 0 -> " : " = 1 -> "),
                number++);
    }
    write_bounds();
    write_integers();
    text_ += "End\n";
    return std::move(text_);
  }

 private:
  void write_signed(double value) {
    text_ += value < 0.0 ? " - " : " + ";
    text_ += number_text(value < 0.0 ? -value : value);
  }

  // A few terms per line: readers have limits.
  void write_terms(const std::vector<LinearTerm>& terms) {
    constexpr std::size_t kPerLine = 8;
    for (std::size_t i = 0; i < terms.size(); ++i) {
      if (i > 0 && i % kPerLine == 0) text_ += "\n  ";
      write_signed(terms[i].coefficient);
      text_ += " " + variables_[terms[i].variable];
    }
    // A row needs a term.
    if (terms.empty() && !variables_.empty()) text_ += " 0 " + variables_.front();
  }

  void write_row(const Program::Row& row, const std::string& condition, Index number) {
    const auto write = [&](const std::string& name, const char* relation, double value) {
      text_ += " " + name + ": " + condition;
      write_terms(row.terms);
      text_ += std::string(" ") + relation + " " + number_text(value) + "\n";
    };
    const bool low = row.low > -kNoBound;
    const bool high = row.high < kNoBound;
    if (!low && !high) return;
    const std::string name = names_.unique(row.name, "r", number);
    if (low && high && row.low == row.high) {
      write(name, "=", row.low);
    } else if (low && high) {
      write(names_.unique(name + "_low", "", number), ">=", row.low);
      write(names_.unique(name + "_high", "", number), "<=", row.high);
    } else if (low) {
      write(name, ">=", row.low);
    } else {
      write(name, "<=", row.high);
    }
  }

  void write_bounds() {
    text_ += "Bounds\n";
    for (std::size_t v = 0; v < variables_.size(); ++v) {
      const Program::Variable& variable = program_.variables[v];
      const auto bound = [](double value) {
        return value == kNoBound    ? std::string("+inf")
               : value == -kNoBound ? std::string("-inf")
                                    : number_text(value);
      };
      if (variable.low == -kNoBound && variable.high == kNoBound) {
        text_ += " " + variables_[v] + " free\n";
      } else {
        text_ += " " + bound(variable.low) + " <= " + variables_[v] +
                 " <= " + bound(variable.high) + "\n";
      }
    }
  }

  void write_integers() {
    bool any = false;
    for (std::size_t v = 0; v < variables_.size(); ++v) {
      if (!program_.variables[v].integer) continue;
      if (!any) text_ += "Generals\n";
      any = true;
      text_ += " " + variables_[v] + "\n";
    }
  }

  const Program& program_;
  NameList names_;
  std::vector<std::string> variables_;
  std::string text_;
};

}  // namespace

std::string lp_text(const MixedIntegerProgram& program) { return LpText(program).text(); }

}  // namespace facetry
