// Volumes and moments that a search keeps: against those of regions alone, and sums over the
// region.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>

#include "facetry/base/error.hpp"
#include "facetry/partition/partition.hpp"
#include "geometry/face_recursion.hpp"
#include "geometry/vertex_cell.hpp"
#include "networks.hpp"
#include "polytopes.hpp"
#include "search/subdivision.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

SubdivisionResult searched(const NormalForm& form, const FreeSpace& space, Measures measures,
                           Exactness exactness, int threads = 1,
                           CellKind cell = CellKind::automatic) {
  SubdivisionOptions options;
  options.measures = measures;
  options.exactness = exactness;
  options.control.threads = threads;
  options.cell = cell;
  options.cells_before_sharing = 1;
  return subdivide(form, space, options);
}

InputPolytope region(Index m, int which) {
  InputPolytope polytope = cube(m);
  if (which == 1) add_constraint(polytope, Vector::Ones(m), 0.5);
  if (which == 2 && m > 1) {
    add_constraint(polytope, Vector::Ones(m), 0.3);
    add_constraint(polytope, -Vector::Ones(m), -0.3);
  }
  return polytope;
}

}  // namespace

TEST_CASE("1. Kept volumes are those of the regions alone, in every kind of cell and unit") {
  Random random(17);
  for (Index i = 0; i < 24; ++i) {
    const Index m = 1 + i % 5;
    const Style style{m, 4, random.between(1, 3), 2, i % 3 == 0, random.chance(0.5)};
    const std::vector<Kind> kinds{kKinds[i % 7], kKinds[random.below(7)]};
    const NormalForm form = random_network(random, style, kinds);
    const FreeSpace space(region(m, static_cast<int>(i % 3)));
    for (const Exactness exactness : {Exactness::safe, Exactness::floating}) {
      for (const CellKind cell :
           {CellKind::automatic, CellKind::vertices, CellKind::linear_programs}) {
        CAPTURE(i);
        SubdivisionResult found = searched(form, space, Measures::volumes, exactness, 1, cell);
        const std::vector<double> kept(found.regions.measures.begin(),
                                       found.regions.measures.end());
        REQUIRE(size_of(kept) == found.regions.count);
        const SubdivisionResult plain = searched(form, space, Measures::none, exactness, 1, cell);
        REQUIRE(plain.regions.states == found.regions.states);
        REQUIRE(plain.regions.facets == found.regions.facets);
        const Partition partition(std::make_shared<NormalForm>(form),
                                  std::make_shared<FreeSpace>(space),
                                  searched(form, space, Measures::none, exactness, 1, cell));
        std::vector<double> alone(kept.size());
        partition.volumes({0, partition.size()}, 1, alone.data());
        double sum = 0.0;
        for (std::size_t r = 0; r < kept.size(); ++r) {
          const double scaled = kept[r] * space.volume_scale();
          CHECK(scaled == doctest::Approx(alone[r]).epsilon(1e-6));
          sum += scaled;
        }
        if (found.regions.undecided_count == 0) {
          CHECK(sum == doctest::Approx(region_volume(space)).epsilon(1e-9));
        }
      }
    }
  }
}

TEST_CASE("1. Generic networks: sums are the box's to 1e-12, and so are the moments'") {
  Random random(23);
  for (Index k = 2; k <= 5; ++k) {
    const Style style{k, k < 4 ? Index{8} : Index{5}, 2, 1, false, false};
    const NormalForm form = random_network(random, style, {Kind::relu});
    const FreeSpace space(cube(k));
    const RegionList list = searched(form, space, Measures::moments, Exactness::safe).regions;
    const Index size = measure_size(k, true);
    REQUIRE(list.measure_size == size);
    std::vector<double> sums(static_cast<std::size_t>(size), 0.0);
    for (Index r = 0; r < list.count; ++r) {
      CHECK(list.measures[r * size] > 0.0);
      for (Index i = 0; i < size; ++i) sums[i] += list.measures[r * size + i];
    }
    const double box = std::pow(2.0, k);
    CHECK(std::abs(sums[0] / box - 1.0) < 1e-12);
    Index at = 1 + k;
    for (Index i = 0; i < k; ++i) {
      CHECK(std::abs(sums[1 + i]) < 1e-12 * box);
      for (Index j = i; j < k; ++j, ++at) {
        CHECK(std::abs(sums[at] - (i == j ? box / 3.0 : 0.0)) < 1e-12 * box);
      }
    }
  }
}

