// The options that all searches share.
#include "search_options.hpp"

#include <chrono>

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

// So many seconds from now; nothing if there is no limit.
std::optional<Control::Clock::time_point> deadline_in(std::optional<double> seconds) {
  using Clock = Control::Clock;
  if (!seconds) return std::nullopt;
  const std::chrono::duration<double> wait(*seconds);
  return Clock::now() + std::chrono::duration_cast<Clock::duration>(wait);
}

// Asks Python now and then: a pending signal (Ctrl-C) ends the search with the exception that its
// handler raised, `progress` (or None) is told. Copies share one reference to it, since the core
// copies options without the interpreter's lock.
std::function<bool(const Progress&)> python_poll(const py::object& told) {
  const std::shared_ptr<py::object> held(new py::object(told), [](const py::object* object) {
    const py::gil_scoped_acquire acquire;
    delete object;
  });
  return [held](const Progress& state) {
    if (closing()) return false;
    const py::gil_scoped_acquire acquire;
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    if (!held->is_none()) return (*held)(state.regions, state.share_done).cast<bool>();
    return true;
  };
}

SearchOptions options_of(int threads, std::optional<double> time_limit,
                         std::optional<Index> memory_limit, const std::string& cell,
                         const std::string& exactness, const py::object& progress) {
  SearchOptions options;
  options.control.threads = threads;
  options.control.deadline = deadline_in(time_limit);
  options.control.keep_going = python_poll(progress);
  options.memory_limit = memory_limit;
  options.cell = cell_kind(cell);
  options.exactness = exactness_named(exactness);
  options.validate();
  return options;
}

}  // namespace

Exactness exactness_named(const std::string& name) {
  if (name == "float") return Exactness::floating;
  if (name == "safe") return Exactness::safe;
  throw InvalidInput("exactness must be 'float' or 'safe', not '" + name + "'");
}

const char* name(Exactness exactness) { return exactness == Exactness::safe ? "safe" : "float"; }

void bind_search_options(py::module_& module) {
  py::class_<SearchOptions>(module, "SearchOptions")
      .def(py::init(&options_of), py::kw_only(), py::arg("threads") = 1,
           py::arg("time_limit") = py::none(), py::arg("memory_limit") = py::none(),
           py::arg("cell") = "auto", py::arg("exactness") = "safe",
           py::arg("progress") = py::none())
      .def_property_readonly("threads", [](const SearchOptions& o) { return o.control.threads; });
}

}  // namespace facetry::bindings
