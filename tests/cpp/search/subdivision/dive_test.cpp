// What one dive leaves behind: no bound is lost, and only what is better is kept.
#include "search/subdivision/dive.hpp"

#include <doctest/doctest.h>

using namespace facetry;

namespace {

constexpr double kNothing = -std::numeric_limits<double>::infinity();

Find found(double value, double bound) {
  Find find;
  find.point = Vector{{value}};
  find.value = value;
  find.bound = bound;
  return find;
}

}  // namespace

TEST_CASE("Guarantee 1: bounds of what is dropped, left aside and found") {
  BestFirstOptions options;
  options.gap = 0.0;
  Dive dive(options, 1);
  Catch caught;
  dive.start(1.0, caught);
  CHECK(dive.enough() == 1.0);
  dive.drop(0.5);
  CHECK(caught.bound == 0.5);
  int made = 0;
  const auto path = [&] {
    ++made;
    return TreePath{1, 0};
  };
  dive.leave_aside(1.0, path);  // of no interest
  CHECK(made == 0);
  CHECK(caught.left.empty());
  CHECK(caught.bound == 1.0);
  dive.leave_aside(3.0, path);
  REQUIRE(caught.left.size() == 1);
  CHECK(caught.left[0].path == TreePath{1, 0});
  CHECK(caught.left[0].bound == 3.0);
  CHECK(caught.bound == 1.0);  // it waits: its bound is its own
  const StateWord state = 6;
  dive.take(found(0.0, 2.0), &state);
  CHECK(caught.bound == 2.0);
}

TEST_CASE("Guarantee 2: only what is more than all before it is kept") {
  BestFirstOptions options;
  options.gap = 0.5;
  Dive dive(options, 1);
  Catch caught;
  dive.start(kNothing, caught);
  CHECK(dive.enough() == kNothing);
  StateWord state = 1;
  dive.take(found(2.0, 2.0), &state);
  state = 2;
  dive.take(found(2.0, 2.0), &state);  // not more
  dive.take(found(1.0, 1.0), &state);
  CHECK(caught.value == 2.0);
  CHECK(caught.point == Vector{{2.0}});
  CHECK(caught.state == std::vector<StateWord>{1});
  CHECK(caught.regions == 3);
  CHECK(dive.enough() == 3.5);  // 2 + 0.5 (1 + 2)
  Catch other;
  dive.start(5.0, other);
  dive.take(found(4.0, 4.5), &state);
  CHECK(other.value == 5.0);
  CHECK(other.point.size() == 0);
  CHECK(other.bound == 4.5);
}

TEST_CASE("What is enough: the gap, the target and the floor") {
  BestFirstOptions options;
  options.gap = 0.0;
  CHECK(options.enough_for(kNothing) == kNothing);
  options.floor = -2.0;
  CHECK(options.enough_for(kNothing) == -2.0);
  CHECK(options.enough_for(1.0) == 1.0);
  options.target = 3.0;
  CHECK(options.enough_for(1.0) < 3.0);  // what reaches the target is of interest, nothing below it
  CHECK(options.enough_for(1.0) > 2.999);
  CHECK(options.enough_for(4.0) == 4.0);
}
