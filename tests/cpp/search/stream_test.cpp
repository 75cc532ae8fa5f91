// enumerate() and RegionStream: the batches together are the partition, and guarantee 7: what was
// found and what the frontier holds are all regions, each once.
#include <doctest/doctest.h>

#include <algorithm>
#include <stdexcept>

#include "facetry/base/error.hpp"
#include "networks.hpp"
#include "polytopes.hpp"
#include "search/fingerprint.hpp"
#include "search/region_stream.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

NormalForm medium(Kind kind, std::uint64_t seed = 7) {
  Random random(seed);
  return random_network(random, {3, 9, 2, 1, false, false}, {kind});
}

void require_same(const RegionList& one, const RegionList& other) {
  REQUIRE(one.count == other.count);
  REQUIRE(one.states == other.states);
  REQUIRE(one.interior == other.interior);
  REQUIRE(one.facet_offsets == other.facet_offsets);
  REQUIRE(one.facets == other.facets);
  REQUIRE(one.outputs == other.outputs);
  REQUIRE(one.undecided_count == other.undecided_count);
}

// Runs a stream to its end or until `limit` regions; appends what it finds.
Frontier take(const NormalForm& form, const FreeSpace& space, StreamOptions options,
              RegionList& found) {
  const StreamEnd end = enumerate(form, space, options, [&](RegionBatch&& batch) {
    if (found.words == 0) found = batch.regions.empty_copy();
    found.append(batch.regions);
    REQUIRE(batch.regions.count <= options.batch);
    return true;
  });
  return end.frontier;
}

std::vector<std::vector<StateWord>> sorted_states(const RegionList& list) {
  std::vector<std::vector<StateWord>> states;
  for (Index i = 0; i < list.count; ++i) states.emplace_back(list.state(i), list.state(i + 1));
  std::sort(states.begin(), states.end());
  return states;
}

}  // namespace

TEST_CASE("Any number of threads, any batch: the same regions in the same order") {
  const FreeSpace space(cube(3));
  for (const Kind kind : {Kind::relu, Kind::stairs, Kind::maximum}) {
    const NormalForm form = medium(kind);
    SubdivisionOptions plain;
    plain.keep_outputs = true;
    const RegionList whole = subdivide(form, space, plain).regions;
    REQUIRE(whole.count > 100);
    for (const int threads : {1, 2, 4}) {
      for (const Index batch : {Index{1}, Index{33}, Index{100000}}) {
        for (const Index run_ahead : {Index{0}, Index{1} << 30}) {
          CAPTURE(threads);
          CAPTURE(batch);
          StreamOptions options;
          options.search.keep_outputs = true;
          options.search.control.threads = threads;
          options.search.cells_before_sharing = 1;  // small parts change hands all the time
          options.batch = batch;
          options.run_ahead = run_ahead;
          RegionList found;
          REQUIRE(take(form, space, options, found).empty());
          require_same(found, whole);
        }
      }
    }
  }
}

TEST_CASE("The outputs' maps are those of the linear models") {
  const NormalForm form = medium(Kind::leaky);
  const FreeSpace space(cube(3));
  SubdivisionOptions options;
  options.keep_outputs = true;
  const RegionList list = subdivide(form, space, options).regions;
  const StateLayout layout(form);
  const Lineariser lineariser(form, layout);
  for (Index i = 0; i < list.count; ++i) {
    const AffineFunctions model = lineariser.model(list.state(i));
    const Matrix slopes = model.gradients * space.basis();
    const Vector offsets = model.gradients * space.origin() + model.offsets;
    for (Index o = 0; o < form.output_size(); ++o) {
      const double* own = list.outputs.data() + (i * form.output_size() + o) * 4;
      for (Index c = 0; c < 3; ++c) REQUIRE(own[c] == doctest::Approx(slopes(o, c)).epsilon(1e-9));
      REQUIRE(own[3] == doctest::Approx(offsets[o]).epsilon(1e-9));
    }
  }
}

TEST_CASE("Without facets: the same regions, and no facets") {
  for (const CellKind kind : {CellKind::vertices, CellKind::linear_programs}) {
    const NormalForm form = medium(Kind::relu);
    const FreeSpace space(cube(3));
    SubdivisionOptions options;
    options.cell = kind;
    const RegionList whole = subdivide(form, space, options).regions;
    options.keep_facets = false;
    const RegionList bare = subdivide(form, space, options).regions;
    REQUIRE(bare.count == whole.count);
    REQUIRE(std::equal(bare.states.begin(), bare.states.end(), whole.states.begin()));
    REQUIRE(std::equal(bare.interior.begin(), bare.interior.end(), whole.interior.begin()));
    REQUIRE(whole.facets.size() > 0);
    REQUIRE(bare.facets.size() == 0);
  }
}

