#include "facetry/partition/region_list.hpp"

#include <algorithm>

#include "facetry/base/error.hpp"

namespace facetry {

void RegionList::add(const StateWord* state, const double* point,
                     const std::vector<Origin>& own_facets) {
  states.insert(states.end(), state, state + words);
  interior.insert(interior.end(), point, point + dimension);
  facets.insert(facets.end(), own_facets.begin(), own_facets.end());
  facet_offsets.push_back(size_of(facets));
  ++count;
}

void RegionList::add_undecided(UndecidedCut cut) {
  ++undecided_count;
  if (size_of(undecided) < kStoredUndecided) undecided.push_back(std::move(cut));
}

void RegionList::append(const RegionList& other) {
  states.insert(states.end(), other.states.begin(), other.states.end());
  interior.insert(interior.end(), other.interior.begin(), other.interior.end());
  const Index shift = size_of(facets);
  facets.insert(facets.end(), other.facets.begin(), other.facets.end());
  for (Index i = 1; i <= other.count; ++i) facet_offsets.push_back(shift + other.facet_offsets[i]);
  count += other.count;
  undecided_count += other.undecided_count;
  for (const UndecidedCut& cut : other.undecided) {
    if (size_of(undecided) < kStoredUndecided) undecided.push_back(cut);
  }
}

void RegionList::truncate(Index n) {
  count = std::min(count, n);
  states.resize(static_cast<std::size_t>(count * words));
  interior.resize(static_cast<std::size_t>(count * dimension));
  facet_offsets.resize(static_cast<std::size_t>(count + 1));
  facets.resize(static_cast<std::size_t>(facet_offsets.back()));
}

namespace {

void require(bool condition, const char* what) {
  if (!condition) throw InvalidInput(std::string("the regions do not fit the model: ") + what);
}

}  // namespace

void RegionList::validate(const NormalForm& form, const FreeSpace& space) const {
  const StateLayout layout(form);
  require(words == layout.words(), "another number of state words");
  require(dimension == space.dimension(), "another free dimension");
  require(count >= 0 && size_of(facet_offsets) == count + 1, "facet offsets");
  require(size_of(states) == count * words, "states");
  require(size_of(interior) == count * dimension, "interior points");
  require(facet_offsets.front() == 0 && facet_offsets.back() == size_of(facets) &&
              std::is_sorted(facet_offsets.begin(), facet_offsets.end()),
          "facet offsets");
  const std::vector<Index> pieces = form.piece_counts();
  for (Index i = 0; i < count; ++i) {
    for (Index u = 0; u < layout.units(); ++u) {
      require(layout.get(state(i), u) < pieces[u], "a state beyond the pieces of its unit");
    }
  }
  const Index sides = 2 * space.input_size() + space.polytope().A.rows();
  for (const Origin& facet : facets) {
    const bool fits = facet.is_side() ? facet.boundary >= 0 && facet.boundary < sides
                                      : facet.unit < layout.units() && facet.boundary >= 0 &&
                                            facet.boundary < pieces[facet.unit];
    require(fits, "a facet of no unit and no side");
  }
}

}  // namespace facetry
