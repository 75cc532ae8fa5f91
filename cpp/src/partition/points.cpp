// The region around a point: the boundaries of all units next to their piece are its constraints;
// linear programs find the minimal ones.
#include "facetry/partition/partition.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/parallel.hpp"
#include "facetry/base/error.hpp"
#include "geometry/lp_cell.hpp"
#include "network/input_check.hpp"
#include "partition/lowest_state.hpp"
#include "partition/regions_around.hpp"
#include "regions/region_of_state.hpp"
#include "search/regions_of_states.hpp"
#include "search/subdivision.hpp"
#include "state/block_network.hpp"
#include "state/fixed_state_pass.hpp"

namespace facetry {

namespace {

constexpr int kDirections = 16;  // tried at a point on a boundary

// The state at a point that moves along a direction: values decide, and on a breakpoint the
// derivative; where that is zero too, the lower piece.
class MovingPoint {
 public:
  MovingPoint(const NormalForm& form, const StateLayout& layout, const Tolerances& tolerances)
      : form_(form), layout_(layout), tolerances_(tolerances), pass_(form, tolerances) {}

  std::vector<StateWord> state(const Vector& x, const Vector& direction) {
    Matrix inputs(x.size(), 2);  // the derivative takes the place of a gradient of one coordinate
    inputs.col(0) = direction;
    inputs.col(1) = x;
    pass_.start_with(std::move(inputs));
    std::vector<StateWord> result(static_cast<std::size_t>(layout_.words()), 0);
    for (Index s = 0; s < size_of(form_.stages()); ++s) {
      pass_.enter_stage(s);
      pass_.clear_small_offsets(s);
      const Stage& stage = form_.stages()[s];
      for (Index u = 0; u < size_of(stage.units); ++u) {
        const Index piece =
            stage.units[u].kind == UnitKind::piecewise ? piecewise_piece(s, u) : winner(s, u);
        layout_.set(result.data(), stage.first_unit + u, piece);
        pass_.decide(s, u, piece);
      }
      pass_.finish_stage(s);
    }
    return result;
  }

 private:
  double room(Index s, Index row) const {
    const AffineMap& map = form_.stages()[s].map;
    return tolerances_.on_boundary *
           (map.row_norms()[row] * pass_.scale(s).offset + std::abs(map.bias()[row]));
  }
  double zero(Index s, Index row) const {
    const AffineMap& map = form_.stages()[s].map;
    return tolerances_.zero_gradient * map.row_norms()[row] * pass_.scale(s).gradient;
  }

  Index piecewise_piece(Index s, Index u) const {
    const Unit& unit = form_.stages()[s].units[u];
    const double* row = pass_.pre_row(s, unit.first_row);
    const PiecewiseFunction& function = form_.function(unit);
    for (Index b = 0; b + 1 < function.pieces(); ++b) {
      const double t = function.breakpoints()[b];
      if (std::abs(row[1] - t) <= room(s, unit.first_row)) {
        return row[0] > zero(s, unit.first_row) ? b + 1 : b;
      }
      if (row[1] < t) return b;
    }
    return function.pieces() - 1;
  }

  Index winner(Index s, Index u) const {
    const Unit& unit = form_.stages()[s].units[u];
    Index best = 0;
    for (Index a = 1; a < unit.row_count; ++a) {
      const Index old_row = unit.first_row + best;
      const Index new_row = unit.first_row + a;
      const double lead = pass_.pre(s)(new_row, 1) - pass_.pre(s)(old_row, 1);
      const double slope = pass_.pre(s)(new_row, 0) - pass_.pre(s)(old_row, 0);
      const double margin = room(s, new_row) + room(s, old_row);
      const double flat = zero(s, new_row) + zero(s, old_row);
      if (lead > margin || (lead >= -margin && slope > flat)) best = a;
    }
    return best;
  }

