// All orders of outputs that tie on a region: the arguments of its comparisons that are the same
// there, combined.
#include "explain/query_ties.hpp"

#include <algorithm>

#include "facetry/state/activation_state.hpp"
#include "regions/region_list.hpp"
#include "search/subdivision.hpp"

namespace facetry {

namespace {

// The choice and the second choice, or -1.
struct Order {
  Index top = -1;
  Index runner_up = -1;
};

class TieLister {
 public:
  TieLister(const Partition& found, const Query& query, const QueryWriter& writer, Index first)
      : found_(found), query_(query), writer_(writer), first_(first), ids_(found.form()) {}

  std::optional<SubdivisionResult> run(int threads) {
    ask(threads);
    const bool none = tops_.units.empty() && seconds_.units.empty();
    if (none) return std::nullopt;
    SubdivisionResult result;
    result.termination = found_.termination();
    result.exactness = found_.exactness();
    const RegionView& regions = found_.regions();
    result.regions.words = regions.words;
    result.regions.dimension = regions.dimension;
    result.regions.undecided_count = regions.undecided_count;
    result.regions.undecided = regions.undecided;
    result.regions.below_resolution = regions.below_resolution;
    for (Index i = 0; i < found_.size(); ++i) list(i, result.regions);
    return result;
  }

 private:
  [[nodiscard]] Index state_of(Index i, Index unit) const {
    return found_.layout().get(found_.regions().state(i), first_ + unit);
  }
  [[nodiscard]] Order order_of(Index i) const {
    Order order;
    writer_.read([&](Index unit) { return state_of(i, unit); }, order.top, order.runner_up);
    return order;
  }

  // Which outputs tie for the first place, and which for the second.
  void ask(int threads) {
    const Index count = found_.size();
    std::vector<Index> units(static_cast<std::size_t>(count), first_);
    if (!query_.top) tops_ = found_.tied_arguments({0, count}, units, threads);
    if (!writer_.has_runner_up_units()) return;
    for (Index i = 0; i < count; ++i) units[i] = first_ + writer_.runner_up_unit(order_of(i).top);
    seconds_ = found_.tied_arguments({0, count}, units, threads);
  }

  [[nodiscard]] std::vector<Index> outputs_at(const Partition::Ragged& ties, Index i, Index unit,
                                              Index own) const {
    std::vector<Index> outputs{own};
    if (ties.offsets.size() < 2) return outputs;
    for (Index t = ties.offsets[i]; t < ties.offsets[i + 1]; ++t) {
      outputs.push_back(writer_.outputs_of(unit)[ties.units[t]]);
    }
    return outputs;
  }

  // All orders that the region has, its own first.
  [[nodiscard]] std::vector<Order> orders_of(Index i) const {
    const Order own = order_of(i);
    const std::vector<Index> tops = outputs_at(tops_, i, 0, own.top);
    std::vector<Order> orders;
    if (!query_.rank_runner_up) {
      for (const Index top : tops) orders.push_back({top, -1});
      return orders;
    }
    const auto add = [&](Index top, Index second) {
      const bool fits = top != second && (!query_.runner_up || second == *query_.runner_up);
      if (fits) orders.push_back({top, second});
    };
    if (tops.size() > 1) {  // among them are first and second
      for (const Index top : tops) {
        for (const Index second : tops) add(top, second);
      }
      return orders;
    }
    if (!writer_.has_runner_up_units()) return {own};
    const Index unit = writer_.runner_up_unit(own.top);
    for (const Index second : outputs_at(seconds_, i, unit, own.runner_up)) add(own.top, second);
    return orders;
  }

  void list(Index i, RegionList& out) {
    const Order own = order_of(i);
    std::vector<std::pair<std::vector<StateWord>, Order>> entries;
    for (const Order& order : orders_of(i)) entries.emplace_back(state_with(i, own, order), order);
    std::sort(entries.begin(), entries.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [state, order] : entries) {
      out.add(state.data(), found_.regions().interior_point(i), facets_with(i, own, order));
    }
  }

  [[nodiscard]] std::vector<StateWord> state_with(Index i, const Order& own,
                                                  const Order& order) const {
    const StateWord* from = found_.regions().state(i);
    std::vector<StateWord> state(from, from + found_.layout().words());
    const StateLayout& layout = found_.layout();
    layout.set(state.data(), first_, writer_.state_for(0, order.top));
    if (!writer_.has_runner_up_units()) return state;
    layout.set(state.data(), first_ + writer_.runner_up_unit(own.top), 0);
    const Index unit = writer_.runner_up_unit(order.top);
    layout.set(state.data(), first_ + unit, writer_.state_for(unit, order.runner_up));
    return state;
  }

  // Guards of the second place belong to the unit that is asked where the first place is another
  // one's; the outputs that lose there are the same.
  [[nodiscard]] std::vector<Origin> facets_with(Index i, const Order& own,
                                                const Order& order) const {
    const RegionView& regions = found_.regions();
    std::vector<Origin> facets;
    for (Index f = regions.facet_offsets[i]; f < regions.facet_offsets[i + 1]; ++f) {
      Origin facet = regions.facets[f];
      if (own.top != order.top && writer_.has_runner_up_units() && !facet.is_side()) {
        const Boundary boundary = ids_.at(facet);
        const Index from = writer_.runner_up_unit(own.top);
        const Index to = writer_.runner_up_unit(order.top);
        if (boundary.unit == first_ + from) {
          const Index loser = writer_.outputs_of(from)[boundary.boundary];
          facet = ids_.of(first_ + to, writer_.state_for(to, loser));
        }
      }
      facets.push_back(facet);
    }
    std::sort(facets.begin(), facets.end());
    return facets;
  }

  const Partition& found_;
  const Query& query_;
  const QueryWriter& writer_;
  Index first_;
  BoundaryIds ids_;
  Partition::Ragged tops_, seconds_;
};

}  // namespace

std::optional<SubdivisionResult> with_all_ties(const Partition& found, const Query& query,
                                               const QueryWriter& writer, Index first,
                                               int threads) {
  return TieLister(found, query, writer, first).run(threads);
}

}  // namespace facetry
