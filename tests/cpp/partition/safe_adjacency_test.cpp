// Neighbours of safe partitions, against pairs of regions that share a facet in exact arithmetic.
#include "partition/safe_adjacency.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "networks.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

constexpr Index kMostRegions = 40;  // all pairs of them are asked about

bool is_multiple(const ExactRow& a, const ExactRow& b, int sign) {
  for (std::size_t i = 0; i < a.entries.size(); ++i) {
    if (a.entries[i].sign() != sign * b.entries[i].sign()) return false;
    for (std::size_t j = 0; j < i; ++j) {
      if (a.entries[i] * b.entries[j] != a.entries[j] * b.entries[i]) return false;
    }
  }
  return true;
}

using Tight = std::set<std::pair<Index, Index>>;  // unit and the piece behind

struct Shared {
  Index neighbor;
  Tight tight;
  auto operator<=>(const Shared&) const = default;
};

// The slow truth: all constraints of all regions, and all pairs of regions.
class ExactNeighbors {
 public:
  explicit ExactNeighbors(const Partition& partition)
      : partition_(partition),
        plan_(partition.form(), partition.space(), {}, Exactness::safe),
        path_(plan_),
        program_(plan_.dimension()) {
    for (Index i = 0; i < partition.size(); ++i) regions_.push_back(constraints(i));
  }

  [[nodiscard]] std::vector<Shared> of(Index i) {
    std::vector<Shared> result;
    for (Index j = 0; j < partition_.size(); ++j) {
      if (j == i) continue;
      for (const Own& own : regions_[i]) {
        if (own.unit < 0 || !meet(i, j, own.row)) continue;
        Tight tight;
        for (const Own& other : regions_[i]) {
          if (other.unit >= 0 && is_multiple(other.row, own.row, 1))
            tight.insert({other.unit, other.to});
        }
        result.push_back({j, tight});
        break;
      }
    }
    return result;
  }

 private:
  struct Own {
    ExactRow row;
    Index unit = -1;
    Index to = 0;
  };

  std::vector<Own> constraints(Index i) {
    const StateWord* state = partition_.regions().state(i);
    std::vector<Own> result;
    for (const ExactRow& side : plan_.exact_region().sides()) result.push_back({side});
    const auto add = [&](const ExactBoundary& boundary, bool above, Index unit, Index to) {
      ExactRow row = path_.function({state, {}}, boundary);
      if (row.is_constant()) return;
      if (!above) row.negate();
      result.push_back({row, unit, to});
    };
    for (Index s = 0; s < plan_.stage_count(); ++s) {
      for (const PlannedUnit& unit : plan_.stage(s).units) {
        const Index piece = plan_.layout().get(state, unit.number);
        if (unit.function == nullptr) {
          for (Index a = 0; a < unit.row_count; ++a) {
            if (a != piece)
              add({s, unit.first_row + piece, unit.first_row + a, 0.0}, true, unit.number, a);
          }
          continue;
        }
        const auto& t = unit.function->breakpoints();
        if (piece > 0) add({s, unit.first_row, -1, t[piece - 1]}, true, unit.number, piece - 1);
        if (piece < size_of(t))
          add({s, unit.first_row, -1, t[piece]}, false, unit.number, piece + 1);
      }
    }
    return result;
  }

  // Do the regions share a facet on this hyperplane of i? The others of both hold on both sides of
  // it then.
  bool meet(Index i, Index j, const ExactRow& row) {
    const auto& behind = regions_[j];
    if (std::none_of(behind.begin(), behind.end(),
                     [&](const Own& other) { return is_multiple(other.row, row, -1); })) {
      return false;
    }
    for (const int sign : {1, -1}) {
      program_.clear();
      ExactRow own = row;
      if (sign < 0) own.negate();
      program_.add(own);
      for (const Own& other : regions_[i]) {
        if (!is_multiple(other.row, row, 1)) program_.add(other.row);
      }
      for (const Own& other : behind) {
        if (!is_multiple(other.row, row, -1)) program_.add(other.row);
      }
      if (!program_.has_interior({})) return false;
    }
    return true;
  }

  const Partition& partition_;
  SearchPlan plan_;
  ExactPath path_;
  ExactProgram program_;
  std::vector<std::vector<Own>> regions_;
};

void check_neighbors(const Partition& partition) {
  REQUIRE(partition.termination() == Termination::complete);
  ExactNeighbors truth(partition);
  const FacetTable table = partition.facet_table({0, partition.size()}, 1);
  const StateLayout& layout = partition.layout();
  for (Index i = 0; i < partition.size(); ++i) {
    CAPTURE(i);
    std::vector<Shared> found;
    for (Index f = table.offsets[i]; f < table.offsets[i + 1]; ++f) {
      const Index neighbor = table.neighbors[f];
      REQUIRE((neighbor < 0) == table.origins[f].is_side());
      if (neighbor < 0) continue;
      Tight tight;
      for (Index t = table.tight_offsets[f]; t < table.tight_offsets[f + 1]; ++t) {
        tight.insert({table.tight[t].unit, table.tight[t].to});
      }
      found.push_back({neighbor, tight});
      Ids differ;
      for (Index u = 0; u < layout.units(); ++u) {
        if (layout.get(partition.regions().state(i), u) !=
            layout.get(partition.regions().state(neighbor), u)) {
          differ.push_back(u);
        }
      }
      REQUIRE(differ == Ids(table.changes.begin() + table.change_offsets[f],
                            table.changes.begin() + table.change_offsets[f + 1]));
    }
    std::sort(found.begin(), found.end());
    REQUIRE(found == truth.of(i));
  }
}

