#include <doctest/doctest.h>

#include <cmath>

#include "geometry/vertex_cell.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

double volume(const InputPolytope& polytope) {
  const FreeSpace space(polytope);
  return VertexCell(space).volume() * space.volume_scale();
}

double factorial(Index n) { return std::tgamma(static_cast<double>(n) + 1.0); }

// |x_1| + ... + |x_k| <= radius.
InputPolytope cross_polytope(Index k, double radius) {
  InputPolytope polytope = cube(k, 2.0 * radius);
  for (Index signs = 0; signs < (Index{1} << k); ++signs) {
    Vector a(k);
    for (Index i = 0; i < k; ++i) a[i] = ((signs >> i) & 1) != 0 ? 1.0 : -1.0;
    add_constraint(polytope, a, radius);
  }
  return polytope;
}

}  // namespace

TEST_CASE("Cubes and boxes") {
  for (Index k = 1; k <= 6; ++k) {
    CHECK(volume(cube(k)) == doctest::Approx(std::pow(2.0, k)));
    Vector high(k);
    double product = 1.0;
    for (Index i = 0; i < k; ++i) {
      high[i] = 0.3 + static_cast<double>(i);
      product *= high[i];
    }
    CHECK(volume(box(Vector::Zero(k), high)) == doctest::Approx(product));
  }
}

TEST_CASE("Simplices") {
  for (Index k = 1; k <= 6; ++k) {
    InputPolytope simplex = box(Vector::Zero(k), Vector::Constant(k, 3.0));
    add_constraint(simplex, Vector::Ones(k), 3.0);
    CHECK(volume(simplex) == doctest::Approx(std::pow(3.0, k) / factorial(k)));
  }
}

TEST_CASE("Cross-polytopes: every vertex is degenerate") {
  for (Index k = 1; k <= 6; ++k) {
    CHECK(volume(cross_polytope(k, 0.5)) == doctest::Approx(1.0 / factorial(k)));
  }
}

TEST_CASE("A product has the product of the volumes") {
  for (Index k = 3; k <= 6;
       ++k) {  // a triangle times a cube, then a slanted cut through its middle
    InputPolytope polytope = box(Vector::Zero(k), Vector::Ones(k));
    Vector triangle = Vector::Zero(k);
    triangle[0] = triangle[1] = 1.0;
    add_constraint(polytope, triangle, 1.0);
    CHECK(volume(polytope) == doctest::Approx(0.5));
    Vector slanted = Vector::Zero(k);
    slanted[k - 1] = 1.0;
    slanted[0] = 1.0;
    slanted[1] = -1.0;  // symmetric under exchange of 0 and 1 together with a flip of the last
    add_constraint(polytope, slanted, 0.5);
    CHECK(volume(polytope) == doctest::Approx(0.25));
  }
}

TEST_CASE("A volume does not depend on a linear map of determinant 1") {
  Random random(51);
  for (Index k = 2; k <= 5; ++k) {
    Matrix shear = Matrix::Identity(k, k);
    for (Index i = 0; i < k; ++i) {
      for (Index j = 0; j < i; ++j) shear(i, j) = random.uniform(-0.5, 0.5);
    }
    InputPolytope sheared = cube(k, 10.0);
    for (Index i = 0; i < k; ++i) {
      add_constraint(sheared, shear.row(i).transpose(), 1.0);
      add_constraint(sheared, -shear.row(i).transpose(), 1.0);
    }
    CHECK(volume(sheared) == doctest::Approx(std::pow(2.0, k)));
  }
}

TEST_CASE("The volumes of random polytopes agree with sampling") {
  Random random(52);
  for (Index k = 2; k <= 5; ++k) {
    const BoxedRows polytope = random_polytope(random, k, 5, Shape::random);
    std::vector<Origin> origins(5);
    const VertexCell cell(FreeSpace(cube(k)), polytope.rows, origins);
    const int samples = 20000;
    int inside = 0;
    for (int s = 0; s < samples; ++s) {
      const Vector u = random.point_in(polytope.low, polytope.high);
      bool holds = true;
      for (Index c = 0; c < polytope.constraint_count(); ++c) {
        holds = holds && polytope.slack(c, u) >= 0.0;
      }
      inside += holds ? 1 : 0;
    }
    const double share = static_cast<double>(inside) / samples;
    const double error = 4.0 * std::sqrt(share * (1.0 - share) / samples);
    CHECK(std::abs(cell.volume() / std::pow(2.0, k) - share) <= error);
  }
}
