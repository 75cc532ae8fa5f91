// Piecewise functions, neural graphs and normal forms.
#include "bindings.hpp"
#include "facetry/network/neural_graph.hpp"
#include "facetry/network/normal_form.hpp"

namespace facetry::bindings {

namespace {

void bind_function(py::module_& module) {
  py::class_<PiecewiseFunction>(module, "PiecewiseFunction")
      .def(py::init([](const DoubleArray& breakpoints, const DoubleArray& slopes,
                       const DoubleArray& intercepts) {
             return PiecewiseFunction(to_vector<double>(breakpoints), to_vector<double>(slopes),
                                      to_vector<double>(intercepts));
           }),
           py::arg("breakpoints"), py::arg("slopes"), py::arg("intercepts"))
      .def_static("identity", &PiecewiseFunction::identity)
      .def_static("relu", &PiecewiseFunction::relu)
      .def_static("leaky_relu", &PiecewiseFunction::leaky_relu, py::arg("alpha"))
      .def_static("absolute", &PiecewiseFunction::absolute)
      .def_static("clip", &PiecewiseFunction::clip, py::arg("low"), py::arg("high"))
      .def_static("hard_sigmoid", &PiecewiseFunction::hard_sigmoid, py::arg("alpha"),
                  py::arg("beta"))
      .def_property_readonly("pieces", &PiecewiseFunction::pieces)
      .def_property_readonly(
          "breakpoints",
          [](const PiecewiseFunction& f) { return to_array(std::vector<double>(f.breakpoints())); })
      .def_property_readonly(
          "slopes",
          [](const PiecewiseFunction& f) { return to_array(std::vector<double>(f.slopes())); })
      .def_property_readonly(
          "intercepts",
          [](const PiecewiseFunction& f) { return to_array(std::vector<double>(f.intercepts())); })
      .def("__call__", [](const PiecewiseFunction& f, double q) { return f(q); }, py::arg("q"));
}

Index add_dense(NeuralGraph& graph, const IndexArray& ids, const DoubleArray& weights,
                const DoubleArray& bias) {
  const Index columns = ids.size();
  if (weights.ndim() != 2 || weights.shape(1) != columns || weights.shape(0) != bias.size()) {
    throw InvalidInput("dense: weights must be (len(bias), len(ids))");
  }
  AffineOperation operation;
  operation.bias = to_vector<double>(bias);
  operation.rows.weights = to_vector<double>(weights);
  operation.rows.columns.reserve(weights.size());
  for (Index i = 0; i < bias.size(); ++i) {
    operation.rows.columns.insert(operation.rows.columns.end(), ids.data(), ids.data() + columns);
    operation.rows.offsets.push_back(size_of(operation.rows.columns));
  }
  return graph.add(std::move(operation));
}

Index add_affine(NeuralGraph& graph, const IndexArray& offsets, const IndexArray& ids,
                 const DoubleArray& weights, const DoubleArray& bias) {
  AffineOperation operation;
  operation.rows.offsets = to_vector<Index>(offsets);
  operation.rows.columns = to_vector<Index>(ids);
  operation.rows.weights = to_vector<double>(weights);
  operation.bias = to_vector<double>(bias);
  return graph.add(std::move(operation));
}

Index add_constant(NeuralGraph& graph, const DoubleArray& values) {
  AffineOperation operation;
  operation.bias = to_vector<double>(values);
  operation.rows.offsets.assign(operation.bias.size() + 1, 0);
  return graph.add(std::move(operation));
}

// One operation as plain arrays, in the shape of the arguments of the method that adds it.
struct DescribeOperation {
  py::tuple operator()(const AffineOperation& o) const {
    return py::make_tuple("affine", to_array(std::vector<Index>(o.rows.offsets)),
                          to_array(std::vector<Index>(o.rows.columns)),
                          to_array(std::vector<double>(o.rows.weights)),
                          to_array(std::vector<double>(o.bias)));
  }
  py::tuple operator()(const PiecewiseOperation& o) const {
    return py::make_tuple("piecewise", to_array(std::vector<Index>(o.arguments)),
                          py::cast(o.functions), to_array(std::vector<Index>(o.which)));
  }
  py::tuple operator()(const MaximumOperation& o) const {
    return py::make_tuple("maximum", to_array(std::vector<Index>(o.offsets)),
                          to_array(std::vector<Index>(o.arguments)));
  }
};

py::tuple describe_operation(const NeuralGraph& graph, Index i) {
  if (i < 0 || i >= size_of(graph.operations())) throw InvalidInput("no such operation");
  return std::visit(DescribeOperation{}, graph.operations()[i]);
}

void bind_graph(py::module_& module) {
  py::class_<NeuralGraph>(module, "NeuralGraph")
      .def(py::init<Index>(), py::arg("input_size"))
      .def("dense", &add_dense, py::arg("ids"), py::arg("weights"), py::arg("bias"))
      .def("affine", &add_affine, py::arg("offsets"), py::arg("ids"), py::arg("weights"),
           py::arg("bias"))
      .def("constant", &add_constant, py::arg("values"))
      .def(
          "piecewise",
          [](NeuralGraph& graph, const IndexArray& ids,
             const std::vector<PiecewiseFunction>& functions, const IndexArray& which) {
            return graph.add(
                PiecewiseOperation{to_vector<Index>(ids), functions, to_vector<Index>(which)});
          },
          py::arg("ids"), py::arg("functions"), py::arg("which"))
      .def(
          "maximum",
          [](NeuralGraph& graph, const IndexArray& offsets, const IndexArray& ids) {
            return graph.add(MaximumOperation{to_vector<Index>(offsets), to_vector<Index>(ids)});
          },
          py::arg("offsets"), py::arg("ids"))
      .def_property_readonly("size", &NeuralGraph::size)
      .def_property_readonly("input_size", &NeuralGraph::input_size)
      .def_property_readonly("operation_count",
                             [](const NeuralGraph& graph) { return size_of(graph.operations()); })
      .def("operation", &describe_operation, py::arg("index"))
      .def(
          "evaluate",
          [](const NeuralGraph& graph, const MatrixView& X, const IndexArray& ids) {
            const std::vector<Index> values = to_vector<Index>(ids);
            const Unlocked unlocked;
            return graph.evaluate(X, values);
          },
          py::arg("X"), py::arg("ids"));
}

// One number per unit, in order.
template <class Field>
py::array_t<Index> per_unit(const NormalForm& form, Field&& field) {
  std::vector<Index> values;
  for (const Stage& stage : form.stages()) {
    for (const Unit& unit : stage.units) values.push_back(field(unit));
  }
  return to_array(std::move(values));
}

void bind_normal_form(py::module_& module) {
  py::class_<NormalForm, std::shared_ptr<NormalForm>>(module, "NormalForm")
      .def(py::init([](const NeuralGraph& graph, const IndexArray& outputs) {
             return std::make_shared<NormalForm>(graph, to_vector<Index>(outputs));
           }),
           py::arg("graph"), py::arg("outputs"))
      .def_property_readonly("input_size", &NormalForm::input_size)
      .def_property_readonly("output_size", &NormalForm::output_size)
      .def_property_readonly("unit_count", &NormalForm::unit_count)
      .def_property_readonly("stage_count",
                             [](const NormalForm& form) { return size_of(form.stages()); })
      .def_property_readonly("piece_counts",
                             [](const NormalForm& form) { return to_array(form.piece_counts()); })
      .def_property_readonly("unit_operation",
                             [](const NormalForm& form) {
                               return per_unit(form,
                                               [](const Unit& unit) { return unit.operation; });
                             })
      .def_property_readonly("unit_position",
                             [](const NormalForm& form) {
                               return per_unit(form,
                                               [](const Unit& unit) { return unit.position; });
                             })
      .def("evaluate", &NormalForm::evaluate, py::arg("X"), py::call_guard<Unlocked>())
      .def("states", &NormalForm::states, py::arg("X"), py::call_guard<Unlocked>());
}

}  // namespace

void bind_network(py::module_& module) {
  bind_function(module);
  bind_graph(module);
  bind_normal_form(module);
}

}  // namespace facetry::bindings
