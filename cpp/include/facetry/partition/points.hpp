// Explanations of single points: state, linear model and validity region without any search
// [CEE section V-B; METHOD section 3, "Points"].
#pragma once

#include <memory>

#include "facetry/geometry/free_space.hpp"
#include "facetry/network/normal_form.hpp"
#include "facetry/partition/partition.hpp"

namespace facetry {

// The linear models at points: X is N x m; coef N x n x m and intercept N x n (row-major, flat).
// The state is that of NormalForm::states(), up to its rounding: on a boundary the lowest piece.
// What a point gets does not depend on the other points or on `threads`. Throws InvalidInput if X
// has another number of columns. Cost per point: the entries of the network, times 1 + n; points
// are taken in blocks, as matrix products.
void explain_points(const NormalForm& form, const MatrixView& X, int threads, double* coef,
                    double* intercept);

// The validity region of each point within an analysis region, one per row of X and in that order
// (so not sorted, and the same region as often as points lie in it). Where a point is on a
// boundary, the region that it enters when it moves towards the middle of the analysis region.
// Throws InvalidInput if a point is not in the analysis region.
// Cost per point: one linear program per unit in the free dimensions.
[[nodiscard]] std::shared_ptr<Partition> validity_regions(
    const std::shared_ptr<const NormalForm>& form, const std::shared_ptr<const FreeSpace>& space,
    const MatrixView& X, int threads);

}  // namespace facetry
