// Bounds and extremes of outputs.
#include "bindings.hpp"
#include "facetry/explain/optimise.hpp"
#include "facetry/network/linear_bounds.hpp"
#include "search_options.hpp"

namespace facetry::bindings {

namespace {

BoundMethod method_named(const std::string& name) {
  if (name == "interval") return BoundMethod::interval;
  if (name == "forward") return BoundMethod::forward;
  if (name == "backward") return BoundMethod::backward;
  if (name == "combined") return BoundMethod::combined;
  throw InvalidInput("method must be 'interval', 'forward', 'backward' or 'combined', not '" +
                     name + "'");
}

NetworkBounds bounds(const FormPointer& form, const SpacePointer& space,
                     const std::string& method) {
  const BoundMethod chosen = method_named(method);
  const Unlocked unlocked;
  return bound_network(*form, *space, chosen);
}

Optimum optimum(const FormPointer& form, const SpacePointer& space, const DoubleArray& weights,
                const SearchOptions& shared, double gap, std::optional<double> target) {
  auto options = with<OptimiseOptions>(shared);
  options.gap = gap;
  options.target = target;
  const Vector objective = Eigen::Map<const Vector>(weights.data(), weights.size());
  const Unlocked unlocked;
  return maximise(*form, *space, objective, options);
}

}  // namespace

void bind_optimise(py::module_& module) {
  py::class_<NetworkBounds>(module, "NetworkBounds")
      .def_readonly("output_low", &NetworkBounds::output_low)
      .def_readonly("output_high", &NetworkBounds::output_high)
      .def_property_readonly("low", [](const NetworkBounds& b) { return b.pre_activations.low; })
      .def_property_readonly("high", [](const NetworkBounds& b) { return b.pre_activations.high; });
  py::class_<Optimum>(module, "Optimum")
      .def_property_readonly("point", [](const Optimum& o) { return point_or_none(o.point); })
      .def_readonly("value", &Optimum::value)
      .def_readonly("bound", &Optimum::bound)
      .def_property_readonly("status", [](const Optimum& o) { return name(o.termination); })
      .def_readonly("cells", &Optimum::cells)
      .def_readonly("regions", &Optimum::regions);
  module.def("bounds", &bounds, py::arg("form"), py::arg("region"), py::arg("method"));
  module.def("maximise", &optimum, py::arg("form"), py::arg("region"), py::arg("weights"),
             py::arg("options"), py::kw_only(), py::arg("gap") = OptimiseOptions{}.gap,
             py::arg("target") = py::none());
}

}  // namespace facetry::bindings
