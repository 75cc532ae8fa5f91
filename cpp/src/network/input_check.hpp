// Do a network, an analysis region and points have the same inputs? One message for each way that
// they do not.
#pragma once

#include "facetry/geometry/free_space.hpp"
#include "facetry/network/normal_form.hpp"

namespace facetry {

// Throws InvalidInput unless the region has the inputs of the network.
void require_same_inputs(const NormalForm& form, const FreeSpace& space);

// Throws InvalidInput unless points, one per row, have so many inputs.
void require_columns(const MatrixView& X, Index inputs);

}  // namespace facetry
