// Guarantee 6 of subdivide(): what a limit, a deadline or a cancellation leaves.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "networks.hpp"
#include "polytopes.hpp"
#include "search/subdivision.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

// Some thousand regions.
NormalForm medium() {
  Random random(111);
  return random_network(random, {3, 12, 2, 1, false, false}, {Kind::relu});
}

// Far more regions than can be found while a test runs.
NormalForm endless() {
  Random random(112);
  return random_network(random, {6, 40, 3, 1, false, false}, {Kind::relu});
}

std::vector<StateWord> state(const RegionList& list, Index i) {
  return {list.state(i), list.state(i) + list.words};
}

// Region i of `part` is region j of `whole` in every respect.
void check_region(const RegionList& part, Index i, const RegionList& whole, Index j) {
  REQUIRE(state(part, i) == state(whole, j));
  REQUIRE(facets_of(part, i) == facets_of(whole, j));
  REQUIRE(std::equal(part.interior_point(i), part.interior_point(i) + part.dimension,
                     whole.interior_point(j)));
}

// `part` holds some regions of `whole`, in order, and fits the model.
void check_subset(const RegionList& part, const RegionList& whole, const NormalForm& form,
                  const FreeSpace& space) {
  REQUIRE_NOTHROW(part.validate(form, space));
  const StateLayout layout(form);
  Index j = 0;
  for (Index i = 0; i < part.count; ++i) {
    while (j < whole.count && layout.compare(whole.state(j), part.state(i)) < 0) ++j;
    REQUIRE(j < whole.count);
    check_region(part, i, whole, j);
    if (i > 0) REQUIRE(layout.compare(part.state(i - 1), part.state(i)) < 0);
  }
}

}  // namespace

TEST_CASE("Guarantee 6: a region limit returns the first regions in order") {
  const NormalForm form = medium();
  const FreeSpace space(cube(3));
  const SubdivisionResult whole = subdivide(form, space);
  const Index count = whole.regions.count;
  REQUIRE(count > 1000);
  for (const Index limit :
       {Index{1}, Index{2}, Index{3}, Index{10}, Index{64}, Index{127}, Index{128}, Index{129},
        Index{500}, Index{1000}, count - 1, count, count + 1}) {
    for (const int threads : {1, 2, 4}) {
      CAPTURE(limit);
      CAPTURE(threads);
      SubdivisionOptions options;
      options.max_regions = limit;
      options.control.threads = threads;
      options.cells_before_sharing = 1;
      const SubdivisionResult found = subdivide(form, space, options);
      REQUIRE(found.regions.count == std::min(limit, count));
      CHECK(found.termination ==
            (limit < count ? Termination::region_limit : Termination::complete));
      REQUIRE_NOTHROW(found.regions.validate(form, space));
      for (Index i = 0; i < found.regions.count; ++i) {
        check_region(found.regions, i, whole.regions, i);
      }
    }
  }
}

TEST_CASE("Guarantee 6: an interrupted search claims the first regions only if it has them") {
  // Two threads are stopped in two subtrees that together hold more than the limit.
  const NormalForm form = endless();
  const FreeSpace space(cube(6));
  const auto soon = [] { return Control::Clock::now() + std::chrono::milliseconds(100); };
  SubdivisionOptions options;
  options.control.threads = 2;
  options.control.deadline = soon();
  const Index reached = subdivide(form, space, options).regions.count;
  for (const double share : {0.4, 0.6, 0.8}) {
    options.max_regions = static_cast<Index>(share * static_cast<double>(reached)) + 1;
    options.control.deadline = soon();
    const SubdivisionResult found = subdivide(form, space, options);
    REQUIRE(found.regions.count <= *options.max_regions);
    if (found.termination != Termination::region_limit) continue;
    SubdivisionOptions patient;
    patient.max_regions = options.max_regions;
    REQUIRE(subdivide(form, space, patient).regions.states == found.regions.states);
  }
}

