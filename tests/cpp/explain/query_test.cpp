// Queries against filtered partitions, and what their regions and models say at points.
#include "facetry/explain/query.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <tuple>

#include "facetry/base/error.hpp"
#include "geometry/vertex_cell.hpp"
#include "networks.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

using Form = std::shared_ptr<const NormalForm>;
using Space = std::shared_ptr<const FreeSpace>;

Query ranking(Query::Decision decision, std::optional<Index> top = {}, bool runner_up = false) {
  Query query;
  query.decision = decision;
  query.top = top;
  query.rank_runner_up = runner_up;
  return query;
}

double total_volume(const Partition& partition) {
  std::vector<double> volumes(static_cast<std::size_t>(partition.size()));
  partition.volumes({0, partition.size()}, 1, volumes.data());
  double sum = 0.0;
  for (const double v : volumes) sum += v;
  return sum;
}

Matrix interior_points(const Partition& partition) {
  Matrix points(partition.size(), partition.space().input_size());
  partition.interior_points({0, partition.size()}, points.data());
  return points;
}

// The choices at a point, best first; `sign` -1 for the lowest.
std::vector<Index> order_of(const RowVector& outputs, double sign) {
  std::vector<Index> order = range(0, outputs.size());
  std::stable_sort(order.begin(), order.end(),
                   [&](Index a, Index b) { return sign * outputs[a] > sign * outputs[b]; });
  return order;
}

}  // namespace

TEST_CASE("Every choice has its regions, and together they fill the analysis region") {
  Random random(151);
  for (int round = 0; round < 63; ++round) {
    const Index m = 1 + round % 3;
    const Style style{m, 5, 1 + round % 2, 2 + round % 3, false, round % 2 == 0};
    const Form form =
        std::make_shared<NormalForm>(random_network(random, style, {kKinds[round % 7]}));
    const Space space = std::make_shared<FreeSpace>(cube(m));
    const double whole = region_volume(*space);
    const bool lowest = round % 2 == 1;
    const double sign = lowest ? -1.0 : 1.0;
    Query query = ranking(lowest ? Query::Decision::lowest : Query::Decision::highest, {}, true);
    const QueryAnswer all = answer(form, space, query, {});
    CHECK(total_volume(*all.regions) == doctest::Approx(whole).epsilon(1e-7));
    const Matrix points = interior_points(*all.regions);
    const Matrix outputs = form->evaluate(points);
    const Index n = form->output_size();
    std::vector<double> coef(static_cast<std::size_t>(all.network->size() * n * m));
    std::vector<double> intercept(static_cast<std::size_t>(all.network->size() * n));
    all.network->models({0, all.network->size()}, 1, coef.data(), intercept.data());
    for (Index i = 0; i < all.regions->size(); ++i) {
      const std::vector<Index> order = order_of(outputs.row(i), sign);
      const double lead = sign * (outputs(i, order[0]) - outputs(i, order[1]));
      const double second = n > 2 ? sign * (outputs(i, order[1]) - outputs(i, order[2])) : 1.0;
      if (lead > 1e-9) CHECK(all.top[i] == order[0]);
      if (lead > 1e-9 && second > 1e-9) CHECK(all.runner_up[i] == order[1]);
      for (Index o = 0; o < n; ++o) {  // the models are the network's own
        double value = intercept[i * n + o];
        for (Index j = 0; j < m; ++j) value += coef[(i * n + o) * m + j] * points(i, j);
        CHECK(value == doctest::Approx(outputs(i, o)).epsilon(1e-9));
      }
    }
    // Asked one by one, the same regions come.
    Index count = 0;
    for (Index a = 0; a < n; ++a) {
      for (Index b = 0; b < n; ++b) {
        if (a == b) continue;
        query.top = a;
        query.runner_up = b;
        const QueryAnswer one = answer(form, space, query, {});
        for (Index i = 0; i < one.regions->size(); ++i) {
          CHECK(one.top[i] == a);
          CHECK(one.runner_up[i] == b);
        }
        count += one.regions->size();
      }
    }
    CHECK(count == all.regions->size());
    query.top.reset();
    Index by_second = 0;
    for (Index b = 0; b < n; ++b) {
      query.runner_up = b;
      by_second += answer(form, space, query, {}).regions->size();
    }
    CHECK(by_second == all.regions->size());
  }
}

