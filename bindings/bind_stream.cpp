// Searches as streams of batches.
#include "bindings.hpp"
#include "facetry/partition/partition_stream.hpp"
#include "search/fingerprint.hpp"
#include "search_options.hpp"

namespace facetry::bindings {

namespace {

// (from, after, end, start_position, end_position)
using IntervalTuple = std::tuple<TreePath, std::vector<StateWord>, TreePath, double, double>;

std::vector<IntervalTuple> to_tuples(const Frontier& frontier) {
  std::vector<IntervalTuple> result;
  for (const Interval& part : frontier) {
    result.emplace_back(part.from, part.after, part.end, part.start_position, part.end_position);
  }
  return result;
}

Frontier to_frontier(const std::vector<IntervalTuple>& tuples) {
  Frontier result;
  for (const auto& [from, after, end, start_position, end_position] : tuples) {
    result.push_back({from, after, end, start_position, end_position});
  }
  return result;
}

std::unique_ptr<PartitionStream> start(const FormPointer& form, const SpacePointer& space,
                                       const SearchOptions& shared,
                                       std::optional<Index> max_regions, Index batch, bool ordered,
                                       const std::vector<IntervalTuple>& frontier,
                                       bool keep_volumes) {
  PartitionStreamOptions options;
  options.take(shared);
  options.max_regions = max_regions;
  options.keep_volumes = keep_volumes;
  options.batch = batch;
  options.ordered = ordered;
  // What a stream holds are batches that wait for earlier ones.
  if (shared.memory_limit) options.run_ahead = *shared.memory_limit;
  options.memory_limit = {};
  options.control.keep_going = {};  // see PartitionStream
  options.start = to_frontier(frontier);
  const Unlocked unlocked;
  return std::make_unique<PartitionStream>(form, space, options);
}

// (partition, frontier, share done), or None if nothing came within `seconds`.
py::object next(PartitionStream& self, double seconds) {
  std::optional<PartitionBatch> batch;
  {
    const Unlocked unlocked;
    batch = self.next(std::chrono::milliseconds(static_cast<Index>(1000 * seconds)));
  }
  if (!batch) return py::none();
  return py::make_tuple(batch->regions, to_tuples(batch->frontier), batch->share_done);
}

}  // namespace

void bind_stream(py::module_& module) {
  py::class_<PartitionStream>(module, "Stream")
      .def(py::init(&start), py::arg("form"), py::arg("region"), py::arg("options"), py::kw_only(),
           py::arg("max_regions"), py::arg("batch"), py::arg("ordered"), py::arg("frontier"),
           py::arg("keep_volumes") = false)
      .def("next", &next, py::arg("seconds"))
      .def("cancel", [](PartitionStream& self) { self.cancel(); })
      .def_property_readonly("ended", [](const PartitionStream& self) { return self.ended(); })
      .def_property_readonly("progress",
                             [](const PartitionStream& self) {
                               const Progress now = self.progress();
                               return py::make_tuple(now.regions, now.share_done);
                             })
      .def("end", [](const PartitionStream& self) {
        return py::make_tuple(name(self.termination()), to_tuples(self.frontier()));
      });
  module.def(
      "fingerprint",
      [](const FormPointer& form, const SpacePointer& space, const SearchOptions& shared) {
        return fingerprint(*form, *space, with<SubdivisionOptions>(shared));
      },
      py::arg("form"), py::arg("region"), py::arg("options"));
}

}  // namespace facetry::bindings
