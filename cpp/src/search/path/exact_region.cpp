// The affine hull of the region by exact elimination on its equalities.
#include "search/path/exact_region.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/rounding.hpp"

namespace facetry {

namespace {

// row . (inputs, 1) = 0 for a side of the region that holds as an equality.
ExactRow equality(const InputPolytope& polytope, Index side) {
  const Index m = polytope.input_size();
  std::vector<double> row(static_cast<std::size_t>(m + 1), 0.0);
  if (side < 2 * m) {
    row[side % m] = 1.0;
    row[m] = -(side < m ? polytope.low : polytope.high)[side % m];
  } else {
    for (Index j = 0; j < m; ++j) row[j] = polytope.A(side - 2 * m, j);
    row[m] = -polytope.b[side - 2 * m];
  }
  return ExactRow::of(row.data(), m + 1);
}

}  // namespace

ExactRegion::ExactRegion(const FreeSpace& space)
    : width_(space.dimension() + 1), one_(ExactRow::zero(width_)) {
  one_.add_to_offset(1.0);
  std::vector<double> row(static_cast<std::size_t>(width_));
  for (Index i = 0; i < space.input_size(); ++i) {
    for (Index c = 0; c + 1 < width_; ++c) row[c] = space.basis()(i, c);
    row[width_ - 1] = space.origin()[i];
    inputs_.push_back(ExactRow::of(row.data(), width_));
  }
  solve_equalities(space);
  for (Index c = 0; c < space.constraints().constraint_count(); ++c) {
    sides_.push_back(side(space, c));
  }
  measure_sides(space);
}

// Gauss-Jordan elimination without fractions [Bareiss 1968]; then every input that is solved for is
// a combination of the others over the last pivot.
void ExactRegion::solve_equalities(const FreeSpace& space) {
  const Index m = space.input_size();
  std::vector<ExactRow> rows;
  std::vector<Index> solved;
  Integer denominator = 1;
  for (const Index number : space.equalities()) {
    rows.push_back(equality(space.polytope(), number));
    std::vector<Integer>& row = rows.back().entries;
    for (std::size_t r = 0; r + 1 < rows.size(); ++r) {  // the pivots before: each has its column
      const Integer factor = row[solved[r]];
      const Integer previous = rows[r].entries[solved[r]];
      for (Index j = 0; j <= m; ++j) row[j] = row[j] * previous - factor * rows[r].entries[j];
    }
    Index pivot = -1;
    for (Index j = 0; j < m; ++j) {
      const bool varies = space.polytope().low[j] < space.polytope().high[j];
      if (!varies || row[j].is_zero()) continue;
      if (pivot < 0 || abs(row[j]) > abs(row[pivot])) pivot = j;
    }
    if (pivot < 0) {  // repeats the equalities before
      rows.pop_back();
      continue;
    }
    rows.back().exponent = 0;
    rows.back().reduce();
    for (std::size_t r = 0; r + 1 < rows.size(); ++r) {
      std::vector<Integer>& other = rows[r].entries;
      const Integer factor = other[pivot];
      const Integer own = rows.back().entries[pivot];
      for (Index j = 0; j <= m; ++j) other[j] = other[j] * own - factor * rows.back().entries[j];
      rows[r].reduce();
    }
    solved.push_back(pivot);
  }
  for (std::size_t r = 0; r < rows.size(); ++r) {
    if (rows[r].entries[solved[r]].sign() < 0) rows[r].negate();
    denominator *= rows[r].entries[solved[r]];
  }
  if (rows.empty()) return;
  const std::vector<ExactRow> stored = inputs_;
  for (ExactRow& input : inputs_) input = stored[&input - inputs_.data()].times(denominator);
  one_ = one_.times(denominator);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const Integer share = denominator / rows[r].entries[solved[r]];
    ExactRow sum = ExactRow::zero(width_);
    ExactRow constant = ExactRow::zero(width_);
    constant.add_to_offset(1.0);
    for (Index j = 0; j <= m; ++j) {
      const bool is_solved = std::find(solved.begin(), solved.end(), j) != solved.end();
      if (is_solved || rows[r].entries[j].is_zero()) continue;
      const Integer factor = -rows[r].entries[j] * share;
      sum.add(1.0, (j < m ? stored[j] : constant).times(factor));
    }
    ExactRow off = sum;
    off.add(-1.0, inputs_[solved[r]]);
    input_error_ = std::max(input_error_, off.largest_over(denominator));
    inputs_[solved[r]] = sum;
  }
}

ExactRow ExactRegion::side(const FreeSpace& space, Index constraint) const {
  const Index m = space.input_size();
  const Index number = space.sides()[constraint];
  ExactRow row = ExactRow::zero(width_);
  if (number < 0) {  // artificial: as it is
    std::vector<double> stored(static_cast<std::size_t>(width_));
    Vector gradient;
    space.constraints().gradient(constraint, gradient);
    std::copy_n(gradient.data(), width_ - 1, stored.begin());
    stored[width_ - 1] = space.constraints().slack(constraint, Vector::Zero(width_ - 1));
    return ExactRow::of(stored.data(), width_);
  }
  const InputPolytope& polytope = space.polytope();
  if (number < 2 * m) {
    const double sign = number < m ? 1.0 : -1.0;
    row.add(sign, inputs_[number % m]);
    row.add(-sign * (number < m ? polytope.low : polytope.high)[number % m], one_);
    return row;
  }
  for (Index j = 0; j < m; ++j) row.add(-polytope.A(number - 2 * m, j), inputs_[j]);
  row.add(polytope.b[number - 2 * m], one_);
  return row;
}

void ExactRegion::measure_sides(const FreeSpace& space) {
  const Index k = width_ - 1;
  std::vector<double> exact(static_cast<std::size_t>(width_));
  Vector gradient;
  for (Index c = 0; c < size_of(sides_); ++c) {
    if (space.sides()[c] < 0 || sides_[c].is_constant()) continue;
    sides_[c].scaled(exact.data());
    const double length =
        std::sqrt(std::inner_product(exact.begin(), exact.end() - 1, exact.begin(), 0.0));
    space.constraints().gradient(c, gradient);
    const double offset = space.constraints().slack(c, Vector::Zero(k));
    double error = std::abs(exact[k] / length - offset);
    for (Index i = 0; i < k; ++i) error += 1.01 * std::abs(exact[i] / length - gradient[i]);
    side_error_ = std::max(side_error_, error + rounding_of(8) * (2.0 + std::abs(offset)));
  }
}

}  // namespace facetry
