// The kernels that find and sort the ranges of many rows: included by kernels_body.hpp alone,
// inside its anonymous namespace.

// The extremes of eight rows at points. K = 0: the dimension is only known at run time.
template <Index K>
FACETRY_LANES_INLINE void range_of_block(Index k, const double* rows, Index stride,
                                         const KernelPoints& points, Lanes& least, Lanes& most) {
  const Index dimension = K > 0 ? K : k;
  const Lanes offset = load(rows + dimension * stride);
  Lanes gradient[K > 0 ? K : 1];
  for (Index c = 0; c < K; ++c) gradient[c] = load(rows + c * stride);
  for (Index v = 0; v < points.count; ++v) {
    const double* point = points.data + v * points.step;
    Lanes value = offset;
    for (Index c = 0; c < dimension; ++c) {
      const Lanes slope = K > 0 ? gradient[c] : load(rows + c * stride);
      value += slope * all(point[c * points.plane]);
    }
    least = v == 0 ? value : smaller(least, value);
    most = v == 0 ? value : larger(most, value);
  }
}

// The same for sixteen rows, whose steps do not wait for each other.
template <Index K>
FACETRY_LANES_INLINE void ranges_of_two(const double* rows, Index stride,
                                        const KernelPoints& points, double* low, double* high) {
  Lanes offset[2], gradient[2][K], least[2], most[2];
  for (int b = 0; b < 2; ++b) {
    offset[b] = load(rows + K * stride + b * kLanes);
    for (Index c = 0; c < K; ++c) gradient[b][c] = load(rows + c * stride + b * kLanes);
  }
  const double* point = points.data;
  const auto values_at_point = [&](Lanes* value) {
    for (int b = 0; b < 2; ++b) value[b] = offset[b];
    for (Index c = 0; c < K; ++c) {
      const Lanes own = all(point[c * points.plane]);
      for (int b = 0; b < 2; ++b) value[b] += gradient[b][c] * own;
    }
    point += points.step;
  };
  values_at_point(least);
  for (int b = 0; b < 2; ++b) most[b] = least[b];
  for (Index v = 1; v < points.count; ++v) {
    Lanes value[2];
    values_at_point(value);
    for (int b = 0; b < 2; ++b) {
      least[b] = smaller(least[b], value[b]);
      most[b] = larger(most[b], value[b]);
    }
  }
  for (int b = 0; b < 2; ++b) {
    store(low + b * kLanes, least[b]);
    store(high + b * kLanes, most[b]);
  }
}

template <Index K>
struct Ranges {
  static void run(Index k, const double* rows, Index stride, Index count, KernelPoints points,
                  double* low, double* high) {
    Index i = 0;
    if constexpr (K > 0 && K <= 4) {
      for (; i + kLanes < count; i += 2 * kLanes) {
        ranges_of_two<K>(rows + i, stride, points, low + i, high + i);
      }
    }
    for (; i < count; i += kLanes) {
      Lanes least{}, most{};
      range_of_block<K>(k, rows + i, stride, points, least, most);
      store(low + i, least);
      store(high + i, most);
    }
  }
};

void ranges(const double* rows, Index stride, Index count, Index k, KernelPoints points,
            double* low, double* high) {
  for_dimension<Ranges>(k, rows, stride, count, points, low, high);
}

template <Index K>
struct Classify {
  static void run(Index k, const double* rows, Index stride, const RowKernels::Bounds& bounds,
                  const RowKernels::Classified& out) {
    const Index dimension = K > 0 ? K : k;
    if (bounds.points.count > 0) {
      Ranges<K>::run(k, rows, stride, stride, bounds.points, bounds.low, bounds.high);
    }
    Word above = 0, below = 0, doubtful = 0;
    Lanes most_gradient = all(0.0), most_offset = all(0.0);
    for (Index i = 0; i < stride; i += kLanes) {
      const Lanes low = load(bounds.low + i);
      const Lanes high = load(bounds.high + i);
      Lanes largest = magnitude(load(rows + i));
      for (Index c = 1; c < dimension; ++c) {
        largest = larger(largest, magnitude(load(rows + c * stride + i)));
      }
      store(out.largest + i, largest);
      const Lanes slope = load(bounds.slope + i);
      const Lanes room = slope * all(bounds.scale) + load(bounds.base + i);
      const Lanes breakpoint = load(bounds.breakpoint + i);
      const unsigned shift = static_cast<unsigned>(i) % 64;
      const Lanes threshold = breakpoint + room;
      above |= Word{greater_bits(low, threshold)} << shift;
      const Lanes offset = magnitude(load(rows + dimension * stride + i));
      most_gradient = larger(most_gradient, where_greater(low, threshold, largest));
      most_offset = larger(most_offset, where_greater(low, threshold, offset));
      below |= Word{greater_bits(breakpoint - room, high)} << shift;
      const unsigned sure = greater_bits(largest, slope * all(bounds.gradient_scale));
      doubtful |= Word{~sure & 0xffu} << shift;
      if (shift != 56 && i + kLanes < stride) continue;
      out.above[i / 64] = above;
      out.below[i / 64] = below;
      out.doubtful[i / 64] = doubtful;
      above = below = doubtful = 0;
    }
    *out.most_gradient = greatest(most_gradient);
    *out.most_offset = greatest(most_offset);
  }
};

