// Regions that come from outside: nothing is read before it is checked. Every array has memory of
// its own, so that AddressSanitizer tells what is read beside it.
#include "regions/region_blocks.hpp"

#include <doctest/doctest.h>

#include "facetry/base/error.hpp"
#include "networks.hpp"
#include "polytopes.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

// The arrays of a file, as bytes that a test may damage.
struct File {
  std::vector<StateWord> states;
  std::vector<double> interior;
  std::vector<Index> facet_offsets;
  std::vector<Origin> facets;
  std::vector<std::uint64_t> checksums;
  Index words = 0;
  Index dimension = 0;

  explicit File(const RegionList& list)
      : states(list.states.begin(), list.states.end()),
        interior(list.interior.begin(), list.interior.end()),
        facet_offsets(list.facet_offsets.begin(), list.facet_offsets.end()),
        facets(list.facets.begin(), list.facets.end()),
        words(list.words),
        dimension(list.dimension) {
    checksums = block_checksums(view(), 1);
  }

  [[nodiscard]] RegionView view() const {
    RegionView regions;
    regions.words = words;
    regions.dimension = dimension;
    regions.count = size_of(facet_offsets) - 1;
    regions.states = ArrayView<StateWord>(states);
    regions.interior = ArrayView<double>(interior);
    regions.facet_offsets = ArrayView<Index>(facet_offsets);
    regions.facets = ArrayView<Origin>(facets);
    return regions;
  }

  // One byte of one of the first `arrays` arrays becomes another one.
  void damage(Random& random, Index arrays) {
    struct Bytes {
      void* data;
      std::size_t size;
    };
    const Bytes all[] = {{states.data(), states.size() * sizeof(StateWord)},
                         {interior.data(), interior.size() * sizeof(double)},
                         {facets.data(), facets.size() * sizeof(Origin)},
                         {facet_offsets.data(), facet_offsets.size() * sizeof(Index)},
                         {checksums.data(), checksums.size() * sizeof(std::uint64_t)}};
    const Bytes& bytes = all[random.below(arrays)];
    const Index at = random.below(static_cast<Index>(bytes.size));
    static_cast<unsigned char*>(bytes.data)[at] ^=
        static_cast<unsigned char>(1 + random.below(255));
  }
};

struct Fixture {
  std::shared_ptr<NormalForm> form;
  std::shared_ptr<FreeSpace> space;
  RegionList list;

  explicit Fixture(const NormalForm& of, const InputPolytope& region)
      : form(std::make_shared<NormalForm>(of)),
        space(std::make_shared<FreeSpace>(region)),
        list(subdivide(*form, *space).regions) {}

  // All kinds of units, fewer regions than a block.
  static Fixture small() {
    Random random(7);
    return Fixture(
        random_network(random, {2, 4, 2, 2, false, false}, {Kind::relu, Kind::clip, Kind::maximum}),
        cube(2));
  }
  // Three blocks, the last one not full.
  static Fixture large() {
    Random random(8);
    Fixture f(random_network(random, {2, 64, 3, 1, false, false}, {Kind::relu}), cube(2));
    f.list.truncate(2 * RegionBlocks::kRegions + 100);
    return f;
  }

  [[nodiscard]] Partition open(const File& file) const {
    RegionView regions = file.view();
    regions.guard =
        std::make_shared<RegionBlocks>(regions, RegionCheck(*form, *space),
                                       ArrayView<std::uint64_t>(file.checksums), true, "the file");
    return Partition(form, space, std::move(regions), Termination::complete, true,
                     Exactness::floating);
  }
};

// Everything that can be computed from the regions, as numbers.
std::vector<double> answers(const Partition& partition, int threads) {
  const RegionRange all{0, partition.size()};
  const Index n = partition.form().output_size();
  const Index m = partition.form().input_size();
  std::vector<double> result;
  const auto add = [&](const auto& values) {
    for (const auto value : values) result.push_back(static_cast<double>(value));
  };
  std::vector<double> coef(static_cast<std::size_t>(all.end * n * m));
  std::vector<double> intercept(static_cast<std::size_t>(all.end * n));
  partition.models(all, threads, coef.data(), intercept.data());
  add(coef);
  std::vector<std::int32_t> states(static_cast<std::size_t>(all.end * partition.layout().units()));
  partition.states(all, states.data());
  add(states);
  std::vector<double> points(static_cast<std::size_t>(all.end * m));
  partition.interior_points(all, points.data());
  add(points);
  std::vector<double> volumes(static_cast<std::size_t>(all.end));
  partition.volumes(all, threads, volumes.data());
  add(volumes);
  add(partition.corners(all, threads).offsets);
  add(partition.flat_units(all, threads).units);
  const FacetTable table = partition.facet_table(all, threads);
  add(table.neighbors);
  add(table.changes);
  Matrix X(50, m);
  Random random(9);
  for (Index i = 0; i < X.rows(); ++i) {
    for (Index c = 0; c < m; ++c) X(i, c) = random.uniform(-1.1, 1.1);
  }
  std::vector<Index> located(50);
  partition.locate(X, threads, located.data());
  add(located);
  return result;
}

}  // namespace

