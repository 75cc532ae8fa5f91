// Portable code: SSE2 on x86-64, NEON on AArch64.
#define FACETRY_SIMPLEX simplex_plain
#define FACETRY_SIMPLEX_NAME "plain"
#include "optimize/small_simplex_body.hpp"
