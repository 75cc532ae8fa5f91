// search_best_first() with objectives of its own, against brute force over the regions of the
// partition, and its guarantees by number.
#include "facetry/search/best_first.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <cmath>
#include <stdexcept>

#include "facetry/base/error.hpp"
#include "network/output_units.hpp"
#include "networks.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

// How much one output is above another one, counted in tenths, rounded down.
class Lead : public ValueObjective {
 public:
  Lead(const NormalForm& form, Index first, Index second)
      : form_(form), weights_(Vector::Zero(form.output_size())) {
    weights_[first] += 1.0;
    weights_[second] -= 1.0;
  }
  const Vector& weights() const override { return weights_; }
  double value(const Vector& point) const override {
    return std::floor(10.0 * weights_.dot(form_.evaluate(point.transpose()).row(0))) / 10.0;
  }

 private:
  const NormalForm& form_;
  Vector weights_;
};

// How far a region reaches away from a point, in free coordinates: the opposite of the nearest
// point.
class Farthest : public CellObjective {
 public:
  Farthest(const FreeSpace& space, Vector from, bool narrows)
      : space_(space), from_(std::move(from)), narrows_(narrows) {}

  double promise(const CellRows& cell, double) const override { return best_corner(cell).value; }
  Find best_of(const CellRows& region, const StateWord*, const double* inside,
               double) const override {
    for (Index r = 0; r < region.count; ++r) {  // what is said of `inside`
      Vector row(region.dimension + 1);
      region.row(r, row.data());
      inside_holds =
          inside_holds && value(row, Eigen::Map<const Vector>(inside, region.dimension)) > 0.0;
    }
    Find find = best_corner(region);
    if (find.point.size() > 0) find.point = space_.to_input(find.point);
    return find;
  }
  void narrow(const RowPlanes& rows, double enough, double* low, double* high) const override {
    // Nothing within a distance of `enough` matters; where that is the whole region, nothing at all
    // does.
    for (Index r = 0; narrows_ && r < rows.count; ++r)
      asked = asked && low[r] <= high[r] && !std::isnan(enough);
    calls += 1;
  }
  double of(const Vector& u) const { return (u - from_).norm(); }

  mutable std::atomic<bool> inside_holds{true};
  mutable std::atomic<bool> asked{true};
  mutable std::atomic<int> calls{0};

 private:
  Find best_corner(const CellRows& cell) const {
    Rows rows;
    for (Index r = 0; r < cell.count; ++r) {
      Vector row(cell.dimension + 1);
      cell.row(r, row.data());
      row[cell.dimension] += cell.errors[r];
      rows.push_back(row);
    }
    Find find;
    for (const Vector& u : brute_force_vertices(rows)) {
      if (find.point.size() > 0 && of(u) <= find.value) continue;
      find.point = u;
      find.value = of(u);
    }
    find.bound = find.value;
    return find;
  }

  const FreeSpace& space_;
  Vector from_;
  bool narrows_;
};

NormalForm with_choice(const NormalForm& form, Index outputs) {
  OutputUnit unit;
  unit.outputs = range(0, outputs);
  return with_output_units(form, {unit});
}

SearchGoal wants(Index requirement) {
  SearchGoal goal;
  goal.required = {requirement};
  return goal;
}

}  // namespace

