// Arrays as the text of JSON lists.
#include <span>

#include "base/number_text.hpp"
#include "bindings.hpp"

namespace facetry::bindings {

namespace {

std::vector<Index> shape_of(const py::array& array) {
  return {array.shape(), array.shape() + array.ndim()};
}

std::string list_of_doubles(const DoubleArray& values, bool nan_as_null) {
  const std::vector<Index> shape = shape_of(values);
  const double* data = values.data();
  const Unlocked unlocked;
  return json_list(data, shape, nan_as_null ? NanText::null : NanText::refused);
}

std::string list_of_integers(const IndexArray& values) {
  const std::vector<Index> shape = shape_of(values);
  const Index* data = values.data();
  const Unlocked unlocked;
  return json_list(data, shape);
}

}  // namespace

void bind_text(py::module_& module) {
  module.def("json_doubles", &list_of_doubles, py::arg("values"), py::kw_only(),
             py::arg("nan_as_null"));
  module.def("json_integers", &list_of_integers, py::arg("values"));
}

}  // namespace facetry::bindings
