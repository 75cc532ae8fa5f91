// Batches as partitions, against the partition of a whole search.
#include "facetry/partition/partition_stream.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <thread>

#include "facetry/base/error.hpp"
#include "networks.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;
using namespace std::chrono_literals;

namespace {

using Form = std::shared_ptr<const NormalForm>;
using Space = std::shared_ptr<const FreeSpace>;

Form network(Kind kind, Index m = 2) {
  Random random(821);
  return std::make_shared<NormalForm>(random_network(random, {m, 8, 2, 2, false, false}, {kind}));
}

std::vector<PartitionBatch> all_of(PartitionStream& stream) {
  std::vector<PartitionBatch> batches;
  while (!stream.ended()) {
    if (auto batch = stream.next(10s)) batches.push_back(std::move(*batch));
  }
  return batches;
}

// States and facets, region after region.
using Entry = std::pair<std::vector<StateWord>, std::vector<Origin>>;
std::vector<Entry> entries_of(const RegionView& list) {
  std::vector<Entry> entries;
  for (Index i = 0; i < list.count; ++i) {
    entries.push_back({{list.state(i), list.state(i) + list.words}, facets_of(list, i)});
  }
  return entries;
}
std::vector<Entry> entries_of(const std::vector<PartitionBatch>& batches) {
  std::vector<Entry> entries;
  for (const PartitionBatch& batch : batches) {
    const std::vector<Entry> own = entries_of(batch.regions->regions());
    entries.insert(entries.end(), own.begin(), own.end());
  }
  return entries;
}

Partition whole(const Form& form, const Space& space) {
  return Partition(form, space, subdivide(*form, *space));
}

}  // namespace

TEST_CASE("Together the batches are the partition, in order, and each is one by itself") {
  const Space space = std::make_shared<FreeSpace>(cube(2));
  for (const Kind kind : {Kind::relu, Kind::stairs, Kind::maximum}) {
    const Form form = network(kind);
    const Partition expected = whole(form, space);
    for (const int threads : {1, 3}) {
      PartitionStreamOptions options;
      options.batch = 7;
      options.control.threads = threads;
      PartitionStream stream(form, space, options);
      const std::vector<PartitionBatch> batches = all_of(stream);
      REQUIRE(entries_of(batches) == entries_of(expected.regions()));
      CHECK(stream.termination() == Termination::complete);
      CHECK(stream.frontier().empty());
      CHECK(batches.size() > 3);
      Index before = 0;
      double share = 0.0;
      for (const PartitionBatch& batch : batches) {
        const Partition& own = *batch.regions;
        REQUIRE(own.size() <= 7);
        REQUIRE(own.ordered());
        REQUIRE(own.exactness() == Exactness::safe);
        REQUIRE(own.termination() == Termination::region_limit);
        REQUIRE(batch.share_done >= share);
        share = batch.share_done;
        for (Index i = 0; i < own.size(); ++i) {
          REQUIRE(own.find(own.regions().state(i)) == i);
          // Others are not known to it.
          const Index other = (before + i + 7) % expected.size();
          REQUIRE(own.find(expected.regions().state(other)) == -1);
        }
        before += own.size();
      }
      CHECK(share == doctest::Approx(1.0));
    }
  }
}

TEST_CASE("Points are found in the batch that has their region, in no other") {
  Random random(822);
  const Space space = std::make_shared<FreeSpace>(cube(2));
  const Form form = network(Kind::relu);
  const Partition expected = whole(form, space);
  PartitionStreamOptions options;
  options.batch = 10;
  PartitionStream stream(form, space, options);
  const std::vector<PartitionBatch> batches = all_of(stream);
  Matrix points(100, 2);
  for (Index i = 0; i < 100; ++i) {
    for (Index j = 0; j < 2; ++j) points(i, j) = random.uniform(-1.0, 1.0);
  }
  std::vector<Index> truth(100), own(100);
  expected.locate(points, 1, truth.data());
  Index before = 0;
  for (const PartitionBatch& batch : batches) {
    batch.regions->locate(points, 1, own.data());
    const Index size = batch.regions->size();
    for (Index i = 0; i < 100; ++i) {
      const bool holds = truth[i] >= before && truth[i] < before + size;
      REQUIRE(own[i] == (holds ? truth[i] - before : -1));
    }
    before += size;
  }
  CHECK(before == expected.size());
}

