// The way of a search through an interval of the tree, against the list of all leaves.
#include "search/path/search_path.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <functional>

#include "random.hpp"

using namespace facetry;
using facetry::testing::Random;

namespace {

// A tree whose arities and leaves follow from the place: cuts in two, and maxima with up to 4
// winners of which some have no part.
struct Tree {
  std::uint64_t seed;

  [[nodiscard]] std::uint64_t hash(const TreePath& place) const {
    std::uint64_t sum = seed;
    for (const std::int32_t choice : place) {
      sum = (sum ^ static_cast<std::uint64_t>(choice + 1)) * 0x9E3779B97F4A7C15u;
      sum ^= sum >> 29;
    }
    return sum;
  }
  [[nodiscard]] std::int32_t arity(const TreePath& place) const {
    if (place.size() >= 6 || (!place.empty() && hash(place) % 7 == 0)) return 0;
    return hash(place) % 3 == 0 ? 4 : 2;
  }
  [[nodiscard]] bool has(const TreePath& place, std::int32_t choice) const {
    return arity(place) == 2 || choice == 0 || (hash(place) >> choice) % 2 == 0;
  }
};

void leaves_below(const Tree& tree, TreePath& place, std::vector<TreePath>& leaves) {
  const std::int32_t arity = tree.arity(place);
  if (arity == 0) leaves.push_back(place);
  for (std::int32_t choice = 0; choice < arity; ++choice) {
    if (!tree.has(place, choice)) continue;
    place.push_back(choice);
    leaves_below(tree, place, leaves);
    place.pop_back();
  }
}

std::vector<TreePath> leaves_of(const Tree& tree) {
  TreePath root;
  std::vector<TreePath> leaves;
  leaves_below(tree, root, leaves);
  return leaves;
}

// Walks as a search does; `start` is the leaf that the interval's `after` stands for.
void walk(const Tree& tree, SearchPath& path, TreePath& place, const TreePath& start,
          const std::function<void(const TreePath&)>& visit) {
  REQUIRE(path.choices() == place);
  const std::int32_t arity = tree.arity(place);
  if (arity == 0) {
    if (path.follows_state()) {
      REQUIRE(place == start);
      path.reached_start();
    } else {
      visit(place);
    }
    return;
  }
  for (std::int32_t choice = 0; choice < arity; ++choice) {
    if (!tree.has(place, choice)) continue;
    const std::int32_t towards = path.follows_state() ? start[place.size()] : -1;
    if (!path.enter(choice, arity, towards)) continue;
    place.push_back(choice);
    walk(tree, path, place, start, visit);
    place.pop_back();
    path.leave();
  }
  REQUIRE(path.depth() == size_of(place));
}

std::vector<TreePath> visited(const Tree& tree, const Interval& interval,
                              const TreePath& start = {}) {
  SearchPath path;
  path.start(interval);
  TreePath root;
  std::vector<TreePath> leaves;
  walk(tree, path, root, start, [&](const TreePath& leaf) { leaves.push_back(leaf); });
  return leaves;
}

// Some place on the way to a leaf, not the root.
TreePath place_of(Random& random, const std::vector<TreePath>& leaves) {
  const TreePath& leaf = leaves[random.below(size_of(leaves))];
  return TreePath(leaf.begin(), leaf.begin() + random.between(1, size_of(leaf)));
}

}  // namespace

TEST_CASE("An interval is the leaves from its first subtree on and before its end, in order") {
  Random random(361);
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const Tree tree{seed};
    const std::vector<TreePath> leaves = leaves_of(tree);
    REQUIRE(visited(tree, {}) == leaves);
    for (int round = 0; round < 20; ++round) {
      Interval interval;
      if (random.chance(0.8)) interval.from = place_of(random, leaves);
      if (random.chance(0.8)) interval.end = place_of(random, leaves);
      if (!interval.end.empty() && interval.end <= interval.from) continue;
      std::vector<TreePath> expected;
      for (const TreePath& leaf : leaves) {
        const bool before = !interval.end.empty() && leaf >= interval.end;
        if (leaf >= interval.from && !before) expected.push_back(leaf);
      }
      REQUIRE(visited(tree, interval) == expected);
    }
  }
}

TEST_CASE("Behind a region: its leaf is found again, and what follows it is visited") {
  Random random(362);
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const Tree tree{seed};
    const std::vector<TreePath> leaves = leaves_of(tree);
    const Index at = random.below(size_of(leaves));
    Interval interval;
    interval.after = {StateWord{7}};
    REQUIRE(visited(tree, interval, leaves[at]) ==
            std::vector<TreePath>(leaves.begin() + at + 1, leaves.end()));
  }
}

TEST_CASE("Parts given away on the way and what is left are the interval, in order") {
  Random random(363);
  int parts = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const Tree tree{seed};
    const std::vector<TreePath> leaves = leaves_of(tree);
    std::deque<Interval> waiting{Interval{}};  // in the order of the tree
    std::vector<TreePath> found;
    double position = 0.0;
    while (!waiting.empty()) {
      SearchPath path;
      path.start(waiting.front());
      waiting.pop_front();
      CHECK(path.interval().start_position == position);
      TreePath root;
      walk(tree, path, root, {}, [&](const TreePath& leaf) {
        found.push_back(leaf);
        while (random.chance(0.3)) {
          const double end = path.interval().end_position;
          const std::optional<Interval> rest = path.split();
          if (!rest) break;
          ++parts;
          CHECK(rest->from == path.interval().end);
          CHECK(rest->start_position == path.interval().end_position);
          CHECK(rest->end_position == end);
          CHECK(path.position() < rest->start_position);
          waiting.push_front(*rest);
        }
      });
      position = path.interval().end_position;
    }
    REQUIRE(found == leaves);
    CHECK(position == 1.0);
  }
  CHECK(parts > 100);
}

TEST_CASE("Positions are shares of the tree, and nothing is given away while retracing") {
  SearchPath path;
  Interval interval;
  interval.from = {0, 1};
  path.start(interval);
  CHECK(path.retracing());
  CHECK_FALSE(path.follows_state());
  REQUIRE(path.enter(0, 2, -1));
  CHECK_FALSE(path.split());
  CHECK_FALSE(path.enter(0, 4, -1));  // before the interval
  REQUIRE(path.enter(1, 4, -1));
  CHECK_FALSE(path.retracing());
  CHECK(path.position() == 0.125);  // 1/4 of the first half
  const std::optional<Interval> rest = path.split();
  REQUIRE(rest);
  CHECK(rest->from == TreePath{1});
  CHECK(rest->start_position == 0.5);
  path.leave();
  path.leave();
  CHECK_FALSE(path.enter(1, 2, -1));  // given away
}
