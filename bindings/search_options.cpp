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
  using Clock = Control::Clock;
  SubdivisionOptions options;
  options.control.threads = threads;
  options.max_regions = max_regions;
  options.cell = cell_kind(cell);
  options.exactness = exactness_named(exactness);
  if (time_limit) {
    const std::chrono::duration<double> seconds(*time_limit);
    options.control.deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(seconds);
  }
  return options;
}

}  // namespace facetry::bindings
