// The machine's own peak: fused multiply-adds a second of one core, on values that stay in
// registers. A yardstick for the engine, so that figures of different machines can be compared.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>

namespace peak {

#if defined(__GNUC__) || defined(__clang__)
template <std::size_t Bytes>
struct Vector {
  using Type __attribute__((vector_size(Bytes), aligned(8))) = double;
};

// Independent chains, enough to hide the latency of any current core. Kept by the caller, so that
// nothing is left out; contracted to fused multiply-adds where the target has them.
#define FACETRY_PEAK_LOOP(NAME, BYTES, CHAINS)                                \
  inline double NAME(long rounds, double factor) {                            \
    using Lanes = Vector<BYTES>::Type;                                        \
    Lanes sums[CHAINS]; /* all different, or the compiler does one for all */ \
    for (int i = 0; i < CHAINS; ++i) sums[i] = Lanes{} + factor * i;          \
    const Lanes scale = Lanes{} + factor, step = Lanes{} + (1.0 - factor);    \
    for (long round = 0; round < rounds; ++round) {                           \
      _Pragma("GCC unroll 16") for (int i = 0; i < CHAINS; ++i) {             \
        sums[i] = sums[i] * scale + step;                                     \
      }                                                                       \
    }                                                                         \
    double total = 0.0;                                                       \
    for (int i = 0; i < CHAINS; ++i) total += sums[i][0];                     \
    return total;                                                             \
  }

FACETRY_PEAK_LOOP(plain, 16, 12)
#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) FACETRY_PEAK_LOOP(avx2, 32, 12)
    __attribute__((target("avx512f"))) FACETRY_PEAK_LOOP(avx512, 64, 12)
#endif
#undef FACETRY_PEAK_LOOP

        using Loop = double(*)(long, double);

// The widest loop this machine can run, and its multiply-adds per round.
inline std::pair<Loop, double> widest() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return {avx512, 8.0 * 12};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return {avx2, 4.0 * 12};
#endif
  return {plain, 2.0 * 12};
}
#else
inline double plain(long rounds, double factor) {
  double sums[12] = {};
  for (long round = 0; round < rounds; ++round)
    for (double& sum : sums) sum = sum * factor + (1.0 - factor);
  double total = 0.0;
  for (double sum : sums) total += sum;
  return total;
}
inline std::pair<double (*)(long, double), double> widest() { return {plain, 12.0}; }
#endif

// Multiply-adds a second, from a run of well below a millisecond; take the best of several.
inline double multiply_adds_per_second() {
  using Clock = std::chrono::steady_clock;
  constexpr long kRounds = 20000;
  const auto [loop, each] = widest();
  volatile double factor = 0.75, kept = 0.0;
  const auto before = Clock::now();
  kept = loop(kRounds, factor);
  const double seconds = std::chrono::duration<double>(Clock::now() - before).count();
  static_cast<void>(kept);
  return each * static_cast<double>(kRounds) / std::max(seconds, 1.0 / 1e9);
}

}  // namespace peak
