// The block kernels, written once. block_kernels.cpp includes this for each instruction set, with
// FACETRY_BYTES, the bytes of a register, FACETRY_ROWS, how many rows a product takes at once, and
// FACETRY_NAME defined, within a namespace. Nothing here may come from a header as an inline
// function: the linker could keep the copy that this machine cannot run.

using Index = BlockKernels::Index;
using Word = BlockKernels::Word;

#if defined(__GNUC__)
using Lanes = double __attribute__((vector_size(FACETRY_BYTES), aligned(8), may_alias));
using Words = Word __attribute__((vector_size(FACETRY_BYTES), aligned(8), may_alias));
#else
using Lanes = double;
using Words = Word;
#endif

constexpr Index kWidth = sizeof(Lanes) / sizeof(double);

// Rows `first` to first + R of a dense product, for V registers of points.
template <Index R, Index V, bool kStart>
inline void dense_tile(const BlockKernels::Weights& matrix, Index first, const double* start,
                       const double* in, double* out, Index lanes) {
  const double* weights = matrix.weights + first * matrix.width;
  Lanes sum[R][V];
  FACETRY_UNROLL
  for (Index r = 0; r < R; ++r) {
    FACETRY_UNROLL
    for (Index v = 0; v < V; ++v) {
      if constexpr (kStart) {
        sum[r][v] = start[first + r] + Lanes{};
      } else {
        sum[r][v] = reinterpret_cast<const Lanes&>(out[(first + r) * lanes + v * kWidth]);
      }
    }
  }
  for (Index j = 0; j < matrix.width; ++j) {
    Lanes value[V];
    FACETRY_UNROLL
    for (Index v = 0; v < V; ++v) {
      value[v] = reinterpret_cast<const Lanes&>(in[j * lanes + v * kWidth]);
    }
    FACETRY_UNROLL
    for (Index r = 0; r < R; ++r) {
      FACETRY_UNROLL
      for (Index v = 0; v < V; ++v) sum[r][v] += weights[r * matrix.width + j] * value[v];
    }
  }
  FACETRY_UNROLL
  for (Index r = 0; r < R; ++r) {
    FACETRY_UNROLL
    for (Index v = 0; v < V; ++v) {
      reinterpret_cast<Lanes&>(out[(first + r) * lanes + v * kWidth]) = sum[r][v];
    }
  }
}

template <Index R, bool kStart>
inline void dense_rows(const BlockKernels::Weights& matrix, Index first, const double* start,
                       const double* in, double* out, Index lanes) {
  constexpr Index V = R >= 4 ? 2 : 4;
  Index p = 0;
  for (; p + V * kWidth <= lanes; p += V * kWidth) {
    dense_tile<R, V, kStart>(matrix, first, start, in + p, out + p, lanes);
  }
  for (; p < lanes; p += kWidth) {
    dense_tile<R, 1, kStart>(matrix, first, start, in + p, out + p, lanes);
  }
}

// A row of compressed rows, for V registers of points.
template <Index V>
inline void sparse_tile(const BlockKernels::Weights& matrix, Index row, const double* start,
                        const double* in, double* out, Index lanes) {
  Lanes sum[V];
  FACETRY_UNROLL
  for (Index v = 0; v < V; ++v) {
    const Lanes& old = reinterpret_cast<const Lanes&>(out[row * lanes + v * kWidth]);
    sum[v] = start != nullptr ? start[row] + Lanes{} : old;
  }
  for (Index e = matrix.offsets[row]; e < matrix.offsets[row + 1]; ++e) {
    const double* value = in + matrix.columns[e] * lanes;
    FACETRY_UNROLL
    for (Index v = 0; v < V; ++v) {
      sum[v] += matrix.weights[e] * reinterpret_cast<const Lanes&>(value[v * kWidth]);
    }
  }
  FACETRY_UNROLL
  for (Index v = 0; v < V; ++v) {
    reinterpret_cast<Lanes&>(out[row * lanes + v * kWidth]) = sum[v];
  }
}

