// All orders of tied outputs, against outputs in rational arithmetic at a point of each region.
#include "explain/query_ties.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "networks.hpp"
#include "polytopes.hpp"
#include "rationals.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

using Form = std::shared_ptr<const NormalForm>;
using Space = std::shared_ptr<const FreeSpace>;
using Order = std::pair<Index, Index>;

// Four outputs: 0 and 2 are the same where the last unit is off, 1 and 3 where it is on; with
// `triple` output 3 is output 0 everywhere.
NormalForm with_ties(Random& random, Index m, bool triple) {
  NeuralGraph graph(m);
  const Ids pre =
      dense(graph, range(0, m), random_weights(random, 5, m, false), random_bias(random, 5, false));
  const Ids hidden = joined(apply(graph, {pre[0], pre[1], pre[2]}, PiecewiseFunction::relu()),
                            apply(graph, {pre[3]}, PiecewiseFunction::absolute()));
  const Ids last = apply(graph, {pre[4]}, PiecewiseFunction::clip(0.0, 0.25));
  Matrix weights = random_weights(random, 4, 5, false);
  weights.row(2) = weights.row(0);
  weights(2, 4) += 0.75;
  weights.row(3) = triple ? weights.row(0) : weights.row(1);
  const Vector bias{{0.125, 0.0625, 0.125, triple ? 0.125 : 0.0625}};
  return {graph, dense(graph, joined(hidden, last), weights, bias)};
}

// The outputs where the units have the pieces of `state`, at a point of that region.
Rationals exact_outputs(const NormalForm& form, const Vector& x) {
  const auto states = form.states(x.transpose());
  Ids pieces;
  for (Index u = 0; u < form.unit_count(); ++u) pieces.push_back(states(0, u));
  Rationals inputs = rationals(x.data(), x.size());
  const std::vector<Rationals> pre = exact_pass(form, pieces, inputs);
  Rationals values_last;  // of the last stage; it carries nothing here
  const Stage& stage = form.stages().back();
  REQUIRE(form.stages().size() == 1);
  for (Index u = 0; u < size_of(stage.units); ++u) {
    const Unit& unit = stage.units[u];
    const PiecewiseFunction& f = form.function(unit);
    values_last.push_back(Rational(f.slope(pieces[u])) * pre[0][unit.first_row] +
                          Rational(f.intercept(pieces[u])));
  }
  for (const Index from : stage.carried) values_last.push_back(inputs[from]);
  Rationals outputs;
  for (Index o = 0; o < form.output_size(); ++o) {
    Rational sum(form.output().bias()[o]);
    form.output().for_row(o, [&](Index j, double w) { sum += Rational(w) * values_last[j]; });
    outputs.push_back(sum);
  }
  return outputs;
}

// Every order of first and second (-1: not asked for) that these outputs have and the query wants.
std::set<Order> all_orders(const Rationals& outputs, const Query& query) {
  const int sign = query.decision == Query::Decision::lowest ? -1 : 1;
  const Index n = size_of(outputs);
  const auto wins = [&](Index own, Index but) {
    for (Index o = 0; o < n; ++o) {
      if (o != but && sign * outputs[o] > sign * outputs[own]) return false;
    }
    return true;
  };
  std::set<Order> orders;
  for (Index top = 0; top < n; ++top) {
    if (!wins(top, -1) || (query.top && top != *query.top)) continue;
    if (!query.rank_runner_up) orders.insert({top, -1});
    for (Index second = 0; second < n && query.rank_runner_up; ++second) {
      if (second == top || !wins(second, top)) continue;
      if (!query.runner_up || second == *query.runner_up) orders.insert({top, second});
    }
  }
  return orders;
}

struct Asked {
  Asked(const Form& form, const Space& space, const Query& query)
      : network(form),
        writer(*form, query),
        longer(std::make_shared<NormalForm>(writer.form(*form))) {
    SubdivisionOptions options;
    options.goal = writer.goal();
    found = std::make_unique<Partition>(longer, space, subdivide(*longer, *space, options));
    ties = with_all_ties(*found, query, writer, form->unit_count(), 1);
  }
  [[nodiscard]] Order order_of(const StateWord* state) const {
    const StateLayout layout(*longer);
    Order order{-1, -1};
    writer.read([&](Index unit) { return layout.get(state, network->unit_count() + unit); },
                order.first, order.second);
    return order;
  }

  Form network;
  QueryWriter writer;
  std::shared_ptr<const NormalForm> longer;
  std::unique_ptr<Partition> found;
  std::optional<SubdivisionResult> ties;
};

struct Counts {
  int ties = 0, triples = 0, without = 0;
};

