// Verification of properties.
#include "bindings.hpp"
#include "facetry/explain/verify.hpp"
#include "search_options.hpp"

namespace facetry::bindings {

namespace {

const char* name(Verification::Answer answer) {
  switch (answer) {
    case Verification::Answer::sat: return "sat";
    case Verification::Answer::unsat: return "unsat";
    default: return "unknown";
  }
}

Verification run_verification(const FormPointer& form, const std::vector<PropertyCase>& cases,
                              const SearchOptions& shared) {
  const auto options = with<VerifyOptions>(shared);
  const Unlocked unlocked;
  return verify(*form, cases, options);
}

}  // namespace

void bind_verify(py::module_& module) {
  py::class_<Conjunction>(module, "Conjunction")
      .def(py::init([](const Matrix& weights, const Vector& thresholds) {
             return Conjunction{weights, thresholds};
           }),
           py::arg("weights"), py::arg("thresholds"));
  py::class_<PropertyCase>(module, "PropertyCase")
      .def(py::init([](const Vector& low, const Vector& high,
                       const std::vector<Conjunction>& alternatives) {
             return PropertyCase{low, high, alternatives};
           }),
           py::arg("low"), py::arg("high"), py::arg("alternatives"));
  py::class_<Verification>(module, "Verification")
      .def_property_readonly("answer", [](const Verification& v) { return name(v.answer); })
      .def_property_readonly("witness",
                             [](const Verification& v) { return point_or_none(v.witness); })
      .def_property_readonly("outputs",
                             [](const Verification& v) { return point_or_none(v.outputs); })
      .def_readonly("bound", &Verification::bound)
      .def_property_readonly("status",
                             [](const Verification& v) {
                               return v.touches ? "touches" : facetry::name(v.termination);
                             })
      .def_readonly("cells", &Verification::cells);
  module.def("verify", &run_verification, py::arg("form"), py::arg("cases"), py::arg("options"));
}

}  // namespace facetry::bindings
