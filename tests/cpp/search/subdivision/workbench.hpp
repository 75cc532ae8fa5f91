// The parts of one depth-first search, put together as SubdivisionSearch does, so that each can be
// asked by itself; and points of a cell, which are the slow truth.
#pragma once

#include <limits>
#include <optional>
#include <vector>

#include "geometry/lp_cells.hpp"
#include "geometry/polygon_cells.hpp"
#include "geometry/segment_cells.hpp"
#include "geometry/vertex_cells.hpp"
#include "networks.hpp"
#include "polytopes.hpp"
#include "search/subdivision/goal_watch.hpp"
#include "search/subdivision/open_filter.hpp"
#include "search/subdivision/stage_entry.hpp"

namespace facetry::testing {

template <class F>
struct Workbench {
  using Cell = typename F::Cell;

  Workbench(const NormalForm& form, const FreeSpace& space,
            Exactness exactness = Exactness::floating, const SearchGoal& wanted = {},
            SearchRecorder* recorder = nullptr)
      : plan(form, space, Tolerances{}, exactness),
        goal(wanted.empty()
                 ? std::nullopt
                 : std::optional<GoalPlan>(std::in_place, plan, targets_of(form, wanted), wanted)),
        rows(plan),
        cells(space, plan.tolerances(), plan.outward()),
        ranges(plan),
        sums(plan, rows, cells.memory(), true),
        exact(plan, rows, cells, plan.safe(), {}),
        recording(recorder, plan, rows, path, cells),
        test(plan, rows, path, cells, exact),
        contest(plan, rows, cells, ranges, goal ? &*goal : nullptr, recorder != nullptr),
        watch(plan, rows, cells, ranges, sums, goal ? &*goal : nullptr),
        entry({plan, rows, cells, ranges, sums, exact, recording, test, contest}),
        filter(plan, cells, ranges, sums, recording, test, true) {
    test.note_in(found);
  }

  // The whole region, before it enters stage 0.
  Node<Cell> root() {
    Node<Cell> node;
    node.cell = cells.root();
    node.sums.planes = plan.first_sums();
    node.sums.scale = plan.input_scale();
    return node;
  }
  // Writes the rows of stage 0 without settling anything.
  void write_first_rows() {
    rows.stage(0).pre = plan.first_sums();
    rows.stage(0).scale = plan.input_scale();
    if (plan.safe()) rows.bound_rounding(0);
  }
  // A part of a cell: so many cuts near its middle, along no boundary of the network.
  Cell part_of(Random& random, Cell cell, int cuts) {
    const Index k = plan.dimension();
    for (int i = 0; i < cuts; ++i) {
      Vector middle(k), row(k + 1);
      cells.interior_point(cell, middle.data());
      row.head(k) = random.direction(k);
      row[k] = random.uniform(-0.05, 0.05) - row.head(k).dot(middle);
      const Reach reach = cells.reach(cell, row.data());
      if (reach.above < 0.01 || reach.below < 0.01) continue;
      Cell above, below;
      const Origin origin = Origin::cut(1000 + i);
      cells.cut(cell, row.data(), origin, above, below,
                outward_shift(row.data(), k, 0.0, plan.outward().stray, i));
      cell = random.chance(0.5) ? above : below;
    }
    return cell;
  }
  // Corners of the cell, and points between them; free coordinates.
  std::vector<Vector> points_of(Random& random, const Cell& cell, int count) {
    const Index k = plan.dimension();
    std::vector<Vector> corners, points;
    for (int i = 0; i < count; ++i) {
      Vector row(k + 1), corner(k);
      row << random.direction(k), 0.0;
      (void)cells.most(cell, row.data(), std::numeric_limits<double>::infinity(), corner.data());
      corners.push_back(corner);
    }
    for (int i = 0; i < count; ++i) {
      const double share = random.uniform(0.0, 1.0);
      points.push_back(share * corners[random.below(count)] +
                       (1.0 - share) * corners[random.below(count)]);
    }
    points.insert(points.end(), corners.begin(), corners.end());
    return points;
  }
  // Pre-activation `row` of a stage at a point, as the path's functions have it.
  double pre_at(Index s, Index row, const Vector& u) const {
    Vector own(plan.dimension() + 1);
    rows.row(s, row, own.data());
    return value(own, u);
  }

  SearchPlan plan;
  std::optional<GoalPlan> goal;
  SearchPath path;
  PathRows rows;
  F cells;
  RowRanges ranges;
  SumWriter sums;
  ExactFollower<F> exact;
  Recording<F> recording;
  CutTest<F> test;
  MaximumContest<F> contest;
  GoalWatch<F> watch;
  StageEntry<F> entry;
  OpenFilter<F> filter;
  RegionList found;
};

// The value of sums (planes) of `map` at a point.
inline Vector values_of(const MapColumns& map, const double* planes, const Vector& u) {
  Vector values(map.rows());
  for (Index r = 0; r < map.rows(); ++r) {
    values[r] = planes[u.size() * map.stride() + r];
    for (Index c = 0; c < u.size(); ++c) values[r] += planes[c * map.stride() + r] * u[c];
  }
  return values;
}

// What the map behind stage s gives at a point of the input space, by a forward pass.
inline Vector behind(const NormalForm& form, Index s, const Vector& x) {
  const bool last = s + 1 == size_of(form.stages());
  return (last ? form : form.head(s + 1)).evaluate(x.transpose()).row(0).transpose();
}

inline Ids states_at(const NormalForm& form, const Vector& x) {
  const auto states = form.states(x.transpose());
  return Ids(states.data(), states.data() + states.cols());
}

// Calls `run` with families of cells that fit the dimension.
template <class Run>
void with_families(Index k, Run&& run) {
  if (k == 1) run(std::type_identity<SegmentCells>{});
  if (k == 2) run(std::type_identity<PolygonCells>{});
  run(std::type_identity<VertexCells>{});
  run(std::type_identity<LpCells>{});
}

}  // namespace facetry::testing
