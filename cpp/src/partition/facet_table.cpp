// Two passes over chunks of the range: how much each writes, and then the writing.
#include "partition/facet_table.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <span>
#include <utility>

#include "base/parallel.hpp"
#include "partition/state_index.hpp"

namespace facetry {

namespace {

constexpr Index kTableChunk = 4096;

// A table of the states pays for at least this share of the list.
constexpr Index kShare = 64;
constexpr Index kMostIndexed = std::numeric_limits<std::uint32_t>::max() - 1;

// A question's place in memory is asked for so many regions ahead.
constexpr Index kAhead = 4;

Index chunks_of(RegionRange range) { return (range.count() + kTableChunk - 1) / kTableChunk; }

}  // namespace

// What one region's facets take in the table, or where they are written.
struct FacetTableMaker::Place {
  Index facet = 0;
  Index tight = 0;
  Index change = 0;

  void add(const Place& other) {
    facet += other.facet;
    tight += other.tight;
    change += other.change;
  }
};

// The regions of a chunk, in order, each with its number among those that are asked about; -1:
// none.
template <class Visit>
void FacetTableMaker::for_chunk(Index chunk, const Visit& visit) const {
  const Index begin = range_.begin + chunk * kTableChunk;
  const Index end = std::min(begin + kTableChunk, range_.end);
  auto next = std::lower_bound(asked_.begin(), asked_.end(), begin);
  for (Index i = begin; i < end; ++i) {
    const bool is_asked = next != asked_.end() && *next == i;
    visit(i, is_asked ? next - asked_.begin() : -1);
    if (is_asked) ++next;
  }
}

FacetTableMaker::FacetTableMaker(const NormalForm& form, const StateLayout& layout,
                                 const BoundaryIds& ids, const RegionView& list, RegionRange range,
                                 std::vector<Index> touched)
    : layout_(layout), ids_(ids), list_(list), range_(range), asked_(std::move(touched)) {
  for (const Stage& stage : form.stages()) {
    for (const Unit& unit : stage.units) is_maximum_.push_back(unit.kind == UnitKind::maximum);
  }
}

FacetTable FacetTableMaker::table(std::span<const std::vector<FacetAcross>> across,
                                  const FindState& find, int threads) const {
  std::vector<Place> starts(static_cast<std::size_t>(chunks_of(range_) + 1));
  parallel_for(chunks_of(range_), threads, [&](Index chunk, int) {
    for_chunk(chunk, [&](Index i, Index number) {
      starts[chunk + 1].add(number < 0 ? size_of_flips(i) : size_of_asked(i, across[number]));
    });
  });
  for (std::size_t c = 1; c < starts.size(); ++c) starts[c].add(starts[c - 1]);
  FacetTable table = empty_table(starts.back());
  std::optional<StateIndex> index;
  const Index flipped = range_.count() - size_of(asked_);
  if (flipped * kShare >= list_.count && flipped > 0 && list_.count <= kMostIndexed) {
    list_.require({0, list_.count}, threads);
    index.emplace(layout_, list_);
  }
  parallel_for(chunks_of(range_), threads, [&](Index chunk, int) {
    Place at = starts[chunk];
    for_chunk(chunk, [&](Index i, Index number) {
      if (number >= 0) {
        write_asked(i, across[number], find, table, at);
      } else if (index) {
        if (i + kAhead < range_.end) prefetch(*index, i + kAhead);
        write_flips(
            i, [&](const TightUnit& t) { return index->find_flipped(i, t.unit, t.to); }, table, at);
      } else {
        write_flips(i, flip_and_find(i, find), table, at);
      }
    });
  });
  return table;
}

FacetTableMaker::Place FacetTableMaker::size_of_flips(Index region) const {
  const std::span<const Origin> facets = facets_of(region);
  const Index units = std::count_if(facets.begin(), facets.end(),
                                    [](const Origin facet) { return !facet.is_side(); });
  return {size_of(facets), units, units};
}

FacetTableMaker::Place FacetTableMaker::size_of_asked(
    Index region, const std::vector<FacetAcross>& across) const {
  Place size{size_of(facets_of(region)), 0, 0};
  for (const FacetAcross& facet : across) {
    size.tight += size_of(facet.tight);
    size.change += size_of(facet.changes);
  }
  return size;
}

FacetTable FacetTableMaker::empty_table(const Place& size) const {
  const auto ends = [](std::vector<Index>& offsets, Index count) {
    offsets.assign(static_cast<std::size_t>(count + 1), 0);
  };
  FacetTable table;
  ends(table.offsets, range_.count());
  ends(table.tight_offsets, size.facet);
  ends(table.change_offsets, size.facet);
  table.origins.resize(static_cast<std::size_t>(size.facet));
  table.neighbors.resize(static_cast<std::size_t>(size.facet));
  table.tight.resize(static_cast<std::size_t>(size.tight));
  table.changes.resize(static_cast<std::size_t>(size.change));
  return table;
}

// What the one unit of a facet does there.
TightUnit FacetTableMaker::flip(Index region, Origin facet) const {
  const Boundary boundary = ids_.at(facet);
  const Index piece = layout_.get(list_.state(region), boundary.unit);
  if (is_maximum_[boundary.unit]) return {boundary.unit, piece, boundary.boundary};
  const Index b = boundary.boundary;
  return {boundary.unit, piece, piece > b ? b : b + 1};
}

void FacetTableMaker::prefetch(const StateIndex& index, Index region) const {
  for (const Origin facet : facets_of(region)) {
    if (facet.is_side()) continue;
    const TightUnit change = flip(region, facet);
    index.prefetch(region, change.unit, change.to);
  }
}

// Binary search for the state with one unit flipped.
FacetTableMaker::FindFlip FacetTableMaker::flip_and_find(Index region,
                                                         const FindState& find) const {
  return [this, region, &find](const TightUnit& change) {
    const StateWord* state = list_.state(region);
    std::vector<StateWord> flipped(state, state + list_.words);
    layout_.set(flipped.data(), change.unit, change.to);
    return find(flipped.data());
  };
}

template <class FindFlipped>
void FacetTableMaker::write_flips(Index region, const FindFlipped& find, FacetTable& table,
                                  Place& at) const {
  for (const Origin facet : facets_of(region)) {
    Index neighbor = -1;
    if (!facet.is_side()) {
      const TightUnit change = flip(region, facet);
      neighbor = find(change);
      table.tight[at.tight++] = change;
      table.changes[at.change++] = change.unit;
    }
    finish_facet(facet, neighbor, table, at);
  }
  table.offsets[region - range_.begin + 1] = at.facet;
}

void FacetTableMaker::write_asked(Index region, const std::vector<FacetAcross>& across,
                                  const FindState& find, FacetTable& table, Place& at) const {
  const std::span<const Origin> facets = facets_of(region);
  for (Index f = 0; f < size_of(facets); ++f) {
    const FacetAcross& facet = across[f];
    std::copy(facet.tight.begin(), facet.tight.end(), table.tight.begin() + at.tight);
    std::copy(facet.changes.begin(), facet.changes.end(), table.changes.begin() + at.change);
    at.tight += size_of(facet.tight);
    at.change += size_of(facet.changes);
    finish_facet(facets[f], facet.state.empty() ? -1 : find(facet.state.data()), table, at);
  }
  table.offsets[region - range_.begin + 1] = at.facet;
}

void FacetTableMaker::finish_facet(Origin facet, Index neighbor, FacetTable& table, Place& at) {
  table.origins[at.facet] = facet;
  table.neighbors[at.facet++] = neighbor;
  table.tight_offsets[at.facet] = at.tight;
  table.change_offsets[at.facet] = at.change;
}

}  // namespace facetry
