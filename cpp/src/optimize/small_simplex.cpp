// Primal simplex in the space of u with an explicit inverse of the basis, steepest edges, the ratio
// test of Harris and Bland's rule after a stall. One pivot costs O(rows * k + k^2), as a handful of
// passes over contiguous numbers (small_simplex_body.hpp).
#include "optimize/small_simplex.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "facetry/base/error.hpp"
#include "optimize/small_simplex_kernels.hpp"

namespace facetry {

namespace simplex_plain {
extern const SimplexKernelTable table;
}
#ifdef FACETRY_X86_KERNELS
namespace simplex_avx2 {
extern const SimplexKernelTable table;
}
namespace simplex_avx512 {
extern const SimplexKernelTable table;
}
#endif

namespace {

constexpr Index kPivotsBeforeRefresh = 64;
constexpr double kForever = std::numeric_limits<double>::infinity();
constexpr double kNever = -kForever;  // a rate that no row falls below

struct Available {
  std::array<const SimplexKernelTable*, 3> tables{&simplex_plain::table};
  std::size_t count = 1;

  Available() {
#ifdef FACETRY_X86_KERNELS
    __builtin_cpu_init();
    const bool avx2 = __builtin_cpu_supports("avx2");
    if (avx2) tables[count++] = &simplex_avx2::table;
    const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") &&
                        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                        __builtin_cpu_supports("avx512bw");
    if (avx512) tables[count++] = &simplex_avx512::table;
#endif
  }
};

const Available& available() {
  static const Available found;
  return found;
}

constexpr Index width_of(Index dimension) { return (dimension + 7) / 8 * 8; }

}  // namespace

const SimplexKernelTable& simplex_kernels() { return *available().tables[available().count - 1]; }

std::span<const SimplexKernelTable* const> available_simplex_kernels() {
  return {available().tables.data(), available().count};
}

SmallSimplex::SmallSimplex(Index dimension, const Tolerances& tolerances)
    : SmallSimplex(dimension, tolerances, simplex_kernels()) {}

SmallSimplex::SmallSimplex(Index dimension, const Tolerances& tolerances,
                           const SimplexKernelTable& kernels)
    : tolerances_(tolerances),
      kernels_(&kernels.for_dimension(dimension)),
      dimension_(dimension),
      edges_(dimension * width_of(dimension)),
      point_(width_of(dimension)),
      direction_(width_of(dimension)),
      edge_squares_(width_of(dimension)),
      objective_(width_of(dimension)),
      matrix_(dimension * dimension),
      basis_(width_of(dimension)) {
  state_.width = width_of(dimension);
  state_.edges = edges_.data();
  state_.point = point_.data();
  state_.direction = direction_.data();
  state_.basis = basis_.data();
  state_.pivot = tolerances.simplex_pivot;
  state_.give = tolerances.ratio_test;
  state_.still = tolerances.on_hyperplane;
  state_.beyond = tolerances.cut;
}

void SmallSimplex::attach(const DenseRows& rows) {
  state_.rows = rows;
  per_row_.ensure(5 * rows.stride);
  double* arrays = per_row_.data();
  state_.slack = arrays;
  state_.rate = arrays + rows.stride;
  state_.inverse = arrays + 2 * rows.stride;
  state_.ratio = arrays + 3 * rows.stride;
  state_.least = arrays + 4 * rows.stride;
  std::fill_n(state_.least, rows.stride, -tolerances_.simplex_pivot);
}

void SmallSimplex::leave_out(Index row) { state_.least[row] = kNever; }

void SmallSimplex::bring_back(Index row) { state_.least[row] = -tolerances_.simplex_pivot; }

void SmallSimplex::place(const double* edges, const double* point, const std::int32_t* basis,
                         Index age) {
  for (Index j = 0; j < dimension_; ++j) {
    basis_[j] = basis[j];
    state_.least[basis[j]] = kNever;
  }
  age_ = age;
  kernels_->place(state_, edges, point);
  if (age_ >= kPivotsBeforeRefresh) refresh();
}

// A new linear program from the vertex at hand.
void SmallSimplex::prepare(const double* objective, double value, double enough) {
  state_.objective = objective;
  state_.value = value;
  state_.enough = enough;
  state_.watched = -1;
  state_.chasing = false;
  state_.fixed = -1;
  state_.stalls = 0;
  pivots_ = 0;
}

// At most so many pivots; refreshes the edges when they are old.
int SmallSimplex::climb(Index most_pivots) {
  state_.pivots = 0;
  state_.most_pivots = most_pivots;
  const int end = kernels_->climb(state_);
  const bool one_more = end == kCrossed || end == kReached;
  count_pivots(state_.pivots + (one_more ? 1 : 0));
  if (end != kOutOfPivots) return end;
  if (pivots_ > 1000 + 50 * state_.rows.count) {
    throw NumericalError("a linear program did not converge");
  }
  if (age_ >= kPivotsBeforeRefresh) refresh();
  return end;
}

void SmallSimplex::count_pivots(Index count) {
  age_ += count;
  pivots_ += count;
}

double SmallSimplex::maximize(const double* objective, double enough) {
  const auto value_here = [&] {
    double value = 0.0;
    for (Index i = 0; i < dimension_; ++i) value += objective[i] * point_[i];
    return value;
  };
  prepare(objective, value_here(), enough);
  int end = kOutOfPivots;
  while (end == kOutOfPivots) end = climb(std::max<Index>(1, kPivotsBeforeRefresh - age_));
  if (end == kUnbounded) throw NumericalError("a linear program over a bounded cell ran away");
  return value_here();
}

void SmallSimplex::begin_test(Index row) {
  const double* entries = state_.rows.data + row;
  for (Index i = 0; i < dimension_; ++i) objective_[i] = -entries[i * state_.rows.stride];
  prepare(objective_.data(), 0.0, kForever);
  state_.watched = row;
  leave_out(row);
}

SmallSimplex::Answer SmallSimplex::continue_test() {
  const Index row = state_.watched;
  for (Index edge = 0; pivots_ == 0 && edge < dimension_; ++edge) {
    if (basis_[edge] != row) continue;  // in the basis: off to its outside first
    const bool moved = kernels_->loosen(state_, edge);
    leave_out(row);
    count_pivots(1);
    if (!moved || state_.slack[row] < -tolerances_.cut) return Answer::yes;
  }
  switch (climb(1)) {
    case kOptimal: return Answer::no;
    case kCrossed: return Answer::yes_at_vertex;
    case kCrossedFromAfar: return Answer::yes;
    default: return Answer::open;
  }
}

void SmallSimplex::begin_chase(const double* target, double value, Index edge) {
  prepare(target, value, kForever);
  state_.chasing = true;
  state_.fixed = edge;
}

SmallSimplex::Answer SmallSimplex::continue_chase(Index most_pivots) {
  switch (climb(most_pivots)) {
    case kOptimal: return Answer::no;
    case kReached: return Answer::yes_at_vertex;
    default: return Answer::open;
  }
}

double SmallSimplex::edge_length(Index j) { return kernels_->edge_length(state_, j); }

void SmallSimplex::measure() { least_slack_ = kernels_->measure(state_, edge_squares_.data()); }

// Gauss-Jordan elimination of the rows of the basis, with row pivoting; then the point from it.
void SmallSimplex::refresh() {
  const Index k = dimension_;
  const Index width = width_of(k);
  const DenseRows& rows = state_.rows;
  double* inverse = edges_.data();
  std::fill_n(inverse, k * width, 0.0);
  for (Index j = 0; j < k; ++j) {
    for (Index c = 0; c < k; ++c) matrix_[j * k + c] = rows.data[c * rows.stride + basis_[j]];
    inverse[j * width + j] = 1.0;
  }
  for (Index c = 0; c < k; ++c) eliminate(c);
  std::fill_n(point_.data(), width, 0.0);
  for (Index i = 0; i < k; ++i) {
    for (Index j = 0; j < k; ++j) {
      point_[i] -= inverse[i * width + j] * rows.data[k * rows.stride + basis_[j]];
    }
  }
  age_ = 0;
  kernels_->place(state_, inverse, point_.data());  // the slacks
}

// Makes column c of the matrix the unit vector c, and does the same to the inverse.
void SmallSimplex::eliminate(Index c) {
  const Index k = dimension_;
  const Index width = width_of(k);
  Index best = c;
  for (Index i = c + 1; i < k; ++i) {
    if (std::abs(matrix_[i * k + c]) > std::abs(matrix_[best * k + c])) best = i;
  }
  if (matrix_[best * k + c] == 0.0) throw NumericalError("the rows of a vertex are dependent");
  const auto each_row = [&](auto&& change) {
    change(matrix_.data(), k);
    change(edges_.data(), width);
  };
  const double inverse_pivot = 1.0 / matrix_[best * k + c];
  each_row([&](double* m, Index length) {
    std::swap_ranges(m + c * length, m + (c + 1) * length, m + best * length);
    for (Index j = 0; j < length; ++j) m[c * length + j] *= inverse_pivot;
  });
  for (Index i = 0; i < k; ++i) {
    if (i == c) continue;
    const double share = matrix_[i * k + c];
    each_row([&](double* m, Index length) {
      for (Index j = 0; j < length; ++j) m[i * length + j] -= share * m[c * length + j];
    });
  }
}

}  // namespace facetry
