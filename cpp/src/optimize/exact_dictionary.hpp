// The table of an exact linear program, on integers of one kind: any size, or a fixed one where
// that is known to be enough, which is many times as quick. Included by exact_program.cpp alone.
//
// A point is inside if its depth t is positive where t is the largest number with
// row . (x, 1) >= scale(row) t for all rows. The program is: the largest t not above 1.
//
// Names: constraints 0 .. n-1, the bound of t is n, the variables and t follow. Names of variables
// stay in their rows of the table once they have left the columns, and never enter again.
#pragma once

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "optimize/exact_program.hpp"

namespace facetry {

// Integers of a fixed size, where the compiler has them.
#if defined(__SIZEOF_INT128__)
__extension__ using Int128 = __int128;
#else
using Int128 = boost::multiprecision::int128_t;
#endif

[[nodiscard]] inline int sign_of(const Integer& number) { return number.sign(); }
template <class Number>
[[nodiscard]] int sign_of(const Number& number) {
  return number > 0 ? 1 : (number < 0 ? -1 : 0);
}

template <class Number>
[[nodiscard]] Number narrowed(const Integer& number) {
  if constexpr (std::is_same_v<Number, Integer>) {
    return number;
  } else {
    return number.convert_to<Number>();
  }
}

// REQUIRES of Number: an integer that holds dictionary_bits() bits and a sign. Entries are minors
// of the rows' matrix, a product of two of them the largest there is.
template <class Number>
class ExactDictionary {
 public:
  using Extreme = ExactProgram::Extreme;

  // Keeps references, for one question.
  ExactDictionary(const std::vector<const ExactRow*>& rows, Index dimension,
                  const std::function<bool()>& keep_going)
      : rows_(rows), keep_going_(keep_going), dimension_(dimension), width_(dimension + 2) {}

  // As ExactProgram says.
  [[nodiscard]] bool has_interior(std::span<const Index> first, double* point);
  [[nodiscard]] Extreme maximise(const ExactRow& objective, std::span<const Index> first,
                                 double* point);

 private:
  void start();
  void start_with(const ExactRow& objective);
  [[nodiscard]] Index broken_row() const;
  void pivot(Index row, Index column);
  [[nodiscard]] bool enter_rows(std::span<const Index> first);
  [[nodiscard]] Index leaving_row(Index column) const;
  [[nodiscard]] Index entering_column(Index row) const;
  void read_point(double* point) const;
  [[nodiscard]] Number& at(Index row, Index column) { return table_[row * width_ + column]; }
  [[nodiscard]] const Number& at(Index row, Index column) const {
    return table_[row * width_ + column];
  }

