// The kernel that cuts a polygon in two: included by kernels_body.hpp alone, inside its anonymous
// namespace. AVX-512 has the whole polygon in registers. Both ways give the same order and the same
// bits.

template <int Mask>
struct Lane {
  static constexpr int value = Mask;
};

// Which edges cross the line, from one bit for each corner above it.
struct CrossedEdges {
  Index first, second;  // the corners before them
  bool two;
};
inline CrossedEdges crossed_edges(unsigned above, Index count) {
  const unsigned next = (above >> 1) | ((above & 1u) << (count - 1));
  const unsigned changes = above ^ next;
  const unsigned second = changes & (changes - 1);
  if (second == 0 || (second & (second - 1)) != 0) return {0, 0, false};
  return {lowest_bit(changes), lowest_bit(second), true};
}

#ifdef __AVX512VPOPCNTDQ__

bool cut_polygon(PolygonKernels::PolygonCut* cut) {
  const Index count = cut->count;
  const unsigned valid = (1u << count) - 1;
  const __m512d x = _mm512_loadu_pd(cut->points);
  const __m512d y = _mm512_loadu_pd(cut->points + kLanes);
  const __m512d value = _mm512_add_pd(
      _mm512_add_pd(_mm512_set1_pd(cut->row[2]), _mm512_mul_pd(_mm512_set1_pd(cut->row[0]), x)),
      _mm512_mul_pd(_mm512_set1_pd(cut->row[1]), y));
  const __m512d size = _mm512_abs_pd(value);
  if (_mm512_cmp_pd_mask(size, _mm512_set1_pd(cut->room), _CMP_LE_OQ) != 0) return false;
  const unsigned above = _mm512_cmp_pd_mask(value, _mm512_setzero_pd(), _CMP_GT_OQ) & valid;
  const CrossedEdges edges = crossed_edges(above, count);
  if (!edges.two) return false;
  const int p = static_cast<int>(edges.first);
  const int q = static_cast<int>(edges.second);
  const int after_q = q + 1 < count ? q + 1 : 0;
  const bool starts_above = (above & 1u) != 0;
  // Lanes 0 and 1: the points on both edges for the part above; 2 and 3: for the part below.
  const __m512i high = _mm512_castsi256_si512(_mm256_broadcastsi128_si256(
      starts_above ? _mm_set_epi64x(after_q, p) : _mm_set_epi64x(q, p + 1)));
  const __m512i low = _mm512_castsi256_si512(_mm256_broadcastsi128_si256(
      starts_above ? _mm_set_epi64x(q, p + 1) : _mm_set_epi64x(after_q, p)));
  const auto pick = [](__m512i numbers, __m512d from) {
    return _mm512_castpd512_pd256(_mm512_permutexvar_pd(numbers, from));
  };
  const __m256d upper = pick(high, value);
  const __m256d shifts = _mm256_setr_pd(cut->shift, cut->shift, -cut->shift, -cut->shift);
  const __m256d share =
      _mm256_div_pd(_mm256_add_pd(upper, shifts), _mm256_sub_pd(upper, pick(low, value)));
  const auto meet = [&](__m512d plane) {
    const __m256d from = pick(high, plane);
    const __m256d way = _mm256_sub_pd(pick(low, plane), from);
    return _mm512_castpd256_pd512(_mm256_add_pd(from, _mm256_mul_pd(share, way)));
  };
  const __m512d new_x = meet(x);
  const __m512d new_y = meet(y);
  const __m512i lanes = _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7);
  const __m256i places = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  const __m256i old_edges = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(cut->edges));
  const __m256i line = _mm256_set1_epi32(cut->line);
  const auto bit = [](int lane) { return static_cast<__mmask8>(1u << lane); };
  const auto write = [&](const PolygonKernels::PolygonPart& out, __m512i from, __m256i edge_from,
                         int line_at) {
    _mm512_storeu_pd(out.points, _mm512_permutex2var_pd(x, from, new_x));
    _mm512_storeu_pd(out.points + kLanes, _mm512_permutex2var_pd(y, from, new_y));
    _mm256_storeu_si256(
        reinterpret_cast<__m256i*>(out.edges),
        _mm256_mask_mov_epi32(_mm256_permutexvar_epi32(edge_from, old_edges), bit(line_at), line));
  };
  // All corners but those between the edges. Numbers from 8 on are new points.
  PolygonKernels::PolygonPart& outer = starts_above ? cut->above : cut->below;
  PolygonKernels::PolygonPart& inner = starts_above ? cut->below : cut->above;
  const int left_out = q - p;
  const int own = starts_above ? 8 : 10;
  outer.count = count - left_out + 2;
  const __mmask8 behind = static_cast<__mmask8>(~0u << (p + 2));
  __m512i from = _mm512_mask_add_epi64(lanes, behind, lanes, _mm512_set1_epi64(left_out - 2));
  from = _mm512_mask_mov_epi64(from, bit(p + 1), _mm512_set1_epi64(own));
  from = _mm512_mask_mov_epi64(from, bit(p + 2), _mm512_set1_epi64(own + 1));
  from = _mm512_maskz_mov_epi64(static_cast<__mmask8>((1u << outer.count) - 1), from);
  write(outer, from, _mm256_mask_add_epi32(places, behind, places, _mm256_set1_epi32(left_out - 2)),
        p + 1);
  // And those; the first new point comes first, and fills the rest.
  const int other = 18 - own;
  inner.count = left_out + 2;
  const __mmask8 kept = static_cast<__mmask8>(((1u << left_out) - 1) << 1);
  from = _mm512_mask_add_epi64(_mm512_set1_epi64(other), kept, lanes, _mm512_set1_epi64(p));
  from = _mm512_mask_mov_epi64(from, bit(left_out + 1), _mm512_set1_epi64(other + 1));
  write(inner, from, _mm256_add_epi32(places, _mm256_set1_epi32(p)), left_out + 1);
  return true;
}

