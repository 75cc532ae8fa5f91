#include "facetry/partition/region_list.hpp"

#include <algorithm>
#include <cmath>

#include "facetry/base/error.hpp"
#include "facetry/partition/boundary_ids.hpp"

namespace facetry {

namespace {

// For so few numbers a loop is faster than the call of a copy.
template <class T>
void append_few(GrowArray<T>& array, const T* from, Index count) {
  for (Index i = 0; i < count; ++i) array.push_back(from[i]);
}

}  // namespace

RegionList RegionList::empty_copy() const {
  RegionList list;
  list.words = words;
  list.dimension = dimension;
  list.output_size = output_size;
  return list;
}

Index RegionList::bytes() const {
  const auto held = [](const auto& array) {
    return static_cast<Index>(array.size() * sizeof(array[0]));
  };
  return held(states) + held(interior) + held(facet_offsets) + held(facets) + held(outputs);
}

void RegionList::restart_as(const RegionList& other) {
  words = other.words;
  dimension = other.dimension;
  output_size = other.output_size;
  truncate(0);
  drop_notes_after({});
  states.reserve(other.states.size());
  interior.reserve(other.interior.size());
  facet_offsets.reserve(other.facet_offsets.size());
  facets.reserve(other.facets.size());
  outputs.reserve(other.outputs.size());
}

void RegionList::add(const StateWord* state, const double* point,
                     const std::vector<Origin>& own_facets, const double* own_outputs) {
  append_few(states, state, words);
  append_few(interior, point, dimension);
  append_few(facets, own_facets.data(), size_of(own_facets));
  append_few(outputs, own_outputs, output_size * (dimension + 1));
  facet_offsets.push_back(size_of(facets));
  ++count;
}

void RegionList::drop_notes_after(Mark mark) {
  undecided_count = mark.count;
  undecided.resize(static_cast<std::size_t>(mark.stored));
}

void RegionList::add_undecided(UndecidedCut cut) {
  ++undecided_count;
  if (size_of(undecided) < kStoredUndecided) undecided.push_back(std::move(cut));
}

void RegionList::append(const RegionList& other) {
  states.append(other.states.data(), size_of(other.states));
  interior.append(other.interior.data(), size_of(other.interior));
  outputs.append(other.outputs.data(), size_of(other.outputs));
  const Index shift = size_of(facets);
  facets.append(other.facets.data(), size_of(other.facets));
  for (Index i = 1; i <= other.count; ++i) facet_offsets.push_back(shift + other.facet_offsets[i]);
  count += other.count;
  undecided_count += other.undecided_count;
  for (const UndecidedCut& cut : other.undecided) {
    if (size_of(undecided) < kStoredUndecided) undecided.push_back(cut);
  }
}

bool RegionList::ascending() const {
  for (Index i = 1; i < count; ++i) {
    const StateWord* before = state(i - 1);
    if (!std::lexicographical_compare(before, before + words, state(i), state(i) + words)) {
      return false;
    }
  }
  return true;
}

void RegionList::truncate(Index n) {
  count = std::min(count, n);
  states.resize(static_cast<std::size_t>(count * words));
  interior.resize(static_cast<std::size_t>(count * dimension));
  outputs.resize(static_cast<std::size_t>(count * output_size * (dimension + 1)));
  facet_offsets.resize(static_cast<std::size_t>(count + 1));
  facet_offsets.front() = 0;  // a list that was moved from has none
  facets.resize(static_cast<std::size_t>(facet_offsets.back()));
}

namespace {

void require(bool condition, const char* what) {
  if (!condition) throw InvalidInput(std::string("the regions do not fit the model: ") + what);
}

std::vector<Unit> units_of(const NormalForm& form) {
  std::vector<Unit> units;
  for (const Stage& stage : form.stages()) {
    units.insert(units.end(), stage.units.begin(), stage.units.end());
  }
  return units;
}

bool is_side_of(const FreeSpace& space, Index side) {
  const std::vector<Index>& sides = space.sides();
  return side >= 0 && std::find(sides.begin(), sides.end(), side) != sides.end();
}

// Does the boundary lie between `piece` and another one? What Lineariser::boundaries requires.
bool bounds_piece(const NormalForm& form, const Unit& unit, Index piece, Index boundary) {
  if (unit.kind == UnitKind::maximum) {
    return boundary >= 0 && boundary < unit.row_count && boundary != piece;
  }
  const bool is_breakpoint = boundary >= 0 && boundary + 1 < form.piece_count(unit);
  return is_breakpoint && (boundary == piece || boundary + 1 == piece);
}

}  // namespace

void RegionList::validate(const NormalForm& form, const FreeSpace& space) const {
  const StateLayout layout(form);
  const BoundaryIds ids(form);
  require(words == layout.words(), "another number of state words");
  require(dimension == space.dimension(), "another free dimension");
  require(count >= 0 && size_of(facet_offsets) == count + 1, "facet offsets");
  require(size_of(states) == count * words, "states");
  require(size_of(interior) == count * dimension, "interior points");
  require(output_size == 0 || output_size == form.output_size(), "another number of outputs");
  require(size_of(outputs) == count * output_size * (dimension + 1), "output maps");
  require(facet_offsets.front() == 0 && facet_offsets.back() == size_of(facets) &&
              std::is_sorted(facet_offsets.begin(), facet_offsets.end()),
          "facet offsets");
  require(std::all_of(interior.begin(), interior.end(), [](double v) { return std::isfinite(v); }),
          "an interior point that is not finite");
  const std::vector<Unit> units = units_of(form);
  std::vector<StateWord> packed(static_cast<std::size_t>(words), 0);
  for (Index i = 0; i < count; ++i) {
    for (Index u = 0; u < layout.units(); ++u) {
      const Index piece = layout.get(state(i), u);
      require(piece < form.piece_count(units[u]), "a state beyond the pieces of its unit");
      layout.set(packed.data(), u, piece);
    }
    require(std::equal(packed.begin(), packed.end(), state(i)), "bits of a state that are no unit's");
    for (Index f = facet_offsets[i]; f < facet_offsets[i + 1]; ++f) {
      if (facets[f].is_side()) {
        require(is_side_of(space, facets[f].number()),
                "a facet on a side that the region does not have");
        continue;
      }
      require(facets[f].number() < ids.count(), "a facet of no unit");
      const Boundary facet = ids.at(facets[f]);
      const Index piece = layout.get(state(i), facet.unit);
      require(bounds_piece(form, units[facet.unit], piece, facet.boundary),
              "a facet that does not bound its unit's piece");
    }
  }
}

}  // namespace facetry
