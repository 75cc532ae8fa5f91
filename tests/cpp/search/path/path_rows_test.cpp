// Rows on the path: values by the states decided, bounds of rounding against rational arithmetic.
#include "search/path/path_rows.hpp"

#include <doctest/doctest.h>

#include "base/rounding.hpp"
#include "networks.hpp"
#include "polytopes.hpp"
#include "rationals.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

// A path along which all units have the given pieces, stage by stage as a search writes it.
struct Followed {
  Followed(const SearchPlan& plan, const Ids& pieces) : rows(plan) {
    const Index k = plan.dimension();
    for (Index u = 0; u < plan.layout().units(); ++u) {
      plan.layout().set(rows.state().data(), u, pieces[u]);
    }
    Matrix values = Eigen::Map<const Matrix>(plan.inputs(), plan.space().input_size(), k + 1);
    RowScale scale = plan.input_scale();
    carried.reserve(static_cast<std::size_t>(plan.stage_count()));
    sums.emplace_back(plan.stage(0).into->size());
    std::copy_n(plan.first_sums(), plan.stage(0).into->size(), sums.back().data());
    for (Index s = 0; s < plan.stage_count(); ++s) {
      const Stage& stage = *plan.stage(s).stage;
      carried.emplace_back(size_of(stage.carried), k + 1);
      for (Index c = 0; c < size_of(stage.carried); ++c) {
        carried.back().row(c) = values.row(stage.carried[c]);
      }
      rows.stage(s).pre = sums.back().data();
      rows.stage(s).carried = carried.back().data();
      rows.stage(s).scale = scale;
      if (plan.safe()) rows.bound_rounding(s);
      values.resize(stage.width(), k + 1);
      std::vector<const double*> pointers, columns;
      for (Index i = 0; i < values.rows(); ++i) {
        rows.decided_value(s, i, values.row(i).data());
        pointers.push_back(values.row(i).data());
      }
      const Ids all = range(0, values.rows());
      const MapColumns& next = *plan.stage(s).next;
      sums.emplace_back(next.size());
      next.add(next.bias(), sums.back().data(), {all.data(), pointers.data(), 1, size_of(all)},
               columns);
      scale = scale_of(values);
      scale.error = rows.stage(s).value_error;
    }
  }

  PathRows rows;
  std::vector<WorkArray<double>> sums;  // aligned, as kernels want them
  std::vector<Matrix> carried;
};

Ids any_pieces(Random& random, const NormalForm& form) {
  Ids pieces;
  for (const Index count : form.piece_counts()) pieces.push_back(random.below(count));
  return pieces;
}

InputPolytope slanted() {
  InputPolytope plane = cube(3);
  add_constraint(plane, Vector{{0.1, 0.2, 0.3}}, 0.07);
  add_constraint(plane, Vector{{-0.1, -0.2, -0.3}}, -0.07);
  return plane;
}

// Inputs as tables have them: around 1, around 1000 and around a hundredth.
InputPolytope uneven() {
  InputPolytope box = cube(3);
  box.low[1] = 700.0;
  box.high[1] = 1300.1;
  box.low[2] = 0.01;
  box.high[2] = 0.013;
  return box;
}

}  // namespace

TEST_CASE("What a row is off by is bounded, by norms and row by row") {
  Random random(401);
  for (const bool by_row : {false, true}) {
    Tolerances tolerances;
    if (by_row) tolerances.loose_bound = 0.0;
    for (const FreeSpace& space :
         {FreeSpace(cube(3, 0.7)), FreeSpace(slanted()), FreeSpace(uneven())}) {
      const Index k = space.dimension();
      for (const Kind kind : kKinds) {
        const NormalForm form =
            random_network(random, {3, 5, 4, 1, false, true}, {kind, Kind::relu, Kind::maximum});
        const SearchPlan plan(form, space, tolerances, Exactness::safe);
        if (space.origin()[1] > 500.0) REQUIRE(plan.uneven_inputs());
        const Ids pieces = any_pieces(random, form);
        const Followed path(plan, pieces);
        const Vector u = random.point_in(Vector::Constant(k, -1.01), Vector::Constant(k, 1.01));
        const Rational one = values(plan.exact_region().one()).back();
        Rationals x;
        for (const ExactRow& input : plan.exact_region().inputs()) {
          x.push_back(value_at(values(input), u) / one);
        }
        const std::vector<Rationals> pre = exact_pass(form, pieces, x);
        Vector row(k + 1);
        for (Index s = 0; s < plan.stage_count(); ++s) {
          REQUIRE(path.rows.stage(s).by_row == (plan.uneven_inputs() || (by_row && s > 0)));
          for (Index r = 0; r < size_of(pre[s]); ++r) {
            path.rows.row(s, r, row.data());
            const Rational stored = value_at(rationals(row.data(), k + 1), u);
            const double error = path.rows.row_error(s, r, 0.0);
            REQUIRE(abs(stored - pre[s][r]) <= Rational(error));
            REQUIRE(abs(Rational(value(row, u)) - pre[s][r]) <= Rational(error));
            REQUIRE(error < 1e-9);  // not by saying nothing
            REQUIRE(path.rows.row_error(s, r, -8.0) > error);
          }
        }
      }
    }
  }
}