namespace {

// y0 and y2 are the same everywhere, y1 and y3 wherever the last hidden unit is off.
NormalForm with_ties(Random& random, Index m) {
  NeuralGraph graph(m);
  Matrix weights(6, m);
  for (Index i = 0; i < 6; ++i) weights.row(i) = random.direction(m).transpose();
  const Vector bias = random.point_in(Vector::Constant(6, -0.25), Vector::Constant(6, 0.25));
  const Ids hidden =
      apply(graph, dense(graph, range(0, m), weights, bias), PiecewiseFunction::relu());
  Matrix last(4, 6);
  last.row(0) = random.direction(6).transpose();
  last.row(1) = random.direction(6).transpose();
  last.row(2) = last.row(0);
  last.row(3) = last.row(1);
  last(1, 5) = 0.0;
  last(3, 5) = 0.75;
  const Vector ends = Vector{{0.125, 0.0625, 0.125, 0.0625}};
  return {graph, dense(graph, hidden, last, ends)};
}

// One region of an answer, but for its numbers' last bits.
struct Entry {
  std::vector<StateWord> state;
  Index top, runner_up, facets;
  double volume;
};

std::vector<Entry> entries_of(const QueryAnswer& found) {
  std::vector<double> volumes(static_cast<std::size_t>(found.regions->size()));
  found.regions->volumes({0, found.regions->size()}, 1, volumes.data());
  std::vector<Entry> entries;
  for (Index i = 0; i < found.regions->size(); ++i) {
    const StateWord* state = found.network->regions().state(i);
    const auto& offsets = found.regions->regions().facet_offsets;
    entries.push_back({{state, state + found.network->layout().words()},
                       found.top[i],
                       found.runner_up.empty() ? -1 : found.runner_up[i],
                       offsets[i + 1] - offsets[i],
                       volumes[i]});
  }
  return entries;
}

void require_same(const std::vector<Entry>& one, const std::vector<Entry>& other) {
  REQUIRE(one.size() == other.size());
  for (std::size_t i = 0; i < one.size(); ++i) {
    REQUIRE(one[i].state == other[i].state);
    REQUIRE(one[i].top == other[i].top);
    REQUIRE(one[i].runner_up == other[i].runner_up);
    REQUIRE(one[i].facets == other[i].facets);
    REQUIRE(one[i].volume == doctest::Approx(other[i].volume).epsilon(1e-7));
  }
}

}  // namespace

// Asked one by one, ties are settled by the order in which outputs are compared; asked all at once,
// they are found in the regions and written out. Two ways, one answer.
TEST_CASE("All orders of outputs that tie") {
  Random random(157);
  Index listed = 0, first_only = 0;
  for (int round = 0; round < 40; ++round) {
    const Index m = 1 + round % 3;
    const Form form = std::make_shared<NormalForm>(with_ties(random, m));
    const Space space = std::make_shared<FreeSpace>(cube(m));
    SubdivisionOptions options;
    options.exactness = round % 4 == 3 ? Exactness::floating : Exactness::safe;
    const auto decision = round % 2 == 0 ? Query::Decision::highest : Query::Decision::lowest;
    const double sign = round % 2 == 0 ? 1.0 : -1.0;
    CAPTURE(round);
    for (const bool ranked : {false, true}) {
      Query query = ranking(decision, {}, ranked);
      first_only += answer(form, space, query, options).regions->size();
      query.all_ties = true;
      const QueryAnswer all = answer(form, space, query, options);
      REQUIRE(all.regions->regions().facet_offsets.size() > 1);
      const std::vector<Entry> entries = entries_of(all);
      listed += size_of(entries);
      const Matrix outputs = sign * form->evaluate(interior_points(*all.regions));
      for (Index i = 0; i < all.regions->size(); ++i) {
        REQUIRE(outputs(i, all.top[i]) >= outputs.row(i).maxCoeff() - 1e-12);
        if (!ranked) continue;
        for (Index o = 0; o < 4; ++o) {
          if (o != all.top[i]) REQUIRE(outputs(i, all.runner_up[i]) >= outputs(i, o) - 1e-12);
        }
      }
      for (Index top = 0; top < 4; ++top) {
        std::vector<Entry> wanted;
        for (const Entry& entry : entries) {
          if (entry.top == top) wanted.push_back(entry);
        }
        Query one = ranking(decision, top, ranked);
        one.all_ties = true;
        const auto by_second = [](const Entry& a, const Entry& b) {
          return std::tie(a.state, a.runner_up) < std::tie(b.state, b.runner_up);
        };
        std::vector<Entry> found = entries_of(answer(form, space, one, options));
        std::sort(wanted.begin(), wanted.end(), by_second);
        std::sort(found.begin(), found.end(), by_second);
        require_same(found, wanted);
        for (Index second = 0; second < 4 && ranked; ++second) {
          if (second == top) continue;
          std::vector<Entry> both;
          for (const Entry& entry : wanted) {
            if (entry.runner_up == second) both.push_back(entry);
          }
          one.runner_up = second;
          require_same(entries_of(answer(form, space, one, options)), both);
        }
      }
      for (Index second = 0; second < 4 && ranked; ++second) {
        std::vector<Entry> wanted;
        for (const Entry& entry : entries) {
          if (entry.runner_up == second) wanted.push_back(entry);
        }
        Query one = query;
        one.runner_up = second;
        std::vector<Entry> found = entries_of(answer(form, space, one, options));
        const auto by_top = [](const Entry& a, const Entry& b) {
          return std::tie(a.state, a.top) < std::tie(b.state, b.top);
        };
        std::sort(wanted.begin(), wanted.end(), by_top);
        std::sort(found.begin(), found.end(), by_top);
        require_same(found, wanted);
      }
    }
  }
  CHECK(listed > first_only + 1000);
}

