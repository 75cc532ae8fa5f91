#include "partition/single_point.hpp"

#include "facetry/partition/predicates.hpp"

namespace facetry {

RegionList single_point(const NormalForm& form, const FreeSpace& space,
                        const SubdivisionOptions& options) {
  const StateLayout layout(form);
  const UnitPredicates predicates(form, options.tolerances);
  std::vector<StateWord> state(static_cast<std::size_t>(layout.words()), 0);
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
        piece = predicates.constant_piece(unit, q,
                                          predicates.offset_noise(stage, unit.first_row, scale));
        next(u, 0) = form.function(unit).slope(piece) * q + form.function(unit).intercept(piece);
      } else {
        for (Index a = 1; a < unit.row_count; ++a) {
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
  regions.add(state.data(), nullptr, {}, pre.data());
  return regions;
}

}  // namespace facetry
