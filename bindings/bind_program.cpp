// Mixed-integer programs, and the library that solves them.
#include "bindings.hpp"
#include "facetry/optimize/mixed_integer_program.hpp"
#include "facetry/optimize/ortools_library.hpp"
#include "optimize/math_opt_messages.hpp"

namespace facetry::bindings {

namespace {

using Program = MixedIntegerProgram;
using Terms = std::vector<std::pair<Index, double>>;

std::vector<LinearTerm> terms_of(const Terms& pairs) {
  std::vector<LinearTerm> terms;
  for (const auto& [variable, coefficient] : pairs) terms.push_back({variable, coefficient});
  return terms;
}

MathOptSolver solver_named(const std::string& name) {
  if (name == "highs") return MathOptSolver::highs;
  if (name == "gscip") return MathOptSolver::gscip;
  throw InvalidInput("solver must be 'highs' or 'gscip', not '" + name + "'");
}

// (status, objective, bound, values or None, detail)
py::tuple solution_tuple(const MipSolution& solution) {
  py::object values = py::none();
  if (!solution.values.empty()) values = to_array(std::vector<double>(solution.values));
  return py::make_tuple(name(solution.status), solution.objective, solution.bound, values,
                        solution.detail);
}

py::tuple solve(const OrtoolsLibrary& library, const Program& program) {
  program.validate();
  MipSolution solution;
  {
    const Unlocked unlocked;
    solution = library.solve(program);
  }
  return solution_tuple(solution);
}

std::string checked(const Program& program, std::string (*text)(const Program&)) {
  program.validate();
  return text(program);
}

void bind_data(py::module_& module) {
  py::class_<Program>(module, "MixedIntegerProgram")
      .def(py::init<>())
      .def_readwrite("name", &Program::name)
      .def_property_readonly("variable_count",
                             [](const Program& p) { return size_of(p.variables); })
      .def_property_readonly("row_count", [](const Program& p) { return size_of(p.rows); })
      .def_property_readonly("indicator_count",
                             [](const Program& p) { return size_of(p.indicators); })
      .def("add_variable", &Program::add_variable, py::arg("low"), py::arg("high"),
           py::arg("name") = "", py::arg("integer") = false)
      .def(
          "add_row",
          [](Program& program, const Terms& terms, double low, double high,
             const std::string& row_name) {
            return program.add_row(terms_of(terms), low, high, row_name);
          },
          py::arg("terms"), py::arg("low"), py::arg("high"), py::arg("name") = "")
      .def(
          "add_indicator",
          [](Program& program, Index binary, bool active_on_zero, const Terms& terms, double low,
             double high, const std::string& row_name) {
            return program.add_indicator(binary, active_on_zero,
                                         {terms_of(terms), low, high, row_name});
          },
          py::arg("binary"), py::arg("active_on_zero"), py::arg("terms"), py::arg("low"),
          py::arg("high"), py::arg("name") = "")
      .def(
          "set_objective",
          [](Program& program, const Terms& terms, double offset, bool maximize) {
            program.set_objective(terms_of(terms), offset, maximize);
          },
          py::arg("terms"), py::arg("offset"), py::arg("maximize"))
      .def("model_bytes",
           [](const Program& program) { return py::bytes(checked(program, &model_bytes)); })
      .def("mps", [](const Program& program) { return checked(program, &mps_text); })
      .def("lp", [](const Program& program) { return checked(program, &lp_text); });
}

}  // namespace

void bind_program(py::module_& module) {
  bind_data(module);
  py::class_<OrtoolsLibrary, std::shared_ptr<OrtoolsLibrary>>(module, "OrtoolsLibrary")
      .def(py::init([](const std::string& path, const std::string& solver) {
             return std::make_shared<OrtoolsLibrary>(path, solver_named(solver));
           }),
           py::arg("path"), py::arg("solver"))
      .def("solve", &solve, py::arg("program"));
  module.def(
      "read_result",
      [](const py::bytes& result, Index variables) {
        return solution_tuple(read_result(std::string(result), variables));
      },
      py::arg("result"), py::arg("variables"));
}

}  // namespace facetry::bindings
