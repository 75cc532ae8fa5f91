// Distances from one point, in units of its own for every input, to polyhedra in free coordinates.
#pragma once

#include "facetry/geometry/free_space.hpp"
#include "facetry/optimize/mixed_integer_program.hpp"
#include "geometry/cell.hpp"

namespace facetry {

class DistanceFrom {
 public:
  // `scale`: the unit of each input, one for each; an input with 0 is not counted.
  // REQUIRES: sizes that fit; every free direction of the space moves an input that counts;
  // `solver` outlives this, and is not null unless the norm is two.
  DistanceFrom(const FreeSpace& space, Vector x, Vector scale, Norm norm, const MipSolver* solver);

  // The distance of a point of the input space.
  [[nodiscard]] double to(const VectorView& point) const;

  // A polyhedron { u : gradients u + offsets >= 0 } in the coordinates that distances are measured
  // in. Rows are written one by one; those that no point within the radius is on can be left out.
  class Polyhedron {
   public:
    // Room for so many rows.
    Polyhedron(const DistanceFrom& from, Index most_rows, double radius);

    // k gradient entries and an offset.
    void add(const double* row);

   private:
    friend class DistanceFrom;

    const DistanceFrom& from_;
    double radius_;
    Index count_ = 0;
    Matrix G_;  // G y >= h, rows of length 1 or 0
    Vector h_;
  };

  // No point of the polyhedron within its radius is closer than this, up to roundings of its rows;
  // far or infinite if it is empty. Norm::two: the distance itself. Other norms: at most that, and
  // the distance itself where a single row decides.
  // Cost: one least_distance().
  [[nodiscard]] double at_least(const Polyhedron& polyhedron) const;

  // Bounds of a row's values (k gradient entries, `step` apart, and the offset) wherever the
  // distance is at most `radius`, rounding included.
  [[nodiscard]] Range range_within(double radius, const double* row, Index step) const;

  // A nearest point of { u : gradients u + offsets >= 0 }, rows of k+1 numbers, in free
  // coordinates; empty if none is found. Cost: one least_distance(), or one linear program. Throws
  // SolverError if the solver fails.
  [[nodiscard]] Vector nearest(const Matrix& rows) const;

 private:
  [[nodiscard]] Vector nearest_by_program(const Matrix& rows) const;

  Vector x_, scale_;
  Norm norm_;
  const MipSolver* solver_;
  // How far each counted input has moved is M u + d, in its own unit; M = Q R, and y = R u + shift.
  Matrix M_;
  Vector d_;
  Matrix Q_;
  Matrix inverse_;   // of R
  Vector diagonal_;  // of it, if it is nothing else; else empty
  Vector shift_;
};

}  // namespace facetry
