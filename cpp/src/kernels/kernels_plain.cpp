// Portable code: SSE2 on x86-64, NEON on AArch64.
#define FACETRY_KERNELS kernels_plain
#define FACETRY_KERNELS_NAME "plain"
#include "kernels/kernels_body.hpp"
