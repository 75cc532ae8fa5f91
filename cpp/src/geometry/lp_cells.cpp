// Both parts of a cut inherit the vertices on their side, each with its basis, so no linear program
// ever needs a phase 1. A facet of the whole that keeps a proving vertex on a side is a facet of
// that part. For any other, a *chase* decides: from the vertex on the facet that is closest to the
// cut, climb towards the cut without leaving the facet. If the cut is reached, the facet has a
// share in the part, and there is a vertex to prove it; if it is out of reach, the row is redundant
// there.
#include "geometry/lp_cells.hpp"

#include <algorithm>
#include <cmath>

#include "base/lengths.hpp"
#include "base/rounding.hpp"
#include "facetry/base/error.hpp"
#include "geometry/sorted_facets.hpp"
#include "optimize/small_simplex_kernels.hpp"

namespace facetry {

static_assert(CellFamily<LpCells>);

namespace {

using Answer = SmallSimplex::Answer;

constexpr Index kManyPivots = 32;  // at once, where no one looks at the vertices on the way

constexpr Index words_for(Index names) { return (names + kWordBits - 1) / kWordBits; }

}  // namespace

LpCells::LpCells(const FreeSpace& space, const Tolerances& tolerances, const Outward& outward)
    : space_(space),
      tolerances_(tolerances),
      outward_(outward),
      dimension_(space.dimension()),
      width_(padded(space.dimension())),
      above_(space.dimension(), tolerances, 1.0),
      below_(space.dimension(), tolerances, -1.0),
      probe_(space.dimension(), tolerances),
      ball_(space.dimension() + 1, tolerances),
      row_(space.dimension() + 1),
      ball_edges_((space.dimension() + 1) * padded(space.dimension() + 1)),
      ball_point_(padded(space.dimension() + 1)),
      basis_(space.dimension() + 1) {
  if (dimension_ < 1) throw InvalidInput("a cell needs at least one dimension");
}

LpCells::Cell LpCells::new_cell(Index rows, Index names, Index vertices) {
  Cell cell;
  cell.stride = padded(rows);
  cell.name_count = names;
  cell.words = words_for(names);
  cell.room = padded(vertices);
  cell.rows = memory_.take<double>((dimension_ + 1) * cell.stride);
  cell.points = memory_.take<double>(dimension_ * cell.room);
  cell.origins = memory_.take<Origin>(rows);
  cell.names = memory_.take<std::int32_t>(rows);
  cell.places = memory_.take<std::int32_t>(names);
  cell.tight = memory_.take<BitWord>(cell.room * cell.words);
  cell.vertices = memory_.take<const Vertex*>(cell.room);
  return cell;
}

// Also gives it the last name.
void LpCells::set_row(Cell& cell, Index at, const double* row, double sign, Origin origin,
                      double shift) const {
  for (Index c = 0; c <= dimension_; ++c) cell.rows[c * cell.stride + at] = sign * row[c];
  cell.rows[dimension_ * cell.stride + at] += shift;
  cell.origins[at] = origin;
  cell.names[at] = static_cast<std::int32_t>(cell.name_count - 1);
  cell.places[cell.name_count - 1] = static_cast<std::int32_t>(at);
}

void LpCells::pad_rows(Cell& cell) const {
  for (Index c = 0; c <= dimension_; ++c) {
    double* plane = cell.rows + c * cell.stride;
    std::fill(plane + cell.count, plane + cell.stride, c == dimension_ ? 1.0 : 0.0);
  }
}

LpCells::Cell LpCells::root() {
  const Index k = dimension_;
  const BoxedRows& region = space_.constraints();
  const Index count = region.constraint_count();
  Cell cell = new_cell(count, count, count + 2);
  cell.name_count = 0;
  Vector gradient;
  const Vector zero = Vector::Zero(k);
  for (Index c = 0; c < count; ++c) {
    region.gradient(c, gradient);
    std::copy_n(gradient.data(), k, row_.data());
    row_[k] = region.slack(c, zero);
    ++cell.name_count;
    set_row(cell, c, row_.data(), 1.0, Origin::side(space_.sides()[c]),
            outward_shift(row_.data(), k, outward_.side_error, outward_.stray, c));
  }
  cell.count = count;
  pad_rows(cell);
  place_in_corner(cell);
  const Vertex* corner = keep_vertex(cell, probe_);
  add_vertex(cell, corner);
  if (keeps_all_rows_) return cell;
  above_.proved.ensure(cell.words);
  std::copy_n(corner->proved, cell.words, above_.proved.data());
  test_rows(cell, above_.proved.data());
  cell.near = near_;
  return cell;
}

// Brings the probe from a corner of the box to the positive side of the other rows, one by one.
void LpCells::place_in_corner(Cell& cell) {
  const Index k = dimension_;
  std::fill_n(ball_edges_.data(), k * width_, 0.0);
  std::fill_n(ball_point_.data(), width_, 0.0);
  for (Index i = 0; i < k; ++i) {
    ball_edges_[i * width_ + i] = 1.0;
    ball_point_[i] = -cell.rows[k * cell.stride + i];  // where its low side is
    basis_[i] = static_cast<std::int32_t>(i);
  }
  probe_.attach(dense(cell));
  for (Index r = 2 * k; r < cell.count; ++r) probe_.leave_out(r);
  probe_.place(ball_edges_.data(), ball_point_.data(), basis_.data(), 0);
  for (Index r = 2 * k; r < cell.count; ++r) {
    probe_.maximize(space_.constraints().row(r - 2 * k));
    probe_.bring_back(r);
  }
}

void LpCells::ranges(const Cell& cell, const RowPlanes& rows, double* low, double* high) const {
  const BoxedRows& box = space_.constraints();
  for (Index i = 0; i < rows.count; ++i) low[i] = high[i] = rows.data[dimension_ * rows.stride + i];
  for (Index c = 0; c < dimension_; ++c) {
    for (Index i = 0; i < rows.count; ++i) {
      const double at_low = rows.data[c * rows.stride + i] * box.low[c];
      const double at_high = rows.data[c * rows.stride + i] * box.high[c];
      low[i] += std::min(at_low, at_high);
      high[i] += std::max(at_low, at_high);
    }
  }
  static_cast<void>(cell);
}

Range LpCells::range(const Cell& cell, const double* row) const {
  Range range;
  ranges(cell, {row, 1, 1}, &range.low, &range.high);
  return range;
}

Reach LpCells::reach(const Cell& cell, const double* row) {
  values_.ensure(padded(cell.vertex_count));
  Index highest = 0;
  Index lowest = 0;
  simplex_kernels()
      .for_dimension(dimension_)
      .extremes(cell.points, cell.room, cell.vertex_count, dimension_, row, values_.data(),
                &highest, &lowest);
  measure(cell, row, highest, above_);
  measure(cell, row, lowest, below_);
  return {above_.reach, below_.reach};
}

// `best` is the vertex of the cell that goes furthest to this side.
void LpCells::measure(const Cell& cell, const double* row, Index best, Side& side) {
  side.witness = best;
  side.reach = side.sign * values_[best];
  if (side.reach > tolerances_.cut) return;
  side.witness = -1;
  const double offset = side.sign * row[dimension_];
  for (Index i = 0; i < dimension_; ++i) row_[i] = side.sign * row[i];
  side.simplex.attach(dense(cell));
  start(side.simplex, cell, *cell.vertices[best]);
  side.reach = side.simplex.maximize(row_.data(), tolerances_.cut - offset) + offset;
  if (outward_.stray > 0.0 && side.reach <= tolerances_.cut) {
    side.reach = proven_reach(cell, side.simplex, offset);
  }
}

double LpCells::most(const Cell& cell, const double* row, double enough, double* out) {
  const double length = gradient_length(row, dimension_);
  if (length == 0.0) {
    if (out != nullptr) interior_point(cell, out);
    return row[dimension_];
  }
  values_.ensure(padded(cell.vertex_count));
  Index highest = 0;
  Index lowest = 0;
  simplex_kernels()
      .for_dimension(dimension_)
      .extremes(cell.points, cell.room, cell.vertex_count, dimension_, row, values_.data(),
                &highest, &lowest);
  if (values_[highest] > enough) {
    if (out != nullptr) std::copy_n(cell.vertices[highest]->point, dimension_, out);
    return values_[highest];
  }
  for (Index i = 0; i < dimension_; ++i) row_[i] = row[i] / length;
  const double offset = row[dimension_] / length;
  SmallSimplex& simplex = above_.simplex;
  simplex.attach(dense(cell));
  start(simplex, cell, *cell.vertices[highest]);
  double value = simplex.maximize(row_.data(), enough / length - offset) + offset;
  if (out != nullptr) std::copy_n(simplex.point(), dimension_, out);
  if (outward_.stray > 0.0) value = std::max(value, proven_reach(cell, simplex, offset));
  return value * length + rounding_of(4) * std::abs(value * length);
}

// A bound of the value of row_ with this offset on the cell. At the vertex where the simplex
// stands, row_ = -(sum of multipliers x rows of the basis) up to rounding; where a multiplier is
// negative, by rounding or because the simplex gave up, it becomes 0. What is left over is bounded
// on the box around the region.
double LpCells::proven_reach(const Cell& cell, const SmallSimplex& simplex, double offset) {
  const Index k = dimension_;
  bound_.assign(static_cast<std::size_t>(k + 1), 0.0);
  std::copy_n(row_.data(), k, bound_.begin());
  bound_[k] = offset;
  double magnitude = std::abs(offset) + 1.0;
  for (Index j = 0; j < k; ++j) {
    double rate = 0.0;
    for (Index i = 0; i < k; ++i) rate += row_[i] * simplex.edges()[i * width_ + j];
    if (rate >= 0.0) continue;
    const double* row = cell.rows + simplex.basis()[j];
    for (Index c = 0; c <= k; ++c) bound_[c] -= rate * row[c * cell.stride];
    magnitude -= rate * (2.0 + std::abs(row[k * cell.stride]));
  }
  double most = bound_[k];
  for (Index i = 0; i < k; ++i) most += 1.01 * std::abs(bound_[i]);
  return most + rounding_of(4 * k + 8) * std::sqrt(static_cast<double>(k)) * magnitude;
}

// REQUIRES the simplex is attached to the rows of the cell.
void LpCells::start(SmallSimplex& simplex, const Cell& cell, const Vertex& vertex) {
  for (Index j = 0; j < dimension_; ++j) basis_[j] = cell.places[vertex.basis[j]];
  simplex.place(vertex.edges, vertex.point, basis_.data(), vertex.age);
}

void LpCells::cut(const Cell& cell, const double* row, Origin origin, Cell& above, Cell& below,
                  double shift) {
  const Cell whole = cell;  // `above` or `below` may be `cell` itself
  above_.shift = below_.shift = shift;
  near_ = shift > 0.0 &&
          (shift > tolerances_.cut || std::min(above_.reach, below_.reach) <= tolerances_.cut);
  collect_vertices(whole, above_);
  collect_vertices(whole, below_);
  if (keeps_all_rows_) {
    keep_all_rows(whole, above_);
    keep_all_rows(whole, below_);
  } else {
    choose_rows(whole, row, above_, &below_);
    choose_rows(whole, row, below_, nullptr);
  }
  above = part(whole, row, origin, above_);
  below = part(whole, row, origin, below_);
  above.near = below.near = whole.near || near_;
}

// The vertices that a part has without further work. One that is not clear of the cutting row stays
// as a start, if it is on the right side at all.
void LpCells::collect_vertices(const Cell& cell, Side& side) {
  const Index words = words_for(cell.name_count + 1);
  side.vertices.ensure(cell.vertex_count + 2 * cell.count + 1);
  side.vertex_count = 0;
  side.proved.ensure(words);
  std::fill_n(side.proved.data(), words, BitWord{0});
  set_bit(side.proved.data(), cell.name_count);  // the cutting row, or it would not cut
  const auto take = [&](const Vertex* vertex, double value) {
    add_to(side, value >= vertex->clearance ? vertex : without_proofs(*vertex));
  };
  for (Index v = 0; v < cell.vertex_count; ++v) {
    const double value = side.depth(values_[v]);
    if (value > tolerances_.on_hyperplane) take(cell.vertices[v], value);
  }
  if (side.witness < 0) take(keep_vertex(cell, side.simplex), side.reach + side.shift);
}

void LpCells::add_to(Side& side, const Vertex* vertex) const {
  side.vertices[side.vertex_count++] = vertex;
  for (Index w = 0; w < vertex->words; ++w) side.proved[w] |= vertex->proved[w];
}

// Which rows of the whole a part has. `other`: the side that gets vertices found on the way.
void LpCells::choose_rows(const Cell& cell, const double* row, Side& side, Side* other) {
  for (Index i = 0; i <= dimension_; ++i) row_[i] = side.sign * row[i];
  row_[dimension_] += side.shift;
  side.kept.ensure(cell.count);
  dropped_.ensure(cell.count);
  std::fill_n(dropped_.data(), cell.count, char{0});
  side.uncertain = false;
  touched_.ensure(cell.words);
  std::fill_n(touched_.data(), cell.words, BitWord{0});
  sort_vertices_behind(cell, side);
  for (Index i = 0; i < order_count_; ++i) chase_from(cell, order_[i], side, other);
  Index kept = 0;
  for (Index r = 0; r < cell.count; ++r) {
    const bool known = has_bit(side.proved.data(), cell.names[r]) || dropped_[r];
    side.uncertain = side.uncertain || !known;
    side.kept[kept] = static_cast<std::int32_t>(r);
    kept += dropped_[r] ? 0 : 1;
  }
  side.kept_count = kept;
}

// Is the vertex on a facet about whose share in the part nothing is known yet?
bool LpCells::is_on_open_facet(const Cell& cell, Index v, const Side& side) const {
  BitWord open = 0;
  for (Index w = 0; w < cell.words; ++w) {
    open |= cell.tight[v * cell.words + w] & ~(side.proved[w] | touched_[w]);
  }
  return open != 0;
}

// The vertices from which to chase, those closest to the part first: shares that are found early
// prove others.
void LpCells::sort_vertices_behind(const Cell& cell, const Side& side) {
  order_.ensure(cell.vertex_count);
  order_count_ = 0;
  for (Index v = 0; v < cell.vertex_count; ++v) {
    const double value = side.depth(values_[v]);
    if (value >= 0.0 || !is_on_open_facet(cell, v, side)) continue;
    Index at = order_count_++;
    for (; at > 0 && side.depth(values_[order_[at - 1]]) < value; --at) order_[at] = order_[at - 1];
    order_[at] = static_cast<std::int32_t>(v);
  }
}

// Chases on all facets through a vertex of the whole about which nothing is known yet.
void LpCells::chase_from(const Cell& cell, Index v, Side& side, Side* other) {
  if (!is_on_open_facet(cell, v, side)) return;
  const Vertex& vertex = *cell.vertices[v];
  const Index at_once = other != nullptr ? 1 : kManyPivots;
  for (Index edge = 0; edge < dimension_; ++edge) {
    const std::int32_t name = vertex.basis[edge];
    if (has_bit(side.proved.data(), name) || has_bit(touched_.data(), name)) continue;
    set_bit(touched_.data(), name);
    probe_.attach(dense(cell));
    start(probe_, cell, vertex);
    probe_.begin_chase(row_.data(), side.depth(values_[v]), edge);
    Answer answer = Answer::open;
    while ((answer = probe_.continue_chase(at_once)) == Answer::open) {
      if (other != nullptr) visit(cell, *other);
    }
    end_chase(cell, name, answer, side);
  }
}

// Has the facet a share in the part? A vertex on more than k rows, or a hair's breadth, leaves it
// open.
void LpCells::end_chase(const Cell& cell, std::int32_t name, Answer answer, Side& side) {
  if (answer == Answer::no) {
    near_ = near_ || (outward_.stray > 0.0 && probe_.value() > -near_room(side.shift));
    dropped_[cell.places[name]] = probe_.value() <= -tolerances_.on_hyperplane;
    return;
  }
  const Vertex* found = keep_vertex(cell, probe_);
  if (has_bit(found->proved, name)) add_to(side, found);
}

// Keeps the probe's vertex for the part behind the chased row if it proves something new there.
void LpCells::visit(const Cell& cell, Side& side) {
  bool fresh = false;
  for (Index j = 0; j < dimension_; ++j) {
    fresh = fresh || !has_bit(side.proved.data(), cell.names[probe_.basis()[j]]);
  }
  if (!fresh || side.vertex_count > cell.vertex_count + cell.count) return;
  const Vertex* vertex = keep_vertex(cell, probe_);
  // The probe's value is that of the chased part's row: less than nothing beyond it.
  const double depth = 2.0 * side.shift - probe_.value();
  if (depth > std::max(vertex->clearance, tolerances_.cut)) add_to(side, vertex);
}

LpCells::Cell LpCells::part(const Cell& cell, const double* row, Origin origin, Side& side) {
  const Index count = side.kept_count;
  Cell child = new_cell(count + 1, cell.name_count + 1,
                        side.vertex_count + (side.uncertain ? count + 1 : 0));
  const std::int32_t* kept = side.kept.data();
  for (Index c = 0; c <= dimension_; ++c) {
    const double* from = cell.rows + c * cell.stride;
    double* to = child.rows + c * child.stride;
    for (Index i = 0; i < count; ++i) to[i] = from[kept[i]];
  }
  for (Index i = 0; i < count; ++i) {
    child.origins[i] = cell.origins[kept[i]];
    child.names[i] = cell.names[kept[i]];
    child.places[child.names[i]] = static_cast<std::int32_t>(i);
  }
  set_row(child, count, row, side.sign, origin, side.shift);
  child.count = count + 1;
  pad_rows(child);
  for (Index v = 0; v < side.vertex_count; ++v) add_vertex(child, side.vertices[v]);
  if (side.uncertain) test_rows(child, side.proved.data());
  return child;
}

void LpCells::add_vertex(Cell& cell, const Vertex* vertex) const {
  const Index at = cell.vertex_count++;
  cell.vertices[at] = vertex;
  const bool opens_block = at % kRowBlock == 0;  // the rest of the block becomes copies
  for (Index c = 0; c < dimension_; ++c) {
    double* entry = cell.points + c * cell.room + at;
    std::fill_n(entry, opens_block ? kRowBlock : 1, vertex->point[c]);
  }
  for (Index w = 0; w < cell.words; ++w) {
    cell.tight[at * cell.words + w] = w < vertex->words ? vertex->tight[w] : 0;
  }
}

const LpCells::Vertex* LpCells::without_proofs(const Vertex& vertex) {
  BitWord* none = memory_.take<BitWord>(vertex.words);
  std::fill_n(none, vertex.words, BitWord{0});
  Vertex* copy = memory_.take<Vertex>(1);
  *copy = vertex;
  copy->proved = none;
  copy->clearance = 0.0;
  return copy;
}

// Where the simplex stands, as a vertex of its own. REQUIRES it is attached to the rows of the
// cell; a chased row in its basis gets the next name.
const LpCells::Vertex* LpCells::keep_vertex(const Cell& cell, SmallSimplex& simplex) {
  simplex.measure();
  const Index words = words_for(cell.name_count + 1);
  double* numbers = memory_.take<double>((dimension_ + 1) * width_);
  std::int32_t* basis = memory_.take<std::int32_t>(dimension_);
  BitWord* sets = memory_.take<BitWord>(2 * words);
  std::copy_n(simplex.edges(), dimension_ * width_, numbers);
  std::copy_n(simplex.point(), width_, numbers + dimension_ * width_);
  std::fill_n(sets, 2 * words, BitWord{0});
  const double slack = std::max(0.0, simplex.least_slack());
  const double step = 2.0 * tolerances_.cut;  // beyond a row, with room for rounding
  double longest = 0.0;
  for (Index j = 0; j < dimension_; ++j) {
    const Index row = simplex.basis()[j];
    basis[j] = row < cell.count ? cell.names[row] : static_cast<std::int32_t>(cell.name_count);
    set_bit(sets, basis[j]);
    const double square = simplex.edge_square(j);
    if (slack * slack <= step * step * square) continue;
    set_bit(sets + words, basis[j]);
    longest = std::max(longest, square);
  }
  Vertex* vertex = memory_.take<Vertex>(1);
  *vertex = {numbers,       numbers + dimension_ * width_, basis, sets, sets + words, words,
             simplex.age(), step * std::sqrt(longest)};
  return vertex;
}

}  // namespace facetry
