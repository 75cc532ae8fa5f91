// Do a network, an analysis region and points fit together: the same inputs, and numbers of a size
// that double precision computes with? One message for each way that they do not.
#pragma once

#include "facetry/geometry/free_space.hpp"
#include "facetry/network/normal_form.hpp"

namespace facetry {

// Throws InvalidInput unless the region has the inputs of the network.
void require_same_inputs(const NormalForm& form, const FreeSpace& space);

// The magnitudes that are computed with: far enough from the ends of the range for what bounds of
// rounding multiply them by, and for one rounding of them to be more than what underflows.
inline constexpr double kLargestMagnitude = 0x1p+900;   // 8e270
inline constexpr double kSmallestMagnitude = 0x1p-900;  // 1e-271

// Throws InvalidInput if a pre-activation or an output may get larger than kLargestMagnitude on the
// region, as interval arithmetic on magnitudes says, or if all of a stage stay below
// kSmallestMagnitude and are not zero. Everything that bounds rounding relies on this. Cost: one
// forward pass.
void require_range(const NormalForm& form, const FreeSpace& space);

// The sums of the magnitudes that each output is added up from, at most, anywhere on the region:
// what rounding is measured against. Throws as require_range() does.
[[nodiscard]] Vector largest_outputs(const NormalForm& form, const FreeSpace& space);

// Throws InvalidInput if weights . outputs may get larger than kLargestMagnitude there. REQUIRES:
// one weight for each output, and require_range().
void require_range(const NormalForm& form, const FreeSpace& space, const VectorView& weights);

// require_same_inputs() and require_range(), for whatever searches a region.
void require_searchable(const NormalForm& form, const FreeSpace& space);

// Throws InvalidInput unless points, one per row, have so many inputs.
void require_columns(const MatrixView& X, Index inputs);

}  // namespace facetry
