// The kernels of the small simplex, written once. A source file defines FACETRY_SIMPLEX (the name
// of its namespace) and includes this; compile options choose the instruction set.
#include <cstdint>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

#include "optimize/small_simplex_kernels.hpp"

namespace facetry::FACETRY_SIMPLEX {

namespace {

#include "kernels/lanes.hpp"

constexpr Index kStallsBeforeBland = 12;
constexpr Index kGroup = 64;  // rows whose marks fit one word
constexpr double kInfinity = __builtin_huge_val();

struct Step {
  Index row = -1;  // what blocks
  double length = 0.0;
};

inline double positive(double x) { return x > 0.0 ? x : 0.0; }
alignas(64) constexpr double kNumbers[kLanes] = {0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0};

// 1 at lane `i`, 0 elsewhere (everywhere if it is not a lane).
inline Lanes one_at(Index i) {
  const Lanes off = load(kNumbers) - all(static_cast<double>(i));
  return where_less(off * off, all(0.5), all(1.0), all(0.0));
}

// K = 0: the dimension is only known at run time. Otherwise K <= kLanes, and a row of the edges is
// one vector.
template <Index K>
struct Simplex {
  using State = SimplexState;

  static Index size(const State& s) { return K > 0 ? K : s.rows.dimension; }
  static Index width(const State& s) { return K > 0 ? kLanes : s.width; }

  // Sum over i of weight(i) * vector(i), i < k. Two sums, so that additions need not wait.
  template <class Weight, class Vector>
  static Lanes combine(Index k, Weight weight, Vector vector) {
    Lanes even{}, odd{};
    Index i = 0;
    for (; i + 1 < k; i += 2) {
      even += all(weight(i)) * vector(i);
      odd += all(weight(i + 1)) * vector(i + 1);
    }
    if (i < k) even += all(weight(i)) * vector(i);
    return even + odd;
  }

  // weights . column, for the eight columns of the edges from `first` on.
  template <class Weight>
  static Lanes times_edges(const State& s, Index first, Weight weight) {
    const double* entries = s.edges + first;
    const Index w = width(s);
    return combine(size(s), weight, [&](Index i) { return load(entries + i * w); });
  }

  // Squared lengths of eight edges; 1 for those beyond the dimension.
  static Lanes squares(const State& s, Index first) {
    Lanes even{}, odd{};
    const Index w = width(s);
    for (Index i = 0; i < size(s); ++i) {
      const Lanes a = load(s.edges + i * w + first);
      if (i % 2 == 0) {
        even += a * a;
      } else {
        odd += a * a;
      }
    }
    const Lanes sum = even + odd;
    return where_less(all(0.0), sum, sum, all(1.0));
  }

  // The edge along which the objective grows fastest per length, or -1; with Bland's rule the one
  // whose row has the lowest number. `square`: its squared length.
  static Index entering(const State& s, bool bland, double* square) {
    const double smallest = s.pivot * s.pivot;
    Index best = -1;
    double highest = smallest;
    for (Index first = 0; first < width(s); first += kLanes) {
      const Lanes lengths = squares(s, first);
      const Lanes rate = times_edges(s, first, [&](Index i) { return s.objective[i]; });
      const Lanes barred = one_at(s.fixed - first);
      const Lanes rising = where_less(all(0.5), barred, all(0.0), larger(rate, all(0.0)));
      const Lanes score = rising * rising / lengths;
      const double top = greatest(score);
      if (!(top > smallest)) continue;
      if (bland) {
        for (int j = 0; j < kLanes; ++j) {
          if (!(lane(score, j) > smallest)) continue;
          if (best >= 0 && s.basis[first + j] > s.basis[best]) continue;
          best = first + j;
          *square = lane(lengths, j);
        }
      } else if (top > highest) {
        highest = top;
        const Index at = lowest_bit(equal(score, all(top)));
        best = first + at;
        *square = lane(lengths, static_cast<int>(at));
      }
    }
    return best;
  }

