// Explains a network on the box [-1, 1]^m (at most three inputs vary; the others are 0): counts its
// linear regions in a stream, describes a few of them, and finds the largest value of its first
// output.
#include <facetry/facetry.hpp>

#include <chrono>
#include <cstdio>
#include <exception>
#include <memory>

using namespace facetry;

namespace {

// max(0, x - y) + max(0, x + y) - 1, for those who have no model file.
StoredModel tiny_network() {
  NeuralGraph graph(2);
  const Index sums =
      graph.add(AffineOperation{{{0, 2, 4}, {0, 1, 0, 1}, {1.0, -1.0, 1.0, 1.0}}, {0.0, 0.0}});
  const Index units =
      graph.add(PiecewiseOperation{{sums, sums + 1}, {PiecewiseFunction::relu()}, {0, 0}});
  const Index output = graph.add(AffineOperation{{{0, 2}, {units, units + 1}, {1.0, 1.0}}, {-1.0}});
  return {graph, {output},           {"x", "y"}, {"f"}, {}, {}, ModelDecision::none,
          0.0,   "made in main.cpp", {}};
}

InputPolytope box(Index inputs) {
  constexpr Index kVarying = 3;
  InputPolytope polytope{Vector::Zero(inputs), Vector::Zero(inputs), Matrix(0, inputs), Vector(0)};
  polytope.low.head(std::min(inputs, kVarying)).setConstant(-1.0);
  polytope.high.head(std::min(inputs, kVarying)).setConstant(1.0);
  return polytope;
}

void print_row(const char* before, const double* row, Index size, const char* between,
               double last) {
  std::printf("%s", before);
  for (Index i = 0; i < size; ++i) std::printf(" %.6g", row[i]);
  std::printf(" %s %.6g\n", between, last);
}

// The linear model of each region, and the halfspaces a . x <= b that bound it.
void describe(const Partition& partition) {
  const Index inputs = partition.form().input_size();
  const Index outputs = partition.form().output_size();
  for (Index i = 0; i < partition.size(); ++i) {
    const RegionRange one{i, i + 1};
    Matrix weights(outputs, inputs);
    Vector offsets(outputs);
    partition.models(one, 1, weights.data(), offsets.data());
    const RegionView& regions = partition.regions();
    const Index facets = regions.facet_offsets[i + 1] - regions.facet_offsets[i];
    Matrix A(facets, inputs);
    Vector b(facets);
    partition.halfspaces(one, 1, A.data(), b.data());
    std::printf("region %lld\n", static_cast<long long>(i));
    for (Index o = 0; o < outputs; ++o)
      print_row("  weights", weights.row(o).data(), inputs, "offset", offsets[o]);
    for (Index f = 0; f < facets; ++f) print_row("  where", A.row(f).data(), inputs, "<=", b[f]);
  }
}

void explain(const StoredModel& model) {
  const auto form = std::make_shared<const NormalForm>(model.graph, model.outputs);
  const auto space = std::make_shared<const FreeSpace>(box(form->input_size()));

  PartitionStream stream(form, space);
  Index regions = 0;
  while (!stream.ended()) {
    // A batch is a partition that could be looked at here, and is then dropped.
    if (const auto batch = stream.next(std::chrono::seconds(1))) regions += batch->regions->size();
  }
  std::printf("%s: %lld inputs, %lld regions, %s\n", model.source.c_str(),
              static_cast<long long>(form->input_size()), static_cast<long long>(regions),
              name(stream.termination()));

  ListOptions first;
  first.max_regions = 4;
  describe(*find_partition(form, space, first));

  const Optimum best = maximise(*form, *space, Vector::Unit(form->output_size(), 0));
  print_row("largest first output: at", best.point.data(), best.point.size(), "value", best.value);
}

}  // namespace

int main(int count, char** words) {
  try {
    explain(count > 1 ? read_model(words[1]) : tiny_network());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