void check(const Form& form, const Space& space, const Query& query, Counts& counts) {
  const Asked asked(form, space, query);
  const RegionView& before = asked.found->regions();
  bool any = false;
  Index at = 0;
  for (Index i = 0; i < asked.found->size(); ++i) {
    const Eigen::Map<const Vector> u(before.interior_point(i), before.dimension);
    const std::set<Order> expected = all_orders(exact_outputs(*form, space->to_input(u)), query);
    REQUIRE(expected.contains(asked.order_of(before.state(i))));
    any = any || expected.size() > 1;
    counts.ties += expected.size() > 1 ? 1 : 0;
    counts.triples += expected.size() > 2 ? 1 : 0;
    if (!asked.ties) {
      REQUIRE(expected.size() == 1);
      continue;
    }
    const RegionList& after = asked.ties->regions;
    std::set<Order> listed;
    for (std::size_t n = 0; n < expected.size(); ++n, ++at) {
      REQUIRE(at < after.count);
      const StateWord* state = after.state(at);
      const Order order = asked.order_of(state);
      listed.insert(order);
      const Eigen::Map<const Vector> own(after.interior_point(at), after.dimension);
      REQUIRE(own == u);
      // The network's own units keep their states, and states ascend.
      for (Index unit = 0; unit < form->unit_count(); ++unit) {
        REQUIRE(asked.found->layout().get(state, unit) ==
                asked.found->layout().get(before.state(i), unit));
      }
      if (n > 0) REQUIRE(asked.found->layout().compare(after.state(at - 1), state) < 0);
      // A second place that is not asked for has state 0.
      for (Index top = 0; top < 4 && asked.writer.has_runner_up_units() && !query.top; ++top) {
        const Index unit = form->unit_count() + asked.writer.runner_up_unit(top);
        if (top != order.first) REQUIRE(asked.found->layout().get(state, unit) == 0);
      }
      // As many facets, those of comparisons of the units that are asked in this order.
      const std::vector<Origin> facets = facets_of(after, at);
      REQUIRE(facets.size() == facets_of(before, i).size());
      REQUIRE(std::is_sorted(facets.begin(), facets.end()));
      for (const Origin facet : facets) {
        if (facet.is_side()) continue;
        const Boundary boundary = asked.found->boundary_ids().at(facet);
        const Index unit = boundary.unit - form->unit_count();
        if (unit <= 0) continue;
        REQUIRE(unit == asked.writer.runner_up_unit(order.first));
        const Index loser = asked.writer.outputs_of(unit)[boundary.boundary];
        REQUIRE(loser != order.first);
        REQUIRE(loser != order.second);
      }
    }
    REQUIRE(listed == expected);
  }
  // Ties that do not fit the query may be there beside a runner-up that is asked for.
  REQUIRE((asked.ties.has_value() == any || (query.runner_up && !any)));
  counts.without += any ? 0 : 1;
  if (asked.ties) REQUIRE(at == asked.ties->regions.count);
}

}  // namespace

TEST_CASE("Every order that the outputs have on a region, of all queries of rankings") {
  Random random(811);
  Counts counts;
  for (int round = 0; round < 10; ++round) {
    const Index m = 1 + round % 3;
    const Form form = std::make_shared<NormalForm>(with_ties(random, m, round % 2 == 1));
    const Space space = std::make_shared<FreeSpace>(cube(m));
    for (const auto decision : {Query::Decision::highest, Query::Decision::lowest}) {
      for (const bool ranked : {false, true}) {
        Query query;
        query.decision = decision;
        query.rank_runner_up = ranked;
        query.all_ties = true;
        check(form, space, query, counts);
        for (Index output = 0; output < 4; ++output) {
          Query one = query;
          one.top = output;
          check(form, space, one, counts);
          if (!ranked) continue;
          one.runner_up = (output + 2) % 4;
          check(form, space, one, counts);
          one.top.reset();
          check(form, space, one, counts);
        }
      }
    }
  }
  CHECK(counts.ties > 300);
  CHECK(counts.triples > 50);
  CHECK(counts.without > 10);
}

TEST_CASE("Nothing where no outputs tie; what was counted stays; the same for any threads") {
  Random random(812);
  const Space space = std::make_shared<FreeSpace>(cube(2));
  Query query;
  query.decision = Query::Decision::highest;
  query.rank_runner_up = true;
  query.all_ties = true;
  const Form plain = std::make_shared<NormalForm>(
      random_network(random, {2, 5, 1, 4, false, false}, {Kind::relu}));
  CHECK_FALSE(Asked(plain, space, query).ties);

  const Form form = std::make_shared<NormalForm>(with_ties(random, 2, false));
  const QueryWriter writer(*form, query);
  const auto longer = std::make_shared<NormalForm>(writer.form(*form));
  SubdivisionOptions options;
  options.goal = writer.goal();
  SubdivisionResult found = subdivide(*longer, *space, options);
  found.termination = Termination::region_limit;
  found.exactness = Exactness::floating;
  found.regions.undecided_count = 7;
  found.regions.below_resolution = 3;
  const Partition partition(longer, space, std::move(found));
  const auto one = with_all_ties(partition, query, writer, form->unit_count(), 1);
  const auto three = with_all_ties(partition, query, writer, form->unit_count(), 3);
  REQUIRE(one);
  REQUIRE(three);
  CHECK(one->termination == Termination::region_limit);
  CHECK(one->exactness == Exactness::floating);
  CHECK(one->regions.undecided_count == 7);
  CHECK(one->regions.below_resolution == 3);
  CHECK(one->regions.count > partition.size());
  CHECK(one->regions.states == three->regions.states);
  CHECK(one->regions.facets == three->regions.facets);
}
