// The exact follower against rational arithmetic: boundaries with small integer weights, of which
// many meet in one point or are the same, on the square and the cube.
#include "search/subdivision/exact_follower.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>

#include "search/subdivision/workbench.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

using Rational = boost::multiprecision::cpp_rational;
using ExactPoint = std::vector<Rational>;
using Row = std::vector<Rational>;  // gradient and offset; not negative inside

Rational at(const Row& row, const ExactPoint& point) {
  Rational sum = row.back();
  for (std::size_t i = 0; i < point.size(); ++i) sum += row[i] * point[i];
  return sum;
}

Row negated(Row row) {
  for (Rational& entry : row) entry = -entry;
  return row;
}

// Where k rows meet, if they do in one point: Gauss-Jordan.
bool meet(std::vector<Row> table, ExactPoint& point) {
  const std::size_t k = table.size();
  for (std::size_t c = 0; c < k; ++c) {
    std::size_t pivot = c;
    while (pivot < k && table[pivot][c] == 0) ++pivot;
    if (pivot == k) return false;
    std::swap(table[pivot], table[c]);
    for (std::size_t i = 0; i < k; ++i) {
      if (i == c || table[i][c] == 0) continue;
      const Rational share = table[i][c] / table[c][c];
      for (std::size_t j = c; j <= k; ++j) table[i][j] -= share * table[c][j];
    }
  }
  point.clear();
  for (std::size_t c = 0; c < k; ++c) point.push_back(-table[c][k] / table[c][c]);
  return true;
}

// Does { rows > 0 } hold a point? The mean of all corners of { rows >= 0 } is one, if any is. Rows
// bound a polytope.
bool has_interior(const std::vector<Row>& rows) {
  const std::size_t n = rows.size();
  const std::size_t k = rows[0].size() - 1;
  ExactPoint sum(k, 0), point;
  int corners = 0;
  std::vector<char> chosen(n, 0);
  std::fill(chosen.begin(), chosen.begin() + static_cast<std::ptrdiff_t>(k), 1);
  do {
    std::vector<Row> some;
    for (std::size_t r = 0; r < n; ++r) {
      if (chosen[r]) some.push_back(rows[r]);
    }
    const auto holds = [&](const Row& row) { return at(row, point) >= 0; };
    if (!meet(some, point) || !std::all_of(rows.begin(), rows.end(), holds)) continue;
    for (std::size_t i = 0; i < k; ++i) sum[i] += point[i];
    ++corners;
  } while (std::prev_permutation(chosen.begin(), chosen.end()));
  if (corners == 0) return false;
  for (Rational& entry : sum) entry /= corners;
  return std::all_of(rows.begin(), rows.end(), [&](const Row& row) { return at(row, sum) > 0; });
}

std::vector<Row> with(std::vector<Row> rows, Row row) {
  rows.push_back(std::move(row));
  return rows;
}

// ReLUs in front of the cube, with weights in {-1, 0, 1} and biases in halves.
NormalForm random_boundaries(Random& random, Index k, Index count) {
  NeuralGraph graph(k);
  Matrix weights = random_weights(random, count, k, true);
  for (Index r = 0; r < count; ++r) {
    if (weights.row(r).isZero()) weights(r, 0) = 1.0;
  }
  const Ids units =
      apply(graph, dense(graph, range(0, k), weights, random_bias(random, count, true)),
            PiecewiseFunction::relu());
  return NormalForm(graph, dense(graph, units, Matrix::Ones(1, count), Vector{{0.0}}));
}