void classify(const double* rows, Index stride, Index k, const RowKernels::Bounds& bounds,
              const RowKernels::Classified& out) {
  switch (k) {
    case 1: return Classify<1>::run(k, rows, stride, bounds, out);
    case 2: return Classify<2>::run(k, rows, stride, bounds, out);
    case 3: return Classify<3>::run(k, rows, stride, bounds, out);
    case 4: return Classify<4>::run(k, rows, stride, bounds, out);
    case 5: return Classify<5>::run(k, rows, stride, bounds, out);
    case 6: return Classify<6>::run(k, rows, stride, bounds, out);
    default: return Classify<0>::run(k, rows, stride, bounds, out);
  }
}

// `range_of(i, low, high)`: of the eight rows from i on.
template <class RangeOf>
FACETRY_LANES_INLINE void sort_blocks(const RangeOf& range_of, Index count, double sure,
                                      double room, Word* above, Word* below, Word* across) {
  Word is_above = 0, is_below = 0, is_across = 0;
  const Lanes positive = all(sure);
  const Lanes negative = all(-sure);
  const Lanes most = all(room);
  const Lanes least = all(-room);
  for (Index i = 0; i < count; i += kLanes) {
    Lanes l{}, h{};
    range_of(i, l, h);
    const unsigned valid = count - i < kLanes ? (1u << (count - i)) - 1 : 0xffu;
    const unsigned reaches_below = greater_bits(positive, l);
    const unsigned reaches_above = greater_bits(h, negative);
    const unsigned shift = static_cast<unsigned>(i) % 64;
    is_above |= Word{~reaches_below & valid} << shift;
    is_below |= Word{reaches_below & ~reaches_above & valid} << shift;
    is_across |= Word{greater_bits(least, l) & greater_bits(h, most) & valid} << shift;
    if (shift != 56 && i + kLanes < count) continue;
    above[i / 64] = is_above;
    below[i / 64] = is_below;
    across[i / 64] = is_across;
    is_above = is_below = is_across = 0;
  }
}

void sort_ranges(const double* low, const double* high, Index count, double sure, double room,
                 Word* above, Word* below, Word* across) {
  const auto given = [&](Index i, Lanes& l, Lanes& h) {
    l = load(low + i);
    h = load(high + i);
  };
  sort_blocks(given, count, sure, room, above, below, across);
}

template <Index K>
struct SortRows {
  static void run(Index k, const double* rows, Index stride, Index count, KernelPoints points,
                  double sure, double room, Word* above, Word* below, Word* across) {
    const auto at_points = [&](Index i, Lanes& l, Lanes& h) {
      range_of_block<K>(k, rows + i, stride, points, l, h);
    };
    sort_blocks(at_points, count, sure, room, above, below, across);
  }
};

void sort_rows(const double* rows, Index stride, Index count, Index k, KernelPoints points,
               double sure, double room, Word* above, Word* below, Word* across) {
  for_dimension<SortRows>(k, rows, stride, count, points, sure, room, above, below, across);
}

// K + 1 planes, side by side: the sums of a plane wait for each other.
template <Index K>
struct MarkedSums {
  static void run(Index k, const double* in, Index stride, const double* planes, Index plane_stride,
                  Index rows, const double* weights, const Word* bits, double* out) {
    constexpr Index kAtOnce = K > 0 ? K + 1 : 1;
    for (Index first = 0; first <= k; first += kAtOnce) {
      const double* own = planes + first * plane_stride;
      Lanes sum[kAtOnce];
      for (Index c = 0; c < kAtOnce; ++c) sum[c] = all(0.0);
      for (Index i = 0; i < rows; i += kLanes) {
        const unsigned marks = static_cast<unsigned>(bits[i / 64] >> (i % 64)) & 0xffu;
        const Lanes weight = marked(load(weights + i), marks);
        for (Index c = 0; c < kAtOnce; ++c) sum[c] += weight * load(own + c * plane_stride + i);
      }
      for (Index c = 0; c < kAtOnce; ++c) out[first + c] = in[(first + c) * stride] + total(sum[c]);
    }
  }
};

void marked_sums(const double* in, Index stride, const double* planes, Index plane_stride,
                 Index rows, Index width, const double* weights, const Word* bits, double* out) {
  for_dimension<MarkedSums>(width - 1, in, stride, planes, plane_stride, rows, weights, bits, out);
}

double clearance(const double* rows, Index stride, Index count, Index k, const double* point,
                 const double* errors) {
  Lanes closest{};
  for (Index i = 0; i < count; i += kLanes) {
    Lanes value = load(rows + k * stride + i);
    for (Index c = 0; c < k; ++c) value += load(rows + c * stride + i) * all(point[c]);
    value = value - load(errors + i);
    closest = i == 0 ? value : smaller(closest, value);
  }
  return least(closest);
}

template <Index K>
struct SideOf {
  static void run(Index k, const double* points, Index stride, const double* row, double beyond,
                  double sure, RowKernels::Side* out) {
    const Index dimension = K > 0 ? K : k;
    unsigned above = 0, below = 0, surely_above = 0xffu, surely_below = 0xffu;
    for (Index v = 0; v < stride; v += kLanes) {
      Lanes value = all(row[dimension]);
      for (Index c = 0; c < dimension; ++c) value += all(row[c]) * load(points + c * stride + v);
      above |= greater_bits(value, all(beyond));
      below |= greater_bits(all(-beyond), value);
      surely_above &= greater_bits(value, all(sure));
      surely_below &= greater_bits(all(-sure), value);
    }
    *out = {above != 0, below != 0, surely_above == 0xffu, surely_below == 0xffu};
  }
};

void side(const double* points, Index stride, Index k, const double* row, double beyond,
          double sure, RowKernels::Side* out) {
  for_dimension<SideOf>(k, points, stride, row, beyond, sure, out);
}
