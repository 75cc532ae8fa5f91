// The kernels of Eigen's matrix products, compiled once (products.cpp) and not in every file that
// multiplies two matrices: they were a good part of the build. The same code as without this
// header, so the same bits. Private: what Eigen calls internal differs between its versions, so for
// others than 3.4 nothing is declared.
#pragma once

#include "facetry/base/linear_algebra.hpp"

#if EIGEN_WORLD_VERSION == 3 && EIGEN_MAJOR_VERSION == 4

namespace facetry::products {

// In Eigen's terms: where the operands and the result of a product stand in memory.
template <int Order>
using From = Eigen::internal::const_blas_data_mapper<double, Eigen::Index, Order>;
using Into = Eigen::internal::blas_data_mapper<double, Eigen::Index, Eigen::ColMajor>;
using Traits = Eigen::internal::gebp_traits<double, double>;

}  // namespace facetry::products

// Each kernel, behind `extern` here and without it in products.cpp.
#define FACETRY_PRODUCT_KERNELS(EXTERN)                                              \
  EXTERN template struct gebp_kernel<double, double, Index, facetry::products::Into, \
                                     facetry::products::Traits::mr,                  \
                                     facetry::products::Traits::nr>;                 \
  FACETRY_PACKING_KERNELS(EXTERN, ColMajor)                                          \
  FACETRY_PACKING_KERNELS(EXTERN, RowMajor)                                          \
  FACETRY_VECTOR_KERNEL(EXTERN, ColMajor, RowMajor)                                  \
  FACETRY_VECTOR_KERNEL(EXTERN, RowMajor, ColMajor)

#define FACETRY_PACKING_KERNELS(EXTERN, ORDER)                                               \
  EXTERN template struct gemm_pack_lhs<double, Index, facetry::products::From<ORDER>,        \
                                       facetry::products::Traits::mr,                        \
                                       facetry::products::Traits::LhsProgress,               \
                                       facetry::products::Traits::LhsPacket4Packing, ORDER>; \
  EXTERN template struct gemm_pack_rhs<double, Index, facetry::products::From<ORDER>,        \
                                       facetry::products::Traits::nr, ORDER>;

#define FACETRY_VECTOR_KERNEL(EXTERN, LEFT, RIGHT)                       \
  EXTERN template struct general_matrix_vector_product<                  \
      Index, double, facetry::products::From<LEFT>, LEFT, false, double, \
      facetry::products::From<RIGHT>, false>;

namespace Eigen::internal {
FACETRY_PRODUCT_KERNELS(extern)
}  // namespace Eigen::internal

#endif
