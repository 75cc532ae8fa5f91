// The MILP engine, and networks as mixed-integer programs.
#include "bindings.hpp"
#include "facetry/milp/milp_encoding.hpp"
#include "facetry/milp/milp_engine.hpp"
#include "facetry/network/linear_bounds.hpp"
#include "facetry/optimize/ortools_library.hpp"
#include "facetry/partition/partition.hpp"
#include "milp/milp_tightening.hpp"
#include "search_options.hpp"

namespace facetry::bindings {

namespace {

MilpPartition search(const FormPointer& form, const SpacePointer& space,
                     const OrtoolsLibrary& library, const SearchOptions& shared,
                     std::optional<Index> max_regions, Index window, Index samples) {
  auto options = with<MilpOptions>(shared);
  options.max_regions = max_regions;
  options.window = window;
  options.samples = samples;
  const Unlocked unlocked;
  return partition_by_milp(form, space, library, options);
}

MilpForm form_named(const std::string& name) {
  if (name == "big_m") return MilpForm::big_m;
  if (name == "indicators") return MilpForm::indicators;
  throw InvalidInput("form must be 'big_m' or 'indicators', not '" + name + "'");
}

MilpEncoding encoding(const FormPointer& form, const SpacePointer& space, const std::string& kind,
                      const std::vector<std::string>& input_names,
                      const std::vector<std::string>& output_names,
                      const OrtoolsLibrary* tighten_with) {
  const Unlocked unlocked;
  PreActivationBounds bounds = bound_network(*form, *space, BoundMethod::combined).pre_activations;
  if (tighten_with != nullptr) {
    bounds = tightened_by_programs(*form, *space, std::move(bounds), *tighten_with);
  }
  return encode(*form, *space, bounds, {form_named(kind), input_names, output_names});
}

py::array_t<Index> state_of(const MilpEncoding& encoding, const DoubleArray& values) {
  if (values.size() != size_of(encoding.program.variables)) {
    throw InvalidInput("there must be a value for every variable");
  }
  const std::vector<double> all = to_vector<double>(values);
  std::vector<Index> pieces;
  for (const EncodedState& unit : encoding.states) pieces.push_back(encoded_piece(unit, all));
  return to_array(std::move(pieces));
}

}  // namespace

void bind_milp(py::module_& module) {
  py::class_<MilpEncoding>(module, "MilpEncoding")
      .def(py::init(&encoding), py::arg("form"), py::arg("region"), py::arg("kind"),
           py::arg("input_names"), py::arg("output_names"), py::arg("tighten_with"))
      .def_property_readonly(
          "program", [](MilpEncoding& e) -> MixedIntegerProgram& { return e.program; },
          py::return_value_policy::reference_internal)
      .def_property_readonly(
          "inputs", [](const MilpEncoding& e) { return to_array(std::vector<Index>(e.inputs)); })
      .def_property_readonly(
          "outputs", [](const MilpEncoding& e) { return to_array(std::vector<Index>(e.outputs)); })
      .def("state_of", &state_of, py::arg("values"));
  py::class_<MilpPartition>(module, "MilpFound")
      .def_readonly("partition", &MilpPartition::partition)
      .def_readonly("solves", &MilpPartition::solves)
      .def_readonly("rejected", &MilpPartition::rejected);
  module.def("enumerate_by_milp", &search, py::arg("form"), py::arg("region"), py::arg("library"),
             py::arg("options"), py::kw_only(), py::arg("max_regions") = py::none(),
             py::arg("window") = MilpOptions{}.window, py::arg("samples") = MilpOptions{}.samples);
}

}  // namespace facetry::bindings
