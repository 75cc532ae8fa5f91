// Integer pivots on a dictionary whose entries share one denominator [Edmonds 1967; Bareiss 1968],
// with Bland's rule.
#include "optimize/exact_program.hpp"

#include <algorithm>
#include <cmath>

namespace facetry {

// A point is inside if its depth t is positive where t is the largest number with
// row . (x, 1) >= scale(row) t for all rows. The program is: the largest t not above 1.
//
// Names: constraints 0 .. n-1, the bound of t is n, the variables and t follow. Names of variables
// stay in their rows of the table once they have left the columns, and never enter again.

ExactProgram::ExactProgram(Index dimension, std::function<bool()> keep_going)
    : keep_going_(std::move(keep_going)), dimension_(dimension), width_(dimension + 2) {}

Index ExactProgram::add(const ExactRow& row) {
  rows_.push_back(row);
  return size_of(rows_) - 1;
}

void ExactProgram::clear() { rows_.clear(); }

namespace {

// The power of two of the row's largest entry: so that depths of different rows can be compared.
Integer scale_of(const ExactRow& row) {
  std::size_t bits = 0;
  for (const Integer& entry : row.entries) {
    if (!entry.is_zero()) bits = std::max<std::size_t>(bits, msb(abs(entry)));
  }
  return Integer(1) << bits;
}

}  // namespace

void ExactProgram::start() {
  const Index n = size_of(rows_);
  const Index t = dimension_;
  table_.assign(static_cast<std::size_t>((n + 1) * width_), Integer(0));
  row_name_.resize(static_cast<std::size_t>(n + 1));
  column_name_.resize(static_cast<std::size_t>(dimension_ + 1));
  for (Index r = 0; r < n; ++r) {
    for (Index c = 0; c < dimension_; ++c) at(r, c) = rows_[r].entries[c];
    at(r, t) = -scale_of(rows_[r]);
    at(r, width_ - 1) = rows_[r].entries[dimension_];
    row_name_[r] = r;
  }
  at(n, t) = -1;
  at(n, width_ - 1) = 1;
  row_name_[n] = n;
  for (Index c = 0; c <= dimension_; ++c) column_name_[c] = n + 1 + c;
  denominator_ = 1;
}

// The same variables, with t in place of the objective's value: rows do not mind it, and the last
// one says that t is not above the objective.
void ExactProgram::start_with(const ExactRow& objective) {
  start();
  const Index n = size_of(rows_);
  const Index t = dimension_;
  for (Index r = 0; r < n; ++r) at(r, t) = 0;
  for (Index c = 0; c < dimension_; ++c) at(n, c) = objective.entries[c];
  at(n, t) = -1;
  at(n, width_ - 1) = objective.entries[dimension_];
}

// Exchanges the variable of a row with that of a column. REQUIRES at(row, column) is not 0.
void ExactProgram::pivot(Index row, Index column) {
  if (keep_going_ && !keep_going_()) throw Interrupted{};
  const Index rows = size_of(row_name_);
  const Integer centre = at(row, column);
  for (Index r = 0; r < rows; ++r) {
    if (r == row) continue;
    const Integer factor = at(r, column);
    for (Index c = 0; c < width_; ++c) {
      if (c == column) continue;
      Integer& entry = at(r, c);
      if (factor.is_zero()) {
        if (!entry.is_zero()) entry = entry * centre / denominator_;
      } else {
        entry = (entry * centre - factor * at(row, c)) / denominator_;
      }
    }
  }
  for (Index c = 0; c < width_; ++c) {
    if (c != column) at(row, c) = -at(row, c);
  }
  at(row, column) = denominator_;
  denominator_ = centre;
  if (denominator_.sign() < 0) {
    denominator_ = -denominator_;
    for (Integer& entry : table_) entry = -entry;
  }
  std::swap(row_name_[row], column_name_[column]);
}

// Brings the given rows into the columns, and then others until no variable is left there. False:
// the rows leave a direction open in which none of them changes, and t with it.
bool ExactProgram::enter_rows(std::span<const Index> first) {
  const Index n = size_of(rows_);
  std::vector<Index> order(first.begin(), first.end());
  for (Index r = n; r >= 0; --r) order.push_back(r);
  Index left = dimension_ + 1;
  for (const Index r : order) {
    if (left == 0) break;
    if (row_name_[r] != r) continue;
    Index best = -1;
    for (Index c = 0; c <= dimension_; ++c) {
      if (column_name_[c] > n && !at(r, c).is_zero()) {
        best = c;
        break;
      }
    }
    if (best < 0) continue;
    pivot(r, best);
    --left;
  }
  return left == 0;
}

// The row of least name that stops the column from growing, or -1.
Index ExactProgram::leaving_row(Index column) const {
  const Index n = size_of(rows_);
  Index best = -1;
  for (Index r = 0; r <= n; ++r) {
    if (row_name_[r] > n || at(r, column).sign() >= 0) continue;
    if (best < 0 || row_name_[r] < row_name_[best]) best = r;
  }
  return best;
}

// The column of least name that makes the row grow, or -1.
Index ExactProgram::entering_column(Index row) const {
  const Index n = size_of(rows_);
  Index best = -1;
  for (Index c = 0; c <= dimension_; ++c) {
    if (column_name_[c] > n || at(row, c).sign() <= 0) continue;
    if (best < 0 || column_name_[c] < column_name_[best]) best = c;
  }
  return best;
}

// The row of least name that is negative, or -1.
Index ExactProgram::broken_row() const {
  const Index n = size_of(rows_);
  Index row = -1;
  for (Index r = 0; r <= n; ++r) {
    if (row_name_[r] > n || at(r, width_ - 1).sign() >= 0) continue;
    if (row < 0 || row_name_[r] < row_name_[row]) row = r;
  }
  return row;
}

ExactProgram::Extreme ExactProgram::maximise(const ExactRow& objective,
                                             std::span<const Index> first, double* point) {
  using Kind = Extreme::Kind;
  const Index n = size_of(rows_);
  start_with(objective);
  pivot(n, dimension_);  // t leaves: it is a row from here on
  static_cast<void>(enter_rows(first));
  const Index value_name = n + 1 + dimension_;
  const auto value_at = std::find(row_name_.begin(), row_name_.end(), value_name);
  const Index value = value_at - row_name_.begin();
  while (true) {
    const Index row = broken_row();
    const Index column = entering_column(value);
    if (row < 0 && column < 0) break;
    if (row >= 0 && (column < 0 || row_name_[row] < column_name_[column])) {
      const Index enters = entering_column(row);
      if (enters < 0) return {Kind::infeasible};
      pivot(row, enters);
    } else {
      const Index leaves = leaving_row(column);
      if (leaves < 0) return {Kind::unbounded};
      pivot(leaves, column);
    }
  }
  // A direction in which no row changes, but the objective does.
  for (Index c = 0; c <= dimension_; ++c) {
    if (column_name_[c] > n && !at(value, c).is_zero()) return {Kind::unbounded};
  }
  if (point != nullptr) read_point(point);
  return {Kind::found, at(value, width_ - 1), denominator_};
}

bool ExactProgram::has_interior(std::span<const Index> first, double* point) {
  const Index n = size_of(rows_);
  start();
  // A direction in which nothing changes does not matter: its variable stays in its column, at 0,
  // and is never touched.
  static_cast<void>(enter_rows(first));
  const Index depth_name = n + 1 + dimension_;
  const auto depth_at = std::find(row_name_.begin(), row_name_.end(), depth_name);
  const Index depth = depth_at - row_name_.begin();  // always a row: the bound of t contains it
  while (true) {
    const Index row = broken_row();
    const Index column = entering_column(depth);
    const int sign = at(depth, width_ - 1).sign();
    if (column < 0 && sign <= 0) return false;  // dual feasible: no point is deeper
    const bool optimal = row < 0 && column < 0;
    if (row < 0 && sign > 0 && (optimal || point == nullptr)) {
      if (point != nullptr) read_point(point);
      return true;
    }
    if (row >= 0 && (column < 0 || row_name_[row] < column_name_[column])) {
      const Index enters = entering_column(row);
      if (enters < 0) return false;  // cannot be: a depth that is low enough satisfies all rows
      pivot(row, enters);
    } else {
      const Index leaves = leaving_row(column);
      if (leaves < 0) return false;  // cannot be: the depth is bounded
      pivot(leaves, column);
    }
  }
}

void ExactProgram::read_point(double* point) const {
  const Index n = size_of(rows_);
  std::fill_n(point, dimension_, 0.0);
  for (Index r = 0; r <= n; ++r) {
    const Index variable = row_name_[r] - n - 1;
    if (variable < 0 || variable >= dimension_) continue;
    point[variable] = quotient_of(at(r, width_ - 1), denominator_);
  }
}

}  // namespace facetry
