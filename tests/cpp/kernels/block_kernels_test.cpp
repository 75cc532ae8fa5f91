// Every instruction set against plain loops, bit for bit.
#include "kernels/block_kernels.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "facetry/base/index.hpp"
#include "random.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

using Numbers = std::vector<double>;
using Words = std::vector<std::uint64_t>;

Numbers numbers(Random& random, Index count) {
  Numbers result(static_cast<std::size_t>(count));
  for (double& x : result) x = random.chance(0.1) ? 0.0 : random.normal();
  return result;
}

// Small whole numbers: many values on breakpoints, many equal ones; now and then NaN.
Numbers whole_numbers(Random& random, Index count) {
  Numbers result(static_cast<std::size_t>(count));
  for (double& x : result) {
    x = random.chance(0.02) ? std::numeric_limits<double>::quiet_NaN()
                            : 0.5 * static_cast<double>(random.between(-3, 3));
  }
  return result;
}

bool same(const Numbers& a, const Numbers& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double x, double y) {
    return (std::isnan(x) && std::isnan(y)) || (x == y && std::signbit(x) == std::signbit(y));
  });
}

struct Sparse {
  std::vector<Index> offsets{0}, columns;
  Numbers weights;
};

Sparse sparse(Random& random, Index rows, Index width) {
  Sparse result;
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < width; ++j) {
      if (!random.chance(0.3)) continue;
      result.columns.push_back(j);
      result.weights.push_back(random.normal());
    }
    result.offsets.push_back(size_of(result.columns));
  }
  return result;
}

const Numbers kBreakpoints{-1.0, 0.0, 0.5};
const Numbers kSlopes{0.0, 1.0, -1.0, 0.5};
const Numbers kIntercepts{-1.0, 0.0, 0.0, -0.75};
constexpr BlockKernels::Index kShift = 7;
constexpr std::uint64_t kMask = 3;

BlockKernels::Function function(Index pieces) {
  return {pieces, kBreakpoints.data(), kSlopes.data(), kIntercepts.data()};
}

Index piece_at(double q, Index pieces) {
  Index piece = 0;
  while (piece + 1 < pieces && q > kBreakpoints[piece]) ++piece;
  return piece;
}

const BlockKernels& plain() { return *available_block_kernels().front(); }

}  // namespace

TEST_CASE("A dense product sums each point's terms in the order of the columns") {
  Random random(31);
  for (int round = 0; round < 300; ++round) {
    const Index rows = random.between(1, 21);
    const Index width = random.between(0, 17);
    const Index lanes = 8 * random.between(1, 8);
    const Numbers weights = numbers(random, rows * width);
    const Numbers start = numbers(random, rows);
    const Numbers in = numbers(random, width * lanes);
    const Numbers old = numbers(random, rows * lanes);
    const bool from_start = random.chance(0.5);
    Numbers truth = old;
    for (Index i = 0; i < rows; ++i) {
      for (Index p = 0; p < lanes; ++p) {
        double sum = from_start ? start[i] : old[i * lanes + p];
        for (Index j = 0; j < width; ++j) sum += weights[i * width + j] * in[j * lanes + p];
        truth[i * lanes + p] = sum;
      }
    }
    for (const BlockKernels* table : available_block_kernels()) {
      CAPTURE(table->name);
      Numbers out = old;
      table->multiply({rows, width, weights.data(), nullptr, nullptr},
                      from_start ? start.data() : nullptr, in.data(), out.data(), lanes);
      REQUIRE(same(out, truth));
    }
  }
}

TEST_CASE("A product of compressed rows leaves out what is not stored") {
  Random random(32);
  for (int round = 0; round < 200; ++round) {
    const Index rows = random.between(1, 12);
    const Index width = random.between(1, 17);
    const Index lanes = 8 * random.between(1, 8);
    const Sparse matrix = sparse(random, rows, width);
    const Numbers start = numbers(random, rows);
    const Numbers in = numbers(random, width * lanes);
    Numbers truth(static_cast<std::size_t>(rows * lanes));
    for (Index i = 0; i < rows; ++i) {
      for (Index p = 0; p < lanes; ++p) {
        double sum = start[i];
        for (Index e = matrix.offsets[i]; e < matrix.offsets[i + 1]; ++e) {
          sum += matrix.weights[e] * in[matrix.columns[e] * lanes + p];
        }
        truth[i * lanes + p] = sum;
      }
    }
    for (const BlockKernels* table : available_block_kernels()) {
      Numbers out(truth.size(), 9.0);
      table->multiply({rows, width, matrix.weights.data(), matrix.offsets.data(),
                       size_of(matrix.columns) > 0 ? matrix.columns.data() : matrix.offsets.data()},
                      start.data(), in.data(), out.data(), lanes);
      REQUIRE(same(out, truth));
    }
  }
}

