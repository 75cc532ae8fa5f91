#include "bindings.hpp"
#include "facetry/explain/boundary_distance.hpp"
#include "facetry/explain/query.hpp"
#include "facetry/optimize/ortools_library.hpp"
#include "search_options.hpp"

namespace facetry::bindings {

namespace {

Query::Decision decision_named(const std::string& name) {
  if (name == "none") return Query::Decision::none;
  if (name == "highest") return Query::Decision::highest;
  if (name == "lowest") return Query::Decision::lowest;
  if (name == "threshold") return Query::Decision::threshold;
  throw InvalidInput("unknown decision '" + name + "'");
}

Query query_of(const std::string& decision, double threshold, std::optional<Index> top, bool change,
               bool rank_runner_up, std::optional<Index> runner_up, const MatrixView& weights,
               const DoubleArray& thresholds, Index outputs_each, bool all_ties) {
  if (weights.rows() != thresholds.size()) {
    throw InvalidInput("there must be one threshold for each condition");
  }
  Query query;
  query.decision = decision_named(decision);
  query.threshold = threshold;
  query.top = top;
  query.change = change;
  query.rank_runner_up = rank_runner_up;
  query.runner_up = runner_up;
  query.outputs_each = outputs_each;
  query.all_ties = all_ties;
  for (Index i = 0; i < weights.rows(); ++i) {
    query.where.push_back({weights.row(i).transpose(), thresholds.data()[i]});
  }
  return query;
}

// (regions, network, top, runner-up, cells)
py::tuple as_tuple(QueryAnswer&& found) {
  return py::make_tuple(found.regions, found.network, to_array(std::move(found.top)),
                        to_array(std::move(found.runner_up)), found.cells);
}

py::tuple run(const FormPointer& form, const SpacePointer& space, const Query& query, int threads,
              std::optional<double> time_limit, std::optional<Index> max_regions,
              const std::string& cell, const py::object& progress,
              std::optional<Index> memory_limit, const std::string& exactness) {
  SubdivisionOptions options = search_options(threads, time_limit, max_regions, cell, exactness);
  options.control.keep_going = python_poll(progress);
  options.memory_limit = memory_limit;
  QueryAnswer found;
  {
    const py::gil_scoped_release release;
    found = answer(form, space, query, options);
  }
  return as_tuple(std::move(found));
}

py::tuple run_by_milp(const FormPointer& form, const SpacePointer& space, const Query& query,
                      const OrtoolsLibrary& library, int threads, std::optional<double> time_limit,
                      std::optional<Index> max_regions, const py::object& progress,
                      std::optional<Index> memory_limit, Index window, Index samples) {
  MilpOptions options;
  options.control.threads = threads;
  options.control.deadline = deadline_in(time_limit);
  options.control.keep_going = python_poll(progress);
  options.max_regions = max_regions;
  options.memory_limit = memory_limit;
  options.window = window;
  options.samples = samples;
  QueryAnswer found;
  {
    const py::gil_scoped_release release;
    found = answer_by_milp(form, space, query, library, options);
  }
  return as_tuple(std::move(found));
}

Norm norm_named(const std::string& name) {
  if (name == "L1") return Norm::one;
  if (name == "L2") return Norm::two;
  if (name == "Linf") return Norm::infinity;
  throw InvalidInput("norm must be 'L1', 'L2' or 'Linf', not '" + name + "'");
}

// (point or None, distance, proven, from, to, status, cells)
py::tuple distance(const FormPointer& form, const SpacePointer& space, const Query& query,
                   const DoubleArray& x, const std::string& norm, const DoubleArray& scale,
                   const OrtoolsLibrary* solver, int threads, std::optional<double> time_limit,
                   const std::string& cell, const py::object& progress,
                   const std::string& exactness) {
  BoundaryOptions options;
  const SubdivisionOptions search = search_options(threads, time_limit, {}, cell, exactness);
  options.control = search.control;
  options.control.keep_going = python_poll(progress);
  options.cell = search.cell;
  options.exactness = search.exactness;
  options.norm = norm_named(norm);
  options.scale = Eigen::Map<const Vector>(scale.data(), scale.size());
  options.solver = solver;
  const Vector at = Eigen::Map<const Vector>(x.data(), x.size());
  BoundaryPoint found;
  {
    const py::gil_scoped_release release;
    found = boundary_distance(form, space, query, at, options);
  }
  const py::object point = found.point.size() > 0 ? py::cast(found.point) : py::none();
  return py::make_tuple(point, found.distance, found.proven, found.from, found.to,
                        name(found.termination), found.cells);
}

}  // namespace

void bind_query(py::module_& module) {
  py::class_<Query>(module, "Query")
      .def(py::init(&query_of), py::arg("decision"), py::arg("threshold"), py::arg("top"),
           py::arg("change"), py::arg("rank_runner_up"), py::arg("runner_up"), py::arg("weights"),
           py::arg("thresholds"), py::arg("outputs_each"), py::arg("all_ties") = false);
  module.def("answer", &run, py::arg("form"), py::arg("region"), py::arg("query"),
             py::arg("threads"), py::arg("time_limit"), py::arg("max_regions"), py::arg("cell"),
             py::arg("progress"), py::arg("memory_limit"), py::arg("exactness"));
  module.def("boundary_distance", &distance, py::arg("form"), py::arg("region"), py::arg("query"),
             py::arg("x"), py::arg("norm"), py::arg("scale"), py::arg("solver"), py::arg("threads"),
             py::arg("time_limit"), py::arg("cell"), py::arg("progress"), py::arg("exactness"));
  module.def("answer_by_milp", &run_by_milp, py::arg("form"), py::arg("region"), py::arg("query"),
             py::arg("library"), py::arg("threads"), py::arg("time_limit"), py::arg("max_regions"),
             py::arg("progress"), py::arg("memory_limit"), py::arg("window"), py::arg("samples"));
}

}  // namespace facetry::bindings
