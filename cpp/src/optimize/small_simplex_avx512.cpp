// For machines with AVX-512; compiled with its options (see CMakeLists.txt).
#define FACETRY_SIMPLEX simplex_avx512
#define FACETRY_SIMPLEX_NAME "avx512"
#include "optimize/small_simplex_body.hpp"
