// Eight doubles at once, for kernels that are compiled for several instruction sets. Included
// inside the anonymous namespace of such a file: an inline function of external linkage would exist
// once in the program, perhaps as the copy that this machine cannot run. Needs Index, <cstdint>,
// and <immintrin.h> where there is SSE2.
//
// They are held as vectors of the width that the instruction set has: compilers take comparisons of
// wider ones apart, number by number.

constexpr Index kLanes = 8;

#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wpsabi"  // nothing here is called across files
#define FACETRY_LANES_INLINE inline __attribute__((always_inline))
#if defined(__AVX512F__)
constexpr int kWidth = 8;
#elif defined(__AVX2__)
constexpr int kWidth = 4;
#else
constexpr int kWidth = 2;
#endif
using Part = double __attribute__((vector_size(8 * kWidth), may_alias));
FACETRY_LANES_INLINE Part spread(double x) { return x - Part{}; }
FACETRY_LANES_INLINE Part choose_less(Part a, Part b, Part x, Part y) { return a < b ? x : y; }
FACETRY_LANES_INLINE double entry(const Part& v, int i) { return v[i]; }
#else
#define FACETRY_LANES_INLINE inline
constexpr int kWidth = 1;
using Part = double;
inline Part spread(double x) { return x; }
inline Part choose_less(Part a, Part b, Part x, Part y) { return a < b ? x : y; }
inline double entry(Part v, int) { return v; }
#endif

constexpr int kParts = 8 / kWidth;

struct Lanes {
  Part part[kParts];
};

template <class Op>
FACETRY_LANES_INLINE Lanes each(Op op) {
  Lanes r;
  for (int i = 0; i < kParts; ++i) r.part[i] = op(i);
  return r;
}

FACETRY_LANES_INLINE Lanes load(const double* p) {
  return each([&](int i) { return reinterpret_cast<const Part*>(p)[i]; });
}
FACETRY_LANES_INLINE void store(double* p, Lanes v) {
  for (int i = 0; i < kParts; ++i) reinterpret_cast<Part*>(p)[i] = v.part[i];
}
FACETRY_LANES_INLINE Lanes all(double x) {
  const Part same = spread(x);
  return each([&](int) { return same; });
}
FACETRY_LANES_INLINE Lanes operator+(Lanes a, Lanes b) {
  return each([&](int i) { return a.part[i] + b.part[i]; });
}
FACETRY_LANES_INLINE Lanes operator-(Lanes a, Lanes b) {
  return each([&](int i) { return a.part[i] - b.part[i]; });
}
FACETRY_LANES_INLINE Lanes operator*(Lanes a, Lanes b) {
  return each([&](int i) { return a.part[i] * b.part[i]; });
}
FACETRY_LANES_INLINE Lanes operator/(Lanes a, Lanes b) {
  return each([&](int i) { return a.part[i] / b.part[i]; });
}
FACETRY_LANES_INLINE Lanes& operator+=(Lanes& a, Lanes b) { return a = a + b; }
// a < b ? x : y
FACETRY_LANES_INLINE Lanes where_less(Lanes a, Lanes b, Lanes x, Lanes y) {
  return each([&](int i) { return choose_less(a.part[i], b.part[i], x.part[i], y.part[i]); });
}
FACETRY_LANES_INLINE Lanes larger(Lanes a, Lanes b) { return where_less(b, a, a, b); }
FACETRY_LANES_INLINE Lanes smaller(Lanes a, Lanes b) { return where_less(a, b, a, b); }
FACETRY_LANES_INLINE double lane(const Lanes& v, int i) {
  return entry(v.part[i / kWidth], i % kWidth);
}

#if defined(__GNUC__) && defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
#define FACETRY_LANES_SHUFFLE
#endif
#endif
#if defined(FACETRY_LANES_SHUFFLE)
// One lane's worth of op over all lanes, by halves and without a branch.
template <class Op>
FACETRY_LANES_INLINE double fold(Lanes v, Op op) {
  for (int n = kParts; n > 1; n /= 2) {
    for (int i = 0; i < n / 2; ++i) v.part[i] = op(v.part[i], v.part[i + n / 2]);
  }
  Part w = v.part[0];
#if defined(__AVX512F__)
  w = op(w, __builtin_shufflevector(w, w, 4, 5, 6, 7, 0, 1, 2, 3));
  w = op(w, __builtin_shufflevector(w, w, 2, 3, 0, 1, 6, 7, 4, 5));
  w = op(w, __builtin_shufflevector(w, w, 1, 0, 3, 2, 5, 4, 7, 6));
#elif defined(__AVX2__)
  w = op(w, __builtin_shufflevector(w, w, 2, 3, 0, 1));
  w = op(w, __builtin_shufflevector(w, w, 1, 0, 3, 2));
#else
  w = op(w, __builtin_shufflevector(w, w, 1, 0));
#endif
  return w[0];
}
#else
template <class Op>
inline double fold(Lanes v, Op op) {
  double r = lane(v, 0);
  for (int i = 1; i < kLanes; ++i) {
    const Part whole = op(spread(r), spread(lane(v, i)));
    r = entry(whole, 0);
  }
  return r;
}
#endif

