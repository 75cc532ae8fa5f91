// The tables of kernels over blocks of points, one for each instruction set, and the choice among
// them.
#include "kernels/block_kernels.hpp"

#include <array>
#include <cstddef>

// GCC compiles a part of a file for another instruction set; other compilers take their baseline.
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__)
#define FACETRY_BLOCK_X86
#endif

#if defined(__GNUC__) && !defined(__clang__)
#define FACETRY_UNROLL _Pragma("GCC unroll 8")
#else
#define FACETRY_UNROLL
#endif

namespace facetry {

namespace block_plain {
namespace {
#define FACETRY_NAME "plain"
#define FACETRY_BYTES 16
#define FACETRY_ROWS 4
#include "kernels/block_kernels_body.hpp"
#undef FACETRY_NAME
#undef FACETRY_BYTES
#undef FACETRY_ROWS
}  // namespace
}  // namespace block_plain

#ifdef FACETRY_BLOCK_X86

#pragma GCC push_options
#pragma GCC target("avx2")
namespace block_avx2 {
namespace {
#define FACETRY_NAME "avx2"
#define FACETRY_BYTES 32
#define FACETRY_ROWS 4
#include "kernels/block_kernels_body.hpp"
#undef FACETRY_NAME
#undef FACETRY_BYTES
#undef FACETRY_ROWS
}  // namespace
}  // namespace block_avx2
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("avx512f,avx512dq,avx512vl,avx512bw")
namespace block_avx512 {
namespace {
#define FACETRY_NAME "avx512"
#define FACETRY_BYTES 64
#define FACETRY_ROWS 8
#include "kernels/block_kernels_body.hpp"
#undef FACETRY_NAME
#undef FACETRY_BYTES
#undef FACETRY_ROWS
}  // namespace
}  // namespace block_avx512
#pragma GCC pop_options

#endif

namespace {

struct Available {
  std::array<const BlockKernels*, 3> tables{&block_plain::kTable};
  std::size_t count = 1;

  Available() {
#ifdef FACETRY_BLOCK_X86
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2")) tables[count++] = &block_avx2::kTable;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw")) {
      tables[count++] = &block_avx512::kTable;
    }
#endif
  }
};

const Available& available() {
  static const Available found;
  return found;
}

}  // namespace

const BlockKernels& block_kernels() { return *available().tables[available().count - 1]; }

std::span<const BlockKernels* const> available_block_kernels() {
  return {available().tables.data(), available().count};
}

}  // namespace facetry