void multiply_sparse(const BlockKernels::Weights& matrix, const double* start, const double* in,
                     double* out, Index lanes) {
  for (Index row = 0; row < matrix.rows; ++row) {
    Index p = 0;
    for (; p + 4 * kWidth <= lanes; p += 4 * kWidth) {
      sparse_tile<4>(matrix, row, start, in + p, out + p, lanes);
    }
    for (; p < lanes; p += kWidth) sparse_tile<1>(matrix, row, start, in + p, out + p, lanes);
  }
}

template <bool kStart>
inline void multiply_dense(const BlockKernels::Weights& matrix, const double* start,
                           const double* in, double* out, Index lanes) {
  constexpr Index kRows = FACETRY_ROWS;
  Index row = 0;
  for (; row + kRows <= matrix.rows; row += kRows) {
    dense_rows<kRows, kStart>(matrix, row, start, in, out, lanes);
  }
  for (; row + 2 <= matrix.rows; row += 2) {
    dense_rows<2, kStart>(matrix, row, start, in, out, lanes);
  }
  if (row < matrix.rows) dense_rows<1, kStart>(matrix, row, start, in, out, lanes);
}

void multiply(const BlockKernels::Weights& matrix, const double* start, const double* in,
              double* out, Index lanes) {
  if (matrix.columns != nullptr) return multiply_sparse(matrix, start, in, out, lanes);
  if (start != nullptr) return multiply_dense<true>(matrix, start, in, out, lanes);
  multiply_dense<false>(matrix, start, in, out, lanes);
}

void largest(const double* planes, Index count, double* scale, Index lanes) {
  for (Index p = 0; p < lanes; p += kWidth) {
    Lanes most{};
    for (Index i = 0; i < count; ++i) {
      const Lanes value = reinterpret_cast<const Lanes&>(planes[i * lanes + p]);
      const Lanes magnitude = value < 0.0 ? -value : value;
      most = magnitude > most ? magnitude : most;
    }
    reinterpret_cast<Lanes&>(scale[p]) = most;
  }
}

template <bool kRoom>
inline void piecewise_of(const double* pre, const BlockKernels::Function& f,
                         const BlockKernels::Room* room, const BlockKernels::Field& field,
                         double* values, Index lanes) {
  for (Index p = 0; p < lanes; p += kWidth) {
    const Lanes q = reinterpret_cast<const Lanes&>(pre[p]);
    Lanes slope = f.slopes[0] + Lanes{};
    Lanes intercept = f.intercepts[0] + Lanes{};
    Words piece{}, doubt{};
    Lanes width{};
    if constexpr (kRoom) {
      width = room->relative * reinterpret_cast<const Lanes&>(room->scale[p]) + room->absolute;
    }
    for (Index b = 0; b + 1 < f.pieces; ++b) {
      const auto above = q > f.breakpoints[b];
      slope = above ? f.slopes[b + 1] + Lanes{} : slope;
      intercept = above ? f.intercepts[b + 1] + Lanes{} : intercept;
      piece = above ? static_cast<Word>(b + 1) + Words{} : piece;
      if constexpr (kRoom) {
        const Lanes distance = above ? q - f.breakpoints[b] : f.breakpoints[b] - q;
        doubt = distance >= width ? doubt : ~Words{};  // NaN too
      }
    }
    reinterpret_cast<Words&>(field.words[p]) |= piece << static_cast<Word>(field.shift);
    reinterpret_cast<Lanes&>(values[p]) = slope * q + intercept;
    if constexpr (kRoom) reinterpret_cast<Words&>(room->doubt[p]) |= doubt;
  }
}

void piecewise(const double* pre, const BlockKernels::Function& function,
               const BlockKernels::Room* room, const BlockKernels::Field& field, double* values,
               Index lanes) {
  if (room != nullptr) return piecewise_of<true>(pre, function, room, field, values, lanes);
  piecewise_of<false>(pre, function, room, field, values, lanes);
}