  const NormalForm& form_;
  const StateLayout& layout_;
  Tolerances tolerances_;
  FixedStatePass pass_;
};

// Directions in free coordinates to leave a boundary by: first to the middle of the region, then a
// fixed sequence that does not repeat [Weyl 1916], turned towards the inside.
Vector direction_inwards(const FreeSpace& space, const Vector& u, int attempt) {
  Vector middle;
  LpCell(space).inscribed_ball(middle);
  Vector direction = middle - u;
  if (attempt == 0) return direction;
  for (Index i = 0; i < direction.size(); ++i) {
    const double turn = std::sqrt(static_cast<double>(i + 2)) * attempt;
    direction[i] += 0.2 * (turn - std::floor(turn) - 0.5);
  }
  return direction;
}

struct Work {
  MovingPoint moving;
  RegionOfState regions;
};

void add_region(const FreeSpace& space, Work& work, const Vector& x, RegionList& list) {
  const Vector u = space.to_free(x);
  for (int attempt = 0; attempt < kDirections; ++attempt) {
    const Vector direction = space.basis() * direction_inwards(space, u, attempt);
    const std::vector<StateWord> state = work.moving.state(x, direction);
    std::optional<LpCell> cell = work.regions.cell(state.data());
    if (!cell) continue;
    std::vector<Origin> facets;
    std::vector<double> point(static_cast<std::size_t>(space.dimension()));
    cell->facets(facets);
    cell->interior_point(point.data());
    list.add(state.data(), point.data(), facets);
    return;
  }
  throw NumericalError(
      "no linear region with an interior was found at a point; it lies on a very "
      "thin part of the partition");
}

}  // namespace

void explain_points(const NormalForm& form, const MatrixView& X, int threads, double* coef,
                    double* intercept) {
  require_columns(X, form.input_size());
  const StateLayout layout(form);
  const BlockNetwork network(form, layout);
  const Index n = form.output_size();
  const Index m = form.input_size();
  PerThread<BlockPass> passes(threads);
  parallel_chunks(X.rows(), BlockPass::kMost, threads, [&](Index begin, Index end, int thread) {
    BlockPass& pass = passes.get(thread, [&] { return std::make_unique<BlockPass>(network); });
    pass.find_states(X, begin, end - begin);
    pass.models(coef + begin * n * m, intercept + begin * n);
  });
}

namespace {

void require_points(const NormalForm& form, const FreeSpace& space, const MatrixView& X) {
  require_searchable(form, space);
  require_columns(X, form.input_size());
  if (space.dimension() == 0) {
    throw InvalidInput("the analysis region is a single point; a validity region needs room");
  }
  for (Index i = 0; i < X.rows(); ++i) {
    if (!X.row(i).allFinite() || !space.contains(X.row(i).transpose())) {
      throw InvalidInput("point " + std::to_string(i) + " is not in the analysis region");
    }
  }
}

}  // namespace

RegionList regions_around(const NormalForm& form, const FreeSpace& space, const MatrixView& X,
                          int threads, const Tolerances& tolerances) {
  require_points(form, space, X);
  const StateLayout layout(form);
  RegionList empty;
  empty.words = layout.words();
  empty.dimension = space.dimension();
  std::vector<RegionList> parts(static_cast<std::size_t>(X.rows()), empty);
  parallel_chunks(X.rows(), 8, threads, [&](Index begin, Index end, int) {
    Work work{{form, layout, tolerances}, {form, space, layout, tolerances}};
    for (Index i = begin; i < end; ++i) add_region(space, work, X.row(i).transpose(), parts[i]);
  });
  RegionList result = empty;
  for (const RegionList& part : parts) result.append(part);
  return result;
}

namespace {

// The states of the lowest regions that hold points, one after another.
std::vector<StateWord> lowest_states(const NormalForm& form, const FreeSpace& space,
                                     const MatrixView& X, const SearchOptions& options) {
  require_points(form, space, X);
  const SearchPlan plan(form, space, options.tolerances, Exactness::safe);
  const Index words = plan.layout().words();
  std::vector<StateWord> states(static_cast<std::size_t>(X.rows() * words));
  PerThread<LowestState> finders(options.control.threads);
  parallel_chunks(X.rows(), 8, options.control.threads, [&](Index begin, Index end, int thread) {
    LowestState& lowest = finders.get(thread, [&] { return std::make_unique<LowestState>(plan); });
    for (Index i = begin; i < end; ++i) {
      const std::vector<StateWord> own = lowest.at(X.row(i).transpose());
      std::copy(own.begin(), own.end(), states.begin() + i * words);
    }
  });
  return states;
}

}  // namespace

std::shared_ptr<Partition> validity_regions(const std::shared_ptr<const NormalForm>& form,
                                            const std::shared_ptr<const FreeSpace>& space,
                                            const MatrixView& X, const SearchOptions& options) {
  options.validate();
  SubdivisionResult found;
  found.exactness = options.exactness;
  if (options.exactness == Exactness::safe) {
    found.regions = regions_of_states(*form, *space, lowest_states(*form, *space, X, options),
                                      X.rows(), options);
  } else {
    found.regions = regions_around(*form, *space, X, options.control.threads, options.tolerances);
  }
  return std::make_shared<Partition>(form, space, std::move(found), false);
}

}  // namespace facetry
