// What a recorder is told of one unit on one cell.
#include "search/subdivision/recording.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "search/subdivision/workbench.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

struct Claim {
  Origin boundary;
  bool above;
  std::vector<Origin> basis;
};

class Listener : public SearchRecorder {
 public:
  void begin_part(Origin, bool) override { ++parts; }
  void end_part() override { --parts; }
  void fixed(Origin boundary, bool above, std::span<const Origin> basis) override {
    claims.push_back({boundary, above, {basis.begin(), basis.end()}});
  }
  void leaf(const StateWord*, const double*) override { ++leaves; }

  std::vector<Claim> claims;
  int parts = 0;
  int leaves = 0;
};

NormalForm network(Random& random, Index k, Kind kind) {
  return random_network(random, {k, 5, 1, 1, false, false}, {kind});
}

}  // namespace

TEST_CASE(
    "Guarantees 1 and 2: a piece is told as its boundaries, each with a basis that is tight") {
  Random random(251);
  int checked = 0;
  for (int round = 0; round < 60; ++round) {
    const Index k = 1 + round % 3;
    const Kind kind = kKinds[round % 7];
    const NormalForm form = network(random, k, kind);
    const FreeSpace space(cube(k));
    with_families(k, [&](auto family) {
      using F = typename decltype(family)::type;
      Listener listener;
      Workbench<F> bench(form, space, Exactness::safe, {}, &listener);
      bench.write_first_rows();
      const auto cell = bench.cells.root();
      std::vector<Origin> sides(8);
      bench.cells.facets(cell, sides);
      for (Index u = 0; u < size_of(bench.plan.stage(0).units); ++u) {
        const PlannedUnit& unit = bench.plan.stage(0).units[u];
        const bool maximum = unit.function == nullptr;
        const Index pieces = maximum ? unit.row_count : unit.function->pieces();
        for (Index piece = 0; piece < pieces; ++piece) {
          listener.claims.clear();
          bench.recording.piece(cell, 0, u, piece);
          std::vector<std::pair<Index, bool>> expected;
          for (Index b = 0; maximum && b < pieces; ++b) {
            if (b != piece) expected.emplace_back(b, true);
          }
          if (!maximum && piece > 0) expected.emplace_back(piece - 1, true);
          if (!maximum && piece + 1 < pieces) expected.emplace_back(piece, false);
          REQUIRE(listener.claims.size() == expected.size());
          for (std::size_t i = 0; i < expected.size(); ++i) {
            const Claim& claim = listener.claims[i];
            REQUIRE(claim.boundary == unit.origin(expected[i].first));
            REQUIRE(claim.above == expected[i].second);
            REQUIRE(size_of(claim.basis) == k);
            for (const Origin side : claim.basis)
              REQUIRE(std::find(sides.begin(), sides.end(), side) != sides.end());
            if (k > 2 || maximum) continue;
            // Where the cell comes closest: the corner that the basis says.
            Vector row(k + 1), corner(k);
            bench.rows.row(0, unit.first_row, row.data());
            if (claim.above) row = -row;
            const double most = bench.cells.most(cell, row.data(), 1e300, corner.data());
            const double t = unit.function->breakpoints()[expected[i].first];
            if (most > (claim.above ? -t : t))
              continue;  // no true claim: cells need not look for the corner
            ++checked;
            for (const Origin side : claim.basis) {
              const Index number = side.number();
              const double bound = number < k ? -1.0 : 1.0;
              REQUIRE(corner[number % k] == doctest::Approx(bound).epsilon(1e-6));
            }
          }
        }
      }
    });
  }
  CHECK(checked > 50);
}

TEST_CASE("Guarantee 2: a row without gradient has an empty basis") {
  Random random(252);
  const NormalForm form = network(random, 2, Kind::relu);
  const FreeSpace space(cube(2));
  Listener listener;
  Workbench<PolygonCells> bench(form, space, Exactness::safe, {}, &listener);
  const double row[] = {0.0, 0.0, 3.0};
  bench.recording.side(bench.cells.root(), Origin::cut(4), row, true);
  REQUIRE(listener.claims.size() == 1);
  CHECK(listener.claims[0].basis.empty());
  CHECK(listener.claims[0].boundary == Origin::cut(4));
}

TEST_CASE("Guarantee 3: on the way to an interval's first subtree pieces are not told again") {
  Random random(253);
  const NormalForm form = network(random, 2, Kind::relu);
  const FreeSpace space(cube(2));
  Listener listener;
  Workbench<PolygonCells> bench(form, space, Exactness::safe, {}, &listener);
  bench.write_first_rows();
  Interval interval;
  interval.from = {1, 0};
  bench.path.start(interval);
  REQUIRE(bench.path.retracing());
  bench.recording.piece(bench.cells.root(), 0, 0, 1);
  CHECK(listener.claims.empty());
  bench.path.start({});
  bench.recording.piece(bench.cells.root(), 0, 0, 1);
  CHECK(listener.claims.size() == 1);
}

TEST_CASE(
    "Many units at once, boundaries that were passed, parts and leaves; and nothing without a "
    "recorder") {
  Random random(254);
  const NormalForm form = network(random, 2, Kind::stairs);
  const FreeSpace space(cube(2));
  Listener listener;
  Workbench<PolygonCells> bench(form, space, Exactness::safe, {}, &listener);
  bench.write_first_rows();
  const std::uint64_t marked = 0b10100;
  bench.recording.pieces(bench.cells.root(), 0, &marked, 1);
  REQUIRE(listener.claims.size() == 4);
  CHECK(listener.claims[0].boundary == bench.plan.stage(0).units[2].origin(0));
  CHECK(listener.claims[3].boundary == bench.plan.stage(0).units[4].origin(1));
  listener.claims.clear();
  const double row[] = {1.0, 0.0, 0.0};
  Question question{3, 0, 1.0, row};
  bench.recording.passed(bench.cells.root(), 0, question);
  CHECK(listener.claims.empty());  // none is before the first
  question.boundary = 2;
  bench.recording.passed(bench.cells.root(), 0, question);
  REQUIRE(listener.claims.size() == 1);
  CHECK(listener.claims[0].boundary == bench.plan.stage(0).units[3].origin(1));
  CHECK(listener.claims[0].above);
  bench.recording.begin_part(Origin::cut(0), true);
  CHECK(listener.parts == 1);
  bench.recording.end_part();
  CHECK(listener.parts == 0);
  bench.recording.leaf(bench.rows.state().data(), row);
  CHECK(listener.leaves == 1);

  Workbench<PolygonCells> silent(form, space, Exactness::safe);
  silent.write_first_rows();
  CHECK(!silent.recording.on());
  silent.recording.piece(silent.cells.root(), 0, 0, 1);
  silent.recording.side(silent.cells.root(), Origin::cut(0), row, true);
  silent.recording.passed(silent.cells.root(), 0, question);
  silent.recording.begin_part(Origin::cut(0), true);
  silent.recording.end_part();
}
