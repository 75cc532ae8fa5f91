// The sums that a search writes against a forward pass, whatever the order and the way that units
// are decided.
#include "search/subdivision/sum_writer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

#include "search/subdivision/workbench.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

enum class Way { one_by_one, on_entry, mixed, on_a_part };

struct Walk {
  const NormalForm& form;
  const SearchPlan& plan;
  PathRows& rows;
  SumWriter& sums;
  Random& random;

  double largest(Index s, Index row) const {
    Vector own(plan.dimension() + 1);
    rows.row(s, row, own.data());
    return own.head(plan.dimension()).cwiseAbs().maxCoeff();
  }

  // Decides all units of a stage, with these states.
  void decide(NextSums& next, Index s, const Ids& states, Way way) {
    const StagePlan& stage = plan.stage(s);
    if (way == Way::on_a_part && !stage.single_breakpoints) way = Way::mixed;
    Ids late;
    sums.begin_stage(next, s);
    std::fill(rows.state().begin(), rows.state().end(), StateWord{0});
    for (Index u = 0; u < size_of(stage.units); ++u) {
      const bool now = way == Way::on_entry || (way == Way::mixed && random.chance(0.5));
      const Index piece = states[stage.units[u].number];
      if (now) {
        sums.settle(next, s, u, piece, largest(s, stage.units[u].first_row));
      } else {
        late.push_back(u);
      }
    }
    sums.add_settled(next, s);
    for (Index i = size_of(late); i > 1; --i) std::swap(late[i - 1], late[random.below(i)]);
    if (way == Way::on_a_part && size_of(late) > 1) {  // one is decided, the rest on the part
      decide_one(next, s, late.back(), states);
      late.pop_back();
      sums.begin_part(next);
      for (const Index u : late) {
        sums.settle_open(next, s, {static_cast<std::int32_t>(u), 0, 1.0, 0.0, largest(s, u)},
                         states[stage.units[u].number]);
      }
      sums.add_settled_open(next, s);
      return;
    }
    for (const Index u : late) decide_one(next, s, u, states);
  }
  void decide_one(NextSums& next, Index s, Index u, const Ids& states) {
    const PlannedUnit& unit = plan.stage(s).units[u];
    Question question{u};
    question.largest = largest(s, unit.first_row);
    sums.decide(next, s, question, states[unit.number]);
  }
};

}  // namespace

TEST_CASE("Guarantees 1 and 2: sums are what a forward pass computes, in any order and way") {
  Random random(211);
  for (int round = 0; round < 140; ++round) {
    const Index m = 1 + round % 4;
    const Style style{m, 6, 1 + round % 3, 2, false, round % 2 == 0};
    const NormalForm form =
        random_network(random, style, {kKinds[round % 7], kKinds[random.below(7)]});
    const FreeSpace space(cube(m));
    const SearchPlan plan(form, space, Tolerances{});
    const Vector u = random.point_in(space.constraints().low, space.constraints().high);
    const Vector x = space.to_input(u);
    const Ids states = states_at(form, x);
    for (const Way way : {Way::one_by_one, Way::on_entry, Way::mixed, Way::on_a_part}) {
      PathRows rows(plan);
      StackMemory memory;
      SumWriter sums(plan, rows, memory, true);
      Walk walk{form, plan, rows, sums, random};
      NextSums next;
      next.planes = plan.first_sums();
      next.scale = plan.input_scale();
      std::vector<StateWord> all(rows.state().size(), 0);
      for (Index s = 0; s < plan.stage_count(); ++s) {
        CAPTURE(round);
        CAPTURE(s);
        rows.stage(s).pre = next.planes;
        rows.stage(s).scale = next.scale;
        rows.state() = all;
        walk.decide(next, s, states, way);
        if (s + 1 < plan.stage_count() || way == Way::one_by_one) sums.add_pending(next, s);
        for (Index n = 0; n < size_of(plan.stage(s).units); ++n) {
          const Index number = plan.stage(s).units[n].number;
          REQUIRE(plan.layout().get(rows.state().data(), number) == states[number]);
          plan.layout().set(all.data(), number, states[number]);
          Vector own(m + 1);
          rows.value(s, n, states[number], own.data());
          REQUIRE(next.scale.gradient >= own.head(m).cwiseAbs().maxCoeff());
          REQUIRE(next.scale.offset >= std::abs(own[m]));
        }
        if (next.pending_count > 0) continue;
        const Vector truth = behind(form, s, x);
        const Vector found = values_of(*plan.stage(s).next, next.planes, u);
        REQUIRE((found - truth).cwiseAbs().maxCoeff() <=
                1e-12 * (1.0 + truth.cwiseAbs().maxCoeff()));
      }
      rows.state() = all;
      Matrix outputs(form.output_size(), m + 1);
      sums.write_outputs(next, outputs.data());
      const Vector truth = form.evaluate(x.transpose()).row(0).transpose();
      const Vector found = outputs.leftCols(m) * u + outputs.col(m);
      REQUIRE((found - truth).cwiseAbs().maxCoeff() <= 1e-12 * (1.0 + truth.cwiseAbs().maxCoeff()));
    }
  }
}

