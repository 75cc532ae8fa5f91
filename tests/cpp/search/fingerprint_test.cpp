// Fingerprints: everything the tree follows from changes them, limits and threads do not.
#include "search/fingerprint.hpp"

#include <doctest/doctest.h>

#include <set>

#include "networks.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

// Numbers that a test may change.
struct Numbers {
  double weight = 0.5, bias = 0.25, output = 2.0, slope = 0.125;
  double low = -1.0, high = 1.0, limit = 0.9;
  Kind kind = Kind::relu;
};

NormalForm form_of(const Numbers& n) {
  NeuralGraph graph(2);
  Ids values = dense(graph, {0, 1}, Matrix{{1.0, n.weight}, {-1.0, 0.0}, {0.3, 2.0}, {1.0, 1.0}},
                     Vector{{n.bias, 0.0, 0.1, 0.0}});
  values = n.kind == Kind::maximum ? joined(maximum(graph, values, 2), {0})
                                   : apply(graph, values, PiecewiseFunction::leaky_relu(n.slope));
  return NormalForm(
      graph, dense(graph, values, Matrix::Constant(1, size_of(values), n.output), Vector{{0.0}}));
}

std::uint64_t of(const Numbers& n, const SubdivisionOptions& options = {}) {
  const InputPolytope polytope{Vector{{n.low, -1.0}}, Vector{{n.high, 1.0}}, Matrix{{1.0, 1.0}},
                               Vector{{n.limit}}};
  return fingerprint(form_of(n), FreeSpace(polytope), options);
}

}  // namespace

TEST_CASE("The same search has the same fingerprint, whatever its limits, threads and batches") {
  SubdivisionOptions options;
  const std::uint64_t own = of({});
  CHECK(of({}, options) == own);
  options.max_regions = 3;
  options.memory_limit = 1000;
  options.control.threads = 7;
  options.keep_outputs = true;
  options.keep_facets = false;
  options.cells_before_sharing = 5;
  CHECK(of({}, options) == own);
}

TEST_CASE("Any number of the network and of the region changes it, by one unit in the last place") {
  std::set<std::uint64_t> seen{of({})};
  double Numbers::* const members[] = {&Numbers::weight, &Numbers::bias,  &Numbers::output,
                                       &Numbers::slope,  &Numbers::limit, &Numbers::low};
  for (double Numbers::* const member : members) {
    Numbers n;
    n.*member = std::nextafter(n.*member, 3.0);
    seen.insert(of(n));
  }
  Numbers n;
  n.high = 1.5;
  seen.insert(of(n));
  n = {};
  n.kind = Kind::maximum;
  seen.insert(of(n));
  CHECK(seen.size() == 9);
}

TEST_CASE("So do the kind of cell, the exactness, the goal and the tolerances of the tree") {
  std::set<std::uint64_t> seen{of({})};
  std::size_t count = 1;
  const auto changed = [&](auto&& change) {
    SubdivisionOptions options;
    change(options);
    seen.insert(of({}, options));
    CHECK(seen.size() == ++count);
  };
  changed([](SubdivisionOptions& o) { o.cell = CellKind::polygons; });
  changed([](SubdivisionOptions& o) { o.cell = CellKind::vertices; });
  changed([](SubdivisionOptions& o) { o.exactness = Exactness::floating; });
  changed([](SubdivisionOptions& o) { o.goal.required = {0, -1, -1, -1}; });
  changed([](SubdivisionOptions& o) { o.goal.required = {-1, 0, -1, -1}; });
  changed([](SubdivisionOptions& o) {
    o.goal.required = {-1, 0, -1, -1};
    o.goal.differ_first = 0;
    o.goal.differ_second = 1;
  });
  changed([](SubdivisionOptions& o) { o.tolerances.cut *= 2.0; });
  changed([](SubdivisionOptions& o) { o.tolerances.on_hyperplane *= 2.0; });
  changed([](SubdivisionOptions& o) { o.tolerances.zero_gradient *= 2.0; });
}
