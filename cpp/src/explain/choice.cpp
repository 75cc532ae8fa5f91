// Exact values of outputs against one another.
#include "explain/choice.hpp"

#include "facetry/base/error.hpp"
#include "state/exact_values.hpp"

namespace facetry {

bool wins_strictly(const NormalForm& form, const Query& query, const Vector& x, Index choice) {
  if (x.size() != form.input_size() || !x.allFinite())
    throw InvalidInput("a point needs one finite number for each input");
  ExactValues exact(form);
  exact.start(x);
  if (query.decision == Query::Decision::threshold) {
    const int sign = exact.compare_outputs(Vector::Ones(1), query.threshold);
    return choice == 1 ? sign > 0 : sign < 0;
  }
  const int ahead = query.decision == Query::Decision::lowest ? -1 : 1;
  for (Index i = 0; i < form.output_size(); ++i) {
    if (i != choice && exact.compare_outputs(choice, i) != ahead) return false;
  }
  return true;
}

}  // namespace facetry
