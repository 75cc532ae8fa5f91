// Units on cells, against rational values of their pre-activations at all vertices of the cell.
#include "milp/milp_unit.hpp"

#include <doctest/doctest.h>

#include "networks.hpp"
#include "polytopes.hpp"
#include "rationals.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

// Values of functions at the vertices of a cell: one column per vertex.
struct AtVertices {
  std::vector<Vector> vertices;
  Eigen::MatrixXd values;

  [[nodiscard]] Range range_of(const Eigen::RowVectorXd& row) const {
    return {row.minCoeff(), row.maxCoeff()};
  }
};

AtVertices at_vertices(const NormalForm& form, const FreeSpace& space, const Ids& pieces, Index s,
                       const Rows& rows) {
  AtVertices result{brute_force_vertices(rows), {}};
  result.values.resize(form.stages()[s].map.rows(), size_of(result.vertices));
  for (Index v = 0; v < size_of(result.vertices); ++v) {
    const Vector x = space.to_input(result.vertices[v]);
    const Rationals pre = exact_pass(form, pieces, rationals(x.data(), x.size()))[s];
    for (Index r = 0; r < size_of(pre); ++r) result.values(r, v) = pre[r].convert_to<double>();
  }
  return result;
}

// The length of a gradient in free coordinates, by differences of rational values.
double exact_length(const NormalForm& form, const FreeSpace& space, const Ids& pieces, Index s,
                    Index row, Index minus = -1) {
  const Index k = space.dimension();
  const auto at = [&](const Vector& u) {
    const Vector x = space.to_input(u);
    const Rationals pre = exact_pass(form, pieces, rationals(x.data(), x.size()))[s];
    return minus < 0 ? pre[row] : Rational(pre[row] - pre[minus]);
  };
  double sum = 0.0;
  for (Index j = 0; j < k; ++j) {
    const double step = Rational(at(Vector::Unit(k, j)) - at(Vector::Zero(k))).convert_to<double>();
    sum += step * step;
  }
  return std::sqrt(sum);
}

bool near(double a, double b) { return std::abs(a - b) < 1e-9; }

// A boundary against what it should be at all vertices.
void check_boundary(const OpenBoundary& boundary, const AtVertices& at,
                    const Eigen::RowVectorXd& expected) {
  for (Index v = 0; v < size_of(at.vertices); ++v) {
    const Vector& u = at.vertices[v];
    const double own = value(Eigen::Map<const Vector>(boundary.row.data(), u.size() + 1), u);
    REQUIRE(near(own, expected[v]));
  }
  const Range range = at.range_of(expected);
  REQUIRE(near(boundary.range.low, range.low));
  REQUIRE(near(boundary.range.high, range.high));
}

struct Counts {
  int open = 0, stable = 0, inner = 0;
};

void check_piecewise(const UnitOnCell& unit, const PiecewiseFunction& function,
                     const AtVertices& at, const Eigen::RowVectorXd& pre, double length,
                     double margin, const BoundaryIds& ids, Counts& counts) {
  Ids expected;
  bool unclear = false;
  const Range range = at.range_of(pre / length);
  const auto reaches = [&](double further) {
    unclear = unclear || near(further, margin);
    return further > margin;
  };
  for (Index p = 0; p < function.pieces(); ++p) {
    const bool above = p == 0 || reaches(range.high - function.breakpoints()[p - 1] / length);
    const bool below =
        p + 1 == function.pieces() || reaches(function.breakpoints()[p] / length - range.low);
    if (above && below) expected.push_back(p);
  }
  if (unclear) return;
  if (expected.empty()) {  // thinner than the margin
    REQUIRE(unit.stable());
    return;
  }
  REQUIRE(unit.pieces == expected);
  REQUIRE(unit.boundaries.size() + 1 == expected.size());
  for (std::size_t b = 0; b < unit.boundaries.size(); ++b) {
    const OpenBoundary& boundary = unit.boundaries[b];
    REQUIRE(boundary.below == expected[b]);
    REQUIRE(boundary.above == expected[b] + 1);
    REQUIRE(boundary.from_above == ids.of(unit.number, expected[b]));
    REQUIRE(boundary.from_below == boundary.from_above);
    const double t = function.breakpoints()[expected[b]];
    check_boundary(boundary, at, (pre.array() - t) / length);
  }
  ++(unit.stable() ? counts.stable : counts.open);
  counts.inner += expected.size() > 2 ? 1 : 0;
}

}  // namespace

