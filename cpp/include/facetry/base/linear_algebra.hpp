// The only header that names the matrix library; base/decompositions.cpp has what is not in its
// core. Matrices are row-major (as numpy's), vectors are columns, elements are double.
#pragma once

#include <Eigen/Core>

#include "facetry/base/index.hpp"

namespace facetry {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Vector = Eigen::VectorXd;
using RowVector = Eigen::RowVectorXd;

// Read-only views of memory held elsewhere (a numpy array, a row of a larger matrix).
using MatrixView = Eigen::Ref<const Matrix>;
using VectorView = Eigen::Ref<const Vector>;

}  // namespace facetry
