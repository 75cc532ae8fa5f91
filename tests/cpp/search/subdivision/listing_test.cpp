// What a list of regions says about where a search stopped.
#include "search/subdivision/listing.hpp"

#include <doctest/doctest.h>

using namespace facetry;

namespace {

RegionList empty_list() {
  RegionList list;
  list.words = 1;
  list.dimension = 1;
  return list;
}

void add(Listing& listing, StateWord state) {
  const RegionList::Place place = listing.list().next(0);
  place.state[0] = state;
  place.point[0] = 0.0;
  listing.finish(0, false);
}

Interval some_interval() {
  Interval interval;
  interval.from = {0, 1};
  interval.end = {1};
  return interval;
}

}  // namespace

TEST_CASE("Guarantee 1: what is left is behind the last region of this run, listed or taken") {
  Listing listing;
  const Interval whole = some_interval();
  CHECK(listing.remaining(whole) == whole);  // nothing has begun
  RegionList list = empty_list();
  listing.start(list);
  add(listing, 3);
  RegionList other = empty_list();
  listing.start(list);  // the region is not of this run
  CHECK(listing.remaining(whole) == whole);
  add(listing, 5);
  listing.move_to(0.25);
  Interval rest = listing.remaining(whole);
  CHECK(rest.after == std::vector<StateWord>{5});
  CHECK(rest.from.empty());
  CHECK(rest.end == whole.end);
  CHECK(rest.start_position == 0.25);
  const bool go_on = listing.hand_over({7}, 0.5, [](RegionList& batch) {
    batch = empty_list();
    return false;
  });
  CHECK(!go_on);
  rest = listing.remaining(whole);
  CHECK(rest.after == std::vector<StateWord>{7});
  CHECK(rest.start_position == 0.5);
  add(listing, 9);
  CHECK(listing.remaining(whole).after == std::vector<StateWord>{9});
  listing.start(other);
  CHECK(listing.remaining(whole) == whole);
}

TEST_CASE("Guarantee 2: cuts noted behind the last region are dropped") {
  RegionList list = empty_list();
  Listing listing;
  listing.start(list);
  list.add_undecided({});
  add(listing, 1);
  list.add_undecided({});
  list.add_undecided({});
  listing.drop_unfinished();
  CHECK(list.undecided_count == 1);
  listing.start(list);
  list.add_undecided({});
  listing.drop_unfinished();
  CHECK(list.undecided_count == 1);
}