TEST_CASE("Pieces and boundaries of piecewise units, in every stage") {
  Random random(701);
  Counts counts;
  for (const Kind kind : kKinds) {
    if (kind == Kind::maximum) continue;
    for (int round = 0; round < 12; ++round) {
      const Index k = 1 + round % 3;
      const FreeSpace space(cube(k, 1.5));
      const NormalForm form =
          random_network(random, {k, 3, 2, 1, false, round % 2 == 1}, {kind, Kind::relu});
      const BoundaryIds ids(form);
      const double margin = round < 6 ? 1e-6 : 0.1;
      const UnitMeasure measure(form, {}, margin);
      const BoxedRows polytope = random_polytope(random, k, 2, Shape::random);
      const LpCell cell(space, polytope.rows, {Origin::cut(1000), Origin::cut(1001)});
      FixedStatePass pass(form);
      pass.start_in(space);
      Ids pieces;
      for (const Index count : form.piece_counts()) pieces.push_back(random.below(count));
      for (Index s = 0; s < size_of(form.stages()); ++s) {
        pass.enter_stage(s);
        const Stage& stage = form.stages()[s];
        Rows rows = rows_of(space.constraints());
        for (Index r = 0; r < 2; ++r) {
          rows.push_back(Eigen::Map<const Vector>(polytope.row(r), k + 1));
        }
        const AtVertices at = at_vertices(form, space, pieces, s, rows);
        for (Index u = 0; u < size_of(stage.units); ++u) {
          const UnitOnCell unit = measure.on_cell(pass, s, u, cell);
          REQUIRE(unit.number == stage.first_unit + u);
          REQUIRE(!unit.is_maximum);
          const Index row = stage.units[u].first_row;
          const double length = exact_length(form, space, pieces, s, row);
          if (length > 1e-6) {
            check_piecewise(unit, form.function(stage.units[u]), at, at.values.row(row), length,
                            margin, ids, counts);
          }
          pass.decide(s, u, pieces[unit.number]);
        }
        pass.finish_stage(s);
      }
    }
  }
  CHECK(counts.open > 50);
  CHECK(counts.stable > 20);
  CHECK(counts.inner > 5);
}