TEST_CASE("Guarantee 7: what is found and what the frontier holds are all regions, each once") {
  Random random(31);
  const FreeSpace space(cube(3));
  for (const Kind kind : {Kind::relu, Kind::clip, Kind::maximum}) {
    const NormalForm form = medium(kind, 11);
    const RegionList whole = subdivide(form, space).regions;
    for (int round = 0; round < 12; ++round) {
      StreamOptions options;
      options.ordered = random.chance(0.5);
      options.batch = random.between(1, 60);
      options.search.control.threads = static_cast<int>(random.between(1, 3));
      options.search.cells_before_sharing = random.between(1, 3);
      RegionList found;
      do {
        options.search.max_regions = random.between(1, whole.count / 3);
        options.start = take(form, space, options, found);
        REQUIRE(found.count <= whole.count);
      } while (!options.start.empty());
      REQUIRE(sorted_states(found) == sorted_states(whole));
      REQUIRE(found.undecided_count == whole.undecided_count);
    }
  }
}

TEST_CASE("Guarantee 7: after a deadline, with many threads") {
  Random random(32);
  const NormalForm form = random_network(random, {4, 12, 2, 1, false, false}, {Kind::relu});
  const FreeSpace space(cube(4));
  const RegionList whole = subdivide(form, space).regions;
  SubdivisionOptions options;
  options.control.threads = 4;
  options.cells_before_sharing = 1;
  options.control.deadline = Control::Clock::now() + std::chrono::milliseconds(3);
  const SubdivisionResult part = subdivide(form, space, options);
  RegionList found = part.regions;
  if (!part.frontier.empty()) {
    StreamOptions rest;
    rest.start = part.frontier;
    rest.search.control.threads = 2;
    REQUIRE(take(form, space, rest, found).empty());
  }
  REQUIRE(sorted_states(found) == sorted_states(whole));
}

TEST_CASE("Exceptions of the sink reach the caller, once") {
  const NormalForm form = medium(Kind::relu);
  const FreeSpace space(cube(3));
  for (const int threads : {1, 3}) {
    StreamOptions options;
    options.batch = 5;
    options.search.control.threads = threads;
    int calls = 0;
    CHECK_THROWS_WITH_AS(enumerate(form, space, options,
                                   [&](RegionBatch&&) -> bool {
                                     if (++calls == 3) throw std::runtime_error("disk full");
                                     return true;
                                   }),
                         "disk full", std::runtime_error);
    CHECK(calls == 3);
  }
}

TEST_CASE("A stream that nobody reads waits, and one that is dropped ends") {
  Random random(33);
  const auto form = std::make_shared<NormalForm>(
      random_network(random, {6, 40, 3, 1, false, false}, {Kind::relu}));
  const auto space = std::make_shared<FreeSpace>(cube(6));
  StreamOptions options;
  options.batch = 10;
  options.search.control.threads = 2;
  options.run_ahead = 1000;
  RegionStream stream(form, space, options);
  Index taken = 0;
  for (int i = 0; i < 5; ++i) {
    const auto batch = stream.next(std::chrono::seconds(60));
    REQUIRE(batch);
    taken += batch->regions.count;
  }
  CHECK(taken == 50);
  CHECK(!stream.ended());
  stream.cancel();
  while (stream.next(std::chrono::seconds(60))) taken += 10;
  CHECK(stream.ended());
  CHECK(stream.end().termination == Termination::cancelled);
  CHECK(!stream.end().frontier.empty());
}

TEST_CASE("A start that is none of this search is refused") {
  const NormalForm form = medium(Kind::relu);
  const FreeSpace space(cube(3));
  const auto run = [&](const Interval& start) {
    StreamOptions options;
    options.start = {start};
    (void)enumerate(form, space, options, [](RegionBatch&&) { return true; });
  };
  Interval start;
  start.from = TreePath(500, 1);
  CHECK_THROWS_AS(run(start), InvalidInput);
  start = {};
  start.from = {-1};
  CHECK_THROWS_AS(run(start), InvalidInput);
  start = {};
  start.after = {1, 2, 3, 4};
  CHECK_THROWS_AS(run(start), InvalidInput);
}

TEST_CASE("Fingerprints tell searches apart") {
  const NormalForm form = medium(Kind::relu);
  const FreeSpace space(cube(3));
  const SubdivisionOptions options;
  const std::uint64_t own = fingerprint(form, space, options);
  CHECK(own == fingerprint(medium(Kind::relu), FreeSpace(cube(3)), options));
  CHECK(own != fingerprint(medium(Kind::relu, 8), space, options));
  CHECK(own != fingerprint(medium(Kind::leaky), space, options));
  CHECK(own != fingerprint(form, FreeSpace(cube(3, 0.5)), options));
  SubdivisionOptions other;
  other.tolerances.cut *= 2;
  CHECK(own != fingerprint(form, space, other));
  other = {};
  other.max_regions = 3;
  CHECK(own == fingerprint(form, space, other));
}
