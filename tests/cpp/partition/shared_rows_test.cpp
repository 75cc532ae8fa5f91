// The guarantees of SharedRows, numbered as in its header: against the backward sweep for one
// state.
#include "partition/shared_rows.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>

#include "facetry/partition/partition.hpp"
#include "networks.hpp"
#include "polytopes.hpp"
#include "state/linearise.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

// a . x <= b of a facet: its function divided by the length, with the other sign.
void check_halfspace(SharedRows& rows, const Boundary& facet, const std::vector<double>& function) {
  const std::size_t m = function.size() - 1;
  const Eigen::Map<const Vector> gradient(function.data(), static_cast<Index>(m));
  std::vector<double> a(m);
  double b = 0.0;
  rows.halfspace(
      facet,
      [&](const double* row) {
        return Eigen::Map<const Vector>(row, static_cast<Index>(m)).norm();
      },
      a.data(), &b);
  for (std::size_t c = 0; c < m; ++c) {
    CHECK(a[c] == doctest::Approx(-function[c] / gradient.norm()).epsilon(1e-13));
  }
  CHECK(b == doctest::Approx(function[m] / gradient.norm()).epsilon(1e-13));
}

}  // namespace

TEST_CASE("1. and 2. Functions of all facets, in any order of regions, for all kinds of units") {
  Random random(12);
  for (Index i = 0; i < 28; ++i) {
    const Index m = 1 + i % 4;
    const Style style{m, 4, random.between(1, 4), 2, i % 3 == 0, random.chance(0.5)};
    const std::vector<Kind> kinds{kKinds[i % 7], kKinds[random.below(7)]};
    const auto form = std::make_shared<NormalForm>(random_network(random, style, kinds));
    const auto space = std::make_shared<FreeSpace>(cube(m));
    const auto partition = find_partition(form, space);
    const RegionView& list = partition->regions();
    const Lineariser truth(*form, partition->layout());
    SharedRows in_order(*form, partition->layout());
    SharedRows anywhere(*form, partition->layout());
    std::vector<double> own(static_cast<std::size_t>(m + 1)), other(own.size());
    for (Index r = 0; r < list.count; ++r) {
      in_order.move_to(list.state(r));
      anywhere.move_to(list.state(random.below(list.count)));
      anywhere.move_to(list.state(r));
      for (Index f = list.facet_offsets[r]; f < list.facet_offsets[r + 1]; ++f) {
        const Boundary facet = partition->boundary_ids().at(list.facets[f]);
        if (facet.is_side()) continue;
        in_order.boundary(facet, own.data());
        anywhere.boundary(facet, other.data());
        REQUIRE(std::memcmp(own.data(), other.data(), own.size() * sizeof(double)) == 0);
        check_halfspace(in_order, facet, own);
        check_halfspace(anywhere, facet, own);
        const AffineFunctions expected = truth.boundaries(list.state(r), {facet});
        double scale = 1e-300;
        for (const double entry : own) scale = std::max(scale, std::abs(entry));
        for (Index c = 0; c < m; ++c) {
          CHECK(std::abs(own[c] - expected.gradients(0, c)) <= 1e-12 * (1.0 + scale));
        }
        CHECK(std::abs(own[m] - expected.offsets[0]) <= 1e-12 * (1.0 + scale));
      }
    }
  }
}

TEST_CASE("Halfspaces hold a region's point and its vertices, also on oblique regions and cuts") {
  Random random(13);
  for (int which = 0; which < 3; ++which) {
    const Style style{3, 6, 2, 1, false, true};
    const auto form =
        std::make_shared<NormalForm>(random_network(random, style, {Kind::relu, Kind::maximum}));
    InputPolytope region = cube(3);
    if (which == 1) {
      add_constraint(region, Vector::Ones(3), 0.3);
      add_constraint(region, -Vector::Ones(3), -0.3);
    }
    if (which == 2) region.low[1] = region.high[1] = 0.25;
    const auto partition = find_partition(form, std::make_shared<FreeSpace>(region));
    const RegionView& list = partition->regions();
    const Index count = partition->size();
    const Index facets = list.facet_offsets[count];
    Matrix A(facets, 3), A_two(facets, 3);
    Vector b(facets), b_two(facets), point(3);
    partition->halfspaces({0, count}, 1, A.data(), b.data());
    partition->halfspaces({0, count}, 2, A_two.data(), b_two.data());
    CHECK(A == A_two);
    CHECK(b == b_two);
    for (Index i = 0; i < count; ++i) {
      partition->interior_points({i, i + 1}, point.data());
      const Matrix corners = partition->vertices(i);
      for (Index f = list.facet_offsets[i]; f < list.facet_offsets[i + 1]; ++f) {
        CHECK(A.row(f).dot(point) < b[f]);
        CHECK(partition->space().free_norm(Vector(A.row(f).transpose())) ==
              doctest::Approx(1.0).epsilon(1e-12));
        double least = 1e300;
        for (Index v = 0; v < corners.rows(); ++v) {
          least = std::min(least, b[f] - A.row(f).dot(corners.row(v)));
        }
        CHECK(std::abs(least) < 1e-8);
      }
    }
  }
}
