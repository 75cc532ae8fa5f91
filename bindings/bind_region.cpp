// Analysis regions in free coordinates, and convex hulls.
#include <limits>
#include "bindings.hpp"

#include "facetry/geometry/free_space.hpp"
#include "geometry/convex_hull.hpp"
#include "geometry/vertex_cell.hpp"

namespace facetry::bindings {

namespace {

py::array_t<bool> contains_all(const FreeSpace& space, const MatrixView& X) {
  if (X.cols() != space.input_size()) {
    throw InvalidInput("points have " + std::to_string(X.cols()) + " features, the region has " +
                       std::to_string(space.input_size()));
  }
  py::array_t<bool> inside(X.rows());
  bool* out = inside.mutable_data();
  for (Index i = 0; i < X.rows(); ++i) out[i] = space.contains(X.row(i).transpose());
  return inside;
}

}  // namespace

void bind_region(py::module_& module) {
  py::class_<FreeSpace, std::shared_ptr<FreeSpace>>(module, "Region")
      .def(py::init([](const Vector& low, const Vector& high, const Matrix& A, const Vector& b) {
             return std::make_shared<FreeSpace>(InputPolytope{low, high, A, b});
           }),
           py::arg("low"), py::arg("high"), py::arg("A"), py::arg("b"), py::call_guard<Unlocked>())
      .def_property_readonly("input_size", &FreeSpace::input_size)
      .def_property_readonly("dimension", &FreeSpace::dimension)
      .def_property_readonly("origin", &FreeSpace::origin)
      .def_property_readonly("basis", &FreeSpace::basis)
      .def_property_readonly("free_features",
                             [](const FreeSpace& space) { return to_array(space.free_features()); })
      .def_property_readonly("interior_point", &FreeSpace::interior_point)
      .def_property_readonly("volume",
                             [](const FreeSpace& space) {
                               const bool exact = space.dimension() <= kMostVolumeDimensions;
                               return exact ? region_volume(space)
                                            : std::numeric_limits<double>::quiet_NaN();
                             })
      .def("contains", &contains_all, py::arg("X"));
  module.def(
      "convex_hull",
      [](const MatrixView& points) {
        Halfspaces hull;
        {
          const Unlocked unlocked;
          hull = convex_hull(points);
        }
        return py::make_tuple(hull.A, hull.b);
      },
      py::arg("points"));
}

}  // namespace facetry::bindings