TEST_CASE("Guarantee 6: a deadline leaves some regions, in order") {
  const NormalForm form = medium();
  const FreeSpace space(cube(3));
  const SubdivisionResult whole = subdivide(form, space);
  for (const int threads : {1, 3}) {
    for (const int microseconds : {-1, 0, 300, 1000, 2000, 4000}) {
      SubdivisionOptions options;
      options.control.threads = threads;
      options.cells_before_sharing = 1;
      options.control.deadline = Control::Clock::now() + std::chrono::microseconds(microseconds);
      const SubdivisionResult found = subdivide(form, space, options);
      check_subset(found.regions, whole.regions, form, space);
      if (microseconds <= 0) CHECK(found.termination == Termination::time_limit);
      if (found.termination == Termination::complete) {
        CHECK(found.regions.count == whole.regions.count);
      } else {
        CHECK(found.termination == Termination::time_limit);
      }
    }
  }
}

TEST_CASE("A deadline and a cancellation stop an endless search soon") {
  const NormalForm form = endless();
  const FreeSpace space(cube(6));
  for (const CellKind kind : {CellKind::vertices, CellKind::linear_programs}) {
    for (const bool cancel : {true, false}) {
      SubdivisionOptions options;
      options.cell = kind;
      options.control.threads = 2;
      const auto start = Control::Clock::now();
      if (cancel) {
        options.control.keep_going = [&](const Progress&) {
          return Control::Clock::now() - start < std::chrono::milliseconds(150);
        };
      } else {
        options.control.deadline = start + std::chrono::milliseconds(150);
      }
      const SubdivisionResult found = subdivide(form, space, options);
      const std::chrono::duration<double> taken = Control::Clock::now() - start;
      CHECK(found.termination == (cancel ? Termination::cancelled : Termination::time_limit));
      CHECK(taken.count() < 5.0);
      CHECK_NOTHROW(found.regions.validate(form, space));
      const StateLayout layout(form);
      for (Index i = 1; i < found.regions.count; ++i) {
        REQUIRE(layout.compare(found.regions.state(i - 1), found.regions.state(i)) < 0);
      }
    }
  }
}

TEST_CASE("Progress is told on the calling thread, grows, and stays between 0 and 1") {
  const NormalForm form = endless();
  SubdivisionOptions options;
  options.control.threads = 2;
  const auto caller = std::this_thread::get_id();
  std::vector<Progress> told;
  options.control.keep_going = [&](const Progress& progress) {
    CHECK(std::this_thread::get_id() == caller);
    told.push_back(progress);
    return told.size() < 6;
  };
  const SubdivisionResult found = subdivide(form, FreeSpace(cube(6)), options);
  CHECK(found.termination == Termination::cancelled);
  REQUIRE(told.size() == 6);
  for (std::size_t i = 0; i < told.size(); ++i) {
    CHECK(told[i].share_done >= 0.0);
    CHECK(told[i].share_done <= 1.0);
    if (i > 0) CHECK(told[i].regions >= told[i - 1].regions);
  }
}

TEST_CASE("What keep_going throws reaches the caller, and the search ends") {
  const NormalForm form = endless();
  SubdivisionOptions options;
  options.control.keep_going = [](const Progress&) -> bool { throw std::runtime_error("stop"); };
  CHECK_THROWS_WITH_AS(subdivide(form, FreeSpace(cube(6)), options), "stop", std::runtime_error);
}

TEST_CASE("Being watched changes nothing") {
  const NormalForm form = medium();
  const FreeSpace space(cube(3));
  SubdivisionOptions options;
  options.control.keep_going = [](const Progress&) { return true; };
  const SubdivisionResult watched = subdivide(form, space, options);
  const SubdivisionResult alone = subdivide(form, space);
  CHECK(watched.termination == Termination::complete);
  CHECK(watched.regions.states == alone.regions.states);
  CHECK(watched.regions.interior == alone.regions.interior);
}
