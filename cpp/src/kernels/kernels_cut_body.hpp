// The kernels of cells that are lists of vertices: included by kernels_body.hpp alone, inside its
// anonymous namespace. AVX-512 moves the vertices of a side by compressing whole blocks, and looks
// few vertices up in registers; the plain loops, for all other instruction sets, go by lists of
// numbers. Both give the same order and the same bits.

#ifdef __AVX512VPOPCNTDQ__

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // of the intrinsics' own placeholders
#endif

// The pairs of find_crossing(), whose lists are filled; eight at a time.
inline Index find_pairs_by_eight(VertexKernels::Crossing* out, Index most) {
  __m512i top = _mm512_setzero_si512();
  Index found = 0;
  for (Index i = 0; i < out->above_count; ++i) {
    if (found + out->below_count + kLanes > VertexKernels::Crossing::kMostEdges) return -1;
    const __m512i own = _mm512_set1_epi64(static_cast<long long>(out->above_masks[i]));
    const __m256i number = _mm256_set1_epi32(out->above[i]);
    for (Index j = 0; j < out->below_count; j += kLanes) {
      const __m512i common =
          _mm512_popcnt_epi64(_mm512_and_si512(_mm512_loadu_si512(out->below_masks + j), own));
      const __mmask8 hits = _mm512_cmpge_epi64_mask(common, _mm512_set1_epi64(most));
      top = _mm512_max_epi64(top, common);
      const __m256i others = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(out->below + j));
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(out->edge_below + found),
                          _mm256_maskz_compress_epi32(hits, others));
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(out->edge_above + found), number);
      found += __builtin_popcount(hits);
    }
  }
  out->repeated = _mm512_reduce_max_epi64(top) > most;
  return found;
}

// Sixteen at a time, where all masks together have no more than 32 bits, which are moved together.
inline Index find_pairs_by_sixteen(VertexKernels::Crossing* out, Index most, Word live) {
  constexpr Index kWide = 16;
  alignas(64) std::uint32_t masks[VertexKernels::Crossing::kMostVertices + kWide];
  for (Index j = 0; j < out->below_count; ++j) {
    masks[j] = static_cast<std::uint32_t>(_pext_u64(out->below_masks[j], live));
  }
  _mm512_storeu_si512(masks + out->below_count, _mm512_setzero_si512());
  __m512i top = _mm512_setzero_si512();
  Index found = 0;
  for (Index i = 0; i < out->above_count; ++i) {
    if (found + out->below_count + kWide > VertexKernels::Crossing::kMostEdges) return -1;
    const __m512i own = _mm512_set1_epi32(static_cast<int>(_pext_u64(out->above_masks[i], live)));
    const __m512i number = _mm512_set1_epi32(out->above[i]);
    for (Index j = 0; j < out->below_count; j += kWide) {
      const __m512i common =
          _mm512_popcnt_epi32(_mm512_and_si512(_mm512_load_si512(masks + j), own));
      const __mmask16 hits =
          _mm512_cmpge_epi32_mask(common, _mm512_set1_epi32(static_cast<int>(most)));
      top = _mm512_max_epi32(top, common);
      _mm512_storeu_si512(out->edge_below + found,
                          _mm512_maskz_compress_epi32(hits, _mm512_loadu_si512(out->below + j)));
      _mm512_storeu_si512(out->edge_above + found, number);
      found += __builtin_popcount(hits);
    }
  }
  out->repeated = _mm512_reduce_max_epi32(top) > most;
  return found;
}

inline Index find_pairs(VertexKernels::Crossing* out, Index most) {
  if (out->below_count <= kLanes) return find_pairs_by_eight(out, most);
  Word live = 0;
  for (Index i = 0; i < out->above_count; ++i) live |= out->above_masks[i];
  for (Index j = 0; j < out->below_count; ++j) live |= out->below_masks[j];
  if (__builtin_popcountll(live) > 32) return find_pairs_by_eight(out, most);
  return find_pairs_by_sixteen(out, most, live);
}

