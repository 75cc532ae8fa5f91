// The queue of parts of a search, one thread taking every role: order, limits, what is left.
#include "search/work_queue.hpp"

#include <doctest/doctest.h>

using namespace facetry;

namespace {

using Segment = WorkQueue::Segment;

// Regions of one word, numbered, without facets.
RegionList regions(std::initializer_list<StateWord> states) {
  RegionList list;
  list.words = 1;
  for (const StateWord state : states) list.add(&state, nullptr, {});
  return list;
}

Interval part(TreePath from, TreePath end, double start_position, double end_position) {
  Interval interval;
  interval.from = std::move(from);
  interval.end = std::move(end);
  interval.start_position = start_position;
  interval.end_position = end_position;
  return interval;
}

struct Fixture {
  Fixture() {
    sink = [this](RegionBatch&& batch) {
      for (Index i = 0; i < batch.regions.count; ++i) got.push_back(batch.regions.state(i)[0]);
      last_frontier = batch.frontier;
      return wants_more;
    };
  }
  void publish(WorkQueue& queue, Segment& segment, std::initializer_list<StateWord> states,
               bool expected = true) {
    RegionList batch = regions(states);
    CHECK(queue.publish(segment, batch) == expected);
    CHECK(batch.count == 0);
  }
  void end(WorkQueue& queue, Segment& segment, std::initializer_list<StateWord> states = {}) {
    RegionList batch = regions(states);
    queue.release(segment, batch, true, {});
  }

  StreamOptions options;
  StopSignal signal{options.search.control};
  RegionSink sink;
  std::vector<StateWord> got;
  Frontier last_frontier;
  bool wants_more = true;
};

}  // namespace

TEST_CASE("One segment: batches go out as they come, and nothing is left at the end") {
  Fixture f;
  WorkQueue queue(f.options, f.signal, f.sink);
  Segment* whole = queue.acquire();
  REQUIRE(whole != nullptr);
  CHECK(whole->work == Interval{});
  f.publish(queue, *whole, {1, 2});
  CHECK(f.got == std::vector<StateWord>{1, 2});
  REQUIRE(f.last_frontier.size() == 1);
  CHECK(f.last_frontier[0].after == std::vector<StateWord>{2});
  f.end(queue, *whole, {3});
  CHECK(f.got == std::vector<StateWord>{1, 2, 3});
  CHECK(f.last_frontier.empty());
  CHECK(queue.acquire() == nullptr);
  CHECK(queue.progress().regions == 3);
  CHECK(queue.progress().share_done == 1.0);
  const StreamEnd end = queue.finish();
  CHECK(end.termination == Termination::complete);
  CHECK(end.frontier.empty());
}

TEST_CASE("Ordered: what is found in a later part waits for the earlier one") {
  Fixture f;
  WorkQueue queue(f.options, f.signal, f.sink);
  Segment* first = queue.acquire();
  queue.give_away(*first, part({1}, {}, 0.5, 1.0));
  CHECK(first->work.end == TreePath{1});
  CHECK(first->work.end_position == 0.5);
  Segment* second = queue.acquire();
  REQUIRE(second != nullptr);
  CHECK(second->work.from == TreePath{1});
  // Given away by the first: it comes between the two.
  queue.give_away(*first, part({0, 1}, {1}, 0.25, 0.5));
  Segment* middle = queue.acquire();
  CHECK(middle->work.from == TreePath{0, 1});
  f.publish(queue, *second, {30});
  f.publish(queue, *middle, {20});
  CHECK(f.got.empty());
  f.publish(queue, *first, {10});
  CHECK(f.got == std::vector<StateWord>{10});
  f.end(queue, *second, {31});
  CHECK(f.got == std::vector<StateWord>{10});
  f.end(queue, *first);
  CHECK(f.got == std::vector<StateWord>{10, 20});
  f.end(queue, *middle);
  CHECK(f.got == std::vector<StateWord>{10, 20, 30, 31});
  CHECK(queue.finish().frontier.empty());
}

TEST_CASE("Unordered: everything goes out at once") {
  Fixture f;
  f.options.ordered = false;
  WorkQueue queue(f.options, f.signal, f.sink);
  Segment* first = queue.acquire();
  queue.give_away(*first, part({1}, {}, 0.5, 1.0));
  Segment* second = queue.acquire();
  f.publish(queue, *second, {30});
  f.publish(queue, *first, {10});
  CHECK(f.got == std::vector<StateWord>{30, 10});
  REQUIRE(f.last_frontier.size() == 2);
  CHECK(f.last_frontier[0].after == std::vector<StateWord>{10});
  CHECK(f.last_frontier[0].end == TreePath{1});
  CHECK(f.last_frontier[1].after == std::vector<StateWord>{30});
}

