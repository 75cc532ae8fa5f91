// Every tolerance of the product, with its meaning, unit and reason. No other file holds a bare
// 1e-9.
//
// Lengths are in *free coordinates*: the analysis region is scaled so that it fits [-1, 1]^k (see
// geometry/free_space.hpp), so a length of 1e-9 is a billionth of the region's half-width.
#pragma once

namespace facetry {

struct Tolerances {
  // A hyperplane cuts a cell only if the cell reaches further than this from it on both sides
  // (signed distance, rows normalised). Cells and their interiors are thicker than this; a reach
  // between 0 and this is reported as an undecided cut. Values from 1e-12 to 1e-8 agree on
  // duplicates, dead units and integer ties (cpp/DECISIONS.md); 1e-9 stands above the rounding of
  // deep networks (about 1e-13) and below any width a person would ask about.
  double cut = 1e-9;

  // A vertex of a cell lies on a hyperplane when it is within this of it. A tenth of `cut`, so that
  // what a cut leaves on either side always has vertices of its own.
  double on_hyperplane = 1e-10;

  // A vertex of an outer cell is near a hyperplane when it is within this of it, or within
  // `near_shifts` times what the cut goes beyond it: then exact arithmetic may have to say what the
  // cell's facets are. Some 1e5 times the rounding of a vertex, so that sharp corners, where it
  // grows, are near too. A larger one asks more questions, and changes no answer.
  double near = 1e-7;
  double near_shifts = 1000.0;

  // How far a point is put beyond a facet, along an edge, to prove in double precision that it is
  // one: small enough for other rows not to come in between, mostly. No claim depends on it.
  double beyond_facet = 1e-3;

  // A safe search works with a row as it was computed only if its values may be off by no more than
  // this (normalised); else with the exact function, rounded once. No claim depends on it: a small
  // one asks for more exact functions, a large one makes cells larger than they need be.
  double row_error = 1e-7;

  // It bounds rounding by the norms of whole stages while that says no more than this for an entry
  // of a row, relative to the largest gradient entry of the stage's inputs; then row by row, which
  // costs one product with the magnitudes of the weights.
  double loose_bound = 1e-9;

  // A gradient is zero when it is smaller than this times the sum of the magnitudes it was added
  // up from: what cancellation in double precision can leave behind. Relative, no unit.
  double zero_gradient = 1e-13;

  // Two normalised rows (gradient and offset, in free coordinates) are one hyperplane when no
  // element differs by more than this. Not looser than `cut`: a region may lie between two parallel
  // hyperplanes that are further apart than that.
  double same_hyperplane = 1e-9;

  // Rows whose gradients' directions differ by more than this (one less the square of the cosine)
  // are not compared for being one hyperplane: far above same_hyperplane and zero_gradient,
  // squared.
  double parallel = 1e-9;

  // Where all boundaries pass through one point: a corner is clear of a boundary beyond
  // `clear_corner`, and the point is clear of a side of the region beyond `clear_side`. Claims rest
  // on these: corners near that point (within `near`) have a share of a region's far boundary of a
  // few stray shifts over clear_side at most, some 1e-9, and take away `near` times that, some
  // 1e-16, from what the others keep.
  double clear_corner = 1e-8;
  double clear_side = 1e-3;

  // A point that `locate` finds in no region, because rounding put it outside the analysis region
  // or into a gap that a search in double precision left, is looked up once more: a value within
  // this of a breakpoint, relative to the magnitudes it was added up from, is on it then. About
  // 4000 roundings; also how near to a boundary floating validity regions take a point to be.
  double on_boundary = 1e-12;

  // Whether a constraint of the analysis region is an implied equality, or repeats others, is asked
  // in exact arithmetic where it is within this, relative to the size of the region's bounding box.
  // With more inputs than that can be asked for (geometry/exact_sides.hpp), this decides.
  double implied_equality = 1e-10;

  // A region that is thinner than this in an oblique direction, relative to the box around it, is
  // turned and stretched. A matter of speed and of the precision of vertices: no claim depends on
  // it.
  double thin_region = 1e-3;

  // A point is in the analysis region when it breaks no side by more than this, relative to the
  // largest magnitudes in the region: generous, because points often come from other arithmetic.
  double outside = 1e-9;

  // The simplex method takes a reduced cost or a pivot smaller than this for zero (rows and
  // objectives are normalised).
  double simplex_pivot = 1e-11;

  // How much each constraint gives way in the first pass of the ratio test, in free coordinates:
  // far below `on_hyperplane`, so that a vertex found stays on its constraints.
  double ratio_test = 1e-12;

  // A search for the bounds of an unbounded input has touched a stand-in bound when it comes closer
  // than this share of the distance between the stand-ins.
  double touching = 1e-6;

  // The mean of some vertices of a cell is an interior point when it keeps this distance from every
  // facet; else the centre of a largest ball is computed. A thousand times `cut`: far above
  // rounding.
  double interior = 1e-6;

  // A search for an extreme value ends when nothing can be better by more than this, relative to 1
  // + its magnitude, if its caller asks for nothing else: far above rounding, far below what a
  // value means.
  double optimality_gap = 1e-9;

  // A condition of a property counts as touched this close to its threshold, relative to 1 + the
  // largest threshold. Several conditions together are searched as one network, whose last weights
  // are sums of products of the network's weights and theirs, rounded: that moves margins by some
  // 1e-15 of the outputs. This is far above it, and far below what any property means.
  double touching_margin = 1e-9;

  // A point that is returned because another choice wins there lies so far beyond the boundary that
  // this choice is ahead by so much, relative to 1 + the largest output: a point on the boundary
  // ties. Above the rounding of single precision, which models from files often are evaluated in.
  double decided_margin = 1e-6;

  // The nearest point of a polyhedron may break its constraints by this (relative to 1 + its
  // distance): orthogonal factorisations of a few rows leave about 1e-14, and nearly parallel rows
  // a thousand times more.
  double least_distance = 1e-10;

  // The MILP engine asks its solver for points with this margin from all boundaries, so regions
  // with a smaller inscribed ball are below its resolution. Solvers take an integer variable for
  // whole within 1e-6, which moves a boundary by up to 1e-6 times the width of a cell (at most
  // about 4 for few free dimensions), and rows for satisfied within 1e-7: half of 1e-5 stands above
  // their sum.
  double solver_margin = 5e-6;

  // What a solver of linear programs says of an optimum is widened by this, relative to 1 + its
  // magnitude, before it counts as a bound: ten times the 1e-7 within which it satisfies rows.
  double solver_bound = 1e-6;

  // Adjacent pieces must meet at their breakpoint within this, relative to the values there.
  double continuity = 1e-9;
};

}  // namespace facetry
