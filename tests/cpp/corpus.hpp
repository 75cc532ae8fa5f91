// Every failure found so far, each with one line that says what went wrong. Tests run them again.
#pragma once

#include "networks.hpp"
#include "polytopes.hpp"

namespace facetry::testing::corpus {

// FreeSpace::contains gave a half-bounded feature infinite room: (-1, 0) was "in" this triangle.
inline InputPolytope half_bounded_triangle() {
  InputPolytope triangle = box(Vector::Zero(2), Vector::Constant(2, HUGE_VAL));
  add_constraint(triangle, Vector{{1.0, 1.0}}, 1.0);
  return triangle;
}

// A row shorter than 1e-10 was taken for constant and dropped; one of 1e12 made an equality empty.
inline InputPolytope equality_of_length(double length) {
  InputPolytope polytope = cube(2);
  add_constraint(polytope, length * Vector{{1.0, 1.0}}, length);
  add_constraint(polytope, length * Vector{{-1.0, -1.0}}, -length);
  return polytope;
}

// A vertex on a bound of zero was not contained: the room was relative to the bound alone.
inline InputPolytope segment_through_zero() {
  InputPolytope polytope = box(Vector::Zero(3), Vector::Ones(3));
  add_constraint(polytope, Vector{{1.0, 1.0, 1.0}}, 1.0);
  add_constraint(polytope, Vector{{-1.0, -1.0, -1.0}}, -1.0);
  add_constraint(polytope, Vector{{1.0, -1.0, 0.0}}, 0.0);
  add_constraint(polytope, Vector{{-1.0, 1.0, 0.0}}, 0.0);
  return polytope;
}

// Continuity was judged at the scale of the left piece alone: this hard sigmoid "jumped".
inline PiecewiseFunction steep_hard_sigmoid() {
  return PiecewiseFunction::hard_sigmoid(0.3, 1.5e10 + 1.0 / 3.0);
}

// With more than 128 regions the undecided cuts came in another order on four threads than on two.
inline NormalForm many_thin_cuts() {
  Random random(103);
  return random_network(random, {3, 10, 2, 1, false, false}, {Kind::relu});
}

// Units that vanish on the plane x + y + z = 0, one behind the other: the rounding that was left of
// the first was taken for a slope of the second, which split the plane where nothing changes.
inline NormalForm vanishing_chain() {
  NeuralGraph graph(3);
  const Ids sum =
      dense(graph, {0, 1, 2}, Matrix{{0.1, 0.1, 0.1}, {0.7, 0.7, 0.7}}, Vector::Zero(2));
  const Ids first = apply(graph, sum, PiecewiseFunction::leaky_relu(0.25));
  const Ids second =
      apply(graph, dense(graph, first, Matrix{{1.0, 2.0}, {3.0, -1.0}}, Vector::Zero(2)),
            PiecewiseFunction::absolute());
  const Ids third = apply(graph, second, PiecewiseFunction::relu());
  return NormalForm(graph, third);
}
inline InputPolytope plane_through_zero() {
  InputPolytope polytope = cube(3);
  add_constraint(polytope, Vector::Ones(3), 0.0);
  add_constraint(polytope, -Vector::Ones(3), 0.0);
  return polytope;
}

}  // namespace facetry::testing::corpus
