// For machines with AVX-512 including vector popcounts; compiled with their options.
#define FACETRY_KERNELS kernels_avx512
#define FACETRY_KERNELS_NAME "avx512"
#include "kernels/kernels_body.hpp"