  // The rates of all rows along a direction, how soon each is met, and how far one can go if every
  // row gives way a little [Harris 1973].
  static double loosest_step(const State& s, const double* direction, double length, double give) {
    const Index stride = s.rows.stride;
    Lanes limit = all(kInfinity);
    for (Index r = 0; r < stride; r += kLanes) {
      const double* rows = s.rows.data + r;
      const Lanes rate = combine(
          size(s), [&](Index c) { return direction[c]; },
          [&](Index c) { return load(rows + c * stride); });
      const Lanes inverse = all(-1.0) / rate;  // infinite only where the row does not block
      const Lanes slack = larger(load(s.slack + r), all(0.0));
      const Lanes blocks = load(s.least + r) * all(length);
      store(s.rate + r, rate);
      store(s.inverse + r, inverse);
      store(s.ratio + r, where_less(rate, blocks, slack * inverse, all(kInfinity)));
      const Lanes loose = (slack + all(give)) * inverse;
      limit = smaller(limit, where_less(rate, blocks, loose, all(kInfinity)));
    }
    return least(limit);
  }

  // Among the rows that are met by then, the one with the largest pivot; with Bland's rule the
  // first.
  static Step longest_step(const State& s, const double* direction, double length, bool bland) {
    const double limit = loosest_step(s, direction, length, bland ? 0.0 : s.give);
    if (!(limit < kInfinity)) return {};
    const Index stride = s.rows.stride;
    Index row = -1;
    for (Index group = 0; group < stride; group += kGroup) {
      const Index end = stride - group < kGroup ? stride - group : kGroup;
      std::uint64_t met = 0;  // one word, so that the search for its one bit does not branch
      for (Index r = 0; r < end; r += kLanes) {
        const std::uint64_t here = not_above(load(s.ratio + group + r), all(limit));
        met |= here << r;
      }
      for (; met != 0; met &= met - 1) {
        const Index other = group + lowest_bit(met);
        if (row < 0 || (!bland && s.rate[other] < s.rate[row])) row = other;
      }
    }
    return {row, s.ratio[row]};
  }

  static void move(State& s, const double* direction, double length) {
    for (Index i = 0; i < size(s); ++i) s.point[i] += length * direction[i];
    for (Index r = 0; r < s.rows.stride; r += kLanes) {
      store(s.slack + r, load(s.slack + r) + all(length) * load(s.rate + r));
    }
  }

  // Updates the edges: edge `edge`, along `direction`, now loosens the row with this gradient,
  // whose rate along it is 1 / inverse_rate.
  template <class Gradient>
  static void exchange(const State& s, Index edge, const double* direction, double inverse_rate,
                       Gradient gradient) {
    const Index w = width(s);
    for (Index first = 0; first < w; first += kLanes) {
      const Lanes rates = times_edges(s, first, gradient);
      const Lanes own = one_at(edge - first);
      for (Index i = 0; i < size(s); ++i) {
        double* entries = s.edges + i * w + first;
        const Lanes column = all(direction[i] * inverse_rate);
        const Lanes moved = load(entries) - rates * column;
        store(entries, where_less(all(0.5), own, column, moved));
      }
    }
    s.least[s.basis[edge]] = -s.pivot;
  }

  static void take_in(State& s, Index edge, Index row, const double* direction) {
    const double* entries = s.rows.data + row;
    const Index stride = s.rows.stride;
    exchange(s, edge, direction, -s.inverse[row], [&](Index i) { return entries[i * stride]; });
    s.least[row] = -kInfinity;
    s.slack[row] = 0.0;
    s.basis[edge] = static_cast<std::int32_t>(row);
  }

  // The watched row is crossed on the way: it goes into the basis if the vertex is not beyond it.
  static ClimbEnd cross(State& s, Index edge, const double* direction) {
    const double slack = s.slack[s.watched];
    if (slack < -s.give || !(s.rate[s.watched] < -s.pivot)) return kCrossedFromAfar;
    move(s, direction, positive(slack) * s.inverse[s.watched]);
    take_in(s, edge, s.watched, direction);
    return kCrossed;
  }

  static ClimbEnd reach(State& s, Index edge, const double* direction, double slope) {
    move(s, direction, positive(-s.value) / slope);
    exchange(s, edge, direction, 1.0 / slope, [&](Index i) { return s.objective[i]; });
    s.basis[edge] = static_cast<std::int32_t>(s.rows.count);
    s.value = 0.0;
    return kReached;
  }