// The exact cell, cut after cut, beside what is followed.
template <class F>
struct Walk {
  explicit Walk(const NormalForm& form, const FreeSpace& space_)
      : space(space_), bench(form, space_, Exactness::safe) {
    bench.write_first_rows();
    cell = bench.cells.root();
    const BoxedRows& sides = space.constraints();
    Vector gradient;
    for (Index c = 0; c < sides.constraint_count(); ++c) {
      sides.gradient(c, gradient);
      Row side(gradient.data(), gradient.data() + gradient.size());
      side.emplace_back(sides.slack(c, Vector::Zero(space.dimension())));
      rows.push_back(side);
      origins.push_back(Origin::side(space.sides()[c]));
    }
  }
  const PlannedUnit& unit(Index u) const { return bench.plan.stage(0).units[u]; }
  Row row_of(Index u) const {
    std::vector<double> own(static_cast<std::size_t>(space.dimension() + 1));
    bench.rows.row(0, u, own.data());
    return Row(own.begin(), own.end());
  }
  Question question_of(Index u) {
    row.resize(static_cast<std::size_t>(space.dimension() + 1));
    bench.rows.row(0, u, row.data());
    Question question{u};
    question.length = gradient_length(row.data(), space.dimension());
    normalise(row.data(), space.dimension(), 0.0, question.length, row.data());
    question.row = row.data();
    question.error = bench.exact.row_error(0, u, 0.0, question.length, row.data());
    return question;
  }
  void cut(const Question& question, bool above) {
    const Origin origin = unit(question.unit).origin(0);
    typename F::Cell parts[2];
    bench.cells.cut(cell, question.row, origin, parts[1], parts[0],
                    bench.exact.shift_of(question, origin));
    cell = parts[above ? 1 : 0];
    bench.exact.follow_unit(0, unit(question.unit), question, above);
    rows.push_back(above ? row_of(question.unit) : negated(row_of(question.unit)));
    origins.push_back(origin);
  }

  const FreeSpace& space;
  Workbench<F> bench;
  typename F::Cell cell;
  std::vector<Row> rows;
  std::vector<Origin> origins;
  std::vector<double> row;
};

// Are these the facets: all others follow from them, and none of them from the others?
void check_facets(const std::vector<Row>& rows, const std::vector<Origin>& origins,
                  const std::vector<Origin>& facets) {
  REQUIRE(std::is_sorted(facets.begin(), facets.end()));
  std::vector<Row> listed;
  for (const Origin facet : facets) {
    const auto found = std::find(origins.begin(), origins.end(), facet);
    REQUIRE(found != origins.end());
    listed.push_back(rows[static_cast<std::size_t>(found - origins.begin())]);
  }
  const std::vector<Row> named = listed;
  for (std::size_t i = 0; i + 1 < rows[0].size();
       ++i) {  // far away, so that what is left is bounded
    for (const int sign : {1, -1}) {
      Row far(rows[0].size(), 0);
      far[i] = sign;
      far.back() = 10;
      listed.push_back(far);
    }
  }
  for (const Row& row : rows) {
    if (std::find(listed.begin(), listed.end(), row) == listed.end())
      REQUIRE(!has_interior(with(listed, negated(row))));
  }
  for (const Row& row : named) {
    std::vector<Row> others = listed;
    std::erase(others, row);
    REQUIRE(others.size() + 1 == listed.size());
    REQUIRE(has_interior(with(others, negated(row))));
  }
}

template <class F>
void walk_at_random(Random& random, Index k, int& ties, int& empty) {
  const NormalForm form = random_boundaries(random, k, k == 2 ? 8 : 5);
  const FreeSpace space(cube(k));
  Walk<F> walk(form, space);
  for (Index u = 0; u < size_of(walk.bench.plan.stage(0).units); ++u) {
    Question question = walk.question_of(u);
    const Side side = walk.bench.exact.place(
        walk.cell, ExactFollower<F>::boundary_of(0, walk.unit(u), question), question);
    const bool above = has_interior(with(walk.rows, walk.row_of(u)));
    const bool below = has_interior(with(walk.rows, negated(walk.row_of(u))));
    CAPTURE(u);
    REQUIRE((side != Side::above || !below));
    REQUIRE((side != Side::below || !above));
    if (side != Side::across) {
      ++ties;
      continue;
    }
    walk.cut(question, random.chance(0.5));
    Vector inside(k);
    walk.bench.cells.interior_point(walk.cell, inside.data());
    const bool is_region = has_interior(walk.rows);
    REQUIRE(walk.bench.exact.proves_interior(walk.cell, inside.data()) == is_region);
    if (!is_region) {
      ++empty;
      return;
    }
    const ExactPoint point(inside.data(), inside.data() + k);
    for (const Row& row : walk.rows) REQUIRE(at(row, point) > 0);
    const bool in_doubt = walk.bench.exact.facets_in_doubt();
    const std::vector<Origin> facets = walk.bench.exact.facets(walk.cell, inside.data());
    check_facets(walk.rows, walk.origins, facets);
    if (in_doubt) continue;
    std::vector<Origin> named;
    walk.bench.cells.facets(walk.cell, named);
    REQUIRE(named == facets);
  }
}

}  // namespace