Index find_crossing(const double* values, const Word* masks, Index count, double room, Index most,
                    VertexKernels::Crossing* out) {
  if (count > VertexKernels::Crossing::kMostVertices) return -1;
  Index above = 0, below = 0;
  const __m512d high = _mm512_set1_pd(room);
  const __m512d low = _mm512_set1_pd(-room);
  for (Index v = 0; v < count; v += kLanes) {
    const __m512d value = _mm512_loadu_pd(values + v);
    const unsigned valid = count - v < kLanes ? (1u << (count - v)) - 1 : 0xffu;
    const unsigned is_above = _mm512_cmp_pd_mask(value, high, _CMP_GT_OQ) & valid;
    const unsigned is_below = _mm512_cmp_pd_mask(value, low, _CMP_LT_OQ) & valid;
    if ((is_above | is_below) != valid) return -1;
    const __m512i own = _mm512_loadu_si512(masks + v);
    _mm512_storeu_si512(out->above_masks + above,
                        _mm512_maskz_compress_epi64(static_cast<__mmask8>(is_above), own));
    _mm512_storeu_si512(out->below_masks + below,
                        _mm512_maskz_compress_epi64(static_cast<__mmask8>(is_below), own));
    above += write_bits(is_above, v, out->above + above);
    below += write_bits(is_below, v, out->below + below);
  }
  _mm512_storeu_si512(out->below_masks + below, _mm512_setzero_si512());
  out->above_count = above;
  out->below_count = below;
  const Index found = find_pairs(out, most);
  if (found < 0) return -1;
  // Ends are read in whole blocks: what follows the last edge must be numbers of vertices too.
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(out->edge_below + found), _mm256_setzero_si256());
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(out->edge_above + found), _mm256_setzero_si256());
  return found;
}

// Entries of a plane by their numbers: from registers, if it has at most `Blocks` blocks of eight.
template <int Blocks>
struct Lookup {
  __m512d block[Blocks > 0 ? Blocks : 1];
  const double* plane;

  Lookup(const double* from, Index stride) : plane(from) {
    for (int i = 0; i < Blocks; ++i) {
      block[i] = _mm512_loadu_pd(i * kLanes < stride ? from + i * kLanes : from);
    }
  }
  __m512d operator()(__m512i numbers) const {
    if constexpr (Blocks == 0) return _mm512_i64gather_pd(numbers, plane, 8);
    if constexpr (Blocks == 1) return _mm512_permutexvar_pd(numbers, block[0]);
    if constexpr (Blocks == 2) return _mm512_permutex2var_pd(block[0], numbers, block[1]);
    if constexpr (Blocks == 4) {
      const __mmask8 upper = _mm512_test_epi64_mask(numbers, _mm512_set1_epi64(16));
      return _mm512_mask_blend_pd(upper, _mm512_permutex2var_pd(block[0], numbers, block[1]),
                                  _mm512_permutex2var_pd(block[2], numbers, block[3]));
    }
  }
};

inline __m512i edge_ends(const std::int32_t* ends) {
  return _mm512_cvtepi32_epi64(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(ends)));
}

// Eight entries of a plane at a time go to one side or the other.
inline void divide_plane(const double* plane, const double* values, Index count, double* above,
                         double* below) {
  for (Index v = 0; v < count; v += kLanes) {
    const unsigned valid = count - v < kLanes ? (1u << (count - v)) - 1 : 0xffu;
    const unsigned up =
        _mm512_cmp_pd_mask(_mm512_loadu_pd(values + v), _mm512_setzero_pd(), _CMP_GT_OQ) & valid;
    const unsigned down = valid & ~up;
    const __m512d own = _mm512_loadu_pd(plane + v);
    _mm512_storeu_pd(above, _mm512_maskz_compress_pd(static_cast<__mmask8>(up), own));
    _mm512_storeu_pd(below, _mm512_maskz_compress_pd(static_cast<__mmask8>(down), own));
    above += __builtin_popcount(up);
    below += __builtin_popcount(down);
  }
}

// What lies between the last entry and the stride.
inline void fill_rest(double* plane, Index count, Index stride, __m512d value) {
  const unsigned rest = (0xffu << (kLanes - (stride - count))) & 0xffu;
  if (count < stride)
    _mm512_mask_storeu_pd(plane + stride - kLanes, static_cast<__mmask8>(rest), value);
}

