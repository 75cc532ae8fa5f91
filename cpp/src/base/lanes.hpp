// Eight doubles at a time, for the kernels: included inside the anonymous namespace of each of their
// source files, so that no inline function is shared between instruction sets.

#if defined(__GNUC__)
using Lanes = double __attribute__((vector_size(64), aligned(64), may_alias));

inline Lanes load(const double* p) { return *reinterpret_cast<const Lanes*>(p); }
inline void store(double* p, Lanes v) { *reinterpret_cast<Lanes*>(p) = v; }
inline Lanes all(double x) { return Lanes{x, x, x, x, x, x, x, x}; }
inline Lanes larger(Lanes a, Lanes b) { return a > b ? a : b; }
inline Lanes smaller(Lanes a, Lanes b) { return a < b ? a : b; }
inline double lane(Lanes v, int i) { return v[i]; }
inline Lanes magnitude(Lanes a) { return a < 0.0 ? -a : a; }
// `value` where a > b, else 0.
inline Lanes where_greater(Lanes a, Lanes b, Lanes value) { return a > b ? value : all(0.0); }
#if defined(__AVX512F__)
inline unsigned greater_bits(Lanes a, Lanes b) {
  return _mm512_cmp_pd_mask((__m512d)a, (__m512d)b, _CMP_GT_OQ);
}
#else
inline unsigned greater_bits(Lanes a, Lanes b) {
  unsigned bits = 0;
  for (int i = 0; i < kLanes; ++i) bits |= static_cast<unsigned>(a[i] > b[i]) << i;
  return bits;
}
#endif
#else
struct Lanes {
  double at[kLanes];
};
template <class Op>
inline Lanes lanewise(Lanes a, Lanes b, Op op) {
  Lanes r;
  for (int i = 0; i < kLanes; ++i) r.at[i] = op(a.at[i], b.at[i]);
  return r;
}
inline Lanes operator+(Lanes a, Lanes b) {
  return lanewise(a, b, [](double x, double y) { return x + y; });
}
inline Lanes operator*(Lanes a, Lanes b) {
  return lanewise(a, b, [](double x, double y) { return x * y; });
}
inline Lanes& operator+=(Lanes& a, Lanes b) { return a = a + b; }
inline Lanes larger(Lanes a, Lanes b) {
  return lanewise(a, b, [](double x, double y) { return x > y ? x : y; });
}
inline Lanes smaller(Lanes a, Lanes b) {
  return lanewise(a, b, [](double x, double y) { return x < y ? x : y; });
}
inline Lanes load(const double* p) {
  Lanes r;
  std::memcpy(r.at, p, sizeof(r.at));
  return r;
}
inline void store(double* p, Lanes v) { std::memcpy(p, v.at, sizeof(v.at)); }
inline Lanes all(double x) { return {{x, x, x, x, x, x, x, x}}; }
inline double lane(Lanes v, int i) { return v.at[i]; }
inline Lanes operator-(Lanes a, Lanes b) {
  return lanewise(a, b, [](double x, double y) { return x - y; });
}
inline Lanes magnitude(Lanes a) {
  return lanewise(a, a, [](double x, double) { return x < 0.0 ? -x : x; });
}
inline Lanes where_greater(Lanes a, Lanes b, Lanes value) {
  Lanes r;
  for (int i = 0; i < kLanes; ++i) r.at[i] = a.at[i] > b.at[i] ? value.at[i] : 0.0;
  return r;
}
inline unsigned greater_bits(Lanes a, Lanes b) {
  unsigned bits = 0;
  for (int i = 0; i < kLanes; ++i) bits |= static_cast<unsigned>(a.at[i] > b.at[i]) << i;
  return bits;
}
#endif
