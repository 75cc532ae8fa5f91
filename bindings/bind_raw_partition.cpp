// The arrays of a partition as they are saved, and partitions of arrays that Python holds. No array
// is copied either way.
#include <limits>

#include "bindings.hpp"
#include "facetry/partition/partition.hpp"
#include "regions/region_blocks.hpp"
#include "search_options.hpp"

namespace facetry::bindings {

namespace {

using PartitionPointer = std::shared_ptr<Partition>;

// A read-only array over memory that `owner` holds.
template <class T, class Element>
py::array_t<T> shared(const Element* data, std::size_t size, const py::handle& owner) {
  static_assert(sizeof(T) == sizeof(Element));
  py::array_t<T> array(static_cast<py::ssize_t>(size), reinterpret_cast<const T*>(data), owner);
  array.attr("setflags")(py::arg("write") = false);
  return array;
}

// The arrays that a saved partition holds: an origin is its number of 4 bytes.
py::dict raw(const py::object& self) {
  const RegionView& regions = self.cast<const Partition&>().regions();
  const auto all = [&](const auto& array) {
    using T = typename std::decay_t<decltype(array)>::value_type;
    return shared<T>(array.data(), array.size(), self);
  };
  py::dict result;
  result["words"] = regions.words;
  result["dimension"] = regions.dimension;
  result["states"] = all(regions.states);
  result["interior"] = all(regions.interior);
  result["facet_offsets"] = all(regions.facet_offsets);
  result["facets"] = shared<std::int32_t>(regions.facets.data(), regions.facets.size(), self);
  result["undecided_count"] = regions.undecided_count;
  result["below_resolution"] = regions.below_resolution;
  std::vector<Index> boundaries;
  std::vector<double> reach, place;
  for (const UndecidedCut& cut : regions.undecided) {
    boundaries.push_back(cut.boundary.number());
    reach.push_back(cut.reach);
    place.insert(place.end(), cut.place.begin(), cut.place.end());
  }
  result["undecided_boundary"] = to_array(std::move(boundaries));
  result["undecided_reach"] = to_array(std::move(reach));
  result["undecided_place"] = to_array(std::move(place));
  return result;
}

py::array_t<std::uint64_t> checksums(const Partition& partition, int threads) {
  std::vector<std::uint64_t> sums;
  {
    const Unlocked unlocked;
    sums = block_checksums(partition.regions(), threads);
  }
  return to_array(std::move(sums));
}

Termination termination_named(const std::string& text) {
  for (const Termination reason :
       {Termination::complete, Termination::time_limit, Termination::region_limit,
        Termination::memory_limit, Termination::cancelled}) {
    if (text == name(reason)) return reason;
  }
  throw InvalidInput("unknown status '" + text + "'");
}

// An array of the dictionary where it lies: of this type, contiguous and aligned.
template <class T, class Element = T>
ArrayView<Element> borrowed(const py::dict& arrays, const char* name) {
  static_assert(sizeof(T) == sizeof(Element));
  const py::object array = arrays[name];
  if (!py::isinstance<py::array_t<T, py::array::c_style>>(array)) {
    throw InvalidInput(std::string("the array ") + name + " has another type");
  }
  const auto values = array.cast<py::array>();
  if (reinterpret_cast<std::uintptr_t>(values.data()) % alignof(Element) != 0) {
    throw InvalidInput(std::string("the array ") + name + " is not aligned");
  }
  return {static_cast<const Element*>(values.data()), static_cast<std::size_t>(values.size())};
}

void read_undecided(const py::dict& arrays, RegionView& regions) {
  regions.undecided_count = arrays["undecided_count"].cast<Index>();
  const auto boundaries = borrowed<Index>(arrays, "undecided_boundary");
  const auto reach = borrowed<double>(arrays, "undecided_reach");
  const auto place = borrowed<double>(arrays, "undecided_place");
  const Index k = regions.dimension;
  if (reach.size() != boundaries.size() || size_of(place) != size_of(reach) * k) {
    throw InvalidInput("the arrays of undecided cuts differ in length");
  }
  for (Index i = 0; i < size_of(reach); ++i) {
    if (boundaries[i] < 0 || boundaries[i] > std::numeric_limits<std::int32_t>::max()) {
      throw InvalidInput("an undecided cut of no unit");
    }
    const double* at = place.data() + i * k;
    regions.undecided.push_back({Origin::cut(boundaries[i]), reach[i], {at, at + k}});
  }
}

// Keeps the arrays of the dictionary, however the partition comes to its end.
std::shared_ptr<const void> keep(const py::dict& arrays) {
  return {new py::dict(arrays), [](const void* held) {
            const py::gil_scoped_acquire acquire;
            delete static_cast<const py::dict*>(held);
          }};
}

PartitionPointer from_raw(const FormPointer& form, const SpacePointer& space,
                          const py::dict& arrays, const std::string& status, bool ordered,
                          const std::string& exactness, const std::string& name) {
  RegionView regions;
  regions.words = arrays["words"].cast<Index>();
  regions.dimension = arrays["dimension"].cast<Index>();
  if (regions.dimension != space->dimension()) throw InvalidInput("another free dimension");
  regions.states = borrowed<StateWord>(arrays, "states");
  regions.interior = borrowed<double>(arrays, "interior");
  regions.facet_offsets = borrowed<Index>(arrays, "facet_offsets");
  regions.facets = borrowed<std::int32_t, Origin>(arrays, "facets");
  regions.count = size_of(regions.facet_offsets) - 1;
  read_undecided(arrays, regions);
  // Files of before the MILP engine have none.
  if (arrays.contains("below_resolution")) {
    regions.below_resolution = arrays["below_resolution"].cast<Index>();
  }
  regions.owner = keep(arrays);
  regions.guard =
      std::make_shared<RegionBlocks>(regions, RegionCheck(*form, *space),
                                     borrowed<std::uint64_t>(arrays, "checksums"), ordered, name);
  return std::make_shared<Partition>(form, space, std::move(regions), termination_named(status),
                                     ordered, exactness_named(exactness));
}

}  // namespace

void bind_raw_partition(py::class_<Partition, PartitionPointer>& partition) {
  partition.def("raw", &raw)
      .def("checksums", &checksums, py::arg("threads"))
      .def_static("from_raw", &from_raw, py::arg("form"), py::arg("region"), py::arg("arrays"),
                  py::arg("status"), py::arg("ordered"), py::arg("exactness"), py::arg("name"));
}

}  // namespace facetry::bindings