template <int Blocks>
void cut_vertices_by(const VertexKernels::VertexCut& cut) {
  const VertexKernels::Crossing& across = *cut.crossing;
  const Index edges = cut.edges;
  alignas(64) double to_above[VertexKernels::Crossing::kMostEdges + kLanes];
  alignas(64) double to_below[VertexKernels::Crossing::kMostEdges + kLanes];
  const Lookup<Blocks> value_of(cut.values, cut.stride);
  const __m512d shift = _mm512_set1_pd(cut.shift);
  for (Index e = 0; e < edges; e += kLanes) {
    const __m512d high = value_of(edge_ends(across.edge_above + e));
    const __m512d step = _mm512_sub_pd(high, value_of(edge_ends(across.edge_below + e)));
    _mm512_store_pd(to_above + e, _mm512_div_pd(_mm512_add_pd(high, shift), step));
    _mm512_store_pd(to_below + e, _mm512_div_pd(_mm512_sub_pd(high, shift), step));
  }
  const VertexKernels::VertexPart& above = cut.above;
  const VertexKernels::VertexPart& below = cut.below;
  for (Index c = 0; c < cut.k; ++c) {
    const double* plane = cut.points + c * cut.stride;
    double* up = above.points + c * above.stride;
    double* down = below.points + c * below.stride;
    divide_plane(plane, cut.values, cut.count, up, down);
    const Lookup<Blocks> point_of(plane, cut.stride);
    for (Index e = 0; e < edges; e += kLanes) {
      const __m512d from = point_of(edge_ends(across.edge_above + e));
      const __m512d way = _mm512_sub_pd(point_of(edge_ends(across.edge_below + e)), from);
      const __m512d on_way_up = _mm512_mul_pd(_mm512_load_pd(to_above + e), way);
      const __m512d on_way_down = _mm512_mul_pd(_mm512_load_pd(to_below + e), way);
      _mm512_storeu_pd(up + across.above_count + e, _mm512_add_pd(from, on_way_up));
      _mm512_storeu_pd(down + across.below_count + e, _mm512_add_pd(from, on_way_down));
    }
    fill_rest(up, across.above_count + edges, above.stride, _mm512_set1_pd(up[0]));
    fill_rest(down, across.below_count + edges, below.stride, _mm512_set1_pd(down[0]));
  }
  const double* masks = reinterpret_cast<const double*>(cut.masks);
  double* up = reinterpret_cast<double*>(above.masks);
  double* down = reinterpret_cast<double*>(below.masks);
  divide_plane(masks, cut.values, cut.count, up, down);
  const Lookup<Blocks> mask_of(masks, cut.stride);
  const __m512i mark = _mm512_set1_epi64(static_cast<long long>(cut.mark));
  for (Index e = 0; e < edges; e += kLanes) {
    const __m512i first = _mm512_castpd_si512(mask_of(edge_ends(across.edge_above + e)));
    const __m512i second = _mm512_castpd_si512(mask_of(edge_ends(across.edge_below + e)));
    const __m512i own = _mm512_or_si512(_mm512_and_si512(first, second), mark);
    _mm512_storeu_si512(up + across.above_count + e, own);
    _mm512_storeu_si512(down + across.below_count + e, own);
  }
  fill_rest(up, across.above_count + edges, above.stride, _mm512_setzero_pd());
  fill_rest(down, across.below_count + edges, below.stride, _mm512_setzero_pd());
}

void cut_vertices(const VertexKernels::VertexCut& cut) {
  if (cut.stride <= kLanes) return cut_vertices_by<1>(cut);
  if (cut.stride <= 2 * kLanes) return cut_vertices_by<2>(cut);
  if (cut.stride <= 4 * kLanes) return cut_vertices_by<4>(cut);
  return cut_vertices_by<0>(cut);
}

#else

