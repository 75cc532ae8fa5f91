#include "bindings.hpp"
#include "facetry/network/linear_bounds.hpp"
#include "facetry/search/optimise.hpp"
#include "search_options.hpp"

namespace facetry::bindings {

namespace {

BoundMethod method_named(const std::string& name) {
  if (name == "interval") return BoundMethod::interval;
  if (name == "forward") return BoundMethod::forward;
  if (name == "backward") return BoundMethod::backward;
  if (name == "combined") return BoundMethod::combined;
  throw InvalidInput("method must be 'interval', 'forward', 'backward' or 'combined', not '" + name +
                     "'");
}

// (outputs' low, high, lists of pre-activations' low and high, one per stage)
py::tuple bounds(const FormPointer& form, const SpacePointer& space, const std::string& method) {
  const BoundMethod chosen = method_named(method);
  NetworkBounds found;
  {
    const py::gil_scoped_release release;
    found = bound_network(*form, *space, chosen);
  }
  return py::make_tuple(found.output_low, found.output_high, found.pre_activations.low,
                        found.pre_activations.high);
}

// (point or None, value, bound, status, cells, regions)
py::tuple optimum(const FormPointer& form, const SpacePointer& space, const DoubleArray& weights,
                  int threads, std::optional<double> time_limit, double gap,
                  std::optional<double> target,
                  const std::string& cell, const py::object& progress,
                  const std::string& exactness) {
  const SubdivisionOptions search = search_options(threads, time_limit, {}, cell, exactness);
  OptimiseOptions options;
  options.control = search.control;
  options.control.keep_going = python_poll(progress);
  options.cell = search.cell;
  options.exactness = search.exactness;
  options.gap = gap;
  options.target = target;
  const Vector objective = Eigen::Map<const Vector>(weights.data(), weights.size());
  Optimum found;
  {
    const py::gil_scoped_release release;
    found = maximise(*form, *space, objective, options);
  }
  const py::object point = found.found() ? py::cast(found.point) : py::none();
  return py::make_tuple(point, found.value, found.bound, name(found.termination), found.cells,
                        found.regions);
}

}  // namespace

void bind_optimise(py::module_& module) {
  module.def("bounds", &bounds, py::arg("form"), py::arg("region"), py::arg("method"));
  module.def("maximise", &optimum, py::arg("form"), py::arg("region"), py::arg("weights"),
             py::arg("threads"), py::arg("time_limit"), py::arg("gap"), py::arg("target"),
             py::arg("cell"), py::arg("progress"), py::arg("exactness"));
}

}  // namespace facetry::bindings
