// Queries written as units: what their states say against the outputs at points.
#include "explain/query_writer.hpp"

#include <doctest/doctest.h>

#include "networks.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

using Decision = Query::Decision;

// Choices in order, the first first; ties do not happen at the points of this test.
Ids order_of(const Query& query, const Vector& outputs) {
  if (query.decision == Decision::threshold) {
    const Index above = outputs[0] > query.threshold ? 1 : 0;
    return {above, 1 - above};
  }
  Ids order = range(0, outputs.size());
  const double sign = query.decision == Decision::lowest ? -1.0 : 1.0;
  std::sort(order.begin(), order.end(),
            [&](Index a, Index b) { return sign * outputs[a] > sign * outputs[b]; });
  return order;
}

// Is a point with these outputs what the query asks for?
bool wanted(const Query& query, const Vector& outputs, Index& top, Index& runner_up) {
  for (const OutputCondition& condition : query.where) {
    if (condition.weights.dot(outputs) < condition.threshold) return false;
  }
  if (query.decision == Decision::none) return true;
  if (query.outputs_each > 0) {
    top = order_of(query, outputs.head(query.outputs_each))[0];
    runner_up = order_of(query, outputs.tail(query.outputs_each))[0];
    return top != runner_up;
  }
  const Ids order = order_of(query, outputs);
  top = order[0];
  if (query.top && (top == *query.top) == query.change) return false;
  if (!query.rank_runner_up) return true;
  runner_up = order[1];
  return !query.runner_up || runner_up == *query.runner_up;
}

std::vector<Query> queries(Index outputs) {
  std::vector<Query> result(1);
  result[0].where = {{Vector::Ones(outputs), 0.1}, {-Vector::Unit(outputs, 0), -0.6}};
  for (const Decision decision : {Decision::highest, Decision::lowest}) {
    Query query;
    query.decision = decision;
    result.push_back(query);
    query.top = outputs - 1;
    result.push_back(query);
    query.change = true;
    result.push_back(query);
    query.change = false;
    query.rank_runner_up = true;
    result.push_back(query);
    query.runner_up = 0;
    query.where = {{Vector::Unit(outputs, 1), -0.5}};
    result.push_back(query);
    query.all_ties = true;
    result.push_back(query);
    query.top.reset();
    result.push_back(query);
    query.all_ties = false;
    result.push_back(query);
    query.runner_up.reset();
    result.push_back(query);
    if (outputs % 2 == 1 || outputs == 2) continue;
    query = {};
    query.decision = decision;
    query.outputs_each = outputs / 2;
    result.push_back(query);
  }
  return result;
}

void check(Random& random, const NormalForm& form, const Query& query, int& hits, int& misses) {
  query.validate(form.output_size());
  const QueryWriter writer(form, query);
  const NormalForm longer = writer.form(form);
  writer.goal().validate(longer);
  const StateLayout layout(longer);
  for (int i = 0; i < 60; ++i) {
    const Vector x = random.point_in(Vector::Constant(2, -1.5), Vector::Constant(2, 1.5));
    const Vector outputs = form.evaluate(x.transpose()).row(0).transpose();
    const auto pieces = longer.states(x.transpose());
    std::vector<StateWord> state(static_cast<std::size_t>(layout.words()), 0);
    for (Index u = 0; u < layout.units(); ++u) layout.set(state.data(), u, pieces(0, u));
    Index top = -1, runner_up = -1, read_top = -1, read_runner_up = -1;
    const bool hit = wanted(query, outputs, top, runner_up);
    REQUIRE(writer.goal().wants(longer, layout, state.data()) == hit);
    ++(hit ? hits : misses);
    if (!hit) continue;
    writer.read([&](Index unit) { return layout.get(state.data(), form.unit_count() + unit); },
                read_top, read_runner_up);
    REQUIRE(read_top == top);
    REQUIRE(read_runner_up == runner_up);
    if (!writer.has_runner_up_units()) continue;
    const Index unit = writer.runner_up_unit(top);
    CHECK(layout.get(state.data(), form.unit_count() + unit) == writer.state_for(unit, runner_up));
    CHECK(size_of(writer.outputs_of(unit)) == form.output_size() - 1);
  }
}

}  // namespace