TEST_CASE("Arguments of a maximum, with a boundary for every pair of those that may win") {
  Random random(702);
  int beaten = 0, several = 0;
  for (int round = 0; round < 60; ++round) {
    const Index k = random.between(1, 3);
    const Index arguments = random.between(2, 5);
    const double margin = round % 2 == 0 ? 1e-6 : 0.05;
    NeuralGraph graph(k);
    const Ids pre = dense(graph, range(0, k), random_weights(random, arguments, k, false),
                          random_bias(random, arguments, false) * 3.0);
    const NormalForm form(graph, maximum(graph, pre, arguments));
    const FreeSpace space(cube(k));
    const LpCell cell(space, {}, {});
    FixedStatePass pass(form);
    pass.start_in(space);
    pass.enter_stage(0);
    const UnitOnCell unit = UnitMeasure(form, {}, margin).on_cell(pass, 0, 0, cell);
    REQUIRE(unit.is_maximum);
    const AtVertices at = at_vertices(form, space, {0}, 0, rows_of(space.constraints()));
    const auto difference = [&](Index a, Index b) -> Eigen::RowVectorXd {
      return (at.values.row(a) - at.values.row(b)) / exact_length(form, space, {0}, 0, a, b);
    };
    bool unclear = false;
    Ids expected;
    for (Index a = 0; a < arguments; ++a) {
      bool wins = true;
      for (Index b = 0; b < arguments; ++b) {
        if (a == b) continue;
        const double most = difference(a, b).maxCoeff();
        unclear = unclear || near(most, margin);
        wins = wins && most > margin;
      }
      if (wins) expected.push_back(a);
    }
    if (unclear || expected.empty()) continue;
    REQUIRE(unit.pieces == expected);
    std::size_t pair = 0;
    const BoundaryIds ids(form);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      for (std::size_t j = i + 1; j < expected.size(); ++j, ++pair) {
        REQUIRE(pair < unit.boundaries.size());
        const OpenBoundary& boundary = unit.boundaries[pair];
        REQUIRE(boundary.above == expected[i]);
        REQUIRE(boundary.below == expected[j]);
        REQUIRE(boundary.from_above == ids.of(0, expected[j]));  // the one that loses
        REQUIRE(boundary.from_below == ids.of(0, expected[i]));
        check_boundary(boundary, at, difference(expected[i], expected[j]));
      }
    }
    REQUIRE(pair == unit.boundaries.size());
    beaten += size_of(expected) < arguments ? 1 : 0;
    several += expected.size() > 2 ? 1 : 0;
  }
  CHECK(beaten > 10);
  CHECK(several > 10);
}

TEST_CASE("Flat units have their canonical piece: the lower one, the first argument") {
  NeuralGraph graph(2);
  const Matrix weights{{0.0, 0.0}, {0.0, 0.0}, {0.0, 0.0}, {1.0, 2.0}, {1.0, 2.0}};
  const Ids pre = dense(graph, {0, 1}, weights, Vector{{0.0, 1e-3, -1e-3, 0.5, 0.5}});
  Ids outputs;
  for (const Index q : {pre[0], pre[1], pre[2]}) {
    outputs = joined(outputs, apply(graph, {q}, PiecewiseFunction::relu()));
  }
  outputs = joined(outputs, maximum(graph, {pre[3], pre[4]}, 2));
  outputs = joined(outputs, maximum(graph, {pre[0], pre[1], pre[2]}, 3));
  const NormalForm form(graph, outputs);
  const FreeSpace space(cube(2));
  const LpCell cell(space, {}, {});
  FixedStatePass pass(form);
  pass.start_in(space);
  pass.enter_stage(0);
  const UnitMeasure measure(form, {}, 1e-6);
  Ids pieces;
  REQUIRE(form.unit_count() == 5);
  for (Index u = 0; u < 5; ++u) {
    const UnitOnCell unit = measure.on_cell(pass, 0, u, cell);
    REQUIRE(unit.stable());
    CHECK(unit.boundaries.empty());
    pieces.push_back(unit.pieces.front());
  }
  CHECK(pieces == Ids{0, 1, 0, 0, 1});
}

TEST_CASE("A side counts from the margin on, on either side of it") {
  for (const double reach : {0.099, 0.101}) {
    for (const double sign : {1.0, -1.0}) {
      NeuralGraph graph(1);  // relu of 2 x + or - 2 (1 - reach): the cube reaches so far beyond 0
      const Ids pre = dense(graph, {0}, Matrix{{2.0}}, Vector{{sign * 2.0 * (1.0 - reach)}});
      const NormalForm form(graph, apply(graph, pre, PiecewiseFunction::relu()));
      const FreeSpace space(cube(1));
      FixedStatePass pass(form);
      pass.start_in(space);
      pass.enter_stage(0);
      const UnitOnCell unit = UnitMeasure(form, {}, 0.1).on_cell(pass, 0, 0, LpCell(space, {}, {}));
      CHECK(unit.pieces == (reach > 0.1 ? Ids{0, 1} : Ids{sign > 0.0 ? Index{1} : Index{0}}));
    }
  }
}