TEST_CASE("Two outputs that are the same") {
  NeuralGraph graph(1);
  const Form form = std::make_shared<NormalForm>(
      graph, dense(graph, {0}, Matrix{{1.0}, {1.0}}, Vector{{0.0, 0.0}}));
  const Space space = std::make_shared<FreeSpace>(cube(1));
  Query query = ranking(Query::Decision::highest, {}, true);
  CHECK(answer(form, space, query, {}).top == Ids{0});
  query.all_ties = true;
  const QueryAnswer both = answer(form, space, query, {});
  CHECK(both.top == Ids{0, 1});
  CHECK(both.runner_up == Ids{1, 0});
  query.top = 1;
  CHECK(answer(form, space, query, {}).top == Ids{1});
  query.top.reset();
  query.runner_up = 0;
  CHECK(answer(form, space, query, {}).top == Ids{1});
  Query none = ranking(Query::Decision::none);
  none.where = {{Vector{{1.0, 0.0}}, 0.0}};
  none.all_ties = true;
  CHECK_THROWS_AS((void)answer(form, space, none, {}), InvalidInput);
}

TEST_CASE("A change of the choice is everything but that choice") {
  Random random(152);
  for (int round = 0; round < 30; ++round) {
    const Form form = std::make_shared<NormalForm>(
        random_network(random, {2, 6, 2, 3, false, false}, {kKinds[round % 7]}));
    const Space space = std::make_shared<FreeSpace>(cube(2));
    const QueryAnswer all = answer(form, space, ranking(Query::Decision::highest), {});
    Query query = ranking(Query::Decision::highest, 1);
    const Index own = answer(form, space, query, {}).regions->size();
    query.change = true;
    const QueryAnswer changed = answer(form, space, query, {});
    CHECK(own + changed.regions->size() == all.regions->size());
    for (const Index top : changed.top) CHECK(top != 1);
  }
}

