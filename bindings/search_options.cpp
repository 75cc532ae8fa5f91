#include "search_options.hpp"

#include "facetry/base/error.hpp"

namespace facetry::bindings {

namespace {

CellKind cell_kind(const std::string& name) {
  if (name == "auto") return CellKind::automatic;
  if (name == "polygons") return CellKind::polygons;
  if (name == "vertices") return CellKind::vertices;
  if (name == "lp") return CellKind::linear_programs;
  throw InvalidInput("cell must be 'auto', 'polygons', 'vertices' or 'lp', not '" + name + "'");
}

}  // namespace

Exactness exactness_named(const std::string& name) {
  if (name == "float") return Exactness::floating;
  if (name == "safe") return Exactness::safe;
  throw InvalidInput("exactness must be 'float' or 'safe', not '" + name + "'");
}

const char* name(Exactness exactness) {
  return exactness == Exactness::safe ? "safe" : "float";
}

SubdivisionOptions search_options(int threads, std::optional<double> time_limit,
                                  std::optional<Index> max_regions, const std::string& cell,
                                  const std::string& exactness) {
  SubdivisionOptions options;
  options.control.threads = threads;
  options.max_regions = max_regions;
  options.cell = cell_kind(cell);
  options.exactness = exactness_named(exactness);
  options.control.deadline = deadline_in(time_limit);
  return options;
}

std::optional<Control::Clock::time_point> deadline_in(std::optional<double> seconds) {
  using Clock = Control::Clock;
  if (!seconds) return std::nullopt;
  const std::chrono::duration<double> wait(*seconds);
  return Clock::now() + std::chrono::duration_cast<Clock::duration>(wait);
}

std::function<bool(const Progress&)> python_poll(const py::object& progress) {
  return [progress](const Progress& state) {
    const py::gil_scoped_acquire acquire;
    if (PyErr_CheckSignals() != 0) {
      const bool interrupted = PyErr_ExceptionMatches(PyExc_KeyboardInterrupt) != 0;
      if (!interrupted) throw py::error_already_set();
      PyErr_Clear();
      return false;
    }
    if (!progress.is_none()) return progress(state.regions, state.share_done).cast<bool>();
    return true;
  };
}

}  // namespace facetry::bindings