TEST_CASE("Regions that someone else holds give the same answers as one's own") {
  const Fixture f = Fixture::small();
  REQUIRE(f.list.count > 10);
  const File file(f.list);
  const Partition own = partition_of(*f.form, *f.space);
  CHECK(answers(f.open(file), 2) == answers(own, 1));
}

TEST_CASE("Damage is an error, whatever is read") {
  const Fixture f = Fixture::small();
  const File whole(f.list);
  Random random(10);
  int refused = 0;
  constexpr int kTries = 400;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    File file = whole;
    file.damage(random, 5);
    try {
      (void)answers(f.open(file), 1);
    } catch (const InvalidInput&) {  // the first and the last facet offset, when it is opened
      ++refused;
    } catch (const FileFormatError& error) {
      CHECK(std::string(error.what()).find("the file is damaged at regions 0 to") == 0);
      ++refused;
    }
  }
  CHECK(refused == kTries);
}

// Locating points reads states alone.
TEST_CASE("Damaged states never mislead locate or find") {
  const Fixture f = Fixture::small();
  const File whole(f.list);
  Random random(11);
  for (int attempt = 0; attempt < 100; ++attempt) {
    File file = whole;
    file.damage(random, 1);
    const Partition partition = f.open(file);
    CHECK_THROWS_AS((void)partition.find(f.list.state(attempt % f.list.count)), FileFormatError);
    const Matrix x = Matrix::Constant(1, 2, 0.01 * attempt - 0.5);
    Index found = 0;
    CHECK_THROWS_AS(partition.locate(x, 1, &found), FileFormatError);
  }
}

TEST_CASE("Forged regions with the right checksums stay within all arrays") {
  const Fixture f = Fixture::small();
  const File whole(f.list);
  Random random(12);
  int refused = 0;
  for (int attempt = 0; attempt < 400; ++attempt) {
    File file = whole;
    file.damage(random, 3);
    file.checksums = block_checksums(file.view(), 1);
    try {
      (void)answers(f.open(file), 1);
    } catch (const Error&) {
      ++refused;
    }
  }
  CHECK(refused > 100);
  CHECK(refused < 400);  // an interior point can be forged
}

TEST_CASE("Blocks are checked one by one, when they are read") {
  const Fixture f = Fixture::large();
  REQUIRE(f.list.count == 2 * RegionBlocks::kRegions + 100);
  const File whole(f.list);
  REQUIRE(whole.checksums.size() == 6);
  File file = whole;
  const Index middle = RegionBlocks::kRegions;
  file.interior[middle * file.dimension] += 1e-9;
  const Partition partition = f.open(file);
  const RegionView& regions = partition.regions();
  CHECK_NOTHROW(regions.require({0, middle}));
  CHECK_NOTHROW(regions.require({2 * middle, f.list.count}));
  CHECK_NOTHROW(regions.require({middle, middle}));
  CHECK_NOTHROW(regions.require_state(middle));
  CHECK_THROWS_AS(regions.require({middle - 1, middle + 1}), FileFormatError);
  CHECK_THROWS_AS(regions.require({0, f.list.count}, 3), FileFormatError);
  CHECK_THROWS_AS(partition.check(2), FileFormatError);
  CHECK_NOTHROW(f.open(whole).check(2));
}

TEST_CASE("Order is checked within blocks and between them") {
  const Fixture f = Fixture::large();
  for (const Index i : {Index{17}, RegionBlocks::kRegions}) {
    File file(f.list);
    std::swap_ranges(file.states.begin() + (i - 1) * file.words,
                     file.states.begin() + i * file.words, file.states.begin() + i * file.words);
    // Facets go with their states, so that nothing but the order is wrong.
    file.checksums = block_checksums(file.view(), 1);
    const Partition partition = f.open(file);
    CHECK_THROWS_AS(partition.regions().require_state(i), FileFormatError);
  }
}

TEST_CASE("Sizes that do not fit are refused when a file is opened") {
  const Fixture f = Fixture::small();
  const auto refused = [&](auto&& change) {
    File file(f.list);
    change(file);
    CHECK_THROWS_AS((void)f.open(file), InvalidInput);
  };
  refused([](File& file) { file.checksums.pop_back(); });
  refused([](File& file) { file.states.pop_back(); });
  refused([](File& file) { file.interior.pop_back(); });
  refused([](File& file) { file.facets.pop_back(); });
  refused([](File& file) { file.facet_offsets.clear(); });
  refused([](File& file) { file.facet_offsets.front() = 1; });
  refused([](File& file) { file.words += 1; });
}

TEST_CASE("A view keeps the list that it took over") {
  const Fixture f = Fixture::small();
  RegionList list = f.list;
  const RegionView view(std::move(list));
  const RegionView copy = view;
  CHECK(copy.count == f.list.count);
  CHECK(std::equal(copy.states.begin(), copy.states.end(), f.list.states.begin(),
                   f.list.states.end()));
  CHECK(facets_of(copy, 3) == facets_of(f.list, 3));
}
