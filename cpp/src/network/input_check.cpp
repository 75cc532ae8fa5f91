// The messages about numbers of inputs, and about their sizes.
#include "network/input_check.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>

#include "facetry/base/error.hpp"

namespace facetry {

namespace {

[[noreturn]] void throw_out_of_range(const char* what, double size) {
  std::ostringstream message;
  message << what << (size < 1.0 ? " stay below " : " may reach ") << size
          << " on this region; only magnitudes from " << kSmallestMagnitude << " to "
          << kLargestMagnitude << " are computed with: scale the model's inputs or its weights";
  throw InvalidInput(message.str());
}

// The largest magnitudes of a stage's values, of those of its rows and of those it carries on.
Vector values_of(const NormalForm& form, const Stage& stage, const Vector& rows,
                 const Vector& before) {
  Vector values(stage.width());
  for (Index u = 0; u < size_of(stage.units); ++u) {
    const Unit& unit = stage.units[u];
    double most = rows.segment(unit.first_row, unit.row_count).maxCoeff();
    if (unit.kind == UnitKind::piecewise) {
      double slope = 0.0;
      double intercept = 0.0;
      for (const double one : form.function(unit).slopes()) slope = std::max(slope, std::abs(one));
      for (const double one : form.function(unit).intercepts())
        intercept = std::max(intercept, std::abs(one));
      most = slope * most + intercept;
    }
    values[u] = most;
  }
  for (Index c = 0; c < size_of(stage.carried); ++c)
    values[size_of(stage.units) + c] = before[stage.carried[c]];
  return values;
}

Vector sums_in_range(const AffineMap& map, const Vector& values, const char* what) {
  const Vector sums = map.term_sums(values);
  double most = 0.0;
  for (const double sum : sums) {
    if (!(sum <= kLargestMagnitude)) throw_out_of_range(what, sum);  // NaN too
    most = std::max(most, sum);
  }
  if (most > 0.0 && most < kSmallestMagnitude) throw_out_of_range(what, most);
  return sums;
}

}  // namespace

Vector largest_outputs(const NormalForm& form, const FreeSpace& space) {
  Vector values = space.origin().cwiseAbs() + 1.25 * space.basis().cwiseAbs().rowwise().sum();
  for (const Stage& stage : form.stages()) {
    const Vector rows = sums_in_range(stage.map, values, "pre-activations");
    values = values_of(form, stage, rows, values);
  }
  return sums_in_range(form.output(), values, "outputs");
}

void require_range(const NormalForm& form, const FreeSpace& space) {
  static_cast<void>(largest_outputs(form, space));
}

void require_range(const NormalForm& form, const FreeSpace& space, const VectorView& weights) {
  const double most = weights.cwiseAbs().dot(largest_outputs(form, space));
  if (!(most <= kLargestMagnitude)) throw_out_of_range("the objective's values", most);
}

void require_searchable(const NormalForm& form, const FreeSpace& space) {
  require_same_inputs(form, space);
  require_range(form, space);
}

void require_same_inputs(const NormalForm& form, const FreeSpace& space) {
  if (form.input_size() == space.input_size()) return;
  throw InvalidInput("the analysis region has " + std::to_string(space.input_size()) +
                     " features, the model takes " + std::to_string(form.input_size()));
}

void require_columns(const MatrixView& X, Index inputs) {
  if (X.cols() == inputs) return;
  throw InvalidInput("points have " + std::to_string(X.cols()) + " features, the model takes " +
                     std::to_string(inputs));
}

}  // namespace facetry
