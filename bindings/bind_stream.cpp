// Searches as streams of batches.
#include "bindings.hpp"
#include "facetry/partition/partition.hpp"
#include "facetry/search/region_stream.hpp"
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

// The stream with what its batches need to become partitions.
struct PythonStream {
  FormPointer form;
  SpacePointer space;
  Exactness exactness;
  RegionStream stream;
};

std::unique_ptr<PythonStream> start(const FormPointer& form, const SpacePointer& space,
                                    const SearchOptions& shared, std::optional<Index> max_regions,
                                    Index batch, bool ordered,
                                    const std::vector<IntervalTuple>& frontier) {
  StreamOptions options;
  options.search.take(shared);
  options.search.max_regions = max_regions;
  options.batch = batch;
  options.ordered = ordered;
  // What a stream holds are batches that wait for earlier ones.
  if (shared.memory_limit) options.run_ahead = *shared.memory_limit;
  options.search.memory_limit = {};
  options.search.control.keep_going = {};  // see RegionStream
  options.start = to_frontier(frontier);
  const py::gil_scoped_release release;
  return std::unique_ptr<PythonStream>(
      new PythonStream{form, space, options.search.exactness, {form, space, options}});
}

// (partition, frontier, share done), or None if nothing came within `seconds`.
py::object next(PythonStream& self, double seconds) {
  std::optional<RegionBatch> batch;
  {
    const py::gil_scoped_release release;
    batch = self.stream.next(std::chrono::milliseconds(static_cast<Index>(1000 * seconds)));
  }
  if (!batch) return py::none();
  SubdivisionResult found;
  found.regions = std::move(batch->regions);
  found.exactness = self.exactness;
  const bool ordered = found.regions.ascending();
  auto partition = std::make_shared<Partition>(self.form, self.space, std::move(found), ordered);
  return py::make_tuple(partition, to_tuples(batch->frontier), batch->share_done);
}

}  // namespace

void bind_stream(py::module_& module) {
  py::class_<PythonStream>(module, "Stream")
      .def(py::init(&start), py::arg("form"), py::arg("region"), py::arg("options"), py::kw_only(),
           py::arg("max_regions"), py::arg("batch"), py::arg("ordered"), py::arg("frontier"))
      .def("next", &next, py::arg("seconds"))
      .def("cancel", [](PythonStream& self) { self.stream.cancel(); })
      .def_property_readonly("ended", [](const PythonStream& self) { return self.stream.ended(); })
      .def_property_readonly("progress",
                             [](const PythonStream& self) {
                               const Progress now = self.stream.progress();
                               return py::make_tuple(now.regions, now.share_done);
                             })
      .def("end", [](const PythonStream& self) {
        const StreamEnd& end = self.stream.end();
        return py::make_tuple(name(end.termination), to_tuples(end.frontier));
      });
  module.def(
      "fingerprint",
      [](const FormPointer& form, const SpacePointer& space, const SearchOptions& shared) {
        return fingerprint(*form, *space, with<SubdivisionOptions>(shared));
      },
      py::arg("form"), py::arg("region"), py::arg("options"));
}

}  // namespace facetry::bindings