TEST_CASE("Far ahead of what can be delivered a later part must stop; the first never") {
  Fixture f;
  f.options.run_ahead = 20;  // bytes: two regions are more
  WorkQueue queue(f.options, f.signal, f.sink);
  Segment* first = queue.acquire();
  queue.give_away(*first, part({1}, {}, 0.5, 1.0));
  Segment* second = queue.acquire();
  f.publish(queue, *second, {30, 31, 32}, false);
  RegionList none = regions({});
  Interval rest = part({1, 1}, {}, 0.75, 1.0);
  queue.release(*second, none, false, Interval(rest));
  f.publish(queue, *first, {10});
  f.end(queue, *first);  // now the later part is first
  CHECK(f.got == std::vector<StateWord>{10, 30, 31, 32});
  Segment* again = queue.acquire();
  REQUIRE(again != nullptr);
  CHECK(again->work == rest);
  f.end(queue, *again, {33});
  CHECK(f.got.back() == 33);
}

TEST_CASE("A region limit: the first so many, and the rest is the frontier") {
  Fixture f;
  f.options.search.max_regions = 3;
  WorkQueue queue(f.options, f.signal, f.sink);
  Segment* whole = queue.acquire();
  f.publish(queue, *whole, {1, 2});
  f.publish(queue, *whole, {3, 4}, false);
  CHECK(f.got == std::vector<StateWord>{1, 2, 3});
  RegionList none = regions({});
  queue.release(*whole, none, false, part({1}, {}, 0.5, 1.0));
  CHECK(queue.acquire() == nullptr);
  const StreamEnd end = queue.finish();
  CHECK(end.termination == Termination::region_limit);
  REQUIRE(end.frontier.size() == 1);
  CHECK(end.frontier[0].after == std::vector<StateWord>{3});
  CHECK(f.got.size() == 3);
}

TEST_CASE("Exactly as many regions as the limit are a complete search") {
  Fixture f;
  f.options.search.max_regions = 2;
  WorkQueue queue(f.options, f.signal, f.sink);
  Segment* whole = queue.acquire();
  f.publish(queue, *whole, {1, 2});
  f.end(queue, *whole);
  CHECK(queue.finish().termination == Termination::complete);
}

TEST_CASE("A sink that wants no more, and one that throws") {
  Fixture f;
  f.wants_more = false;
  WorkQueue queue(f.options, f.signal, f.sink);
  Segment* whole = queue.acquire();
  f.publish(queue, *whole, {1}, false);
  f.end(queue, *whole, {2});
  CHECK(f.got == std::vector<StateWord>{1});  // the batch counts as taken
  CHECK(queue.acquire() == nullptr);
  const StreamEnd end = queue.finish();
  CHECK(end.termination == Termination::cancelled);
  REQUIRE(end.frontier.size() == 1);
  CHECK(end.frontier[0].after == std::vector<StateWord>{1});

  StopSignal signal(f.options.search.control);
  const RegionSink angry = [](RegionBatch&&) -> bool { throw std::runtime_error("no"); };
  WorkQueue other(f.options, signal, angry);
  Segment* segment = other.acquire();
  RegionList batch = regions({1});
  CHECK_FALSE(other.publish(*segment, batch));
  other.release(*segment, batch, false, {});
  CHECK_THROWS_AS((void)other.finish(), std::runtime_error);
}

TEST_CASE("It goes on from a frontier, in order, and joins neighbours that nobody has begun") {
  Fixture f;
  f.options.start = {part({0}, {1}, 0.0, 0.5), part({1}, {}, 0.5, 1.0)};
  WorkQueue queue(f.options, f.signal, f.sink);
  Segment* first = queue.acquire();
  CHECK(first->work == f.options.start[0]);
  queue.abandon();  // an error elsewhere
  CHECK(queue.acquire() == nullptr);
  const StreamEnd end = queue.finish();
  CHECK(end.termination == Termination::cancelled);
  REQUIRE(end.frontier.size() == 1);
  CHECK(end.frontier[0] == part({0}, {}, 0.0, 1.0));
}
