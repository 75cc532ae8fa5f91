// Sums over regions as a search finds them.
#include "bindings.hpp"
#include "facetry/explain/fold.hpp"
#include "search_options.hpp"

namespace facetry::bindings {

namespace {

FoldKey key_named(const std::string& name) {
  if (name == "none") return FoldKey::none;
  if (name == "choice") return FoldKey::choice;
  if (name == "top_feature") return FoldKey::top_feature;
  throw InvalidInput("unknown key '" + name + "'");
}

FoldResult run_fold(const FormPointer& form, const SpacePointer& space, const SearchOptions& shared,
                    const std::string& key, const std::string& decision, double threshold,
                    Index output, const DoubleArray& scales, bool integrals,
                    std::vector<double> edges) {
  auto options = with<FoldOptions>(shared);
  options.key = key_named(key);
  options.decision = decision_named(decision);
  options.threshold = threshold;
  options.output = output;
  options.scales = Eigen::Map<const Vector>(scales.data(), scales.size());
  options.integrals = integrals;
  options.edges = std::move(edges);
  const Unlocked unlocked;
  return fold_regions(*form, *space, options);
}

}  // namespace

void bind_fold(py::module_& module) {
  py::class_<FoldSums>(module, "FoldSums")
      .def_readonly("key", &FoldSums::key)
      .def_readonly("regions", &FoldSums::regions)
      .def_readonly("volume", &FoldSums::volume)
      .def_readonly("weights", &FoldSums::weights)
      .def_readonly("absolute_weights", &FoldSums::absolute_weights)
      .def_readonly("lowest_weights", &FoldSums::lowest_weights)
      .def_readonly("highest_weights", &FoldSums::highest_weights)
      .def_readonly("outputs", &FoldSums::outputs)
      .def_readonly("products", &FoldSums::products)
      .def_property_readonly("histograms", [](const FoldSums& s) {
        return to_array(std::vector<double>(s.histograms));
      });
  py::class_<FoldResult>(module, "FoldResult")
      .def_property_readonly("status", [](const FoldResult& r) { return name(r.termination); })
      .def_readonly("undecided", &FoldResult::undecided_count)
      .def_readonly("cells", &FoldResult::cells)
      .def_readonly("groups", &FoldResult::groups);
  module.def("fold_regions", &run_fold, py::arg("form"), py::arg("region"), py::arg("options"),
             py::kw_only(), py::arg("key"), py::arg("decision"), py::arg("threshold"),
             py::arg("output"), py::arg("scales"), py::arg("integrals"), py::arg("edges"));
}

}  // namespace facetry::bindings
