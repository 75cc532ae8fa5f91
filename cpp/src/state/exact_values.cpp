// Numbers of one entry, made when they are asked for.
#include "state/exact_values.hpp"

#include <algorithm>

namespace facetry {

namespace {

ExactRow number_of(double number) {
  ExactRow row = ExactRow::zero(1);
  row.add_to_offset(number);
  return row;
}

int sign_of_difference(const ExactRow& a, const ExactRow& b) {
  ExactRow difference = a;
  difference.add(-1.0, b);
  return difference.offset_sign();
}

}  // namespace

ExactValues::ExactValues(const NormalForm& form) : form_(form) {
  const Index stages = size_of(form.stages());
  pre_.resize(static_cast<std::size_t>(stages + 1));
  values_.resize(pre_.size());
  for (Index s = 0; s <= stages; ++s) {
    pre_[s].numbers.resize(static_cast<std::size_t>(map_into(s).rows()));
    values_[s].numbers.resize(static_cast<std::size_t>(map_into(s).columns()));
  }
}

const AffineMap& ExactValues::map_into(Index stage) const {
  return stage == size_of(form_.stages()) ? form_.output() : form_.stages()[stage].map;
}

void ExactValues::start(const VectorView& x) {
  inputs_.clear();
  for (const double number : x) inputs_.push_back(number_of(number));
  for (std::vector<Kept>* all : {&pre_, &values_}) {
    for (Kept& kept : *all) kept.there.assign(kept.numbers.size(), char{0});
  }
}

const ExactRow& ExactValues::pre(Index stage, Index row) {
  Kept& kept = pre_[stage];
  if (kept.there[row] == 0) {
    const AffineMap& map = map_into(stage);
    Number sum = number_of(map.bias()[row]);
    map.for_row(row, [&](Index j, double weight) {
      if (weight != 0.0) sum.add(weight, value(stage, j));
    });
    sum.reduce();
    kept.numbers[row] = std::move(sum);
    kept.there[row] = 1;
  }
  return kept.numbers[row];
}

// Value number j that a stage's map reads.
const ExactRow& ExactValues::value(Index stage, Index number) {
  if (stage == 0) return inputs_[number];
  Kept& kept = values_[stage];
  if (kept.there[number] == 0) {
    kept.numbers[number] = computed_value(stage, number);
    kept.there[number] = 1;
  }
  return kept.numbers[number];
}

ExactRow ExactValues::computed_value(Index stage, Index number) {
  const Stage& before = form_.stages()[stage - 1];
  if (number >= size_of(before.units))
    return value(stage - 1, before.carried[number - size_of(before.units)]);
  const Unit& unit = before.units[number];
  if (unit.kind == UnitKind::maximum) {
    Index best = unit.first_row;
    for (Index a = best + 1; a < unit.first_row + unit.row_count; ++a) {
      if (compare(stage - 1, a, best) > 0) best = a;
    }
    return pre(stage - 1, best);
  }
  const PiecewiseFunction& function = form_.function(unit);
  Index piece = 0;
  while (piece + 1 < function.pieces() &&
         compare_to(stage - 1, unit.first_row, function.breakpoints()[piece]) > 0) {
    ++piece;
  }
  Number result = number_of(function.intercept(piece));
  result.add(function.slope(piece), pre(stage - 1, unit.first_row));
  return result;
}

int ExactValues::compare_to(Index stage, Index row, double t) {
  return sign_of_difference(pre(stage, row), number_of(t));
}

int ExactValues::compare(Index stage, Index row, Index other) {
  return sign_of_difference(pre(stage, row), pre(stage, other));
}

int ExactValues::compare_outputs(Index i, Index j) {
  return compare(size_of(form_.stages()), i, j);
}

int ExactValues::compare_outputs(const VectorView& weights, double threshold) {
  Number sum = number_of(-threshold);
  for (Index i = 0; i < weights.size(); ++i) {
    if (weights[i] != 0.0) sum.add(weights[i], pre(size_of(form_.stages()), i));
  }
  return sum.offset_sign();
}

}  // namespace facetry
