// Partitions, what follows from them, and explanations of points.
#include <algorithm>

#include "base/parallel.hpp"
#include "bindings.hpp"
#include "facetry/partition/partition.hpp"
#include "search_options.hpp"

namespace facetry::bindings {

namespace {

std::shared_ptr<Partition> run(const FormPointer& form, const SpacePointer& space,
                               const SearchOptions& shared, std::optional<Index> max_regions,
                               bool keep_volumes) {
  auto options = with<ListOptions>(shared);
  options.max_regions = max_regions;
  options.keep_volumes = keep_volumes;
  const Unlocked unlocked;
  return find_partition(form, space, options);
}

RegionRange checked(const Partition& partition, Index begin, Index end) {
  if (begin < 0 || begin > end || end > partition.size()) {
    throw InvalidInput("region range out of bounds");
  }
  return {begin, end};
}

// The units of boundaries (-1: a side of the region), or their numbers in their units.
py::array_t<std::int32_t> column(const Partition& partition, const std::vector<Origin>& origins,
                                 Index Boundary::* field) {
  std::vector<std::int32_t> values;
  values.reserve(origins.size());
  for (const Origin origin : origins) {
    values.push_back(static_cast<std::int32_t>(partition.boundary_ids().at(origin).*field));
  }
  return to_array(std::move(values));
}

py::tuple models(const Partition& partition, Index begin, Index end, int threads) {
  const RegionRange range = checked(partition, begin, end);
  const Index n = partition.form().output_size();
  py::array_t<double> coef({range.count(), n, partition.form().input_size()});
  py::array_t<double> intercept({range.count(), n});
  double* coef_out = coef.mutable_data();
  double* intercept_out = intercept.mutable_data();
  {
    const Unlocked unlocked;
    partition.models(range, threads, coef_out, intercept_out);
  }
  return py::make_tuple(coef, intercept);
}

py::tuple halfspaces(const Partition& partition, Index begin, Index end, int threads) {
  const RegionRange range = checked(partition, begin, end);
  partition.regions().require(range, threads);
  const auto& offsets = partition.regions().facet_offsets;
  const Index facets = offsets[range.end] - offsets[range.begin];
  std::vector<Index> own(offsets.begin() + range.begin, offsets.begin() + range.end + 1);
  for (Index& offset : own) offset -= offsets[range.begin];
  py::array_t<double> A({facets, partition.space().input_size()});
  py::array_t<double> b(facets);
  double* A_out = A.mutable_data();
  double* b_out = b.mutable_data();
  {
    const Unlocked unlocked;
    partition.halfspaces(range, threads, A_out, b_out);
  }
  return py::make_tuple(to_array(std::move(own)), A, b);
}

py::dict facet_table(const Partition& partition, Index begin, Index end, int threads) {
  FacetTable table;
  const RegionRange range = checked(partition, begin, end);
  {
    const Unlocked unlocked;
    table = partition.facet_table(range, threads);
  }
  std::vector<std::int32_t> unit, from, to;
  for (const TightUnit& tight : table.tight) {
    unit.push_back(static_cast<std::int32_t>(tight.unit));
    from.push_back(static_cast<std::int32_t>(tight.from));
    to.push_back(static_cast<std::int32_t>(tight.to));
  }
  py::dict result;
  result["offsets"] = to_array(std::move(table.offsets));
  result["unit"] = column(partition, table.origins, &Boundary::unit);
  result["boundary"] = column(partition, table.origins, &Boundary::boundary);
  result["neighbor"] = to_array(std::move(table.neighbors));
  result["tight_offsets"] = to_array(std::move(table.tight_offsets));
  result["tight_unit"] = to_array(std::move(unit));
  result["tight_from"] = to_array(std::move(from));
  result["tight_to"] = to_array(std::move(to));
  result["change_offsets"] = to_array(std::move(table.change_offsets));
  result["changes"] = to_array(std::move(table.changes));
  return result;
}

// (unit, boundary, reach, place in free coordinates) of the undecided cuts that were kept.
py::tuple undecided_cuts(const Partition& partition) {
  const RegionView& list = partition.regions();
  std::vector<Origin> boundaries;
  py::array_t<double> reach(size_of(list.undecided));
  py::array_t<double> place({size_of(list.undecided), list.dimension});
  double* reach_out = reach.mutable_data();
  double* place_out = place.mutable_data();
  for (const UndecidedCut& cut : list.undecided) {
    boundaries.push_back(cut.boundary);
    *reach_out++ = cut.reach;
    place_out = std::copy(cut.place.begin(), cut.place.end(), place_out);
  }
  return py::make_tuple(column(partition, boundaries, &Boundary::unit),
                        column(partition, boundaries, &Boundary::boundary), reach, place);
}

py::tuple points(const FormPointer& form, const MatrixView& X, int threads) {
  py::array_t<double> coef({static_cast<Index>(X.rows()), form->output_size(), form->input_size()});
  py::array_t<double> intercept({static_cast<Index>(X.rows()), form->output_size()});
  double* coef_out = coef.mutable_data();
  double* intercept_out = intercept.mutable_data();
  {
    const Unlocked unlocked;
    explain_points(*form, X, threads, coef_out, intercept_out);
  }
  return py::make_tuple(coef, intercept);
}

std::shared_ptr<Partition> validity(const FormPointer& form, const SpacePointer& space,
                                    const MatrixView& X, const SearchOptions& options) {
  const Unlocked unlocked;
  return validity_regions(form, space, X, options);
}

py::tuple vertices(const Partition& partition, Index begin, Index end, int threads) {
  const RegionRange range = checked(partition, begin, end);
  Partition::Corners corners;
  {
    const Unlocked unlocked;
    corners = partition.corners(range, threads);
  }
  return py::make_tuple(to_array(std::move(corners.offsets)), corners.points);
}

py::tuple flat_units(const Partition& partition, Index begin, Index end, int threads) {
  const RegionRange range = checked(partition, begin, end);
  Partition::Ragged found;
  {
    const Unlocked unlocked;
    found = partition.flat_units(range, threads);
  }
  return py::make_tuple(to_array(std::move(found.offsets)), to_array(std::move(found.units)));
}

py::array_t<Index> locate(const Partition& partition, const MatrixView& X, int threads) {
  py::array_t<Index> result(X.rows());
  Index* out = result.mutable_data();
  const Unlocked unlocked;
  partition.locate(X, threads, out);
  return result;
}

}  // namespace

void bind_partition(py::module_& module) {
  py::class_<Partition, std::shared_ptr<Partition>> partition(module, "Partition");
  partition.def("__len__", &Partition::size)
      .def_property_readonly("status", [](const Partition& p) { return name(p.termination()); })
      .def_property_readonly("exactness", [](const Partition& p) { return name(p.exactness()); })
      .def_property_readonly("ordered", &Partition::ordered)
      .def_property_readonly("undecided",
                             [](const Partition& p) { return p.regions().undecided_count; })
      .def_property_readonly("below_resolution",
                             [](const Partition& p) { return p.regions().below_resolution; })
      .def("models", &models, py::arg("begin"), py::arg("end"), py::arg("threads"))
      .def(
          "states",
          [](const Partition& p, Index begin, Index end) {
            const RegionRange range = checked(p, begin, end);
            py::array_t<std::int32_t> out({range.count(), p.layout().units()});
            p.states(range, out.mutable_data());
            return out;
          },
          py::arg("begin"), py::arg("end"))
      .def(
          "interior_points",
          [](const Partition& p, Index begin, Index end) {
            const RegionRange range = checked(p, begin, end);
            py::array_t<double> out({range.count(), p.space().input_size()});
            p.interior_points(range, out.mutable_data());
            return out;
          },
          py::arg("begin"), py::arg("end"))
      .def("halfspaces", &halfspaces, py::arg("begin"), py::arg("end"), py::arg("threads"))
      .def(
          "volumes",
          [](const Partition& p, Index begin, Index end, int threads) {
            const RegionRange range = checked(p, begin, end);
            py::array_t<double> out(range.count());
            double* data = out.mutable_data();
            const Unlocked unlocked;
            p.volumes(range, threads, data);
            return out;
          },
          py::arg("begin"), py::arg("end"), py::arg("threads"))
      .def("vertices", &vertices, py::arg("begin"), py::arg("end"), py::arg("threads"))
      .def("facet_table", &facet_table, py::arg("begin"), py::arg("end"), py::arg("threads"))
      .def("flat_units", &flat_units, py::arg("begin"), py::arg("end"), py::arg("threads"))
      .def("locate", &locate, py::arg("X"), py::arg("threads"))
      .def("undecided_cuts", &undecided_cuts)
      .def("check", &Partition::check, py::arg("threads"), py::call_guard<Unlocked>());
  bind_raw_partition(partition);
  module.def("subdivide", &run, py::arg("form"), py::arg("region"), py::arg("options"),
             py::kw_only(), py::arg("max_regions") = py::none(), py::arg("keep_volumes") = false);
  module.def("explain_points", &points, py::arg("form"), py::arg("X"), py::arg("threads"));
  module.def("validity_regions", &validity, py::arg("form"), py::arg("region"), py::arg("X"),
             py::arg("options"));
  module.def("available_threads", &available_threads);
}

}  // namespace facetry::bindings
