// The slower half of LpCells: tests of rows that no vertex decides, and points inside.
#include <algorithm>
#include <cmath>

#include "geometry/lp_cells.hpp"
#include "geometry/sorted_facets.hpp"
#include "optimize/small_simplex_kernels.hpp"

namespace facetry {

namespace {

using Answer = SmallSimplex::Answer;

}  // namespace

// Leaves out every row that is not needed, the last first; `proved` are names of rows that are.
void LpCells::test_rows(Cell& cell, BitWord* proved) {
  dropped_.ensure(cell.count);
  std::fill_n(dropped_.data(), cell.count, char{0});
  for (Index r = cell.count - 1; r >= 0; --r) {
    if (has_bit(proved, cell.names[r])) continue;
    const Answer answer = test_row(cell, r);
    if (answer == Answer::no) {
      dropped_[r] = 1;
      note_touching();
      leave_vertices_on(cell, cell.names[r]);
    } else if (answer == Answer::yes_at_vertex) {
      const Vertex* vertex = keep_vertex(cell, probe_);
      add_vertex(cell, vertex);
      for (Index w = 0; w < vertex->words && w < cell.words; ++w) proved[w] |= vertex->proved[w];
    }
  }
  close_gaps(cell);
}

// An outer cell where a row that is left out comes close to the others may look otherwise without
// rounding.
void LpCells::note_touching() {
  if (outward_.stray == 0.0) return;
  double value = row_[dimension_];
  for (Index c = 0; c < dimension_; ++c) value += row_[c] * probe_.point()[c];
  near_ = near_ || value < near_room(std::max(above_.shift, below_.shift));
}

// From the vertex that is closest to the row. Leaves the probe where the test ended.
SmallSimplex::Answer LpCells::test_row(const Cell& cell, Index row) {
  for (Index c = 0; c <= dimension_; ++c) row_[c] = cell.rows[c * cell.stride + row];
  row_values_.ensure(padded(cell.vertex_count));
  Index highest = 0;
  Index lowest = 0;
  simplex_kernels()
      .for_dimension(dimension_)
      .extremes(cell.points, cell.room, cell.vertex_count, dimension_, row_.data(),
                row_values_.data(), &highest, &lowest);
  probe_.attach(dense(cell));
  for (Index r = 0; r < cell.count; ++r) {
    if (dropped_[r]) probe_.leave_out(r);
  }
  start(probe_, cell, *cell.vertices[lowest]);
  probe_.begin_test(row);
  Answer answer = Answer::open;
  while (answer == Answer::open) answer = probe_.continue_test();
  return answer;
}

// A row goes: vertices with it in their basis go too, and where the probe stands comes in their
// stead. They were on more than k rows.
void LpCells::leave_vertices_on(Cell& cell, std::int32_t name) {
  const Index before = cell.vertex_count;
  cell.vertex_count = 0;
  for (Index v = 0; v < before; ++v) {
    const Vertex* vertex = cell.vertices[v];
    const bool on_row = name < vertex->words * kWordBits && has_bit(vertex->tight, name);
    if (!on_row) add_vertex(cell, vertex);
  }
  if (cell.vertex_count == before) return;
  add_vertex(cell, keep_vertex(cell, probe_));
}

void LpCells::close_gaps(Cell& cell) {
  Index kept = 0;
  for (Index r = 0; r < cell.count; ++r) {
    if (dropped_[r]) continue;
    for (Index c = 0; c <= dimension_; ++c) {
      cell.rows[c * cell.stride + kept] = cell.rows[c * cell.stride + r];
    }
    cell.origins[kept] = cell.origins[r];
    cell.names[kept] = cell.names[r];
    cell.places[cell.names[r]] = static_cast<std::int32_t>(kept++);
  }
  cell.count = kept;
  pad_rows(cell);
}

Index LpCells::facets(const Cell& cell, Origin* out) const {
  Index count = 0;
  for (Index r = 0; r < cell.count; ++r) {
    if (!cell.origins[r].is_artificial()) out[count++] = cell.origins[r];
  }
  sort_facets(out, count);
  return count;
}

void LpCells::facets(const Cell& cell, std::vector<Origin>& out) const {
  out.resize(static_cast<std::size_t>(facet_room(cell)));
  out.resize(static_cast<std::size_t>(facets(cell, out.data())));
}

// From a vertex on the facet out along the edge that leaves it, and a bit inwards, off the other
// rows there.
bool LpCells::beyond_facet(const Cell& cell, Origin origin, const double* inside,
                           double* out) const {
  const double step = tolerances_.beyond_facet;
  const Origin* end = cell.origins + cell.count;
  const Index row = std::find(static_cast<const Origin*>(cell.origins), end, origin) - cell.origins;
  if (row == cell.count) return false;
  double depth = cell.rows[dimension_ * cell.stride + row];
  for (Index c = 0; c < dimension_; ++c) depth += cell.rows[c * cell.stride + row] * inside[c];
  const double share = std::min(0.5, 0.5 * step / std::max(depth, step));
  for (Index v = 0; v < cell.vertex_count; ++v) {
    const Vertex& vertex = *cell.vertices[v];
    for (Index j = 0; j < dimension_; ++j) {
      if (vertex.basis[j] != cell.names[row]) continue;
      for (Index i = 0; i < dimension_; ++i) {
        out[i] = vertex.point[i] - step * vertex.edges[i * width_ + j];
        out[i] += share * (inside[i] - vertex.point[i]);
      }
      return true;
    }
  }
  return false;
}

void LpCells::farthest(const Cell& cell, bool above, double* out) const {
  const Side& side = above ? above_ : below_;
  const double* point =
      side.witness < 0 ? side.simplex.point() : cell.vertices[side.witness]->point;
  std::copy_n(point, dimension_, out);
}

void LpCells::interior_point(const Cell& cell, double* out) {
  const double count = static_cast<double>(cell.vertex_count);
  for (Index c = 0; c < dimension_; ++c) {
    double sum = 0.0;
    for (Index v = 0; v < cell.vertex_count; ++v) sum += cell.points[c * cell.room + v];
    out[c] = sum / count;
  }
  if (least_slack(cell, out) >= tolerances_.interior) return;
  leave_facets(cell, out);
  if (least_slack(cell, out) < tolerances_.interior) centre_of_ball(cell, out);
}

// Leaves the slacks of all rows in slack_.
double LpCells::least_slack(const Cell& cell, const double* point) {
  slack_.ensure(cell.stride);
  double* slack = slack_.data();
  std::copy_n(cell.rows + dimension_ * cell.stride, cell.stride, slack);
  for (Index c = 0; c < dimension_; ++c) {
    const double* plane = cell.rows + c * cell.stride;
    for (Index r = 0; r < cell.stride; ++r) slack[r] += plane[r] * point[c];
  }
  return *std::min_element(slack, slack + cell.count);
}

// Adds to the mean of the vertices the far ends of edges that leave the facets it lies on.
// REQUIRES least_slack(cell, out) was the last call.
void LpCells::leave_facets(const Cell& cell, double* out) {
  touched_.ensure(cell.words);
  std::fill_n(touched_.data(), cell.words, BitWord{0});
  for (Index r = 0; r < cell.count; ++r) {
    if (slack_[r] < tolerances_.interior) set_bit(touched_.data(), cell.names[r]);
  }
  double count = static_cast<double>(cell.vertex_count);
  for (Index i = 0; i < dimension_; ++i) out[i] *= count;
  for (Index v = 0; v < cell.vertex_count; ++v) {
    count += static_cast<double>(follow_edges(cell, *cell.vertices[v], out));
  }
  for (Index i = 0; i < dimension_; ++i) out[i] /= count;
}

// Adds to `sum` the far ends of a vertex's edges that leave a touched facet, one for each; returns
// how many there were.
Index LpCells::follow_edges(const Cell& cell, const Vertex& vertex, double* sum) {
  Index count = 0;
  for (Index j = 0; j < dimension_; ++j) {
    const std::int32_t name = vertex.basis[j];
    if (!has_bit(touched_.data(), name)) continue;
    if (count++ == 0) {
      probe_.attach(dense(cell));
      start(probe_, cell, vertex);
    }
    const double length = probe_.edge_length(j);
    for (Index i = 0; i < dimension_; ++i) {
      sum[i] += vertex.point[i] + length * vertex.edges[i * width_ + j];
    }
    touched_[name / kWordBits] &= ~(BitWord{1} << (name % kWordBits));
  }
  return count;
}

// Maximises t over { (u, t) : slack_r(u) >= t, t >= 0 }, from a vertex u and t = 0.
void LpCells::centre_of_ball(const Cell& cell, double* out) {
  const Index k = dimension_;
  const Index count = cell.count;
  const Index stride = padded(count + 1);
  const double scale = std::sqrt(0.5);  // gradients of length 1
  ball_rows_.ensure((k + 2) * stride);
  double* planes = ball_rows_.data();
  for (Index c = 0; c <= k + 1; ++c, planes += stride) {
    const bool of_ball = c == k;
    const double* own = cell.rows + (c < k ? c : k) * cell.stride;
    for (Index r = 0; r < count; ++r) planes[r] = of_ball ? -scale : scale * own[r];
    planes[count] = of_ball ? 1.0 : 0.0;
    std::fill(planes + count + 1, planes + stride, c == k + 1 ? 1.0 : 0.0);
  }
  ball_.attach({ball_rows_.data(), k + 1, count + 1, stride});
  place_ball(cell, *cell.vertices[0]);
  std::fill_n(row_.data(), k, 0.0);
  row_[k] = 1.0;
  ball_.maximize(row_.data());
  std::copy_n(ball_.point(), k, out);
}

// Loosening t >= 0 alone goes along the sum of all edges of the vertex.
void LpCells::place_ball(const Cell& cell, const Vertex& vertex) {
  const Index k = dimension_;
  const Index width = padded(k + 1);
  std::fill_n(ball_edges_.data(), (k + 1) * width, 0.0);
  std::fill_n(ball_point_.data(), width, 0.0);
  for (Index i = 0; i < k; ++i) {
    ball_point_[i] = vertex.point[i];
    for (Index j = 0; j < k; ++j) {
      const double entry = vertex.edges[i * width_ + j];
      ball_edges_[i * width + j] = std::sqrt(2.0) * entry;
      ball_edges_[i * width + k] += entry;
    }
    basis_[i] = cell.places[vertex.basis[i]];
  }
  ball_edges_[k * width + k] = 1.0;
  basis_[k] = static_cast<std::int32_t>(cell.count);
  ball_.place(ball_edges_.data(), ball_point_.data(), basis_.data(), 0);
}

void LpCells::tight(const Cell& cell, bool above, std::vector<Origin>& out) {
  const Side& side = above ? above_ : below_;
  out.clear();
  for (Index j = 0; j < dimension_; ++j) {
    const Index row = side.witness < 0 ? side.simplex.basis()[j]
                                       : cell.places[cell.vertices[side.witness]->basis[j]];
    out.push_back(cell.origins[row]);
  }
}

void LpCells::support(const Cell& cell, const double* row, bool above, std::vector<Origin>& out) {
  const Side& side = above ? above_ : below_;
  if (side.witness >= 0) return tight(cell, above, out);
  out.clear();
  for (Index j = 0; j < dimension_; ++j) {
    double rate = 0.0;
    for (Index i = 0; i < dimension_; ++i)
      rate += side.sign * row[i] * side.simplex.edges()[i * width_ + j];
    if (rate < -tolerances_.simplex_pivot) out.push_back(cell.origins[side.simplex.basis()[j]]);
  }
}

void LpCells::keep_all_rows(const Cell& cell, Side& side) {
  side.kept.ensure(cell.count);
  for (Index r = 0; r < cell.count; ++r) side.kept[r] = static_cast<std::int32_t>(r);
  side.kept_count = cell.count;
  side.uncertain = false;
}

}  // namespace facetry