// Hidden units of which many share a hyperplane: copies that are exact, negated, scaled, and scaled
// with rounding, so that slivers lie between; dead and zero units.
Ids with_copies(Random& random, NeuralGraph& graph, const Ids& values, Index count, bool integer) {
  const Matrix weights = random_weights(random, count, size_of(values), integer);
  const Vector bias = random_bias(random, count, integer);
  const double factors[] = {1.0, 1.0, -1.0, 3.0, 0.1, -0.7};
  const Index copies = random.between(1, 2);
  const Index rows = count * (1 + copies) + 2;
  Matrix all = Matrix::Zero(rows, size_of(values));
  Vector all_bias = Vector::Zero(rows);
  for (Index r = 0; r < count * (1 + copies); ++r) {
    const double factor = r < count ? 1.0 : factors[random.below(6)];
    all.row(r) = factor * weights.row(r % count);
    all_bias[r] = factor * bias[r % count];
  }
  all.row(rows - 2) = weights.row(0);  // dead; the last one is zero everywhere
  all_bias[rows - 2] = -100.0;
  return dense(graph, values, all, all_bias);
}

NormalForm network_of_copies(Random& random, Index k, Kind kind, bool integer, bool pooled) {
  NeuralGraph graph(k);
  Ids values = with_copies(random, graph, range(0, k), 2, integer);
  if (values.size() % 2 == 1) values.pop_back();
  values =
      kind == Kind::maximum ? maximum(graph, values, 2) : apply(graph, values, function_of(kind));
  if (pooled) values = maximum(graph, values, 2);
  values.resize(std::min<std::size_t>(values.size(), 4));
  values = dense(graph, values, random_weights(random, 2, size_of(values), integer),
                 random_bias(random, 2, integer));
  return NormalForm(graph, apply(graph, values, PiecewiseFunction::relu()));
}

Partition found_with(const NormalForm& form, const FreeSpace& space, CellKind cell) {
  SubdivisionOptions options;
  options.cell = cell;
  return partition_of(form, space, options);
}

InputPolytope oblique_cut(Index k) {
  InputPolytope polytope = cube(k + 1);
  add_constraint(polytope, Vector::Ones(k + 1), 0.3);
  add_constraint(polytope, -Vector::Ones(k + 1), -0.3);
  return polytope;
}

}  // namespace

TEST_CASE(
    "Copies of hyperplanes, dead and zero units of every kind, maxima of ReLUs, every kind of "
    "cell") {
  Random random(141);
  Index regions = 0;
  for (Index round = 0; round < 28; ++round) {
    const Index k = 1 + round % 3;
    const Kind kind = kKinds[round % 7];
    const NormalForm form = network_of_copies(random, k, kind, random.chance(0.4), round % 4 == 0);
    CAPTURE(round);
    for (const CellKind cell :
         {CellKind::automatic, CellKind::vertices, CellKind::linear_programs}) {
      CAPTURE(static_cast<int>(cell));
      const Partition partition = found_with(form, FreeSpace(cube(k)), cell);
      if (partition.size() > kMostRegions) continue;  // pairs of regions are many
      check_neighbors(partition);
      regions += partition.size();
    }
  }
  CHECK(regions > 300);
}

TEST_CASE("Oblique cuts, where units may vanish") {
  Random random(142);
  for (Index round = 0; round < 7; ++round) {
    const NormalForm form = network_of_copies(random, 3, kKinds[round % 7], true, round % 2 == 0);
    CAPTURE(round);
    const Partition partition = found_with(form, FreeSpace(oblique_cut(2)), CellKind::automatic);
    if (partition.size() <= kMostRegions) check_neighbors(partition);
  }
}

TEST_CASE("Behind a facet is the sliver between rounded copies, not what lies behind all of them") {
  NeuralGraph graph(2);
  Matrix weights(3, 2);
  weights << 0.1, 0.7, 3.0 * 0.1, 3.0 * 0.7, 0.0, 1.0;
  const Ids hidden =
      apply(graph, dense(graph, {0, 1}, weights, Vector::Zero(3)), PiecewiseFunction::relu());
  const NormalForm form(graph, hidden);
  const Partition partition = partition_of(form, FreeSpace(cube(2)));
  CHECK(partition.size() > 4);  // the two lines cross at the origin: slivers on both sides
  check_neighbors(partition);
}

TEST_CASE("Rows that are known badly make no facets of their own") {
  // Gradients that are what cancellation of large terms leaves: outer cells reach far beyond such
  // rows. All three lines meet in one point.
  const double large = 0x1p20;
  NeuralGraph graph(2);
  const Ids first =
      dense(graph, {0, 1}, Matrix{{large + 1.0, 1.0}, {large, 0.0}, {large, 3.0}, {1.0, 0.0}},
            Vector::Zero(4));
  const Ids next = dense(
      graph, apply(graph, first, PiecewiseFunction::leaky_relu(0.5)),
      Matrix{{1.0, -1.0, 0.0, 0.0}, {0.0, 1.0, -1.0, 0.0}, {1.0, 0.0, -1.0, 0.0}}, Vector::Zero(3));
  const NormalForm form(graph, apply(graph, next, PiecewiseFunction::relu()));
  check_neighbors(partition_of(form, FreeSpace(cube(2))));
}