TEST_CASE("Values of units by their piece, and of what is carried on") {
  Random random(402);
  const FreeSpace space(cube(2));
  const NormalForm form =
      random_network(random, {2, 3, 3, 1, false, true}, {Kind::stairs, Kind::maximum});
  const SearchPlan plan(form, space, {});
  const Followed path(plan, any_pieces(random, form));
  Vector row(3), own(3);
  for (Index s = 0; s < plan.stage_count(); ++s) {
    const Stage& stage = *plan.stage(s).stage;
    for (Index i = 0; i < size_of(stage.units); ++i) {
      const Unit& unit = stage.units[i];
      for (Index piece = 0; piece < form.piece_count(unit); ++piece) {
        path.rows.value(s, i, piece, own.data());
        const bool maximum = unit.kind == UnitKind::maximum;
        path.rows.row(s, unit.first_row + (maximum ? piece : 0), row.data());
        if (!maximum) {
          row *= form.function(unit).slope(piece);
          row[2] += form.function(unit).intercept(piece);
        }
        CHECK(own == row);
        const bool decided =
            plan.layout().get(path.rows.state().data(), stage.first_unit + i) == piece;
        if (!decided) continue;
        path.rows.decided_value(s, i, row.data());
        CHECK(own == row);
      }
    }
    for (Index c = 0; c < size_of(stage.carried); ++c) {
      path.rows.decided_value(s, size_of(stage.units) + c, row.data());
      CHECK(row == Vector(path.carried[s].row(c).transpose()));
    }
  }
}

TEST_CASE("Gradients that cancel are zero up to rounding, others are not") {
  // Rows of the second stage: 0.1 x + 0.2 x - 0.3 x, which is not zero in doubles; 1e-9 x more.
  NeuralGraph graph(1);
  Ids first = dense(graph, {0}, Matrix{{0.1}, {0.2}, {0.3}}, Vector::Zero(3));
  first = apply(graph, first, PiecewiseFunction::relu());
  const Matrix weights{{1.0, 1.0, -1.0}, {1.0, 1.0, -1.0 + 1e-9}, {0.0, 0.0, 1.0}, {1.0, 1.0, 0.0}};
  const NormalForm form(graph, apply(graph, dense(graph, first, weights, Vector::Zero(4)),
                                     PiecewiseFunction::relu()));
  const FreeSpace space(cube(1, 1.0));
  const SearchPlan plan(form, space, {});
  const Followed path(plan, {1, 1, 1, 0, 0, 0, 0});
  const auto gradient = [&](Index r) {
    Vector row(2);
    path.rows.row(1, r, row.data());
    return row[0];
  };
  REQUIRE(gradient(0) != 0.0);
  CHECK(path.rows.zero_gradient(1, 0, std::abs(gradient(0))));
  CHECK_FALSE(path.rows.zero_gradient(1, 1, std::abs(gradient(1))));
  const double tie[] = {gradient(3) - gradient(2), 0.0};
  const double apart[] = {gradient(3) - gradient(1), 0.0};
  CHECK(path.rows.zero_difference(1, 2, 3, tie));
  CHECK_FALSE(path.rows.zero_difference(1, 1, 3, apart));
}

TEST_CASE("Copies: of sides and of boundaries decided before, exactly or nearly, of either sign") {
  using Copy = PathRows::Copy;
  NeuralGraph graph(2);
  const Ids pre = dense(
      graph, {0, 1},
      Matrix{
          {0.3, 0.4}, {-0.3, -0.4}, {0.3, 0.4}, {1.0, 0.0}, {0.6, 0.8}, {0.03, 0.04}, {1.0, 1.0}},
      Vector{{0.1, -0.1, 0.1 + 1e-15, 1.0, 0.2, 0.01, 0.1}});
  const NormalForm form(graph, apply(graph, pre, PiecewiseFunction::relu()));
  const FreeSpace space(cube(2));
  const SearchPlan plan(form, space, {});
  const Followed path(plan, {0, 0, 0, 0, 0, 0, 0});
  const auto copy_of = [&](Index unit) { return path.rows.copy_of(0, unit, unit, 0.0); };
  CHECK(copy_of(0) == Copy::none);   // itself does not count
  CHECK(copy_of(1) == Copy::exact);  // the negative of unit 0
  CHECK(copy_of(2) == Copy::near);
  CHECK(copy_of(3) == Copy::exact);  // x + 1: a side of the region
  CHECK(copy_of(4) == Copy::exact);  // twice unit 0
  CHECK(copy_of(5) == Copy::near);   // a tenth of it, rounded
  CHECK(copy_of(6) == Copy::none);
}