TEST_CASE("A batch that holds all regions is complete, one that holds the rest is not") {
  const Space space = std::make_shared<FreeSpace>(cube(2));
  const Form form = network(Kind::relu);
  PartitionStream one(form, space);
  const std::vector<PartitionBatch> all = all_of(one);
  REQUIRE(all.size() == 1);
  CHECK(all.front().regions->termination() == Termination::complete);
  PartitionStreamOptions options;
  options.batch = all.front().regions->size() - 1;
  PartitionStream two(form, space, options);
  const std::vector<PartitionBatch> parts = all_of(two);
  REQUIRE(parts.size() >= 2);
  for (const PartitionBatch& part : parts) {
    CHECK(part.regions->termination() == Termination::region_limit);
  }
  PartitionStreamOptions rest;
  rest.start = parts.front().frontier;
  PartitionStream last(form, space, rest);
  const std::vector<PartitionBatch> end = all_of(last);
  REQUIRE(end.size() == 1);
  CHECK(end.front().regions->size() == 1);
  CHECK(end.front().regions->termination() == Termination::region_limit);
}

TEST_CASE("From the frontier of any batch the search goes on with all the rest") {
  const Space space = std::make_shared<FreeSpace>(cube(2));
  const Form form = network(Kind::absolute);
  const std::vector<Entry> expected = entries_of(whole(form, space).regions());
  PartitionStreamOptions options;
  options.batch = 9;
  PartitionStream stream(form, space, options);
  const std::vector<PartitionBatch> batches = all_of(stream);
  std::size_t before = 0;
  for (const PartitionBatch& batch : batches) {
    before += static_cast<std::size_t>(batch.regions->size());
    if (batch.frontier.empty()) continue;
    PartitionStreamOptions rest = options;
    rest.start = batch.frontier;
    PartitionStream second(form, space, rest);
    const std::vector<Entry> behind(expected.begin() + static_cast<std::ptrdiff_t>(before),
                                    expected.end());
    REQUIRE(entries_of(all_of(second)) == behind);
  }
  CHECK(before == expected.size());
  CHECK(batches.size() > 3);
}

TEST_CASE("As they are found: all regions once, batches that are not ordered say so") {
  const Space space = std::make_shared<FreeSpace>(cube(3));
  const Form form = network(Kind::relu, 3);
  std::vector<Entry> expected = entries_of(whole(form, space).regions());
  PartitionStreamOptions options;
  options.batch = 50;
  options.ordered = false;
  options.control.threads = 3;
  PartitionStream stream(form, space, options);
  const std::vector<PartitionBatch> batches = all_of(stream);
  for (const PartitionBatch& batch : batches) {
    const std::vector<Entry> own = entries_of(batch.regions->regions());
    const bool ascending = std::is_sorted(own.begin(), own.end());
    REQUIRE(batch.regions->ordered() == ascending);
  }
  std::vector<Entry> found = entries_of(batches);
  std::sort(found.begin(), found.end());
  REQUIRE(found == expected);
}

TEST_CASE("A limit, a cancellation and the level of exactness are said") {
  const Space space = std::make_shared<FreeSpace>(cube(2));
  const Form form = network(Kind::relu);
  const std::vector<Entry> expected = entries_of(whole(form, space).regions());
  PartitionStreamOptions options;
  options.batch = 4;
  options.max_regions = 10;
  options.exactness = Exactness::floating;
  PartitionStream stream(form, space, options);
  const std::vector<PartitionBatch> batches = all_of(stream);
  const std::vector<Entry> first(expected.begin(), expected.begin() + 10);
  CHECK(entries_of(batches) == first);
  CHECK(stream.termination() == Termination::region_limit);
  CHECK(!stream.frontier().empty());
  CHECK(batches.front().regions->exactness() == Exactness::floating);

  Random random(823);
  const Form large = std::make_shared<NormalForm>(
      random_network(random, {6, 40, 3, 1, false, false}, {Kind::relu}));
  PartitionStreamOptions many;
  many.batch = 10;
  PartitionStream endless(large, std::make_shared<FreeSpace>(cube(6)), many);
  REQUIRE(endless.next(60s));
  CHECK_FALSE(endless.ended());
  while (endless.progress().regions == 0) std::this_thread::sleep_for(1ms);
  CHECK(endless.progress().share_done < 1.0);
  endless.cancel();
  (void)all_of(endless);
  CHECK(endless.termination() == Termination::cancelled);
  CHECK(!endless.frontier().empty());
}

TEST_CASE("Bad options are refused before anything is started") {
  const Space space = std::make_shared<FreeSpace>(cube(2));
  const auto refused = [&](auto&& change) {
    PartitionStreamOptions options;
    change(options);
    CHECK_THROWS_AS(PartitionStream(network(Kind::relu), space, options), InvalidInput);
  };
  refused([](auto& options) { options.batch = 0; });
  refused([](auto& options) { options.max_regions = -1; });
  refused([](auto& options) { options.control.threads = 0; });
  CHECK_THROWS_AS(PartitionStream(network(Kind::relu, 3), space), InvalidInput);
}