TEST_CASE("A piecewise unit takes the lowest piece that holds the value, its slope and intercept") {
  Random random(33);
  for (int round = 0; round < 100; ++round) {
    const Index pieces = random.between(2, 4);
    const Index lanes = 8 * random.between(1, 8);
    const Numbers pre = whole_numbers(random, lanes);
    for (const BlockKernels* table : available_block_kernels()) {
      CAPTURE(table->name);
      Words words(static_cast<std::size_t>(lanes), 1);
      Numbers values(static_cast<std::size_t>(lanes));
      Numbers gradient(static_cast<std::size_t>(lanes)),
          offset(static_cast<std::size_t>(lanes), 2.0);
      const Numbers left = numbers(random, lanes);
      const BlockKernels::Field field{words.data(), kShift, kMask};
      table->piecewise(pre.data(), function(pieces), nullptr, field, values.data(), lanes);
      table->through_piecewise(left.data(), function(pieces), field, gradient.data(), offset.data(),
                               lanes);
      for (Index p = 0; p < lanes; ++p) {
        const Index piece = piece_at(pre[p], pieces);
        REQUIRE(words[p] == (1u | static_cast<std::uint64_t>(piece) << kShift));
        REQUIRE(same({values[p]}, {kSlopes[piece] * pre[p] + kIntercepts[piece]}));
        REQUIRE(gradient[p] == kSlopes[piece] * left[p]);
        REQUIRE(offset[p] == 2.0 + kIntercepts[piece] * left[p]);
      }
    }
  }
}

TEST_CASE("A maximum takes the lowest of the largest arguments") {
  Random random(34);
  for (int round = 0; round < 100; ++round) {
    const Index count = random.between(1, 4);
    const Index lanes = 8 * random.between(1, 8);
    const Numbers pre = whole_numbers(random, count * lanes);
    for (const BlockKernels* table : available_block_kernels()) {
      Words words(static_cast<std::size_t>(lanes), 0);
      Numbers values(static_cast<std::size_t>(lanes));
      Numbers gradient(static_cast<std::size_t>(count * lanes), 5.0);
      const Numbers left = numbers(random, lanes);
      const BlockKernels::Field field{words.data(), kShift, kMask};
      table->maximum(pre.data(), count, nullptr, field, values.data(), lanes);
      table->through_maximum(left.data(), count, field, gradient.data(), lanes);
      for (Index p = 0; p < lanes; ++p) {
        Index best = 0;
        for (Index a = 1; a < count; ++a) {
          if (pre[a * lanes + p] > pre[best * lanes + p]) best = a;
        }
        REQUIRE(words[p] == static_cast<std::uint64_t>(best) << kShift);
        REQUIRE(same({values[p]}, {pre[best * lanes + p]}));
        for (Index a = 0; a < count; ++a) {
          REQUIRE(gradient[a * lanes + p] == (a == best ? left[p] : 0.0));
        }
      }
    }
  }
}

TEST_CASE("With a room: a doubt within it on either side of a breakpoint, and for NaN") {
  const Numbers scale(8, 2.0);  // room 2 * 0.04 + 0.02 = 0.1 around a breakpoint at 0
  const Numbers pre{-1.0, 0.0, 0.04, -0.06, 0.15, -0.25, 1.0, std::nan("")};
  const Words pieces{0, 0, 1, 0, 1, 0, 1, 0};
  const std::vector<bool> unsure{false, true, true, true, false, false, false, true};
  const double zero = 0.0;
  const Numbers slopes{0.0, 1.0}, intercepts{0.0, 0.0};
  for (const BlockKernels* table : available_block_kernels()) {
    Words words(8, 0), doubt(8, 0);
    Numbers values(8);
    const BlockKernels::Room room{scale.data(), doubt.data(), 0.04, 0.02};
    table->piecewise(pre.data(), {2, &zero, slopes.data(), intercepts.data()}, &room,
                     {words.data(), 0, 1}, values.data(), 8);
    REQUIRE(words == pieces);
    for (Index p = 0; p < 8; ++p) REQUIRE((doubt[p] != 0) == unsure[p]);
  }
}

TEST_CASE("With rooms: a maximum is in doubt where another argument may hold too") {
  const Numbers scale(8, 1.0);
  const Numbers pre{0.0, 0.0, 0.0, 0.0, 0.0, std::nan(""), 1.0, 0.0,    // first argument
                    0.0, 0.1, 0.7, 2.0, -1., 0.0,          0.0, -0.1};  // second argument
  const Words winners{0, 1, 1, 1, 0, 0, 0, 0};
  const std::vector<bool> unsure{true, true, false, false, false, true, false, true};
  for (const BlockKernels* table : available_block_kernels()) {
    Words words(8, 0), doubt(8, 0);
    Numbers values(8);
    const BlockKernels::Room rooms[2]{{scale.data(), doubt.data(), 0.1, 0.1},
                                      {scale.data(), doubt.data(), 0.1, 0.1}};
    table->maximum(pre.data(), 2, rooms, {words.data(), 0, 1}, values.data(), 8);
    REQUIRE(words == winners);
    for (Index p = 0; p < 8; ++p) REQUIRE((doubt[p] != 0) == unsure[p]);
  }
}

TEST_CASE("The largest magnitude of each point") {
  const Numbers planes{0, -3, 1, 2, 0, 0, 0, -1, 1, 2, -4, 0, 0, 0, 5, 1};
  for (const BlockKernels* table : available_block_kernels()) {
    Numbers scale(8, -1.0);
    table->largest(planes.data(), 2, scale.data(), 8);
    REQUIRE(scale == Numbers{1, 3, 4, 2, 0, 0, 5, 1});
    table->largest(planes.data(), 0, scale.data(), 8);
    REQUIRE(scale == Numbers(8, 0.0));
  }
}

TEST_CASE("The chosen table is the last that this machine can run") {
  REQUIRE(&block_kernels() == available_block_kernels().back());
  REQUIRE(std::string(plain().name) == "plain");
}
