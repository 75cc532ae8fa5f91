// The polar dual { y : p . y <= 1 for all points p } of a hull with the origin inside is a bounded
// polytope whose vertices are the hull's facets. It is cut out of a box that grows until no side of
// it is left. Principal axes make the hull about round first.
#include "geometry/convex_hull.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "base/decompositions.hpp"
#include "facetry/base/error.hpp"
#include "facetry/base/tolerances.hpp"
#include "geometry/vertex_cell.hpp"

namespace facetry {

namespace {

constexpr double kFirstDualBox = 16.0;
constexpr double kLastDualBox = 1e7;

// Coordinates in which the cloud is centred and about round: x = centre + axes w.
struct RoundCloud {
  Vector centre;
  Matrix axes;     // m x r
  Matrix inverse;  // r x m
  Matrix normals;  // directions in which the cloud does not extend, one per row
  Matrix points;   // N x r, of norm at most 1
};

RoundCloud rounded(const MatrixView& points) {
  const Index m = points.cols();
  RoundCloud cloud;
  cloud.centre = points.colwise().mean();
  Vector width = (points.colwise().maxCoeff() - points.colwise().minCoeff()).transpose();
  std::vector<Index> varying;
  for (Index i = 0; i < m; ++i) {
    if (width[i] > 0.0) {
      varying.push_back(i);
    } else {
      cloud.centre[i] = points(0, i);  // exactly
    }
  }
  const Index d = size_of(varying);
  // Rows of zeros make the matrix tall, so that its thin decomposition has all directions.
  ColumnMatrix scaled = ColumnMatrix::Zero(std::max(points.rows(), d), d);
  for (Index j = 0; j < d; ++j) {
    const Index i = varying[j];
    scaled.col(j).head(points.rows()) = (points.col(i).array() - cloud.centre[i]) / width[i];
  }
  ColumnMatrix vectors = ColumnMatrix::Identity(d, d);
  Vector values = Vector::Zero(d);
  if (d > 0) {
    // Singular values, not eigenvalues of the covariance: squares would halve the digits.
    RightSingular factors = right_singular(scaled);
    vectors = std::move(factors.V);
    values = factors.values / std::sqrt(static_cast<double>(points.rows()));
  }
  Index r = 0;  // values descend
  while (r < d && values[r] > Tolerances{}.implied_equality * values[0]) ++r;
  cloud.axes = Matrix::Zero(m, r);
  cloud.inverse = Matrix::Zero(r, m);
  cloud.normals = Matrix::Zero(m - r, m);
  Index normal = 0;
  for (Index i = 0; i < m; ++i) {
    if (width[i] == 0.0) cloud.normals(normal++, i) = 1.0;
  }
  for (Index j = 0; j < d; ++j) {
    const bool extends = j < r;
    for (Index v = 0; v < d; ++v) {
      const Index i = varying[v];
      if (extends) {
        cloud.axes(i, j) = vectors(v, j) * values[j] * width[i];
        cloud.inverse(j, i) = vectors(v, j) / values[j] / width[i];
      } else {
        cloud.normals(normal, i) = vectors(v, j) / width[i];
      }
    }
    if (!extends) ++normal;
  }
  Matrix centred = points;
  centred.rowwise() -= cloud.centre.transpose();
  cloud.points = centred * cloud.inverse.transpose();
  if (r > 0) {
    const double radius = cloud.points.rowwise().norm().maxCoeff();
    cloud.points /= radius;
    cloud.axes *= radius;
    cloud.inverse /= radius;
  }
  return cloud;
}

// The vertices of the polar dual, or nothing if it does not fit the box [-size, size]^r.
std::optional<Matrix> dual_vertices(const Matrix& points, double size) {
  const Index r = points.cols();
  const FreeSpace box(
      {Vector::Constant(r, -size), Vector::Constant(r, size), Matrix(0, r), Vector(0)});
  // FreeSpace scales by a power of two; rows are written in its coordinates.
  std::vector<double> rows;
  std::vector<Origin> origins;
  for (Index i = 0; i < points.rows(); ++i) {
    Vector gradient = -(box.basis().transpose() * points.row(i).transpose());
    const double length = gradient.norm();
    if (length == 0.0) continue;
    gradient /= length;
    rows.insert(rows.end(), gradient.data(), gradient.data() + r);
    rows.push_back(1.0 / length);
    origins.push_back(Origin::cut(i));
  }
  const VertexCell dual(box, rows, origins);
  std::vector<Origin> facets;
  dual.facets(facets);
  if (std::any_of(facets.begin(), facets.end(), [](Origin o) { return o.is_side(); })) {
    return std::nullopt;
  }
  Matrix vertices(dual.vertex_count(), r);
  for (Index v = 0; v < dual.vertex_count(); ++v) {
    const Eigen::Map<const Vector> u(dual.vertex(v), r);
    vertices.row(v) = box.to_input(u).transpose();
  }
  return vertices;
}

}  // namespace

Halfspaces convex_hull(const MatrixView& points) {
  if (points.rows() == 0 || points.cols() == 0) throw InvalidInput("a hull needs points");
  if (!points.allFinite()) throw InvalidInput("the points of a hull must be finite");
  const RoundCloud cloud = rounded(points);
  const Index r = cloud.points.cols();
  if (r > kMostHullDimensions) {
    throw InvalidInput("the hull of points that extend in " + std::to_string(r) +
                       " dimensions has too many sides; up to " +
                       std::to_string(kMostHullDimensions) + " are possible: use a box, or a cut");
  }
  std::optional<Matrix> duals = Matrix(0, r);
  if (r > 0) {
    duals.reset();
    for (double size = kFirstDualBox; size <= kLastDualBox && !duals; size *= 16.0) {
      duals = dual_vertices(cloud.points, size);
    }
    if (!duals) throw NumericalError("the hull of the points is too thin for double precision");
  }
  const Index sides = duals->rows();
  const Index flat = cloud.normals.rows();
  Halfspaces hull{Matrix(sides + 2 * flat, points.cols()), Vector(sides + 2 * flat)};
  hull.A.topRows(sides) = *duals * cloud.inverse;
  hull.A.middleRows(sides, flat) = cloud.normals;
  hull.A.bottomRows(flat) = -cloud.normals;
  for (Index i = 0; i < hull.A.rows(); ++i) {
    // As far out as the farthest point, so that rounding leaves none outside.
    hull.b[i] = (points * hull.A.row(i).transpose()).maxCoeff();
  }
  for (Index i = 0; i < flat; ++i) {
    // Where the cloud does not extend, both sides are one hyperplane, exactly: points are off it by
    // rounding, and the region between two would have a dimension more.
    const Vector along = points * cloud.normals.row(i).transpose();
    const double middle = 0.5 * along.maxCoeff() + 0.5 * along.minCoeff();
    hull.b[sides + i] = middle;
    hull.b[sides + flat + i] = -middle;
  }
  return hull;
}

}  // namespace facetry
