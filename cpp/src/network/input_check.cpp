// The two messages about numbers of inputs.
#include "network/input_check.hpp"

#include <string>

#include "facetry/base/error.hpp"

namespace facetry {

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
