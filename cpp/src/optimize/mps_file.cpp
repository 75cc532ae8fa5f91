// Free MPS: sections NAME, OBJSENSE, ROWS, COLUMNS, RHS, RANGES, BOUNDS and INDICATORS.
#include <vector>

#include "facetry/optimize/mixed_integer_program.hpp"
#include "optimize/program_names.hpp"

namespace facetry {

namespace {

using Program = MixedIntegerProgram;
using Row = Program::Row;

constexpr const char* kObjective = "COST";

class MpsText {
 public:
  explicit MpsText(const Program& program) : program_(program) {
    NameList names;
    (void)names.unique(kObjective, "", 0);
    for (Index v = 0; v < size_of(program.variables); ++v) {
      variables_.push_back(names.unique(program.variables[v].name, "v", v));
    }
    for (const Row& row : program.rows) add_row(row, names);
    for (const Program::Indicator& indicator : program.indicators) add_row(indicator.row, names);
  }

  std::string text() {
    line("NAME " + (program_.name.empty() ? "program" : NameList().unique(program_.name, "", 0)));
    if (program_.maximize) line("OBJSENSE\n    MAX");
    write_rows();
    write_columns();
    write_right_sides();
    write_ranges();
    write_bounds();
    write_indicators();
    line("ENDATA");
    return std::move(text_);
  }

 private:
  struct NamedRow {
    const Row* row;
    std::string name;
    char type;  // N: no bound
  };

  void add_row(const Row& row, NameList& names) {
    const bool low = row.low > -kNoBound;
    const bool high = row.high < kNoBound;
    const char type = low && row.low == row.high ? 'E' : high ? 'L' : low ? 'G' : 'N';
    rows_.push_back({&row, names.unique(row.name, "r", size_of(rows_)), type});
  }

  void line(const std::string& content) { text_ += content + "\n"; }
  void entry(const std::string& first, const std::string& second, double value) {
    line(" " + first + " " + second + " " + number_text(value));
  }

  void write_rows() {
    line("ROWS");
    line(std::string(" N ") + kObjective);
    for (const NamedRow& row : rows_) {
      if (row.type != 'N') line(std::string(" ") + row.type + " " + row.name);
    }
  }

  void write_columns() {
    std::vector<std::vector<std::pair<const std::string*, double>>> columns(variables_.size());
    static const std::string objective = kObjective;
    for (const LinearTerm& term : program_.objective) {
      columns[term.variable].push_back({&objective, term.coefficient});
    }
    for (const NamedRow& row : rows_) {
      if (row.type == 'N') continue;
      for (const LinearTerm& term : row.row->terms) {
        columns[term.variable].push_back({&row.name, term.coefficient});
      }
    }
    line("COLUMNS");
    bool integer = false;
    for (std::size_t v = 0; v < columns.size(); ++v) {
      if (program_.variables[v].integer != integer) {
        integer = !integer;
        line(integer ? " MARKER 'MARKER' 'INTORG'" : " MARKER 'MARKER' 'INTEND'");
      }
      for (const auto& [row, value] : columns[v]) entry(variables_[v], *row, value);
      if (columns[v].empty()) entry(variables_[v], objective, 0.0);  // that it exists
    }
    if (integer) line(" MARKER 'MARKER' 'INTEND'");
  }

  // Names of the vectors must not be those of sections: some readers take such a line for a
  // section.
  void write_right_sides() {
    line("RHS");
    // By convention the objective's constant stands there with the other sign.
    if (program_.offset != 0.0) entry("SIDE", kObjective, -program_.offset);
    for (const NamedRow& row : rows_) {
      const double value = row.type == 'G' ? row.row->low : row.row->high;
      if (row.type != 'N' && value != 0.0) entry("SIDE", row.name, value);
    }
  }

  void write_ranges() {
    bool any = false;
    for (const NamedRow& row : rows_) {
      if (row.type != 'L' || row.row->low == -kNoBound) continue;
      if (!any) line("RANGES");
      any = true;
      entry("SPAN", row.name, row.row->high - row.row->low);
    }
  }

  void write_bounds() {
    line("BOUNDS");
    for (std::size_t v = 0; v < variables_.size(); ++v) {
      const Program::Variable& variable = program_.variables[v];
      const std::string& own = variables_[v];
      if (variable.integer && variable.low == 0.0 && variable.high == 1.0) {
        line(" BV LIMIT " + own);
        continue;
      }
      if (variable.low == variable.high) {
        bound("FX", own, variable.low);
        continue;
      }
      if (variable.low == -kNoBound && variable.high == kNoBound) {
        line(" FR LIMIT " + own);
        continue;
      }
      if (variable.low == -kNoBound) {
        line(" MI LIMIT " + own);
      } else {
        bound("LO", own, variable.low);
      }
      if (variable.high < kNoBound) {
        bound("UP", own, variable.high);
      } else if (variable.integer) {
        line(" PL LIMIT " + own);  // or readers take an integer for binary
      }
    }
  }
  void bound(const char* type, const std::string& variable, double value) {
    line(std::string(" ") + type + " LIMIT " + variable + " " + number_text(value));
  }

  void write_indicators() {
    bool any = false;
    const std::size_t first = program_.rows.size();
    for (std::size_t i = 0; i < program_.indicators.size(); ++i) {
      const NamedRow& row = rows_[first + i];
      if (row.type == 'N') continue;  // it is no row of the file
      if (!any) line("INDICATORS");
      any = true;
      const Program::Indicator& indicator = program_.indicators[i];
      line(" IF " + row.name + " " + variables_[indicator.binary] +
           (indicator.active_on_zero ? " 0" : " 1"));
    }
  }

  const Program& program_;
  std::vector<std::string> variables_;
  std::vector<NamedRow> rows_;  // of the program, then of its indicators
  std::string text_;
};

}  // namespace

std::string mps_text(const MixedIntegerProgram& program) { return MpsText(program).text(); }

}  // namespace facetry
