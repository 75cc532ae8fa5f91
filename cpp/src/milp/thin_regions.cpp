// Walks from region to region over facets, and adds those behind them that are missing.
#include "milp/thin_regions.hpp"

#include <map>
#include <vector>

#include "partition/adjacency.hpp"
#include "regions/region_of_state.hpp"

namespace facetry {

namespace {

using State = std::vector<StateWord>;

class ThinRegions {
 public:
  ThinRegions(const NormalForm& form, const FreeSpace& space, const Tolerances& tolerances,
              const SearchGoal& goal, RegionList& list)
      : form_(form),
        goal_(goal),
        layout_(form),
        ids_(form),
        adjacency_(form, space, layout_, ids_, tolerances),
        regions_(form, space, layout_, tolerances),
        list_(list) {
    for (Index i = 0; i < list.count; ++i) numbers_[state(i)] = i;
  }

  // The list grows while it is walked through, so what is added is looked behind too.
  void add_all() {
    for (Index i = 0; i < list_.count; ++i) {
      const State own = state(i);
      for (const FacetAcross& facet : adjacency_.across(own.data(), facets(i))) {
        if (!facet.state.empty() && !numbers_.contains(facet.state)) add(facet.state);
      }
    }
  }

  [[nodiscard]] RegionList sorted() const {
    RegionList result = list_.empty_copy();
    for (const auto& [key, i] : numbers_) {
      if (i >= 0) result.add(key.data(), list_.interior_point(i), facets(i));
    }
    result.below_resolution = list_.below_resolution;
    return result;
  }

 private:
  [[nodiscard]] State state(Index i) const {
    return {list_.state(i), list_.state(i) + list_.words};
  }
  [[nodiscard]] std::vector<Origin> facets(Index i) const {
    return {list_.facets.begin() + list_.facet_offsets[i],
            list_.facets.begin() + list_.facet_offsets[i + 1]};
  }

  void add(const State& key) {
    numbers_[key] = -1;  // without interior, unless it turns out otherwise
    if (!goal_.wants(form_, layout_, key.data())) return;
    std::optional<LpCell> cell = regions_.cell(key.data());
    if (!cell) return;
    std::vector<Origin> facets;
    std::vector<double> point(static_cast<std::size_t>(list_.dimension));
    cell->facets(facets);
    cell->interior_point(point.data());
    numbers_[key] = list_.count;
    list_.add(key.data(), point.data(), facets);
    ++list_.below_resolution;
  }

  const NormalForm& form_;
  const SearchGoal& goal_;
  StateLayout layout_;
  BoundaryIds ids_;
  Adjacency adjacency_;
  RegionOfState regions_;
  RegionList& list_;
  std::map<State, Index> numbers_;  // of each state looked at; -1: it has no interior
};

}  // namespace

void add_thin_regions(const NormalForm& form, const FreeSpace& space, const Tolerances& tolerances,
                      const SearchGoal& goal, RegionList& list) {
  ThinRegions thin(form, space, tolerances, goal, list);
  thin.add_all();
  if (list.below_resolution > 0) list = thin.sorted();
}

}  // namespace facetry
