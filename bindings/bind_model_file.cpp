// Models in files: what Python writes and reads through, and C++ without Python.
#include "bindings.hpp"
#include "facetry/network/model_file.hpp"

namespace facetry::bindings {

namespace {

// In the order of ModelDecision.
constexpr const char* kDecisions[] = {"none", "highest", "lowest", "threshold"};

ModelDecision model_decision_named(const std::string& name) {
  for (int i = 0; i < 4; ++i) {
    if (name == kDecisions[i]) return static_cast<ModelDecision>(i);
  }
  throw InvalidInput("unknown decision '" + name + "'");
}

py::bytes bytes_of_model(const NeuralGraph& graph, const IndexArray& outputs,
                         const std::vector<std::string>& feature_names,
                         const std::vector<std::string>& output_names,
                         const std::vector<std::string>& operation_names,
                         const std::vector<Index>& input_shape, const std::string& decision,
                         double threshold, const std::string& source, const std::string& notes) {
  const StoredModel model{
      graph,       to_vector<Index>(outputs),      feature_names, output_names, operation_names,
      input_shape, model_decision_named(decision), threshold,     source,       notes};
  return model_file_bytes(model);
}

StoredModel model_of_bytes(const py::bytes& data, const std::string& name) {
  const auto bytes = static_cast<std::string_view>(data);
  const Unlocked unlocked;
  return parse_model(bytes, name);
}

}  // namespace

void bind_model_file(py::module_& module) {
  py::class_<StoredModel>(module, "StoredModel")
      .def_readonly("graph", &StoredModel::graph)
      .def_property_readonly(
          "outputs", [](const StoredModel& m) { return to_array(std::vector<Index>(m.outputs)); })
      .def_readonly("feature_names", &StoredModel::feature_names)
      .def_readonly("output_names", &StoredModel::output_names)
      .def_readonly("operation_names", &StoredModel::operation_names)
      .def_readonly("input_shape", &StoredModel::input_shape)
      .def_property_readonly(
          "decision", [](const StoredModel& m) { return kDecisions[static_cast<int>(m.decision)]; })
      .def_readonly("threshold", &StoredModel::threshold)
      .def_readonly("source", &StoredModel::source)
      .def_readonly("notes", &StoredModel::notes);
  module.def("model_bytes", &bytes_of_model, py::kw_only(), py::arg("graph"), py::arg("outputs"),
             py::arg("feature_names"), py::arg("output_names"), py::arg("operation_names"),
             py::arg("input_shape"), py::arg("decision"), py::arg("threshold"), py::arg("source"),
             py::arg("notes"));
  module.def("parse_model", &model_of_bytes, py::arg("data"), py::arg("name"));
}

}  // namespace facetry::bindings