TEST_CASE("Thresholds and conditions hold inside, and the rest of the region is theirs not") {
  Random random(153);
  for (int round = 0; round < 42; ++round) {
    const Index m = 1 + round % 3;
    const Form form = std::make_shared<NormalForm>(
        random_network(random, {m, 5, 2, 1, false, false}, {kKinds[round % 7]}));
    const Space space = std::make_shared<FreeSpace>(cube(m));
    const double whole = region_volume(*space);
    Query query;
    query.decision = Query::Decision::threshold;
    query.threshold = random.uniform(-0.3, 0.3);
    const QueryAnswer both = answer(form, space, query, {});
    CHECK(total_volume(*both.regions) == doctest::Approx(whole).epsilon(1e-7));
    const Matrix outputs = form->evaluate(interior_points(*both.regions));
    for (Index i = 0; i < both.regions->size(); ++i) {
      if (std::abs(outputs(i, 0) - query.threshold) < 1e-12) continue;
      CHECK(both.top[i] == (outputs(i, 0) > query.threshold ? 1 : 0));
    }
    Query interval;  // t <= y <= t + 0.2, and the two rests
    interval.where = {{Vector::Ones(1), query.threshold},
                      {-Vector::Ones(1), -query.threshold - 0.2}};
    Query below;
    below.where = {{-Vector::Ones(1), -query.threshold}};
    Query above;
    above.where = {{Vector::Ones(1), query.threshold + 0.2}};
    const QueryAnswer middle = answer(form, space, interval, {});
    const Matrix values = form->evaluate(interior_points(*middle.regions));
    for (Index i = 0; i < middle.regions->size(); ++i) {
      CHECK(values(i, 0) >= query.threshold - 1e-12);
      CHECK(values(i, 0) <= query.threshold + 0.2 + 1e-12);
    }
    const double sum = total_volume(*middle.regions) +
                       total_volume(*answer(form, space, below, {}).regions) +
                       total_volume(*answer(form, space, above, {}).regions);
    CHECK(sum >= whole * (1.0 - 1e-7));  // more, where the output is constant at a limit
  }
}

TEST_CASE("Two models, side by side, differ where their choices do") {
  Random random(154);
  for (int round = 0; round < 20; ++round) {
    const Form form = std::make_shared<NormalForm>(
        random_network(random, {2, 6, 2, 4, false, false}, {Kind::relu}));
    const Space space = std::make_shared<FreeSpace>(cube(2));
    Query query = ranking(Query::Decision::highest);
    query.outputs_each = 2;
    const QueryAnswer found = answer(form, space, query, {});
    const Matrix outputs = form->evaluate(interior_points(*found.regions));
    for (Index i = 0; i < found.regions->size(); ++i) {
      CHECK(found.top[i] != found.runner_up[i]);
      CHECK(found.top[i] == (outputs(i, 1) > outputs(i, 0) ? 1 : 0));
      CHECK(found.runner_up[i] == (outputs(i, 3) > outputs(i, 2) ? 1 : 0));
    }
    double differ = 0.0;
    const int samples = 2000;
    for (int s = 0; s < samples; ++s) {
      const Vector x = random.point_in(Vector::Constant(2, -1.0), Vector::Ones(2));
      const RowVector y = form->evaluate(x.transpose()).row(0);
      differ += (y[1] > y[0]) != (y[3] > y[2]) ? 1.0 / samples : 0.0;
    }
    CHECK(std::abs(total_volume(*found.regions) / region_volume(*space) - differ) < 0.06);
  }
}

TEST_CASE("A query on a point, and queries that do not fit") {
  Random random(155);
  const Form form = std::make_shared<NormalForm>(
      random_network(random, {2, 4, 1, 3, false, false}, {Kind::relu}));
  const Vector x{{0.25, 0.5}};
  const Space point = std::make_shared<FreeSpace>(box(x, x));
  Index found = 0;
  for (Index a = 0; a < 3; ++a) {
    found += answer(form, point, ranking(Query::Decision::highest, a), {}).regions->size();
  }
  CHECK(found == 1);
  const Space space = std::make_shared<FreeSpace>(cube(2));
  Query query = ranking(Query::Decision::highest, 3);
  CHECK_THROWS_WITH_AS((void)answer(form, space, query, {}), "the top choice does not exist",
                       InvalidInput);
  query = ranking(Query::Decision::highest, 1, true);
  query.runner_up = 1;
  CHECK_THROWS_WITH_AS((void)answer(form, space, query, {}),
                       "an output cannot be compared with itself", InvalidInput);
  query = ranking(Query::Decision::threshold);
  CHECK_THROWS_AS((void)answer(form, space, query, {}), InvalidInput);
  query = ranking(Query::Decision::none, 1);
  CHECK_THROWS_AS((void)answer(form, space, query, {}), InvalidInput);
  query = {};
  query.where = {{Vector::Ones(3), NAN}};
  CHECK_THROWS_AS((void)answer(form, space, query, {}), InvalidInput);
}
