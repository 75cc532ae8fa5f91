// Queries, and distances to other choices.
#include "bindings.hpp"
#include "facetry/explain/boundary_distance.hpp"
#include "facetry/explain/query.hpp"
#include "facetry/optimize/ortools_library.hpp"
#include "search_options.hpp"

namespace facetry::bindings {

namespace {

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

QueryAnswer run_query(const FormPointer& form, const SpacePointer& space, const Query& query,
                      const SearchOptions& shared, std::optional<Index> max_regions,
                      bool keep_volumes) {
  auto options = with<ListOptions>(shared);
  options.max_regions = max_regions;
  options.keep_volumes = keep_volumes;
  const Unlocked unlocked;
  return answer(form, space, query, options);
}

QueryAnswer run_by_milp(const FormPointer& form, const SpacePointer& space, const Query& query,
                        const OrtoolsLibrary& library, const SearchOptions& shared,
                        std::optional<Index> max_regions, Index window, Index samples) {
  auto options = with<MilpOptions>(shared);
  options.max_regions = max_regions;
  options.window = window;
  options.samples = samples;
  const Unlocked unlocked;
  return answer_by_milp(form, space, query, library, options);
}

Norm norm_named(const std::string& name) {
  if (name == "L1") return Norm::one;
  if (name == "L2") return Norm::two;
  if (name == "Linf") return Norm::infinity;
  throw InvalidInput("norm must be 'L1', 'L2' or 'Linf', not '" + name + "'");
}

BoundaryPoint distance(const FormPointer& form, const SpacePointer& space, const Query& query,
                       const DoubleArray& x, const SearchOptions& shared, const std::string& norm,
                       const DoubleArray& scale, const OrtoolsLibrary* solver) {
  auto options = with<BoundaryOptions>(shared);
  options.norm = norm_named(norm);
  options.scale = Eigen::Map<const Vector>(scale.data(), scale.size());
  options.solver = solver;
  const Vector at = Eigen::Map<const Vector>(x.data(), x.size());
  const Unlocked unlocked;
  return boundary_distance(form, space, query, at, options);
}

}  // namespace

Query::Decision decision_named(const std::string& name) {
  if (name == "none") return Query::Decision::none;
  if (name == "highest") return Query::Decision::highest;
  if (name == "lowest") return Query::Decision::lowest;
  if (name == "threshold") return Query::Decision::threshold;
  throw InvalidInput("unknown decision '" + name + "'");
}

void bind_query(py::module_& module) {
  py::class_<Query>(module, "Query")
      .def(py::init(&query_of), py::kw_only(), py::arg("decision"), py::arg("threshold"),
           py::arg("top"), py::arg("change") = false, py::arg("rank_runner_up") = false,
           py::arg("runner_up") = py::none(), py::arg("weights"), py::arg("thresholds"),
           py::arg("outputs_each") = 0, py::arg("all_ties") = false);
  py::class_<QueryAnswer>(module, "QueryAnswer")
      .def_readonly("regions", &QueryAnswer::regions)
      .def_readonly("network", &QueryAnswer::network)
      .def_property_readonly(
          "top", [](const QueryAnswer& a) { return to_array(std::vector<Index>(a.top)); })
      .def_property_readonly(
          "runner_up",
          [](const QueryAnswer& a) { return to_array(std::vector<Index>(a.runner_up)); })
      .def_readonly("cells", &QueryAnswer::cells);
  module.def("wins_strictly", &wins_strictly, py::arg("form"), py::arg("query"), py::arg("point"),
             py::arg("choice"));
  py::class_<BoundaryPoint>(module, "BoundaryPoint")
      .def_property_readonly("point", [](const BoundaryPoint& p) { return point_or_none(p.point); })
      .def_readonly("point_distance", &BoundaryPoint::point_distance)
      .def_readonly("confirmed", &BoundaryPoint::confirmed)
      .def_readonly("distance", &BoundaryPoint::distance)
      .def_readonly("proven", &BoundaryPoint::proven)
      .def_readonly("choice", &BoundaryPoint::from)
      .def_readonly("other", &BoundaryPoint::to)
      .def_property_readonly("status", [](const BoundaryPoint& p) { return name(p.termination); })
      .def_readonly("cells", &BoundaryPoint::cells);
  module.def("answer", &run_query, py::arg("form"), py::arg("region"), py::arg("query"),
             py::arg("options"), py::kw_only(), py::arg("max_regions") = py::none(),
             py::arg("keep_volumes") = false);
  module.def("boundary_distance", &distance, py::arg("form"), py::arg("region"), py::arg("query"),
             py::arg("x"), py::arg("options"), py::kw_only(), py::arg("norm"), py::arg("scale"),
             py::arg("solver"));
  module.def("answer_by_milp", &run_by_milp, py::arg("form"), py::arg("region"), py::arg("query"),
             py::arg("library"), py::arg("options"), py::kw_only(),
             py::arg("max_regions") = py::none(), py::arg("window") = MilpOptions{}.window,
             py::arg("samples") = MilpOptions{}.samples);
}

}  // namespace facetry::bindings
