// The constraints on a way to a cell: values, proofs and steps against plain loops.
#include "search/path/cut_planes.hpp"

#include <doctest/doctest.h>

#include "base/rounding.hpp"
#include "kernels/kernel_points.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

struct Planes {
  Planes(Random& random, Index k, Index cuts)
      : space(cube(k)), planes(space, kSideError), rows(rows_of(space.constraints())) {
    for (Index i = 0; i < cuts; ++i) {
      Vector row(k + 1);
      row << random.direction(k), random.uniform(-0.4, 0.8);
      const bool above = row[k] > 0.0;  // the side of the origin
      planes.add(row.data(), 1e-3, above);
      rows.push_back(above ? row : Vector(-row));
    }
  }
  [[nodiscard]] Vector point(Random& random) const {
    const Vector low = Vector::Constant(space.dimension(), -1.2);
    return random.point_in(low, -low);
  }

  static constexpr double kSideError = 1e-4;
  FreeSpace space;
  CutPlanes planes;
  Rows rows;  // the truth
};

}  // namespace

TEST_CASE("Rows are the sides of the region, then the cuts, positive inside") {
  Random random(371);
  for (const Index k : {1, 2, 4}) {
    const Planes own(random, k, 100);  // more than there is room for at first
    REQUIRE(own.planes.count() == size_of(own.rows));
    Vector row(k + 1), seen(k + 1);
    const CellRows all = own.planes.rows();
    CHECK(all.count == own.planes.count());
    CHECK(all.dimension == k);
    const Vector u = own.point(random);
    for (Index r = 0; r < own.planes.count(); ++r) {
      own.planes.row(r, row.data());
      all.row(r, seen.data());
      CHECK(row == own.rows[r]);
      CHECK(seen == row);
      CHECK(own.planes.value(r, u.data()) == doctest::Approx(value(row, u)));
      CHECK(all.errors[r] == own.planes.error(r));
      const double side_error = Planes::kSideError + value_rounding(row.data(), k);
      CHECK(own.planes.error(r) == (r < 2 * k ? side_error : 1e-3));
    }
  }
}

TEST_CASE("The last row turns, and cuts are dropped, never the sides") {
  Random random(372);
  Planes own(random, 2, 5);
  Vector row(3);
  own.planes.turn_last();
  own.planes.row(8, row.data());
  CHECK(row == -own.rows.back());
  own.planes.keep(4);
  CHECK(own.planes.count() == 8);
  own.planes.row(7, row.data());
  CHECK(row == own.rows[7]);
  own.planes.keep(0);
  CHECK(own.planes.count() == 4);
  const double other[] = {0.6, 0.8, 0.1};
  own.planes.add(other, 0.5, false);
  own.planes.row(4, row.data());
  CHECK(row == Vector{{-0.6, -0.8, -0.1}});
  CHECK(own.planes.error(4) == 0.5);
}

TEST_CASE("Clearance is the least distance less the error, whatever was dropped behind") {
  Random random(373);
  int inside = 0;
  for (int round = 0; round < 300; ++round) {
    const Index k = random.between(1, 4);
    Planes own(random, k, random.below(9));
    const Index kept = random.below(own.planes.count() - 2 * k + 1);
    own.planes.keep(kept);
    const Vector u = own.point(random);
    double least = std::numeric_limits<double>::infinity();
    for (Index r = 0; r < 2 * k + kept; ++r) {
      least = std::min(least, value(own.rows[r], u) - own.planes.error(r));
    }
    REQUIRE(own.planes.clearance(u.data()) == doctest::Approx(least));
    inside += least > 0.0 ? 1 : 0;
  }
  CHECK(inside > 20);
}

TEST_CASE("Only one row is broken: by more than its error, the others kept by more than theirs") {
  Random random(374);
  int proven = 0;
  for (int round = 0; round < 2000; ++round) {
    const Index k = random.between(1, 3);
    Planes own(random, k, random.below(4));
    const Index r = random.below(own.planes.count());
    const Vector u = own.point(random);
    bool only = true;
    for (Index i = 0; i < own.planes.count(); ++i) {
      const double here = value(own.rows[i], u);
      only = only && (i == r ? -here : here) > own.planes.error(i);
    }
    REQUIRE(own.planes.only_breaks(r, u.data()) == only);
    proven += only ? 1 : 0;
  }
  CHECK(proven > 50);
}

TEST_CASE("A step across a row ends half way to the next one, or says which comes first") {
  Random random(375);
  int across = 0, behind = 0;
  for (int round = 0; round < 1000; ++round) {
    const Index k = random.between(1, 3);
    Planes own(random, k, random.below(5));
    const Vector u = own.point(random);
    const auto inside = [&](const Vector& row) { return value(row, u) > 1e-3; };
    if (!std::all_of(own.rows.begin(), own.rows.end(), inside)) continue;
    const Index r = random.below(own.planes.count());
    // Straight across: how far each row is along the way.
    const Vector step = -own.rows[r].head(k);
    const double here = value(own.rows[r], u);
    double next = 2.0 * here;
    for (Index i = 0; i < size_of(own.rows); ++i) {
      const double rate = own.rows[i].head(k).dot(step);
      if (i != r && rate < 0.0) next = std::min(next, value(own.rows[i], u) / -rate);
    }
    Vector out(k);
    REQUIRE(own.planes.step_across(r, u.data(), out.data()) == (next > here));
    ++(next > here ? across : behind);
    if (next <= here) continue;
    CHECK((out - (u + 0.5 * (here + next) * step)).norm() < 1e-12);
    for (Index i = 0; i < size_of(own.rows); ++i) {
      CHECK((value(own.rows[i], out) < 0.0) == (i == r));
    }
  }
  CHECK(across > 50);
  CHECK(behind > 50);
}

TEST_CASE("The least value of each row at some points") {
  Random random(379);
  for (const Index k : {1, 2, 3}) {
    Planes own(random, k, 30);
    constexpr Index kPoints = 5;
    std::vector<double> planes(static_cast<std::size_t>(8 * k), 0.0);  // a block of points
    std::vector<Vector> points;
    for (Index v = 0; v < kPoints; ++v) points.push_back(own.point(random));
    for (Index c = 0; c < k; ++c) {
      for (Index v = 0; v < 8; ++v) planes[8 * c + v] = points[v < kPoints ? v : 0][c];
    }
    WorkArray<double> least;
    own.planes.least_values({planes.data(), kPoints, 1, 8}, least);
    for (Index r = 0; r < own.planes.count(); ++r) {
      double expected = 1e300;
      for (const Vector& u : points) expected = std::min(expected, value(own.rows[r], u));
      CHECK(least[r] == doctest::Approx(expected));
    }
  }
}