TEST_CASE("Guarantees 1 to 3: places, interiors and facets are those of rational arithmetic") {
  Random random(241);
  int ties = 0;
  int empty = 0;
  for (int round = 0; round < 60; ++round) {
    CAPTURE(round);
    walk_at_random<PolygonCells>(random, 2, ties, empty);
    walk_at_random<VertexCells>(random, 2, ties, empty);
    if (round % 3 == 0) walk_at_random<LpCells>(random, 2, ties, empty);
    if (round % 6 == 0) walk_at_random<VertexCells>(random, 3, ties, empty);
  }
  CHECK(ties > 100);
}

TEST_CASE("A part without interior is found out: cuts that meet in one point leave nothing") {
  // x + y <= 0, x >= 0, y >= 0 on the square: the origin. Cells cut outwards keep something of it.
  NeuralGraph graph(2);
  const Ids units = apply(
      graph, dense(graph, {0, 1}, Matrix{{1.0, 1.0}, {1.0, 0.0}, {0.0, 1.0}}, Vector::Zero(3)),
      PiecewiseFunction::relu());
  const NormalForm form(graph, dense(graph, units, Matrix::Ones(1, 3), Vector{{0.0}}));
  const FreeSpace space(cube(2));
  Walk<PolygonCells> walk(form, space);
  walk.cut(walk.question_of(0), false);
  walk.cut(walk.question_of(1), true);
  Question question = walk.question_of(2);
  const Side side = walk.bench.exact.place(
      walk.cell, ExactFollower<PolygonCells>::boundary_of(0, walk.unit(2), question), question);
  CHECK(side == Side::below);  // above it there is nothing, and that is proven
}

TEST_CASE("Cuts are followed, turned and dropped, as rows with what they may be off by") {
  Random random(242);
  const NormalForm form = random_boundaries(random, 2, 4);
  const FreeSpace space(cube(2));
  Walk<PolygonCells> walk(form, space);
  ExactFollower<PolygonCells>& exact = walk.bench.exact;
  const Index sides = exact.rows().count;
  REQUIRE(sides == 4);
  const Question question = walk.question_of(1);
  Vector own(3), turned(3);
  exact.follow_unit(0, walk.unit(1), question, false);
  CHECK(exact.count() == 1);
  CHECK(exact.rows().count == sides + 1);
  exact.rows().row(sides, own.data());
  CHECK(own == -Eigen::Map<const Vector>(question.row, 3));
  CHECK(exact.rows().errors[sides] == question.error);
  exact.turn_last();
  exact.rows().row(sides, turned.data());
  CHECK(turned == -own);
  const CellRows more = exact.rows_with(own.data(), 0.25);
  CHECK(more.count == sides + 2);
  more.row(sides + 1, turned.data());
  CHECK(turned == own);
  CHECK(more.errors[sides + 1] == 0.25);
  CHECK(exact.rows().count == sides + 1);
  exact.keep(0);
  CHECK(exact.count() == 0);
  CHECK(exact.rows().count == sides);
}

TEST_CASE("A search in double precision follows nothing") {
  Random random(243);
  const NormalForm form = random_boundaries(random, 2, 4);
  const FreeSpace space(cube(2));
  Workbench<PolygonCells> bench(form, space, Exactness::floating);
  bench.write_first_rows();
  const double row[] = {1.0, 0.0, 0.0};
  Question question{0, 0, 1.0, row};
  bench.exact.follow_unit(0, bench.plan.stage(0).units[0], question, true);
  CHECK(bench.exact.count() == 0);
  bench.exact.turn_last();
  bench.exact.keep(0);
  CHECK(bench.exact.shift_of(question, Origin::cut(0)) == 0.0);
}
