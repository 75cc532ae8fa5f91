// Rational arithmetic for tests: the truth about exact rows, and networks without rounding.
#pragma once

#include <boost/multiprecision/cpp_int.hpp>
#include <vector>

#include "base/exact_row.hpp"
#include "facetry/network/normal_form.hpp"

namespace facetry::testing {

using Rational = boost::multiprecision::cpp_rational;
using Rationals = std::vector<Rational>;

inline Rational power_of_two(int exponent) {
  const Rational power(Integer(1) << std::abs(exponent));
  return exponent < 0 ? Rational(1) / power : power;
}

inline Rationals values(const ExactRow& row) {
  Rationals result;
  for (const Integer& entry : row.entries) {
    result.push_back(Rational(entry) * power_of_two(row.exponent));
  }
  return result;
}

// An affine function, the offset last, at a point.
inline Rational value_at(const Rationals& function, const Vector& u) {
  Rational sum = function.back();
  for (Index c = 0; c < u.size(); ++c) sum += function[c] * Rational(u[c]);
  return sum;
}

inline Rationals rationals(const double* row, Index length) { return Rationals(row, row + length); }

// The pre-activations of every stage where the units have these pieces, whatever is true there.
inline std::vector<Rationals> exact_pass(const NormalForm& form, const std::vector<Index>& pieces,
                                         Rationals inputs) {
  std::vector<Rationals> result;
  for (const Stage& stage : form.stages()) {
    Rationals pre;
    for (Index r = 0; r < stage.map.rows(); ++r) {
      Rational sum(stage.map.bias()[r]);
      stage.map.for_row(r, [&](Index j, double weight) { sum += Rational(weight) * inputs[j]; });
      pre.push_back(sum);
    }
    Rationals next;
    for (Index u = 0; u < size_of(stage.units); ++u) {
      const Unit& unit = stage.units[u];
      const Index piece = pieces[stage.first_unit + u];
      if (unit.kind == UnitKind::maximum) {
        next.push_back(pre[unit.first_row + piece]);
      } else {
        const PiecewiseFunction& f = form.function(unit);
        next.push_back(Rational(f.slope(piece)) * pre[unit.first_row] +
                       Rational(f.intercept(piece)));
      }
    }
    for (const Index carried : stage.carried) next.push_back(inputs[carried]);
    inputs = std::move(next);
    result.push_back(std::move(pre));
  }
  return result;
}

}  // namespace facetry::testing
