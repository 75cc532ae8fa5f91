// Once all states of a stage are fixed, the next stage's pre-activations are affine functions of
// the free coordinates. So a program never reaches over a stage, its constants are widths of a
// cell, and a margin is a distance.
#include "milp/milp_node.hpp"

#include <algorithm>

#include "facetry/base/error.hpp"
#include "milp/milp_samples.hpp"
#include "milp/milp_window.hpp"
#include "regions/region_list.hpp"

namespace facetry {

MilpExpansion::MilpExpansion(const NormalForm& form, const FreeSpace& space,
                             const StateLayout& layout, const MipSolver& solver,
                             const MilpOptions& options, MilpCounts& counts)
    : form_(form),
      space_(space),
      layout_(layout),
      solver_(solver),
      options_(options),
      counts_(counts),
      goal_(form, space, options.goal),
      measure_(form, options.tolerances, options.tolerances.solver_margin),
      pass_(form, options.tolerances) {
  pass_.start_in(space);
}

void MilpExpansion::enter(const MilpNode& node) {
  for (Index s = 0; s < node.stage; ++s) {
    pass_.enter_stage(s);
    for (Index u = 0; u < size_of(form_.stages()[s].units); ++u) {
      pass_.decide(s, u, layout_.get(node.state.data(), form_.stages()[s].first_unit + u));
    }
    pass_.finish_stage(s);
  }
  if (node.stage < size_of(form_.stages())) pass_.enter_stage(node.stage);
}

// All units of the node's stage are fixed: on to the next.
void MilpExpansion::leave_stage(MilpNode& node) {
  const Stage& stage = form_.stages()[node.stage];
  for (Index u = 0; u < size_of(stage.units); ++u) {
    pass_.decide(node.stage, u, layout_.get(node.state.data(), stage.first_unit + u));
  }
  pass_.finish_stage(node.stage);
  ++node.stage;
  node.unit = 0;
  if (node.stage < size_of(form_.stages())) pass_.enter_stage(node.stage);
}

// The next open units of the stage, up to `window` of them. Stable ones on the way are fixed; `end`
// is the first unit behind.
std::vector<UnitOnCell> MilpExpansion::next_window(MilpNode& node, const LpCell& cell, Index& end) {
  const Stage& stage = form_.stages()[node.stage];
  std::vector<UnitOnCell> open;
  for (end = node.unit; end < size_of(stage.units); ++end) {
    UnitOnCell unit = measure_.on_cell(pass_, node.stage, end, cell);
    if (unit.stable()) {
      layout_.set(node.state.data(), unit.number, unit.pieces.front());
      continue;
    }
    if (size_of(open) == options_.window) break;
    open.push_back(std::move(unit));
  }
  return open;
}

namespace {

// Adds the constraints of a unit's piece, as seen from inside.
void add_boundaries(const UnitOnCell& unit, Index piece, std::vector<double>& rows,
                    std::vector<Origin>& origins) {
  for (const OpenBoundary& boundary : unit.boundaries) {
    if (boundary.above != piece && boundary.below != piece) continue;
    const double sign = boundary.above == piece ? 1.0 : -1.0;
    for (const double entry : boundary.row) rows.push_back(sign * entry);
    origins.push_back(sign > 0.0 ? boundary.from_above : boundary.from_below);
  }
}

}  // namespace

// False if there is no room for the state after all.
bool MilpExpansion::make_child(const MilpNode& node, const std::vector<UnitOnCell>& units,
                               const std::vector<Index>& pieces, MilpNode& child) const {
  child = node;
  for (std::size_t i = 0; i < units.size(); ++i) {
    layout_.set(child.state.data(), units[i].number, pieces[i]);
    add_boundaries(units[i], pieces[i], child.rows, child.origins);
  }
  std::vector<Origin> facets;
  try {
    LpCell cell(space_, child.rows, child.origins, options_.tolerances);
    Vector centre;
    if (cell.inscribed_ball(centre) <= options_.tolerances.cut) return false;
    cell.facets(facets);
  } catch (const NumericalError&) {  // nothing is left
    return false;
  }
  const std::size_t length = static_cast<std::size_t>(space_.dimension() + 1);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < child.origins.size(); ++i) {
    if (!std::binary_search(facets.begin(), facets.end(), child.origins[i])) continue;
    child.origins[kept] = child.origins[i];
    std::copy_n(child.rows.begin() + static_cast<std::ptrdiff_t>(i * length), length,
                child.rows.begin() + static_cast<std::ptrdiff_t>(kept * length));
    ++kept;
  }
  child.origins.resize(kept);
  child.rows.resize(kept * length);
  return true;
}

// Has a unit of the window a state that is not wanted?
bool MilpExpansion::contradicts(const MilpNode& node, const std::vector<UnitOnCell>& units,
                                const std::vector<Index>& pieces) const {
  const std::vector<Index>& required = options_.goal.required;
  if (required.empty() || node.stage + 1 < size_of(form_.stages())) return false;
  for (std::size_t i = 0; i < units.size(); ++i) {
    const Index unit = units[i].number - form_.stages().back().first_unit;
    if (!SearchGoal::meets(pieces[i], required[unit])) return true;
  }
  return false;
}

std::vector<MilpNode> MilpExpansion::expand(MilpNode node, StopSignal& signal) {
  enter(node);
  LpCell cell(space_, node.rows, node.origins, options_.tolerances);
  if (goal_.hopeless(pass_, node.stage, cell)) return {};
  Index end = 0;
  std::vector<UnitOnCell> units;
  while (node.stage < size_of(form_.stages())) {
    units = next_window(node, cell, end);
    if (!units.empty()) break;
    leave_stage(node);
  }
  if (units.empty()) {
    if (!options_.goal.wants(form_, layout_, node.state.data())) return {};
    node.is_region = true;
    return {std::move(node)};
  }
  node.unit = end;
  std::vector<MilpNode> children;
  MilpWindow window(space_, node.rows, units, options_.tolerances);
  const auto keep = [&](const std::vector<Index>& pieces) {
    MilpNode child;
    if (contradicts(node, units, pieces)) return true;  // known, and not wanted
    const bool has_interior = make_child(node, units, pieces, child);
    if (has_interior) children.push_back(std::move(child));
    return has_interior;
  };
  Vector centre;
  (void)cell.inscribed_ball(centre);
  for (const auto& pieces : sampled_states(space_, node.rows, units, centre, options_.samples)) {
    if (keep(pieces)) window.block(pieces);
  }
  while (!window.exhausted() && !signal.stopped()) {
    const std::vector<Index> pieces = window.next(solver_);
    ++counts_.solves;
    if (pieces.empty()) break;
    if (!keep(pieces)) ++counts_.rejected;
  }
  std::sort(children.begin(), children.end(), [&](const MilpNode& a, const MilpNode& b) {
    return layout_.compare(a.state.data(), b.state.data()) < 0;
  });
  for (MilpNode& child : children) child.share = node.share / static_cast<double>(children.size());
  return children;
}

void MilpExpansion::list(const MilpNode& region, RegionList& out) const {
  LpCell cell(space_, region.rows, region.origins, options_.tolerances);
  std::vector<Origin> facets;
  cell.facets(facets);
  std::vector<double> point(static_cast<std::size_t>(space_.dimension()));
  cell.interior_point(point.data());
  out.add(region.state.data(), point.data(), facets);
}

}  // namespace facetry
