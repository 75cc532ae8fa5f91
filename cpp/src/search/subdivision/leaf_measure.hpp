// What a search measures of the regions it lists: their volumes, and moments if they are wanted.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/work_array.hpp"
#include "geometry/face_recursion.hpp"
#include "geometry/polygon_cells.hpp"
#include "geometry/polygon_measure.hpp"
#include "geometry/vertex_cell.hpp"
#include "geometry/vertex_cells.hpp"
#include "regions/region_list.hpp"
#include "search/subdivision.hpp"
#include "search/subdivision/exact_follower.hpp"

namespace facetry {

// Guarantees, numbered as the tests are:
//  1. What is written is the measure of the polytope of the region's facets, as rows on the
//  search's way
//     there: as accurate as FaceRecursion says where the cell is simple and its vertices are apart,
//     else as the triangulation of VertexCell is.
//  2. It depends on the rows, their order on the way and nothing else.
// REQUIRES: what is referred to outlives it; while it is on, cuts are followed.
// Cost: that of FaceRecursion; of a cell that is not simple, or near to being none, tens of times
// more.
template <class F>
class LeafMeasure {
 public:
  using Cell = typename F::Cell;

  LeafMeasure(const SearchPlan& plan, ExactFollower<F>& exact, Measures what)
      : plan_(plan), exact_(exact), what_(what), k_(plan.dimension()) {
    if (!on()) return;
    exact_.remember_places();
    const bool moments = what == Measures::moments;
    if constexpr (std::is_same_v<F, PolygonCells>) polygon_.emplace(moments);
    if constexpr (std::is_same_v<F, VertexCells>) recursion_.emplace(k_, moments);
    rows_.ensure(MovedRows::kPlane * (k_ + 1));  // aligned
    std::fill_n(rows_.data(), MovedRows::kPlane * (k_ + 1), 0.0);
  }

  [[nodiscard]] bool on() const { return what_ != Measures::none; }

  // Writes the measure of the region at hand. `facets`: its own.
  void write(const Cell& cell, std::span<const Origin> facets, const RegionList::Place& place) {
    if (!measures_simple(cell, place)) triangulate(facets, place.measure);
  }

 private:
  // By the recursion over faces. False: the cell is not what that needs.
  bool measures_simple(const Cell& cell, const RegionList::Place& place) {
    if constexpr (std::is_same_v<F, PolygonCells>) {
      return !cell.near && cell.count <= PolygonMeasure::kMostEdges && load_polygon(cell) &&
             polygon_->measure(rows_.data(), cell.count, place.point, place.measure);
    } else if constexpr (std::is_same_v<F, VertexCells>) {
      if (cell.near || !cell.simple || cell.count > FaceRecursion::kMostVertices) return false;
      if (cell.words > 1) return load_words(cell) && recurse(cell.count, masks_.data(), place);
      return load_word(cell) && recurse(cell.count, cell.masks, place);
    } else {
      return false;
    }
  }

  bool recurse(Index count, const BitWord* masks, const RegionList::Place& place) {
    return recursion_->measure({count, place.point, masks, rows_.data()}, place.measure);
  }
  bool load_row(Index place, Origin origin) {
    return exact_.row_of(origin, rows_.data() + place, MovedRows::kPlane);
  }

  bool load_polygon(const PolygonCells::Cell& cell) {
    for (Index v = 0; v < cell.count; ++v) {
      if (!load_row(v, cell.edge(v))) return false;
    }
    return true;
  }

  bool load_word(const VertexCells::Cell& cell) {
    BitWord live = 0;
    for (Index v = 0; v < cell.count; ++v) live |= cell.masks[v];
    for (Index place = 0; live != 0; live &= live - 1, ++place) {
      if (!load_row(place, cell.origins[std::countr_zero(live)])) return false;
    }
    return true;
  }

  // Constraints that vertices touch get bits of one word.
  bool load_words(const VertexCells::Cell& cell) {
    bits_.assign(static_cast<std::size_t>(cell.constraints), -1);
    masks_.ensure(cell.count);
    Index used = 0;
    for (Index v = 0; v < cell.count; ++v) {
      masks_[v] = 0;
      for (Index w = 0; w < cell.words; ++w) {
        for (BitWord rest = cell.masks[w * cell.stride + v]; rest != 0; rest &= rest - 1) {
          const Index constraint = w * kWordBits + std::countr_zero(rest);
          Index& bit = bits_[static_cast<std::size_t>(constraint)];
          if (bit < 0) {
            if (used == 64 || !load_row(used, cell.origins[constraint])) return false;
            bit = used++;
          }
          masks_[v] |= BitWord{1} << bit;
        }
      }
    }
    return true;
  }

  void triangulate(std::span<const Origin> facets, double* out) {
    const auto width = static_cast<std::size_t>(k_ + 1);
    facet_rows_.resize(facets.size() * width);
    origins_.clear();
    for (const Origin origin : facets) {
      if (exact_.row_of(origin, facet_rows_.data() + origins_.size() * width))
        origins_.push_back(origin);
    }
    facet_rows_.resize(origins_.size() * width);
    VertexCell(plan_.space(), facet_rows_, origins_, plan_.tolerances())
        .measure(what_ == Measures::moments, out);
  }

  const SearchPlan& plan_;
  ExactFollower<F>& exact_;
  Measures what_;
  Index k_;
  std::optional<FaceRecursion> recursion_;  // of vertex lists
  std::optional<PolygonMeasure> polygon_;   // of polygons
  WorkArray<double> rows_;                  // by constraint
  WorkArray<BitWord> masks_;
  std::vector<Index> bits_;
  std::vector<double> facet_rows_;
  std::vector<Origin> origins_;
};

}  // namespace facetry
