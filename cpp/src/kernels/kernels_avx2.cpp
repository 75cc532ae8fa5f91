// For machines with AVX2 and POPCNT; compiled with their options (see CMakeLists.txt).
#define FACETRY_KERNELS kernels_avx2
#define FACETRY_KERNELS_NAME "avx2"
#include "kernels/kernels_body.hpp"
