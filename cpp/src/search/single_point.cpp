// The state of a network at one point, in doubles or exactly.
#include "search/single_point.hpp"

#include "search/path/exact_path.hpp"
#include "state/predicates.hpp"

namespace facetry {

namespace {

// The state of a region that is one point, without rounding: on a breakpoint the lower piece, of
// equal arguments the first.
std::vector<StateWord> exact_state(const NormalForm& form, const FreeSpace& space,
                                   const SubdivisionOptions& options) {
  const SearchPlan plan(form, space, options.tolerances, options.exactness);
  const StateLayout layout(form);
  std::vector<StateWord> state(static_cast<std::size_t>(layout.words()), 0);
  ExactPath exact(plan);
  const auto sign = [&](const ExactBoundary& boundary) {
    return exact.function({state.data(), {}}, boundary).offset_sign();
  };
  for (Index s = 0; s < plan.stage_count(); ++s) {
    for (const PlannedUnit& unit : plan.stage(s).units) {
      Index piece = 0;
      const bool asked =
          unit.only_if < 0 ||
          layout.get(state.data(), plan.stage(s).units[unit.only_if].number) == unit.only_state;
      if (!asked) {
        piece = 0;
      } else if (unit.function != nullptr) {
        const std::vector<double>& breakpoints = unit.function->breakpoints();
        while (piece < size_of(breakpoints) &&
               sign({s, unit.first_row, -1, breakpoints[piece]}) > 0) {
          ++piece;
        }
      } else {
        for (Index a = 1; a < unit.row_count; ++a) {
          if (sign({s, unit.first_row + a, unit.first_row + piece, 0.0}) > 0) piece = a;
        }
      }
      layout.set(state.data(), unit.number, piece);
    }
  }
  return state;
}

}  // namespace

RegionList single_point(const NormalForm& form, const FreeSpace& space,
                        const SubdivisionOptions& options) {
  const StateLayout layout(form);
  const UnitPredicates predicates(form, options.tolerances);
  std::vector<StateWord> state(static_cast<std::size_t>(layout.words()), 0);
  std::vector<StateWord> exact;
  if (options.exactness == Exactness::safe) exact = exact_state(form, space, options);
  Matrix values = space.origin();
  Matrix pre;
  for (const Stage& stage : form.stages()) {
    stage.map.compose(values, pre);
    const RowScale scale = scale_of(values);
    Matrix next(stage.width(), 1);
    for (Index u = 0; u < size_of(stage.units); ++u) {
      const Unit& unit = stage.units[u];
      Index piece = 0;
      if (unit.kind == UnitKind::piecewise) {
        const double q = pre(unit.first_row, 0);
        piece = exact.empty() ? predicates.constant_piece(
                                    unit, q, predicates.offset_noise(stage, unit.first_row, scale))
                              : layout.get(exact.data(), stage.first_unit + u);
        next(u, 0) = form.function(unit).slope(piece) * q + form.function(unit).intercept(piece);
      } else {
        if (!exact.empty()) piece = layout.get(exact.data(), stage.first_unit + u);
        const bool asked =
            unit.only_if < 0 ||
            layout.get(state.data(), stage.first_unit + unit.only_if) == unit.only_state;
        for (Index a = 1; a < unit.row_count && exact.empty() && asked; ++a) {
          const double lead = pre(unit.first_row + a, 0) - pre(unit.first_row + piece, 0);
          if (lead > predicates.offset_noise(stage, unit.first_row + a, scale)) piece = a;
        }
        next(u, 0) = pre(unit.first_row + piece, 0);
      }
      layout.set(state.data(), stage.first_unit + u, piece);
    }
    for (Index c = 0; c < size_of(stage.carried); ++c) {
      next(size_of(stage.units) + c, 0) = values(stage.carried[c], 0);
    }
    values = std::move(next);
  }
  RegionList regions;
  regions.words = layout.words();
  if (options.keep_outputs) {
    regions.output_size = form.output_size();
    form.output().compose(values, pre);
  }
  const double volume = 1.0;
  if (options.measured() != Measures::none) regions.measure_size = 1;
  if (options.goal.wants(form, layout, state.data())) {
    regions.add(state.data(), nullptr, {}, pre.data(), &volume);
  }
  return regions;
}

}  // namespace facetry