TEST_CASE("ReLUs that are marked all at once give what they give one by one") {
  Random random(212);
  for (const Index outputs : {1, 3}) {  // a next map with one row has a way of its own
    const NormalForm form = random_network(random, {2, 70, 1, outputs, false, false}, {Kind::relu});
    const FreeSpace space(cube(2));
    const SearchPlan plan(form, space, Tolerances{});
    REQUIRE(plan.stage(0).all_relu);
    const Vector u{{0.3, -0.4}};
    const Ids states = states_at(form, space.to_input(u));
    PathRows rows(plan);
    StackMemory memory;
    SumWriter sums(plan, rows, memory, true);
    rows.stage(0).pre = plan.first_sums();
    std::vector<std::uint64_t> above(
        static_cast<std::size_t>(plan.stage(0).into->stride() / 64 + 1), 0);
    for (Index n = 0; n < 70; ++n)
      above[n / 64] |= static_cast<std::uint64_t>(states[n]) << (n % 64);
    NextSums next;
    sums.begin_stage(next, 0);
    sums.settle_marked(next, 0, above.data(), {1.0, 2.0, 0.0});
    sums.add_settled(next, 0);
    CHECK(next.scale.gradient == 1.0);
    CHECK(next.scale.offset == 2.0);
    for (Index n = 0; n < 70; ++n) CHECK(plan.layout().get(rows.state().data(), n) == states[n]);
    const Vector truth = form.evaluate(space.to_input(u).transpose()).row(0).transpose();
    CHECK((values_of(plan.output(), next.planes, u) - truth).cwiseAbs().maxCoeff() < 1e-12);
  }
}

TEST_CASE("Guarantee 3: sums of another node are left as they are") {
  Random random(213);
  const NormalForm form = random_network(random, {2, 6, 1, 9, false, false}, {Kind::leaky});
  const FreeSpace space(cube(2));
  const SearchPlan plan(form, space, Tolerances{});
  PathRows rows(plan);
  StackMemory memory;
  SumWriter sums(plan, rows, memory, true);
  rows.stage(0).pre = plan.first_sums();
  NextSums node;
  sums.begin_stage(node, 0);
  sums.add_settled(node, 0);
  const std::vector<double> before(node.planes, node.planes + plan.output().size());
  NextSums part = node;
  part.own = false;
  sums.decide(part, 0, {2}, 1);
  CHECK(part.planes != node.planes);
  CHECK(part.own);
  CHECK(std::equal(before.begin(), before.end(), node.planes));
  const double* own = part.planes;
  sums.decide(part, 0, {3}, 1);
  CHECK(part.planes == own);  // written in place
}

TEST_CASE("Where outputs are not wanted the last stage adds nothing up") {
  Random random(214);
  const NormalForm form = random_network(random, {2, 4, 2, 1, false, false}, {Kind::relu});
  const FreeSpace space(cube(2));
  const SearchPlan plan(form, space, Tolerances{});
  PathRows rows(plan);
  StackMemory memory;
  SumWriter sums(plan, rows, memory, false);
  CHECK(sums.wants_sums(0));
  CHECK(!sums.wants_sums(1));
  NextSums next;
  sums.begin_stage(next, 1);
  sums.add_settled(next, 1);
  CHECK(next.planes == nullptr);
  sums.decide(next, 1, {0}, 1);
  CHECK(next.pending_count == 0);
  CHECK(plan.layout().get(rows.state().data(), 4) == 1);
}