TEST_CASE("2. The same bits for any number of threads, with or without facets") {
  Random random(29);
  for (Index k = 2; k <= 4; ++k) {
    const Style style{k, 6, 2, 1, false, false};
    const NormalForm form = random_network(random, style, {Kind::relu, Kind::maximum});
    const FreeSpace space(cube(k));
    const RegionList one = searched(form, space, Measures::moments, Exactness::safe).regions;
    const RegionList four = searched(form, space, Measures::moments, Exactness::safe, 4).regions;
    REQUIRE(one.measures == four.measures);
    SubdivisionOptions options;
    options.measures = Measures::moments;
    options.keep_facets = false;
    const RegionList bare = subdivide(form, space, options).regions;
    CHECK(bare.facets.empty());
    CHECK(bare.measures == one.measures);
  }
}

TEST_CASE("A single point has volume 1; above the most dimensions it is said") {
  Random random(2);
  const Style style{7, 3, 1, 1, false, false};
  const NormalForm form = random_network(random, style, {Kind::relu});
  CHECK_THROWS_AS((void)searched(form, FreeSpace(cube(7)), Measures::volumes, Exactness::safe),
                  InvalidInput);
  const Vector point = Vector::Constant(7, 0.25);
  const RegionList list =
      searched(form, FreeSpace(box(point, point)), Measures::volumes, Exactness::safe).regions;
  REQUIRE(list.count == 1);
  CHECK(list.measures[0] == 1.0);
}

TEST_CASE("A partition keeps what the search measured") {
  Random random(31);
  const Style style{3, 6, 2, 1, false, false};
  const auto form = std::make_shared<NormalForm>(random_network(random, style, {Kind::relu}));
  const auto space = std::make_shared<FreeSpace>(box(Vector::Zero(3), Vector::Constant(3, 10.0)));
  ListOptions options;
  options.keep_volumes = true;
  const auto partition = find_partition(form, space, options);
  const RegionView& view = partition->regions();
  REQUIRE(view.measure_size == 1);
  std::vector<double> volumes(static_cast<std::size_t>(partition->size()));
  partition->volumes({0, partition->size()}, 2, volumes.data());
  double sum = 0.0;
  for (const double volume : volumes) sum += volume;
  CHECK(sum == doctest::Approx(1000.0).epsilon(1e-12));
  CHECK(find_partition(form, space, {})->regions().measure_size == 0);
}

TEST_CASE("Volumes that were not kept are those of a search anew, in any range") {
  Random random(37);
  for (Index k = 2; k <= 3; ++k) {
    const Style style{k, k == 2 ? Index{24} : Index{12}, 2, 2, false, false};
    const auto form =
        std::make_shared<NormalForm>(random_network(random, style, {Kind::relu, Kind::maximum}));
    const auto space = std::make_shared<FreeSpace>(cube(k));
    ListOptions options;
    options.keep_volumes = true;
    const auto kept = find_partition(form, space, options);
    const auto bare = find_partition(form, space);
    const Index count = kept->size();
    REQUIRE(count > 200);
    const auto volumes = [&](const Partition& partition, RegionRange range) {
      std::vector<double> out(static_cast<std::size_t>(range.count()));
      partition.volumes(range, 2, out.data());
      return out;
    };
    const std::vector<double> all = volumes(*kept, {0, count});
    CHECK(volumes(*bare, {0, count}) == all);
    CHECK(volumes(*bare, {count - 150, count}) == std::vector<double>(all.end() - 150, all.end()));
    CHECK(volumes(*bare, {7, 12}) == std::vector<double>(all.begin() + 7, all.begin() + 12));
    CHECK(volumes(*bare, {count - 1, count}).front() == all.back());
    // A list with gaps, as a query leaves: every third region.
    RegionList thin = subdivide(*form, *space).regions.empty_copy();
    std::vector<double> expected;
    for (Index i = 0; i < count; i += 3) {
      const RegionView& view = bare->regions();
      thin.add(view.state(i), view.interior_point(i),
               {view.facets.begin() + view.facet_offsets[i],
                view.facets.begin() + view.facet_offsets[i + 1]});
      expected.push_back(all[static_cast<std::size_t>(i)]);
    }
    SubdivisionResult found;
    found.regions = std::move(thin);
    const Partition gaps(form, space, std::move(found));
    const std::vector<double> own = volumes(gaps, {0, gaps.size()});
    for (std::size_t i = 0; i < own.size(); ++i) {
      CHECK(own[i] == doctest::Approx(expected[i]).epsilon(1e-7));
    }
  }
}
