// What the binding files share: one function per concept, and array conversions.
#pragma once

#include <pybind11/eigen.h>
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <memory>
#include <string>
#include <vector>

#include "facetry/base/error.hpp"
#include "facetry/base/index.hpp"
#include "facetry/base/linear_algebra.hpp"
#include "unlocked.hpp"

namespace facetry {
class Partition;
}

namespace facetry::bindings {

namespace py = pybind11;

void bind_exit(py::module_& module);
void bind_errors(py::module_& module);
void bind_network(py::module_& module);
void bind_model_file(py::module_& module);
void bind_region(py::module_& module);
void bind_search_options(py::module_& module);
void bind_program(py::module_& module);
void bind_partition(py::module_& module);
void bind_raw_partition(py::class_<Partition, std::shared_ptr<Partition>>& partition);
void bind_milp(py::module_& module);
void bind_stream(py::module_& module);
void bind_query(py::module_& module);
void bind_fold(py::module_& module);
void bind_optimise(py::module_& module);
void bind_verify(py::module_& module);
void bind_text(py::module_& module);

using IndexArray = py::array_t<Index, py::array::c_style | py::array::forcecast>;
using DoubleArray = py::array_t<double, py::array::c_style | py::array::forcecast>;

// The elements of an array of any shape, in row-major order.
template <class T>
std::vector<T> to_vector(const py::array_t<T, py::array::c_style | py::array::forcecast>& array) {
  return {array.data(), array.data() + array.size()};
}

// A numpy array that owns the elements of `values` (moved, not copied).
template <class T>
py::array_t<T> to_array(std::vector<T> values) {
  auto* held = new std::vector<T>(std::move(values));
  const py::capsule owner(held, [](void* p) { delete static_cast<std::vector<T>*>(p); });
  return py::array_t<T>(static_cast<py::ssize_t>(held->size()), held->data(), owner);
}

}  // namespace facetry::bindings