TEST_CASE("Guarantees 1 and 2: an objective of values, against all corners of all regions") {
  Random random(291);
  for (int round = 0; round < 84; ++round) {
    const Index m = 1 + round % 3;
    const Style style{m, 5, 1 + round % 2, 3, round % 5 == 0, random.chance(0.5)};
    const NormalForm form = random_network(random, style, {kKinds[round % 7]});
    const FreeSpace space(cube(m));
    const Lead objective(form, 0, 2);
    const Partition partition = partition_of(form, space);
    double most = -1e300;   // of the combination
    double value = -1e300;  // of what counts, at corners
    for (Index i = 0; i < partition.size(); ++i) {
      const Matrix corners = partition.vertices(i);
      most = std::max(most, (form.evaluate(corners) * objective.weights()).maxCoeff());
      for (Index c = 0; c < corners.rows(); ++c)
        value = std::max(value, objective.value(corners.row(c).transpose()));
    }
    for (const CellKind kind : {CellKind::automatic, CellKind::linear_programs}) {
      BestFirstOptions options;
      options.cell = kind;
      options.exactness = round % 2 == 0 ? Exactness::safe : Exactness::floating;
      const BestFirstResult found = search_best_first(form, space, objective, options);
      CAPTURE(round);
      REQUIRE(found.termination == Termination::complete);
      REQUIRE(found.bound >= most - 1e-9);
      REQUIRE(found.value == objective.value(found.point));
      REQUIRE(found.value >= value - 0.1 - 1e-9);  // a corner may lie on the edge of a tenth
      REQUIRE(found.regions > 0);
      REQUIRE(space.contains(found.point));
    }
  }
}

TEST_CASE("Guarantees 1 and 2: an objective of cells, against all wanted regions") {
  Random random(292);
  int some = 0;
  int none = 0;
  for (int round = 0; round < 60; ++round) {
    const Index m = 1 + round % 2;
    const Style style{m, 5, 1 + round % 2, 3, round % 5 == 0, random.chance(0.5)};
    const NormalForm form = with_choice(random_network(random, style, {kKinds[round % 7]}), 3);
    const FreeSpace space(cube(m));
    const Index requirement =
        round % 3 == 0 ? SearchGoal::any_but(random.below(3)) : random.below(3);
    const Vector from = random.point_in(space.constraints().low, space.constraints().high);
    const Farthest objective(space, from, true);
    const Partition partition = partition_of(form, space);
    double most = -std::numeric_limits<double>::infinity();
    Index regions = 0;
    for (Index i = 0; i < partition.size(); ++i) {
      const Index winner =
          partition.layout().get(partition.regions().state(i), form.unit_count() - 1);
      if (!SearchGoal::meets(winner, requirement)) continue;
      ++regions;
      const Matrix corners = partition.vertices(i);
      for (Index c = 0; c < corners.rows(); ++c)
        most = std::max(most, objective.of(space.to_free(corners.row(c).transpose())));
    }
    for (const CellKind kind :
         {CellKind::automatic, CellKind::vertices, CellKind::linear_programs}) {
      BestFirstOptions options;
      options.cell = kind;
      options.exactness = round % 2 == 0 ? Exactness::safe : Exactness::floating;
      const BestFirstResult found =
          search_best_first(form, space, wants(requirement), objective, options);
      CAPTURE(round);
      REQUIRE(found.termination == Termination::complete);
      REQUIRE(found.regions <= regions);
      if (regions == 0) {
        REQUIRE(found.point.size() == 0);
        ++none;
        continue;
      }
      ++some;
      REQUIRE(found.value == doctest::Approx(most).epsilon(1e-8));
      REQUIRE(found.bound >= most - 1e-8);
      REQUIRE(found.bound <= found.value + 2e-9 * (1.0 + found.value));
      const Index winner = partition.layout().get(found.state.data(), form.unit_count() - 1);
      REQUIRE(SearchGoal::meets(winner, requirement));
      // Nothing is looked for up to the floor.
      options.floor = most + 1e-6;
      REQUIRE(search_best_first(form, space, wants(requirement), objective, options).bound <=
              options.floor);
    }
    CHECK(objective.inside_holds);
    CHECK(objective.asked);
  }
  CHECK(some > 100);
  CHECK(none > 5);
}

