// Vertices of a simple cell from their own rows: eight small linear systems at once, by elimination
// with partial pivoting in every lane, or three rows by cross products. Part of kernels_body.hpp.

// Halves of a number have 26 bits [Dekker 1971], so their products with the base are exact; what
// sums round away is carried along [Knuth 1969].
void move_rows(const double* rows, Index plane, Index count, Index k, const double* base,
               double* out) {
  const Lanes splitter = all(134217729.0);  // 2^27 + 1
  for (Index r = 0; r < count; r += kLanes) {
    Lanes offset = load(rows + k * plane + r);
    Lanes rest = all(0.0);
    for (Index c = 0; c < k; ++c) {
      const Lanes gradient = load(rows + c * plane + r);
      const Lanes at = all(base[c]);
      const Lanes scaled = gradient * splitter;
      const Lanes high = scaled - (scaled - gradient);
      const Lanes product = high * at;
      const Lanes sum = offset + product;
      const Lanes of_product = sum - offset;
      rest += ((offset - (sum - of_product)) + (product - of_product)) + (gradient - high) * at;
      offset = sum;
      store(out + c * plane + r, gradient);
    }
    store(out + k * plane + r, offset + rest);
  }
}

template <Index K>
struct SolveSimple {
  static void run(Index k, const VertexKernels::SimpleSystems& s) {
    if constexpr (K > 0) {
      static_cast<void>(k);
      for (Index v = 0; v < s.count; v += kLanes) {
        Lanes point[K];
        if constexpr (K == 3) {
          solve_three(s, v, point);
        } else {
          solve(s, v, point);
        }
        const Lanes zero = all(0.0);  // less is rounding
        for (Word rest = s.live; rest != 0; rest &= rest - 1) {
          const Index c = lowest_bit(rest);
          const double* row = s.rows + c;
          Lanes value = all(row[K * s.plane]);
          for (Index i = 0; i < K; ++i) value += all(row[i * s.plane]) * point[i];
          store(s.slacks + c * s.stride + v, larger(value, zero));
        }
      }
    }
  }

 private:
  // a[r] becomes row r of the systems: K gradient entries and minus the offset.
  static void gather(const VertexKernels::SimpleSystems& s, Index first, Lanes (*a)[K + 1]) {
    alignas(64) double entries[K * (K + 1)][kLanes];
    for (Index i = 0; i < kLanes; ++i) {
      const Index v = first + i < s.count ? first + i : 0;
      for (Index r = 0; r < K; ++r) {
        const double* row = s.rows + s.tight[v * K + r];
        for (Index c = 0; c < K; ++c) entries[r * (K + 1) + c][i] = row[c * s.plane];
        entries[r * (K + 1) + K][i] = -row[K * s.plane];
      }
    }
    for (Index r = 0; r < K; ++r) {
      for (Index c = 0; c <= K; ++c) a[r][c] = load(entries[r * (K + 1) + c]);
    }
  }

  static void exchange(Lanes* upper, Lanes* lower, Index from) {
    const Lanes mine = magnitude(upper[from]);
    const Lanes other = magnitude(lower[from]);
    for (Index c = from; c <= K; ++c) {
      const Lanes keep = where_less(mine, other, upper[c], lower[c]);
      upper[c] = where_less(mine, other, lower[c], upper[c]);
      lower[c] = keep;
    }
  }

  // Three rows by their cross products: one division. The rows have length 1, so minors are off by
  // some roundings of 1, as they are by elimination.
  static void solve_three(const VertexKernels::SimpleSystems& s, Index first, Lanes* point) {
    Lanes a[K][K + 1];
    gather(s, first, a);
    Lanes minors[3][3];  // of the rows but one
    for (Index r = 0; r < 3; ++r) {
      const Lanes* p = a[(r + 1) % 3];
      const Lanes* q = a[(r + 2) % 3];
      for (Index c = 0; c < 3; ++c) {
        const Index d = (c + 1) % 3;
        const Index e = (c + 2) % 3;
        minors[r][c] = p[d] * q[e] - p[e] * q[d];
      }
    }
    const Lanes determinant =
        a[0][0] * minors[0][0] + a[0][1] * minors[0][1] + a[0][2] * minors[0][2];
    const Lanes inverse = all(1.0) / determinant;
    for (Index c = 0; c < 3; ++c) {
      const Lanes sum = a[0][3] * minors[0][c] + a[1][3] * minors[1][c] + a[2][3] * minors[2][c];
      point[c] = sum * inverse;
      store(s.points + c * s.stride + first, point[c]);
    }
    store(s.weights + first, magnitude(inverse));
  }

  static void solve(const VertexKernels::SimpleSystems& s, Index first, Lanes* point) {
    Lanes a[K][K + 1];
    gather(s, first, a);
    Lanes weight = all(1.0);
    Lanes inverse[K];
    for (Index p = 0; p < K; ++p) {
      for (Index r = p + 1; r < K; ++r) exchange(a[p], a[r], p);
      inverse[p] = all(1.0) / a[p][p];
      weight = weight * inverse[p];
      for (Index r = p + 1; r < K; ++r) {
        const Lanes factor = a[r][p] * inverse[p];
        for (Index c = p + 1; c <= K; ++c) a[r][c] = a[r][c] - factor * a[p][c];
      }
    }
    for (Index p = K - 1; p >= 0; --p) {
      Lanes value = a[p][K];
      for (Index c = p + 1; c < K; ++c) value = value - a[p][c] * a[c][K];
      a[p][K] = value * inverse[p];
      point[p] = a[p][K];
      store(s.points + p * s.stride + first, a[p][K]);
    }
    store(s.weights + first, magnitude(weight));
  }
};

void solve_simple(const VertexKernels::SimpleSystems& systems) {
  for_dimension<SolveSimple>(systems.k, systems);
}
