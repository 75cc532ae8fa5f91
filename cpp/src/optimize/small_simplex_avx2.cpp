// For machines with AVX2; compiled with its option (see CMakeLists.txt).
#define FACETRY_SIMPLEX simplex_avx2
#define FACETRY_SIMPLEX_NAME "avx2"
#include "optimize/small_simplex_body.hpp"
