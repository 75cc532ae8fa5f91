// Integer pivots on a dictionary whose entries share one denominator [Edmonds 1967; Bareiss 1968],
// with Bland's rule; on the smallest integers that are sure to be enough.
#include "optimize/exact_program.hpp"

#include "optimize/exact_dictionary.hpp"

namespace facetry {

ExactProgram::ExactProgram(Index dimension, std::function<bool()> keep_going)
    : keep_going_(std::move(keep_going)), dimension_(dimension) {}

Index ExactProgram::add(ExactRow row) {
  kept_.push_back(std::move(row));
  return refer_to(kept_.back());
}

Index ExactProgram::refer_to(const ExactRow& row) {
  rows_.push_back(&row);
  return size_of(rows_) - 1;
}

void ExactProgram::clear() {
  rows_.clear();
  kept_.clear();
}

namespace {

template <unsigned kBits>
using Fixed = boost::multiprecision::number<
    boost::multiprecision::cpp_int_backend<kBits, kBits, boost::multiprecision::signed_magnitude,
                                           boost::multiprecision::unchecked>,
    boost::multiprecision::et_off>;

}  // namespace

// Calls ask(dictionary) with one whose numbers are large enough.
template <class Ask>
auto ExactProgram::with_dictionary(std::size_t bits, const Ask& ask) const {
  for (const ExactRow* row : rows_) bits = std::max(bits, most_bits(*row));
  const std::size_t needed = dictionary_bits(bits, dimension_);
  if (needed <= 63) return ask(ExactDictionary<std::int64_t>(rows_, dimension_, keep_going_));
  if (needed <= 127) return ask(ExactDictionary<Int128>(rows_, dimension_, keep_going_));
  if (needed <= 256) return ask(ExactDictionary<Fixed<256>>(rows_, dimension_, keep_going_));
  if (needed <= 512) return ask(ExactDictionary<Fixed<512>>(rows_, dimension_, keep_going_));
  return ask(ExactDictionary<Integer>(rows_, dimension_, keep_going_));
}

ExactProgram::Extreme ExactProgram::maximise(const ExactRow& objective,
                                             std::span<const Index> first, double* point) {
  return with_dictionary(most_bits(objective), [&](auto dictionary) {
    return dictionary.maximise(objective, first, point);
  });
}

bool ExactProgram::has_interior(std::span<const Index> first, double* point) {
  return with_dictionary(1, [&](auto dictionary) { return dictionary.has_interior(first, point); });
}

}  // namespace facetry