Index find_crossing(const double* values, const Word* masks, Index count, double room, Index most,
                    VertexKernels::Crossing* out) {
  if (count > VertexKernels::Crossing::kMostVertices) return -1;
  Index above = 0, below = 0;
  const Lanes high = all(room);
  const Lanes low = all(-room);
  for (Index v = 0; v < count; v += kLanes) {
    const Lanes value = load(values + v);
    const unsigned valid = count - v < kLanes ? (1u << (count - v)) - 1 : 0xffu;
    const unsigned is_above = greater_bits(value, high) & valid;
    const unsigned is_below = greater_bits(low, value) & valid;
    if ((is_above | is_below) != valid) return -1;
    above += write_bits(is_above, v, out->above + above);
    below += write_bits(is_below, v, out->below + below);
  }
  for (Index i = 0; i < above; ++i) out->above_masks[i] = masks[out->above[i]];
  for (Index i = 0; i < below; ++i) out->below_masks[i] = masks[out->below[i]];
  for (Index i = below; i < below + kLanes; ++i) out->below_masks[i] = 0;
  out->above_count = above;
  out->below_count = below;
  unsigned repeated = 0;
  Index found = 0;
  for (Index i = 0; i < above; ++i) {
    if (found + below + kLanes > VertexKernels::Crossing::kMostEdges) return -1;
    const Index before = found;
    for (Index j = 0; j < below; j += kLanes) {
      const unsigned hits = shared_one(out->above_masks[i], out->below_masks + j, most);
      repeated |= shared_one(out->above_masks[i], out->below_masks + j, most + 1);
      found += write_bits(hits, j, out->edge_below + found);
    }
    for (Index e = before; e < found; ++e) {
      out->edge_above[e] = out->above[i];
      out->edge_below[e] = out->below[out->edge_below[e]];
    }
  }
  out->repeated = repeated != 0;
  return found;
}

template <class T>
inline void pick_all(const T* __restrict from, const std::int32_t* __restrict numbers, Index count,
                     T* __restrict to) {
  for (Index i = 0; i < count; ++i) to[i] = from[numbers[i]];
}

void cut_vertices(const VertexKernels::VertexCut& cut) {
  const VertexKernels::Crossing& across = *cut.crossing;
  const Index edges = cut.edges;
  double to_above[VertexKernels::Crossing::kMostEdges];
  double to_below[VertexKernels::Crossing::kMostEdges];
  for (Index e = 0; e < edges; ++e) {
    const double high = cut.values[across.edge_above[e]];
    const double step = high - cut.values[across.edge_below[e]];
    to_above[e] = (high + cut.shift) / step;
    to_below[e] = (high - cut.shift) / step;
  }
  const VertexKernels::VertexPart& above = cut.above;
  const VertexKernels::VertexPart& below = cut.below;
  for (Index c = 0; c < cut.k; ++c) {
    const double* plane = cut.points + c * cut.stride;
    double* __restrict up = above.points + c * above.stride;
    double* __restrict down = below.points + c * below.stride;
    pick_all(plane, across.above, across.above_count, up);
    pick_all(plane, across.below, across.below_count, down);
    for (Index e = 0; e < edges; ++e) {
      const double from = plane[across.edge_above[e]];
      const double way = plane[across.edge_below[e]] - from;
      up[across.above_count + e] = from + to_above[e] * way;
      down[across.below_count + e] = from + to_below[e] * way;
    }
    for (Index v = across.above_count + edges; v < above.stride; ++v) up[v] = up[0];
    for (Index v = across.below_count + edges; v < below.stride; ++v) down[v] = down[0];
  }
  pick_all(cut.masks, across.above, across.above_count, above.masks);
  pick_all(cut.masks, across.below, across.below_count, below.masks);
  for (Index e = 0; e < edges; ++e) {
    const Word own = (cut.masks[across.edge_above[e]] & cut.masks[across.edge_below[e]]) | cut.mark;
    above.masks[across.above_count + e] = own;
    below.masks[across.below_count + e] = own;
  }
  for (Index v = across.above_count + edges; v < above.stride; ++v) above.masks[v] = 0;
  for (Index v = across.below_count + edges; v < below.stride; ++v) below.masks[v] = 0;
}

#endif

// out[c] = the sum of plane c: eight sums, added up by halves.
void plane_sums(const double* planes, Index stride, Index count, double* out) {
  for (Index c = 0; c < count; ++c) {
    Lanes sum = all(0.0);
    for (Index v = 0; v < stride; v += kLanes) sum += load(planes + c * stride + v);
    out[c] = total(sum);
  }
}