#else

// Appends corners to a part.
struct PolygonWriter {
  PolygonKernels::PolygonPart& out;

  void put(double x, double y, std::int32_t edge) {
    out.points[out.count] = x;
    out.points[kLanes + out.count] = y;
    out.edges[out.count++] = edge;
  }
  void copy(const PolygonKernels::PolygonCut& cut, Index first, Index end) {
    for (Index v = first; v < end; ++v) put(cut.points[v], cut.points[kLanes + v], cut.edges[v]);
  }
  void fill() {
    for (Index v = out.count; v < kLanes; ++v) {
      out.points[v] = out.points[0];
      out.points[kLanes + v] = out.points[kLanes];
    }
  }
};

bool cut_polygon(PolygonKernels::PolygonCut* cut) {
  const Index count = cut->count;
  const double* x = cut->points;
  const double* y = cut->points + kLanes;
  double value[kLanes];
  unsigned above = 0;
  bool near = false;
  for (Index v = 0; v < count; ++v) {
    value[v] = cut->row[2] + cut->row[0] * x[v] + cut->row[1] * y[v];
    above |= (value[v] > 0.0 ? 1u : 0u) << v;
    near = near || (value[v] <= cut->room && value[v] >= -cut->room);
  }
  if (near) return false;
  const CrossedEdges edges = crossed_edges(above, count);
  if (!edges.two) return false;
  const Index p = edges.first;
  const Index q = edges.second;
  const bool starts_above = (above & 1u) != 0;
  PolygonKernels::PolygonPart& outer = starts_above ? cut->above : cut->below;
  PolygonKernels::PolygonPart& inner = starts_above ? cut->below : cut->above;
  outer.count = inner.count = 0;
  PolygonWriter out{outer}, in{inner};
  const auto meet = [&](PolygonWriter& part, Index from, bool is_above, std::int32_t edge) {
    const Index to = from + 1 < count ? from + 1 : 0;
    const bool down = value[from] > 0.0;
    const Index high = down ? from : to;
    const Index low = down ? to : from;
    const double shift = is_above ? cut->shift : -cut->shift;
    const double share = (value[high] + shift) / (value[high] - value[low]);
    part.put(x[high] + share * (x[low] - x[high]), y[high] + share * (y[low] - y[high]), edge);
  };
  out.copy(*cut, 0, p + 1);
  meet(out, p, starts_above, cut->line);
  meet(out, q, starts_above, cut->edges[q]);
  out.copy(*cut, q + 1, count);
  meet(in, p, !starts_above, cut->edges[p]);
  in.copy(*cut, p + 1, q + 1);
  meet(in, q, !starts_above, cut->line);
  out.fill();
  in.fill();
  return true;
}

#endif

#ifdef __AVX2__

// A sorting network in one register.
inline void sort_edges(const std::int32_t* edges, Index count, std::int32_t* out) {
  const __m256i places = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  const __m256i used = _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)), places);
  __m256i key =
      _mm256_blendv_epi8(_mm256_set1_epi32(0x7fffffff),
                         _mm256_loadu_si256(reinterpret_cast<const __m256i*>(edges)), used);
  const auto put_in_order = [&](__m256i partners, auto takes_larger) {
    const __m256i other = _mm256_permutevar8x32_epi32(key, partners);
    key = _mm256_blend_epi32(_mm256_min_epi32(key, other), _mm256_max_epi32(key, other),
                             decltype(takes_larger)::value);
  };
  put_in_order(_mm256_setr_epi32(2, 3, 0, 1, 6, 7, 4, 5), Lane<0xcc>{});
  put_in_order(_mm256_setr_epi32(4, 5, 6, 7, 0, 1, 2, 3), Lane<0xf0>{});
  put_in_order(_mm256_setr_epi32(1, 0, 3, 2, 5, 4, 7, 6), Lane<0xaa>{});
  put_in_order(_mm256_setr_epi32(0, 1, 4, 5, 2, 3, 6, 7), Lane<0x30>{});
  put_in_order(_mm256_setr_epi32(0, 4, 2, 6, 1, 5, 3, 7), Lane<0x50>{});
  put_in_order(_mm256_setr_epi32(0, 2, 1, 4, 3, 6, 5, 7), Lane<0x54>{});
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), key);
}

#else

inline void sort_edges(const std::int32_t* edges, Index count, std::int32_t* out) {
  for (Index i = 0; i < count; ++i) {
    Index at = i;
    for (; at > 0 && edges[i] < out[at - 1]; --at) out[at] = out[at - 1];
    out[at] = edges[i];
  }
  for (Index i = count; i < kLanes; ++i) out[i] = 0x7fffffff;
}

#endif

void describe_polygon(const double* points, const std::int32_t* edges, Index count,
                      std::int32_t* out_edges, double* out_mean) {
  sort_edges(edges, count, out_edges);
  const double surplus = static_cast<double>(kLanes - count);  // what fills up is the first corner
  const double corners = static_cast<double>(count);
  out_mean[0] = (total(load(points)) - surplus * points[0]) / corners;
  out_mean[1] = (total(load(points + kLanes)) - surplus * points[kLanes]) / corners;
}