TEST_CASE("A state is wanted where the outputs fit the query, and reads as their choices") {
  Random random(551);
  for (const Index outputs : {2, 3, 4}) {
    std::size_t number = 0;
    for (const Query& query : queries(outputs)) {
      CAPTURE(outputs);
      CAPTURE(number++);
      int hits = 0, misses = 0;
      for (int round = 0; round < 6; ++round) {
        const NormalForm form =
            random_network(random, {2, 5, 2, outputs, false, true}, {kKinds[round]});
        check(random, form, query, hits, misses);
      }
      CHECK(hits > 0);
    }
  }
}

TEST_CASE("Thresholds: above is 1, at the limit not; of one model and of two side by side") {
  Random random(552);
  Query query;
  query.decision = Decision::threshold;
  query.threshold = 0.25;
  int hits = 0, misses = 0;
  const NormalForm one = random_network(random, {2, 5, 2, 1, false, true}, {Kind::relu});
  for (const std::optional<Index> top : {std::optional<Index>{}, {0}, {1}}) {
    query.top = top;
    check(random, one, query, hits, misses);
  }
  query.top.reset();
  query.outputs_each = 1;
  const NormalForm two = random_network(random, {2, 5, 2, 2, false, true}, {Kind::relu});
  check(random, two, query, hits, misses);
  CHECK(hits > 50);
  CHECK(misses > 50);
  NeuralGraph graph(1);
  const NormalForm own(graph, {0});
  query.outputs_each = 0;
  const NormalForm longer = QueryWriter(own, query).form(own);
  CHECK(longer.states(Matrix{{0.25}})(0, 0) == 0);
  CHECK(longer.states(Matrix{{0.250001}})(0, 0) == 1);
}

TEST_CASE("A condition holds at its limit; without any there is a unit that holds everywhere") {
  NeuralGraph graph(1);
  const NormalForm form(graph, {0});
  Query query;
  query.where = {{Vector{{2.0}}, 1.0}};  // 2 x >= 1
  const QueryWriter writer(form, query);
  const NormalForm longer = writer.form(form);
  REQUIRE(writer.goal().required == Ids{0});
  CHECK(longer.states(Matrix{{0.5}})(0, 0) == 0);
  CHECK(longer.states(Matrix{{0.499}})(0, 0) == 1);
  const Query nothing;
  const QueryWriter all(form, nothing);
  REQUIRE(all.goal().required == Ids{0});
  CHECK(all.form(form).states(Matrix{{-1e6}, {0.0}, {1e6}}).cwiseAbs().maxCoeff() == 0);
}

TEST_CASE("Ties: with all ties the choice that is asked about wins, a second one only if it must") {
  NeuralGraph graph(3);
  const NormalForm form(graph, {0, 1, 2});
  const Matrix tie{{1.0, 1.0, 1.0}};
  Query query;
  query.decision = Decision::highest;
  query.top = 2;
  CHECK(QueryWriter(form, query).form(form).states(tie)(0, 0) != 2);
  CHECK(QueryWriter(form, query).goal().required == Ids{2});
  query.all_ties = true;
  const QueryWriter first(form, query);
  CHECK(first.form(form).states(tie)(0, 0) == first.goal().required[0]);
  query.top.reset();
  query.rank_runner_up = true;
  query.runner_up = 0;
  const QueryWriter second(form, query);
  const auto states = second.form(form).states(tie);
  Index top = -1, runner_up = -1;
  second.read([&](Index unit) { return states(0, unit); }, top, runner_up);
  CHECK(top == 1);
  CHECK(runner_up == 0);
}
