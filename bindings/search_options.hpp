// Options of a search as Python gives them.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "bindings.hpp"
#include "facetry/search/subdivision.hpp"

namespace facetry::bindings {

using FormPointer = std::shared_ptr<NormalForm>;
using SpacePointer = std::shared_ptr<FreeSpace>;

// "float" or "safe". Throws InvalidInput for anything else.
[[nodiscard]] Exactness exactness_named(const std::string& name);
[[nodiscard]] const char* name(Exactness exactness);

// Throws InvalidInput for an unknown `cell` or `exactness`. `time_limit` in seconds from now.
[[nodiscard]] SubdivisionOptions search_options(int threads, std::optional<double> time_limit,
                                                std::optional<Index> max_regions,
                                                const std::string& cell,
                                                const std::string& exactness);

// So many seconds from now; nothing if there is no limit.
[[nodiscard]] std::optional<Control::Clock::time_point> deadline_in(std::optional<double> seconds);

// Asks Python now and then: pending signals (Ctrl-C) cancel, `progress` (or None) is told.
[[nodiscard]] std::function<bool(const Progress&)> python_poll(const py::object& progress);

}  // namespace facetry::bindings
