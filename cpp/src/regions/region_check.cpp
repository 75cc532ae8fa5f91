// Checks of states, points and facets one region at a time, against the network and the analysis
// region.
#include "regions/region_check.hpp"

#include <algorithm>
#include <cmath>

#include "facetry/base/error.hpp"

namespace facetry {

namespace {

void require(bool condition, const char* what) {
  if (!condition) throw InvalidInput(std::string("the regions do not fit the model: ") + what);
}

}  // namespace

RegionCheck::RegionCheck(const NormalForm& form, const FreeSpace& space)
    : layout_(form),
      ids_(form),
      dimension_(space.dimension()),
      unit_bits_(static_cast<std::size_t>(layout_.words()), 0),
      sides_(space.sides()) {
  std::sort(sides_.begin(), sides_.end());
  for (const Stage& stage : form.stages()) {
    for (const Unit& unit : stage.units) {
      const Index number = size_of(units_);
      units_.push_back({form.piece_count(unit), unit.kind == UnitKind::maximum});
      const Index most = layout_.most(number);
      layout_.set(unit_bits_.data(), number, most);
      if (most >= units_.back().count) partial_.push_back(number);
    }
  }
}

void RegionCheck::sizes(const RegionView& r) const {
  require(r.words == layout_.words(), "another number of state words");
  require(r.dimension == dimension_, "another free dimension");
  require(r.count >= 0 && size_of(r.facet_offsets) == r.count + 1, "facet offsets");
  require(size_of(r.states) == r.count * r.words, "states");
  require(size_of(r.interior) == r.count * r.dimension, "interior points");
  require(r.facet_offsets.front() == 0 && r.facet_offsets.back() == size_of(r.facets),
          "facet offsets");
  require(r.undecided_count >= size_of(r.undecided), "the number of undecided cuts");
  for (const UndecidedCut& cut : r.undecided) {
    require(!cut.boundary.is_side() && cut.boundary.number() < ids_.count() &&
                size_of(cut.place) == dimension_,
            "an undecided cut of no unit");
  }
}

void RegionCheck::states(const RegionView& r, RegionRange range) const {
  for (Index i = range.begin; i < range.end; ++i) {
    const StateWord* state = r.state(i);
    for (Index w = 0; w < r.words; ++w) {
      require((state[w] & ~unit_bits_[w]) == 0, "bits of a state that are no unit's");
    }
    for (const Index unit : partial_) {
      require(layout_.get(state, unit) < units_[unit].count,
              "a state beyond the pieces of its unit");
    }
  }
}

void RegionCheck::order(const RegionView& r, RegionRange range) const {
  for (Index i = std::max<Index>(range.begin, 1); i < range.end; ++i) {
    require(layout_.compare(r.state(i - 1), r.state(i)) < 0, "states that are not in order");
  }
}

void RegionCheck::offsets(const RegionView& r, RegionRange range) const {
  const Index* first = r.facet_offsets.data() + range.begin;
  const Index* last = r.facet_offsets.data() + range.end;
  require(*first >= 0 && *last <= size_of(r.facets) && std::is_sorted(first, last + 1),
          "facet offsets");
}

// Does the boundary lie between `piece` and another one? What Lineariser::boundaries requires.
bool RegionCheck::bounds_piece(const Boundary& boundary, Index piece) const {
  if (units_[boundary.unit].maximum) return boundary.boundary != piece;
  return boundary.boundary == piece || boundary.boundary + 1 == piece;
}

void RegionCheck::facets(const RegionView& r, RegionRange range) const {
  require(std::all_of(r.interior_point(range.begin), r.interior_point(range.end),
                      [](double value) { return std::isfinite(value); }),
          "an interior point that is not finite");
  for (Index i = range.begin; i < range.end; ++i) {
    for (Index f = r.facet_offsets[i]; f < r.facet_offsets[i + 1]; ++f) {
      const Index number = r.facets[f].number();
      if (r.facets[f].is_side()) {
        require(number >= 0 && std::binary_search(sides_.begin(), sides_.end(), number),
                "a facet on a side that the region does not have");
        continue;
      }
      require(number < ids_.count(), "a facet of no unit");
      const Boundary boundary = ids_.at(r.facets[f]);
      require(bounds_piece(boundary, layout_.get(r.state(i), boundary.unit)),
              "a facet that does not bound its unit's piece");
    }
  }
}

void RegionCheck::everything(const RegionView& regions) const {
  sizes(regions);
  const RegionRange all{0, regions.count};
  states(regions, all);
  offsets(regions, all);
  facets(regions, all);
}

}  // namespace facetry
