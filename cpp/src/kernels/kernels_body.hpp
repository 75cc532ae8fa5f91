// The kernels, written once. A source file defines FACETRY_KERNELS (the name of its namespace) and
// includes this; compile options choose the instruction set. Nothing here may come from another
// header as an inline function: the linker could keep the copy that this machine cannot run.
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

#include "kernels/kernels.hpp"

namespace facetry::FACETRY_KERNELS {

namespace {

using Index = std::int64_t;
using Word = std::uint64_t;

#include "kernels/lanes.hpp"

// Instantiates a kernel for the dimensions that are common, so that its sums stay in registers.
template <template <Index> class Kernel, class... Arguments>
inline void for_dimension(Index k, Arguments... arguments) {
  switch (k) {
    case 1: return Kernel<1>::run(k, arguments...);
    case 2: return Kernel<2>::run(k, arguments...);
    case 3: return Kernel<3>::run(k, arguments...);
    case 4: return Kernel<4>::run(k, arguments...);
    case 5: return Kernel<5>::run(k, arguments...);
    case 6: return Kernel<6>::run(k, arguments...);
    case 7: return Kernel<7>::run(k, arguments...);
    case 8: return Kernel<8>::run(k, arguments...);
    default: return Kernel<0>::run(k, arguments...);
  }
}

#include "kernels/kernels_rows_body.hpp"

template <Index K>
struct Values {
  static void run(Index k, const double* points, Index stride, const double* row, double* out,
                  double* most, double* least) {
    const Index dimension = K > 0 ? K : k;
    Lanes high{}, low{};
    for (Index v = 0; v < stride; v += kLanes) {
      Lanes value = all(row[dimension]);
      for (Index c = 0; c < dimension; ++c) value += all(row[c]) * load(points + c * stride + v);
      store(out + v, value);
      high = v == 0 ? value : larger(high, value);
      low = v == 0 ? value : smaller(low, value);
    }
    *most = greatest(high);
    *least = facetry::FACETRY_KERNELS::least(low);
  }
};

void values(const double* points, Index stride, Index k, const double* row, double* out,
            double* most, double* least) {
  for_dimension<Values>(k, points, stride, row, out, most, least);
}

// `width` = dimension + 1 planes.
template <Index K>
struct Accumulate {
  static void run(Index k, const double* in, double* out, Index stride,
                  const double* const* columns, const double* const* values, Index step,
                  Index count) {
    const Index width = (K > 0 ? K : k) + 1;
    for (Index i = 0; i < stride; i += kLanes) {
      if constexpr (K > 0) {
        Lanes sum[K + 1];
        for (Index c = 0; c <= K; ++c) sum[c] = load(in + c * stride + i);
        for (Index j = 0; j < count; ++j) {
          const Lanes weights = load(columns[j] + i);
          const double* value = values[j];
          for (Index c = 0; c <= K; ++c) sum[c] += weights * all(value[c * step]);
        }
        for (Index c = 0; c <= K; ++c) store(out + c * stride + i, sum[c]);
      } else {
        for (Index c = 0; c < width; ++c) {
          Lanes sum = load(in + c * stride + i);
          for (Index j = 0; j < count; ++j) sum += load(columns[j] + i) * all(values[j][c * step]);
          store(out + c * stride + i, sum);
        }
      }
    }
  }
};

void accumulate(const double* in, double* out, Index stride, Index width,
                const double* const* columns, const double* const* values, Index step,
                Index count) {
  for_dimension<Accumulate>(width - 1, in, out, stride, columns, values, step, count);
}

// One or two blocks of rows at a time: the sums of a block wait for each other, those of two do
// not.
template <Index K, int Blocks>
inline void add_rows(const double* in, double* out, Index stride, const double* columns,
                     const double* values, Index values_stride, const std::int32_t* index,
                     Index count) {
  Lanes sum[Blocks][K + 1];
  for (Index c = 0; c <= K; ++c) {
    for (int b = 0; b < Blocks; ++b) sum[b][c] = load(in + c * stride + b * kLanes);
  }
  for (Index j = 0; j < count; ++j) {
    const double* column = columns + index[j] * stride;
    const double* value = values + index[j];
    Lanes weights[Blocks];
    for (int b = 0; b < Blocks; ++b) weights[b] = load(column + b * kLanes);
    for (Index c = 0; c <= K; ++c) {
      const Lanes entry = all(value[c * values_stride]);
      for (int b = 0; b < Blocks; ++b) sum[b][c] += weights[b] * entry;
    }
  }
  for (Index c = 0; c <= K; ++c) {
    for (int b = 0; b < Blocks; ++b) store(out + c * stride + b * kLanes, sum[b][c]);
  }
}

template <Index K>
struct AccumulateRows {
  static void run(Index k, const double* in, double* out, Index stride, const double* columns,
                  const double* values, Index values_stride, const std::int32_t* index,
                  Index count) {
    if constexpr (K > 0) {
      Index i = 0;
      for (; i + 2 * kLanes <= stride; i += 2 * kLanes) {
        add_rows<K, 2>(in + i, out + i, stride, columns + i, values, values_stride, index, count);
      }
      if (i < stride) {
        add_rows<K, 1>(in + i, out + i, stride, columns + i, values, values_stride, index, count);
      }
    } else {
      for (Index i = 0; i < stride; i += kLanes) {
        for (Index c = 0; c <= k; ++c) {
          Lanes sum = load(in + c * stride + i);
          for (Index j = 0; j < count; ++j) {
            const double entry = values[c * values_stride + index[j]];
            sum += load(columns + index[j] * stride + i) * all(entry);
          }
          store(out + c * stride + i, sum);
        }
      }
    }
  }
};

void accumulate_rows(const double* in, double* out, Index stride, Index width,
                     const double* columns, const double* values, Index values_stride,
                     const std::int32_t* index, Index count) {
  for_dimension<AccumulateRows>(width - 1, in, out, stride, columns, values, values_stride, index,
                                count);
}

#ifdef __AVX512VPOPCNTDQ__
// Which of eight masks share at least `most` bits with `own`.
inline unsigned shared_one(Word own, const Word* masks, Index most) {
  const __m512i common =
      _mm512_and_si512(_mm512_load_si512(masks), _mm512_set1_epi64(static_cast<long long>(own)));
  return _mm512_cmpge_epi64_mask(_mm512_popcnt_epi64(common), _mm512_set1_epi64(most));
}
inline unsigned shared(const Word* own, Index own_stride, const Word* masks, Index stride,
                       Index words, Index most) {
  __m512i bits = _mm512_setzero_si512();
  for (Index w = 0; w < words; ++w) {
    const __m512i other = _mm512_load_si512(masks + w * stride);
    const __m512i word = _mm512_set1_epi64(static_cast<long long>(own[w * own_stride]));
    bits = _mm512_add_epi64(bits, _mm512_popcnt_epi64(_mm512_and_si512(other, word)));
  }
  return _mm512_cmpge_epi64_mask(bits, _mm512_set1_epi64(most));
}
// Writes the numbers of the set bits, counted from `first`; may write up to eight. Returns how
// many.
inline Index write_bits(unsigned hits, Index first, std::int32_t* out) {
  const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  const __m256i numbers = _mm256_add_epi32(lanes, _mm256_set1_epi32(static_cast<int>(first)));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(out),
                      _mm256_maskz_compress_epi32(static_cast<__mmask8>(hits), numbers));
  return __builtin_popcount(hits);
}
#else
inline Index popcount(Word word) {
#ifdef __POPCNT__
  return __builtin_popcountll(word);
#else
  word -= (word >> 1) & 0x5555555555555555u;
  word = (word & 0x3333333333333333u) + ((word >> 2) & 0x3333333333333333u);
  word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0fu;
  return static_cast<Index>((word * 0x0101010101010101u) >> 56);
#endif
}
inline unsigned shared_one(Word own, const Word* masks, Index most) {
  unsigned result = 0;
  for (Index i = 0; i < kLanes; ++i) {
    result |= static_cast<unsigned>(popcount(masks[i] & own) >= most) << i;
  }
  return result;
}
inline unsigned shared(const Word* own, Index own_stride, const Word* masks, Index stride,
                       Index words, Index most) {
  Index bits[kLanes] = {};
  for (Index w = 0; w < words; ++w) {
    const Word word = own[w * own_stride];
    for (Index i = 0; i < kLanes; ++i) bits[i] += popcount(masks[w * stride + i] & word);
  }
  unsigned result = 0;
  for (Index i = 0; i < kLanes; ++i) result |= static_cast<unsigned>(bits[i] >= most) << i;
  return result;
}
inline Index write_bits(unsigned hits, Index first, std::int32_t* out) {
  Index count = 0;
  for (; hits != 0; hits &= hits - 1) {
    out[count++] = static_cast<std::int32_t>(first + lowest_bit(hits));
  }
  return count;
}
#endif

Index pairs(const Word* a, Index a_count, Index a_stride, const Word* b, Index b_count,
            Index b_stride, Index words, Index most, std::int32_t* out_a, std::int32_t* out_b,
            Index room) {
  Index found = 0;
  for (Index i = 0; i < a_count; ++i) {
    if (found + b_count + kLanes > room) return -1;
    const Index before = found;
    for (Index j = 0; j < b_count; j += kLanes) {
      const unsigned hits = words == 1 ? shared_one(a[i], b + j, most)
                                       : shared(a + i, a_stride, b + j, b_stride, words, most);
      found += write_bits(hits, j, out_b + found);  // no branch: hits are hard to predict
    }
    for (Index f = before; f < found; ++f) out_a[f] = static_cast<std::int32_t>(i);
  }
  return found;
}

Index bit_numbers(const Word* bits, Index count, std::int32_t* out) {
  Index found = 0;
  for (Index i = 0; i < count; i += kLanes) {
    unsigned own = static_cast<unsigned>(bits[i / 64] >> (i % 64)) & 0xffu;
    if (count - i < kLanes) own &= (1u << (count - i)) - 1;
    if (own != 0) found += write_bits(own, i, out + found);
  }
  return found;
}

void sides(const double* values, Index count, double room, VertexKernels::SideLists* out) {
  Index above = 0, below = 0, not_below = 0, not_above = 0;
  const Lanes high = all(room);
  const Lanes low = all(-room);
  for (Index v = 0; v < count; v += kLanes) {
    const Lanes value = load(values + v);
    const unsigned valid = count - v < kLanes ? (1u << (count - v)) - 1 : 0xffu;
    const unsigned is_above = greater_bits(value, high) & valid;
    const unsigned is_below = greater_bits(low, value) & valid;
    above += write_bits(is_above, v, out->above + above);
    below += write_bits(is_below, v, out->below + below);
    not_below += write_bits(valid & ~is_below, v, out->not_below + not_below);
    not_above += write_bits(valid & ~is_above, v, out->not_above + not_above);
  }
  out->above_count = above;
  out->below_count = below;
}

void gather_words(const Word* __restrict in, Index in_stride, const std::int32_t* __restrict index,
                  Index count, Index planes, Word* __restrict out, Index out_stride) {
  for (Index c = 0; c < planes; ++c, in += in_stride, out += out_stride) {
    for (Index i = 0; i < count; ++i) out[i] = in[index[i]];
  }
}

void gather(const double* __restrict in, Index in_stride, const std::int32_t* __restrict index,
            Index count, Index planes, double* __restrict out, Index out_stride) {
  for (Index c = 0; c < planes; ++c, in += in_stride, out += out_stride) {
    for (Index i = 0; i < count; ++i) out[i] = in[index[i]];
  }
}

void interpolate(const double* __restrict in, Index in_stride, const std::int32_t* __restrict a,
                 const std::int32_t* __restrict b, const double* __restrict share, Index count,
                 Index planes, double* __restrict out, Index out_stride) {
  for (Index c = 0; c < planes; ++c, in += in_stride, out += out_stride) {
    for (Index i = 0; i < count; ++i) {
      const double from = in[a[i]];
      out[i] = from + share[i] * (in[b[i]] - from);
    }
  }
}

#include "kernels/kernels_cut_body.hpp"
#include "kernels/kernels_polygon_body.hpp"
#include "kernels/kernels_simple_body.hpp"

}  // namespace

extern const Kernels table;
const Kernels table{FACETRY_KERNELS_NAME,
                    {ranges, side, clearance, accumulate, accumulate_rows, marked_sums, classify,
                     sort_ranges, sort_rows, bit_numbers, gather},
                    {values, sides, pairs, gather, gather_words, interpolate, find_crossing,
                     cut_vertices, move_rows, solve_simple, plane_sums},
                    {cut_polygon, describe_polygon}};

}  // namespace facetry::FACETRY_KERNELS
