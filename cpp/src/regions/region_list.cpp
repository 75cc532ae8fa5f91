// Lists of regions: appending, cutting off, and the check of a list from outside.
#include "regions/region_list.hpp"

#include <algorithm>

#include "facetry/base/error.hpp"
#include "regions/region_check.hpp"

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
  list.measure_size = measure_size;
  list.contacts_known = contacts_known;
  return list;
}

Index RegionList::bytes() const {
  const auto held = [](const auto& array) {
    return static_cast<Index>(array.size() * sizeof(array[0]));
  };
  return held(states) + held(interior) + held(facet_offsets) + held(facets) + held(outputs) +
         held(measures) + held(touched);
}

void RegionList::restart_as(const RegionList& other) {
  words = other.words;
  dimension = other.dimension;
  output_size = other.output_size;
  measure_size = other.measure_size;
  contacts_known = other.contacts_known;
  truncate(0);
  drop_notes_after({});
  states.reserve(other.states.size());
  interior.reserve(other.interior.size());
  facet_offsets.reserve(other.facet_offsets.size());
  facets.reserve(other.facets.size());
  outputs.reserve(other.outputs.size());
  measures.reserve(other.measures.size());
}

void RegionList::add(const StateWord* state, const double* point,
                     const std::vector<Origin>& own_facets, const double* own_outputs,
                     const double* own_measure) {
  append_few(states, state, words);
  append_few(interior, point, dimension);
  append_few(facets, own_facets.data(), size_of(own_facets));
  append_few(outputs, own_outputs, output_size * (dimension + 1));
  append_few(measures, own_measure, measure_size);
  contacts_known = false;
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
  measures.append(other.measures.data(), size_of(other.measures));
  const Index shift = size_of(facets);
  facets.append(other.facets.data(), size_of(other.facets));
  for (Index i = 1; i <= other.count; ++i) facet_offsets.push_back(shift + other.facet_offsets[i]);
  contacts_known = contacts_known && other.contacts_known;
  for (const Index i : other.touched) touched.push_back(count + i);
  count += other.count;
  undecided_count += other.undecided_count;
  below_resolution += other.below_resolution;
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
  measures.resize(static_cast<std::size_t>(count * measure_size));
  while (!touched.empty() && touched.back() >= count) touched.resize(touched.size() - 1);
  facet_offsets.resize(static_cast<std::size_t>(count + 1));
  facet_offsets.front() = 0;  // a list that was moved from has none
  facets.resize(static_cast<std::size_t>(facet_offsets.back()));
}

void RegionList::validate(const NormalForm& form, const FreeSpace& space) const {
  RegionCheck(form, space).everything(RegionView(*this));
  const bool fits = (output_size == 0 || output_size == form.output_size()) &&
                    size_of(outputs) == count * output_size * (dimension + 1) &&
                    size_of(measures) == count * measure_size;
  if (!fits) throw InvalidInput("the regions do not fit the model: output maps or measures");
}

}  // namespace facetry
