// The tables of the search's kernels, one for each instruction set, and the choice among them.
#include "kernels/kernels.hpp"

#include <array>

namespace facetry {

namespace kernels_plain {
extern const Kernels table;
}
#ifdef FACETRY_X86_KERNELS
namespace kernels_avx2 {
extern const Kernels table;
}
namespace kernels_avx512 {
extern const Kernels table;
}
#endif

namespace {

struct Available {
  std::array<const Kernels*, 3> tables{&kernels_plain::table};
  std::size_t count = 1;

  Available() {
#ifdef FACETRY_X86_KERNELS
    __builtin_cpu_init();
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt");
    if (avx2) tables[count++] = &kernels_avx2::table;
    const bool avx512 = avx2 && __builtin_cpu_supports("bmi2") &&
                        __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
                        __builtin_cpu_supports("avx512vpopcntdq");
    if (avx512) tables[count++] = &kernels_avx512::table;
#endif
  }
};

const Available& available() {
  static const Available found;
  return found;
}

}  // namespace

const Kernels& kernels() {
  static const Kernels* const fastest = available().tables[available().count - 1];
  return *fastest;
}

const RowKernels& row_kernels() { return kernels().rows; }
const VertexKernels& vertex_kernels() { return kernels().vertices; }
const PolygonKernels& polygon_kernels() { return kernels().polygons; }

std::span<const Kernels* const> available_kernels() {
  return {available().tables.data(), available().count};
}

}  // namespace facetry
