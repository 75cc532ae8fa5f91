// Compiles the kernels that products.hpp declares.
#include "base/products.hpp"

#ifndef EIGEN_DONT_PARALLELIZE
#error "long sums would depend on the number of threads: define EIGEN_DONT_PARALLELIZE"
#endif

#ifdef FACETRY_PRODUCT_KERNELS

namespace Eigen::internal {
FACETRY_PRODUCT_KERNELS()
}  // namespace Eigen::internal

#endif