// Points where an argument other than the largest, the winner, may hold too.
inline void doubt_maximum(const double* pre, Index count, const BlockKernels::Room* rooms,
                          Words winner, Lanes best, Lanes best_room, Index p, Index lanes) {
  Words doubt{};
  for (Index a = 0; a < count; ++a) {
    const Lanes q = reinterpret_cast<const Lanes&>(pre[a * lanes + p]);
    const Lanes own =
        rooms[a].relative * reinterpret_cast<const Lanes&>(rooms[a].scale[p]) + rooms[a].absolute;
    const Words unsure = winner == static_cast<Word>(a) + Words{} ? doubt : ~Words{};
    doubt = best - q >= own + best_room ? doubt : unsure;
    doubt = q <= best ? doubt : ~Words{};  // NaN
  }
  reinterpret_cast<Words&>(rooms[0].doubt[p]) |= doubt;
}

void maximum(const double* pre, Index count, const BlockKernels::Room* rooms,
             const BlockKernels::Field& field, double* values, Index lanes) {
  for (Index p = 0; p < lanes; p += kWidth) {
    Lanes best = reinterpret_cast<const Lanes&>(pre[p]);
    Words winner{};
    Lanes relative{}, absolute{};
    if (rooms != nullptr) {
      relative = rooms[0].relative + Lanes{};
      absolute = rooms[0].absolute + Lanes{};
    }
    for (Index a = 1; a < count; ++a) {
      const Lanes q = reinterpret_cast<const Lanes&>(pre[a * lanes + p]);
      const auto better = q > best;
      best = better ? q : best;
      winner = better ? static_cast<Word>(a) + Words{} : winner;
      if (rooms == nullptr) continue;
      relative = better ? rooms[a].relative + Lanes{} : relative;
      absolute = better ? rooms[a].absolute + Lanes{} : absolute;
    }
    reinterpret_cast<Words&>(field.words[p]) |= winner << static_cast<Word>(field.shift);
    reinterpret_cast<Lanes&>(values[p]) = best;
    if (rooms == nullptr) continue;
    const Lanes scale = reinterpret_cast<const Lanes&>(rooms[0].scale[p]);
    doubt_maximum(pre, count, rooms, winner, best, relative * scale + absolute, p, lanes);
  }
}

inline Words piece_of(const BlockKernels::Field& field, Index p) {
  const Words word = reinterpret_cast<const Words&>(field.words[p]);
  return (word >> static_cast<Word>(field.shift)) & (field.mask + Words{});
}

void through_piecewise(const double* left, const BlockKernels::Function& f,
                       const BlockKernels::Field& field, double* out, double* offset, Index lanes) {
  for (Index p = 0; p < lanes; p += kWidth) {
    const Words piece = piece_of(field, p);
    Lanes slope = f.slopes[0] + Lanes{};
    Lanes intercept = f.intercepts[0] + Lanes{};
    for (Index i = 1; i < f.pieces; ++i) {
      const auto own = piece == static_cast<Word>(i) + Words{};
      slope = own ? f.slopes[i] + Lanes{} : slope;
      intercept = own ? f.intercepts[i] + Lanes{} : intercept;
    }
    const Lanes value = reinterpret_cast<const Lanes&>(left[p]);
    reinterpret_cast<Lanes&>(out[p]) = slope * value;
    reinterpret_cast<Lanes&>(offset[p]) += intercept * value;
  }
}

void through_maximum(const double* left, Index count, const BlockKernels::Field& field, double* out,
                     Index lanes) {
  for (Index p = 0; p < lanes; p += kWidth) {
    const Words winner = piece_of(field, p);
    const Lanes value = reinterpret_cast<const Lanes&>(left[p]);
    for (Index a = 0; a < count; ++a) {
      const auto own = winner == static_cast<Word>(a) + Words{};
      reinterpret_cast<Lanes&>(out[a * lanes + p]) = own ? value : Lanes{};
    }
  }
}

constexpr BlockKernels kTable{FACETRY_NAME, multiply,          largest,        piecewise,
                              maximum,      through_piecewise, through_maximum};