  static ClimbEnd climb(State& s) {
    double own[K > 0 ? K : 1];
    double* column = K > 0 ? own : s.direction;
    for (; s.pivots < s.most_pivots; ++s.pivots) {
      if (s.value > s.enough) return kEnough;
      const bool bland = s.stalls > kStallsBeforeBland;
      double square = 0.0;
      const Index edge = entering(s, bland, &square);
      if (edge < 0) return kOptimal;
      double slope = 0.0;
      for (Index i = 0; i < size(s); ++i) {
        column[i] = s.edges[i * width(s) + edge];
        slope += s.objective[i] * column[i];
      }
      const double length = __builtin_sqrt(square);
      const Step step = longest_step(s, column, length, bland);
      const bool free = step.row < 0;
      if (s.watched >= 0) {
        const double left = s.slack[s.watched] + step.length * s.rate[s.watched];
        if (free || left < -s.beyond) return cross(s, edge, column);
      } else if (s.chasing) {
        if (free || s.value + step.length * slope > 0.0) return reach(s, edge, column, slope);
      }
      if (free) return kUnbounded;
      s.stalls = step.length * length > s.still ? 0 : s.stalls + 1;
      s.value += step.length * slope;
      move(s, column, step.length);
      take_in(s, edge, step.row, column);
    }
    return kOutOfPivots;
  }

  // The edge times `sign`; returns its length.
  static double direction_of(const State& s, Index edge, double sign, double* column) {
    double square = 0.0;
    for (Index i = 0; i < size(s); ++i) {
      column[i] = sign * s.edges[i * width(s) + edge];
      square += column[i] * column[i];
    }
    return __builtin_sqrt(square);
  }

  static bool loosen(State& s, Index edge) {
    const double length = direction_of(s, edge, -1.0, s.direction);
    const Step step = longest_step(s, s.direction, length, false);
    if (step.row < 0) return false;
    move(s, s.direction, step.length);
    take_in(s, edge, step.row, s.direction);
    return true;
  }

  static double edge_length(const State& s, Index edge) {
    const double length = direction_of(s, edge, 1.0, s.direction);
    return loosest_step(s, s.direction, length, 0.0);
  }

  static void place(const State& s, const double* edges, const double* point) {
    const Index w = width(s);
    for (Index e = 0; e < size(s) * w; e += kLanes) store(s.edges + e, load(edges + e));
    for (Index e = 0; e < w; e += kLanes) store(s.point + e, load(point + e));
    const Index stride = s.rows.stride;
    for (Index r = 0; r < stride; r += kLanes) {
      const double* rows = s.rows.data + r;
      const Lanes sum = combine(
          size(s), [&](Index c) { return point[c]; },
          [&](Index c) { return load(rows + c * stride); });
      store(s.slack + r, sum + load(rows + size(s) * stride));
    }
  }

  static double measure(const State& s, double* out) {
    for (Index first = 0; first < width(s); first += kLanes) {
      store(out + first, squares(s, first));
    }
    Lanes low = all(kInfinity);
    for (Index r = 0; r < s.rows.stride; r += kLanes) {
      const Lanes slack = load(s.slack + r);
      low = smaller(low, where_less(all(-1.0), load(s.least + r), slack, all(kInfinity)));
    }
    return least(low);
  }

  static void extremes(const double* points, Index stride, Index count, Index dimension,
                       const double* row, double* values, Index* highest, Index* lowest) {
    const Index k = K > 0 ? K : dimension;
    Lanes high = all(-kInfinity), low = all(kInfinity);
    for (Index v = 0; v < count; v += kLanes) {
      const Lanes sum = combine(
          k, [&](Index c) { return row[c]; },
          [&](Index c) { return load(points + c * stride + v); });
      const Lanes value = sum + all(row[k]);
      store(values + v, value);
      high = larger(high, value);
      low = smaller(low, value);
    }
    *highest = first_of(values, all(greatest(high)));
    *lowest = first_of(values, all(least(low)));
  }

  // REQUIRES that it is there.
  static Index first_of(const double* values, Lanes wanted) {
    Index v = 0;
    unsigned here = 0;
    while ((here = equal(load(values + v), wanted)) == 0) v += kLanes;
    return v + lowest_bit(here);
  }

  static constexpr SimplexKernels kernels() {
    return {climb, loosen, edge_length, place, measure, extremes};
  }
};

}  // namespace

extern const SimplexKernelTable table;
constexpr SimplexKernelTable table{
    FACETRY_SIMPLEX_NAME,
    {Simplex<0>::kernels(), Simplex<1>::kernels(), Simplex<2>::kernels(), Simplex<3>::kernels(),
     Simplex<4>::kernels(), Simplex<5>::kernels(), Simplex<6>::kernels(), Simplex<7>::kernels(),
     Simplex<8>::kernels()}};

}  // namespace facetry::FACETRY_SIMPLEX
