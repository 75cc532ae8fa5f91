// The only header that names the matrix library. Matrices are row-major (as numpy's), vectors are
// columns, elements are double.
#pragma once

#include <Eigen/Dense>

#include "facetry/base/index.hpp"

namespace facetry {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Vector = Eigen::VectorXd;
using RowVector = Eigen::RowVectorXd;

// Read-only views of memory held elsewhere (a numpy array, a row of a larger matrix).
using MatrixView = Eigen::Ref<const Matrix>;
using VectorView = Eigen::Ref<const Vector>;

}  // namespace facetry
