// Options of a search as Python gives them, and the names of what has names.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "bindings.hpp"
#include "facetry/explain/query.hpp"
#include "facetry/geometry/free_space.hpp"
#include "facetry/network/normal_form.hpp"
#include "facetry/search/search_options.hpp"

namespace facetry::bindings {

using FormPointer = std::shared_ptr<NormalForm>;
using SpacePointer = std::shared_ptr<FreeSpace>;

// "float" or "safe". Throws InvalidInput for anything else.
[[nodiscard]] Exactness exactness_named(const std::string& name);
[[nodiscard]] const char* name(Exactness exactness);

// "none", "highest", "lowest" or "threshold". Throws InvalidInput for anything else.
[[nodiscard]] Query::Decision decision_named(const std::string& name);

// The options of one kind of search: what all searches share, taken over.
template <class Options>
[[nodiscard]] Options with(const SearchOptions& shared) {
  Options options;
  options.take(shared);
  return options;
}

// A point, or None if it has no coordinates.
[[nodiscard]] inline py::object point_or_none(const Vector& point) {
  return point.size() > 0 ? py::object(py::cast(point)) : py::none();
}

}  // namespace facetry::bindings
