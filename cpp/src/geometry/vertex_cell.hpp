// A convex cell as the list of its vertices, each with the set of constraints that are tight there
// (the double description method [Motzkin et al. 1953; Fukuda & Prodon 1996]). For dimensions 1 to
// about 7; the number of vertices limits it, not the numbers of constraints, which is open.
//
// Robustness: a vertex within Tolerances::on_hyperplane of a cutting hyperplane is taken to lie on
// it and goes to both sides. Which constraints are facets, and which vertices are adjacent, is
// decided by the incidences alone, without arithmetic.
#pragma once

#include <cstdint>
#include <vector>

#include "facetry/base/tolerances.hpp"
#include "facetry/geometry/free_space.hpp"
#include "geometry/bit_set.hpp"
#include "geometry/cell.hpp"

namespace facetry {

class VertexCell {
 public:
  VertexCell() = default;

  // The whole analysis region. REQUIRES dimension >= 1. Cost: 2^k corners, then one cut per row.
  explicit VertexCell(const FreeSpace& space, const Tolerances& tolerances = {});

  // The cell cut out of `space` by further rows (k+1 numbers each), with their origins. Rows that
  // do not cut are left out. This is how a region's vertices are found again from its facets.
  VertexCell(const FreeSpace& space, const std::vector<double>& rows,
             const std::vector<Origin>& origins, const Tolerances& tolerances = {});

  [[nodiscard]] Reach reach(const double* row);
  [[nodiscard]] Range range(const double* row) const;  // the exact one, up to rounding
  void cut(const double* row, Origin origin, VertexCell& above, VertexCell& below);
  void facets(std::vector<Origin>& out) const;
  void interior_point(double* out) const;
  void farthest(bool above, double* out) const;

  [[nodiscard]] Index dimension() const { return dimension_; }
  [[nodiscard]] Index vertex_count() const { return count_; }
  [[nodiscard]] const double* vertex(Index v) const { return points_.data() + v * dimension_; }
  // The numbers of the vertices in the order in which they are shown: counter-clockwise around the
  // mean in two dimensions, else as they are listed.
  [[nodiscard]] std::vector<Index> vertex_order() const;
  [[nodiscard]] const std::vector<Origin>& constraints() const { return constraints_; }

  // For each facet, in the order of facets(), the vertices on it.
  [[nodiscard]] std::vector<std::vector<Index>> facet_vertices() const;

  // k-dimensional volume in free coordinates. Cost grows with the face lattice: microseconds to
  // k = 4, tens to hundreds of microseconds at k = 6. Throws NumericalError beyond 8192 vertices.
  [[nodiscard]] double volume() const;
  // Volume and, if asked for, moments: measure_size() numbers (face_recursion.hpp), by the same
  // triangulation; the slow truth of the recursion over faces.
  void measure(bool moments, double* out) const;

 private:
  using Word = BitWord;

  void add_corners(const FreeSpace& space);
  void keep_side(const double* row, Origin origin);  // in-place cut, for set-up
  [[nodiscard]] const Word* mask(Index v) const { return masks_.data() + v * words_; }
  void add_vertex(const double* point, const Word* mask, Index words);
  void clear_like(const VertexCell& other);
  [[nodiscard]] bool is_simple(Index v) const;
  [[nodiscard]] bool adjacent(Index a, Index b) const;
  // sets[c * words]: the vertices on constraint c; `words` words each.
  void vertices_of_constraints(std::vector<Word>& sets, Index words) const;
  template <class Visit>
  void for_edges_across(Visit&& visit);
  // Needed constraints, ascending by origin, each with its vertices as a bit set.
  struct Facets {
    std::vector<Index> constraints;
    std::vector<Word> vertices;  // words per facet: vertex_words
    Index vertex_words = 0;
  };
  [[nodiscard]] Facets find_facets() const;
  void make_room();

  Tolerances tolerances_;
  Index dimension_ = 0;
  Index count_ = 0;
  Index words_ = 1;                  // of each incidence mask
  std::vector<double> points_;       // count x dimension
  std::vector<Word> masks_;          // count x words
  std::vector<Origin> constraints_;  // bit numbers of the masks
  std::vector<double> values_;       // of the last reach(), one per vertex
  // Workspace of cut(): it is not copied to the parts.
  std::vector<Word> mask_;
  std::vector<double> point_;
  std::vector<Word> sets_;
  std::vector<Word> far_side_;
  std::vector<Word> along_;
};

// The k-dimensional volume of an analysis region in input units; 1 for a single point.
// Throws InvalidInput above kMostVolumeDimensions.
[[nodiscard]] double region_volume(const FreeSpace& space);

}  // namespace facetry