TEST_CASE("Guarantee 3: the same result for any number of threads") {
  Random random(293);
  for (int round = 0; round < 6; ++round) {
    const NormalForm form =
        with_choice(random_network(random, {2, 8, 2, 3, false, true}, {kKinds[round % 7]}), 3);
    const FreeSpace space(cube(2));
    const Farthest objective(space, Vector{{0.1, 0.2}}, false);
    BestFirstOptions options;
    const BestFirstResult one =
        search_best_first(form, space, wants(SearchGoal::any_but(0)), objective, options);
    for (const int threads : {2, 4}) {
      options.control.threads = threads;
      const BestFirstResult other =
          search_best_first(form, space, wants(SearchGoal::any_but(0)), objective, options);
      CHECK(other.value == one.value);
      CHECK(other.bound == one.bound);
      CHECK(other.point == one.point);
      CHECK(other.state == one.state);
      CHECK(other.cells == one.cells);
      CHECK(other.regions == one.regions);
    }
  }
}

TEST_CASE(
    "A search that is stopped has a bound that holds; what an objective throws reaches the "
    "caller") {
  class Thrower : public Lead {
   public:
    using Lead::Lead;
    double value(const Vector&) const override { throw std::runtime_error("no value"); }
  };
  Random random(294);
  const NormalForm form = random_network(random, {3, 12, 2, 2, false, false}, {Kind::relu});
  const FreeSpace space(cube(3));
  BestFirstOptions options;
  options.control.deadline = Control::Clock::now() - std::chrono::seconds(1);
  const BestFirstResult none = search_best_first(form, space, Lead(form, 0, 1), options);
  CHECK(none.termination == Termination::time_limit);
  CHECK(none.point.size() == 0);
  CHECK(none.bound > 1e300);
  options.control.deadline = {};
  for (const int threads : {1, 2}) {
    options.control.threads = threads;
    CHECK_THROWS_AS((void)search_best_first(form, space, Thrower(form, 0, 1), options),
                    std::runtime_error);
  }
}

TEST_CASE("Guarantee 1: a limit of memory ends a search between rounds, with a bound that holds") {
  Random random(296);
  const NormalForm form = random_network(random, {4, 24, 2, 2, false, false}, {Kind::relu});
  const FreeSpace space(cube(4));
  const Lead lead(form, 0, 1);
  BestFirstOptions options;
  const BestFirstResult all = search_best_first(form, space, lead, options);
  REQUIRE(all.termination == Termination::complete);
  options.memory_limit = 1;
  const BestFirstResult limited = search_best_first(form, space, lead, options);
  CHECK(limited.termination == Termination::memory_limit);
  CHECK(limited.cells < all.cells);
  CHECK(limited.bound >= all.bound);
  options.memory_limit = Index{1} << 30;
  CHECK(search_best_first(form, space, lead, options).termination == Termination::complete);
}

TEST_CASE("Options, regions and goals that do not fit are refused") {
  Random random(295);
  const NormalForm form = random_network(random, {2, 4, 1, 3, false, false}, {Kind::relu});
  const NormalForm longer = with_choice(form, 3);
  const FreeSpace space(cube(2));
  const Lead lead(form, 0, 1);
  const Farthest farthest(space, Vector::Zero(2), false);
  BestFirstOptions options;
  CHECK_THROWS_AS((void)search_best_first(form, FreeSpace(cube(3)), lead, options), InvalidInput);
  CHECK_THROWS_AS((void)search_best_first(form, FreeSpace(box(Vector::Zero(2), Vector::Zero(2))),
                                          lead, options),
                  InvalidInput);
  CHECK_THROWS_AS((void)search_best_first(longer, space, lead, options),
                  InvalidInput);  // it has one output
  CHECK_THROWS_AS((void)search_best_first(longer, space, {}, farthest, options), InvalidInput);
  CHECK_THROWS_AS((void)search_best_first(longer, space, wants(3), farthest, options),
                  InvalidInput);
  options.gap = -1.0;
  CHECK_THROWS_AS((void)search_best_first(form, space, lead, options), InvalidInput);
  options.gap = 0.0;
  options.floor = NAN;
  CHECK_THROWS_AS((void)search_best_first(form, space, lead, options), InvalidInput);
  options.floor = 0.0;
  options.target = INFINITY;
  CHECK_THROWS_AS((void)search_best_first(form, space, lead, options), InvalidInput);
}