FACETRY_LANES_INLINE double greatest(Lanes v) {
  return fold(v, [](Part a, Part b) { return choose_less(a, b, b, a); });
}
FACETRY_LANES_INLINE double least(Lanes v) {
  return fold(v, [](Part a, Part b) { return choose_less(a, b, a, b); });
}

// The sum of all lanes, by halves: the same order everywhere.
FACETRY_LANES_INLINE double total(Lanes v) {
#if defined(FACETRY_LANES_SHUFFLE)
  return fold(v, [](Part a, Part b) { return a + b; });
#else
  double sums[kLanes];
  for (int i = 0; i < kLanes; ++i) sums[i] = lane(v, i);
  for (int n = kLanes / 2; n > 0; n /= 2) {
    for (int i = 0; i < n; ++i) sums[i] += sums[i + n];
  }
  return sums[0];
#endif
}

// Bit i: a[i] == b[i]; a[i] <= b[i].
#if defined(__AVX512F__)
FACETRY_LANES_INLINE unsigned equal(Lanes a, Lanes b) {
  return _mm512_cmp_pd_mask(a.part[0], b.part[0], _CMP_EQ_OQ);
}
FACETRY_LANES_INLINE unsigned not_above(Lanes a, Lanes b) {
  return _mm512_cmp_pd_mask(a.part[0], b.part[0], _CMP_LE_OQ);
}
#elif defined(__AVX2__)
FACETRY_LANES_INLINE unsigned bits(__m256d low, __m256d high) {
  return static_cast<unsigned>(_mm256_movemask_pd(low) | (_mm256_movemask_pd(high) << 4));
}
FACETRY_LANES_INLINE unsigned equal(Lanes a, Lanes b) {
  return bits(_mm256_cmp_pd(a.part[0], b.part[0], _CMP_EQ_OQ),
              _mm256_cmp_pd(a.part[1], b.part[1], _CMP_EQ_OQ));
}
FACETRY_LANES_INLINE unsigned not_above(Lanes a, Lanes b) {
  return bits(_mm256_cmp_pd(a.part[0], b.part[0], _CMP_LE_OQ),
              _mm256_cmp_pd(a.part[1], b.part[1], _CMP_LE_OQ));
}
#elif defined(__SSE2__)
FACETRY_LANES_INLINE unsigned equal(Lanes a, Lanes b) {
  unsigned r = 0;
  for (int i = 0; i < kParts; ++i) {
    const int two = _mm_movemask_pd(_mm_cmpeq_pd(a.part[i], b.part[i]));
    r |= static_cast<unsigned>(two) << (2 * i);
  }
  return r;
}
FACETRY_LANES_INLINE unsigned not_above(Lanes a, Lanes b) {
  unsigned r = 0;
  for (int i = 0; i < kParts; ++i) {
    const int two = _mm_movemask_pd(_mm_cmple_pd(a.part[i], b.part[i]));
    r |= static_cast<unsigned>(two) << (2 * i);
  }
  return r;
}
#else
inline unsigned equal(const Lanes& a, const Lanes& b) {
  unsigned r = 0;
  for (int i = 0; i < kLanes; ++i) r |= static_cast<unsigned>(lane(a, i) == lane(b, i)) << i;
  return r;
}
inline unsigned not_above(const Lanes& a, const Lanes& b) {
  unsigned r = 0;
  for (int i = 0; i < kLanes; ++i) r |= static_cast<unsigned>(lane(a, i) <= lane(b, i)) << i;
  return r;
}
#endif

#if defined(__GNUC__)
inline Index lowest_bit(std::uint64_t bits) { return __builtin_ctzll(bits); }
#else
inline Index lowest_bit(std::uint64_t bits) {
  Index i = 0;
  for (; (bits & 1u) == 0; bits >>= 1) ++i;
  return i;
}
#endif

FACETRY_LANES_INLINE Lanes magnitude(Lanes a) {
#if defined(__AVX512F__)
  a.part[0] = _mm512_abs_pd(a.part[0]);
  return a;
#else
  return where_less(a, all(0.0), all(0.0) - a, a);
#endif
}
// `a` in the lanes whose bits are set, else 0.
FACETRY_LANES_INLINE Lanes marked(Lanes a, unsigned bits) {
#if defined(__AVX512F__)
  a.part[0] = _mm512_maskz_mov_pd(static_cast<__mmask8>(bits), a.part[0]);
  return a;
#else
  alignas(64) double keep[kLanes];
  for (int i = 0; i < kLanes; ++i) keep[i] = static_cast<double>((bits >> i) & 1u);
  return where_less(all(0.0), load(keep), a, all(0.0));
#endif
}
// `value` where a > b, else 0.
FACETRY_LANES_INLINE Lanes where_greater(Lanes a, Lanes b, Lanes value) {
  return where_less(b, a, value, all(0.0));
}
// Bit i: a[i] > b[i]; for numbers, not NaN.
FACETRY_LANES_INLINE unsigned greater_bits(Lanes a, Lanes b) { return ~not_above(a, b) & 0xffu; }

#undef FACETRY_LANES_SHUFFLE