  const std::vector<const ExactRow*>& rows_;
  const std::function<bool()>& keep_going_;
  Index dimension_;
  Index width_;  // columns: the variables with the depth, and the constant
  // Rows of the table: the constraints, one that keeps the depth bounded, the variables.
  std::vector<Number> table_;
  Number denominator_ = 1;
  std::vector<Index> row_name_, column_name_;
};

// The bits of a row's largest entry.
[[nodiscard]] inline std::size_t most_bits(const ExactRow& row) {
  std::size_t bits = 0;
  for (const Integer& entry : row.entries) bits = std::max(bits, bit_length(entry));
  return bits;
}

// Bits that no number exceeds on the way, of rows whose entries have at most `bits`: a minor of
// order n is at most n^(n/2) 2^(n bits) [Hadamard], and products of two of them are subtracted.
[[nodiscard]] inline std::size_t dictionary_bits(std::size_t bits, Index dimension) {
  const auto n = static_cast<double>(dimension + 2);
  const double minor = n * static_cast<double>(bits) + 0.5 * n * std::log2(n);
  return static_cast<std::size_t>(2.0 * minor) + 3;
}

template <class Number>
void ExactDictionary<Number>::start() {
  const Index n = size_of(rows_);
  const Index t = dimension_;
  table_.assign(static_cast<std::size_t>((n + 1) * width_), Number(0));
  row_name_.resize(static_cast<std::size_t>(n + 1));
  column_name_.resize(static_cast<std::size_t>(dimension_ + 1));
  for (Index r = 0; r < n; ++r) {
    const ExactRow& own = *rows_[r];
    for (Index c = 0; c < dimension_; ++c) at(r, c) = narrowed<Number>(own.entries[c]);
    // The power of two of its largest entry, so that depths of different rows can be compared.
    at(r, t) = -(Number(1) << static_cast<int>(std::max<std::size_t>(most_bits(own), 1) - 1));
    at(r, width_ - 1) = narrowed<Number>(own.entries[dimension_]);
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
template <class Number>
void ExactDictionary<Number>::start_with(const ExactRow& objective) {
  start();
  const Index n = size_of(rows_);
  const Index t = dimension_;
  for (Index r = 0; r < n; ++r) at(r, t) = 0;
  for (Index c = 0; c < dimension_; ++c) at(n, c) = narrowed<Number>(objective.entries[c]);
  at(n, t) = -1;
  at(n, width_ - 1) = narrowed<Number>(objective.entries[dimension_]);
}

// Exchanges the variable of a row with that of a column. REQUIRES at(row, column) is not 0.
template <class Number>
void ExactDictionary<Number>::pivot(Index row, Index column) {
  if (keep_going_ && !keep_going_()) throw ExactProgram::Interrupted{};
  const Index rows = size_of(row_name_);
  const Number centre = at(row, column);
  const bool undivided = denominator_ == 1;
  for (Index r = 0; r < rows; ++r) {
    if (r == row) continue;
    const Number factor = at(r, column);
    for (Index c = 0; c < width_; ++c) {
      if (c == column) continue;
      Number& entry = at(r, c);
      if (factor == 0) {
        if (entry == 0) continue;
        entry *= centre;
      } else {
        entry = entry * centre - factor * at(row, c);
      }
      if (!undivided) entry /= denominator_;
    }
  }
  for (Index c = 0; c < width_; ++c) {
    if (c != column) at(row, c) = -at(row, c);
  }
  at(row, column) = denominator_;
  denominator_ = centre;
  if (sign_of(denominator_) < 0) {
    denominator_ = -denominator_;
    for (Number& entry : table_) entry = -entry;
  }
  std::swap(row_name_[row], column_name_[column]);
}

// Brings the given rows into the columns, and then others until no variable is left there. False:
// the rows leave a direction open in which none of them changes, and t with it.
template <class Number>
bool ExactDictionary<Number>::enter_rows(std::span<const Index> first) {
  const Index n = size_of(rows_);
  std::vector<Index> order(first.begin(), first.end());
  for (Index r = n; r >= 0; --r) order.push_back(r);
  Index left = dimension_ + 1;
  for (const Index r : order) {
    if (left == 0) break;
    if (row_name_[r] != r) continue;
    Index best = -1;
    for (Index c = 0; c <= dimension_; ++c) {
      if (column_name_[c] > n && at(r, c) != 0) {
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
template <class Number>
Index ExactDictionary<Number>::leaving_row(Index column) const {
  const Index n = size_of(rows_);
  Index best = -1;
  for (Index r = 0; r <= n; ++r) {
    if (row_name_[r] > n || sign_of(at(r, column)) >= 0) continue;
    if (best < 0 || row_name_[r] < row_name_[best]) best = r;
  }
  return best;
}

// The column of least name that makes the row grow, or -1.
template <class Number>
Index ExactDictionary<Number>::entering_column(Index row) const {
  const Index n = size_of(rows_);
  Index best = -1;
  for (Index c = 0; c <= dimension_; ++c) {
    if (column_name_[c] > n || sign_of(at(row, c)) <= 0) continue;
    if (best < 0 || column_name_[c] < column_name_[best]) best = c;
  }
  return best;
}

// The row of least name that is negative, or -1.
template <class Number>
Index ExactDictionary<Number>::broken_row() const {
  const Index n = size_of(rows_);
  Index row = -1;
  for (Index r = 0; r <= n; ++r) {
    if (row_name_[r] > n || sign_of(at(r, width_ - 1)) >= 0) continue;
    if (row < 0 || row_name_[r] < row_name_[row]) row = r;
  }
  return row;
}

template <class Number>
typename ExactDictionary<Number>::Extreme ExactDictionary<Number>::maximise(
    const ExactRow& objective, std::span<const Index> first, double* point) {
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
    if (column_name_[c] > n && at(value, c) != 0) return {Kind::unbounded};
  }
  if (point != nullptr) read_point(point);
  return {Kind::found, Integer(at(value, width_ - 1)), Integer(denominator_)};
}

template <class Number>
bool ExactDictionary<Number>::has_interior(std::span<const Index> first, double* point) {
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
    const int sign = sign_of(at(depth, width_ - 1));
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

template <class Number>
void ExactDictionary<Number>::read_point(double* point) const {
  const Index n = size_of(rows_);
  std::fill_n(point, dimension_, 0.0);
  for (Index r = 0; r <= n; ++r) {
    const Index variable = row_name_[r] - n - 1;
    if (variable < 0 || variable >= dimension_) continue;
    point[variable] = quotient_of(Integer(at(r, width_ - 1)), Integer(denominator_));
  }
}

}  // namespace facetry
