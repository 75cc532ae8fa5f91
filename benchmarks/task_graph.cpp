// Simulation by events: the thread whose clock is least does its next step, which is one cell, one
// batch put into the list, or a look for work.
#include "task_graph.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace benchmark {

namespace {

using facetry::RegionList;
using facetry::StateLayout;

// The first unit from `unit` on at which two states differ; the number of units if none.
Index first_difference(const RegionList& regions, const StateLayout& layout, Index a, Index b,
                       Index unit) {
  while (unit < layout.units() &&
         layout.get(regions.state(a), unit) == layout.get(regions.state(b), unit)) {
    ++unit;
  }
  return unit;
}

class TreeBuilder {
 public:
  TreeBuilder(const RegionList& regions, const StateLayout& layout, Tree& tree)
      : regions_(regions), layout_(layout), tree_(tree) {}

  void add(Index begin, Index end, Index parent, Index unit) {
    const Index cell = tree_.size();
    tree_.end.push_back(0);
    tree_.parent.push_back(parent);
    tree_.depth.push_back(parent < 0 ? 0 : tree_.depth[parent] + 1);
    if (end - begin > 1) {
      unit = first_difference(regions_, layout_, begin, end - 1, unit);
      const Index middle = first_above(begin, end, unit);
      add(begin, middle, cell, unit + 1);
      add(middle, end, cell, unit + 1);
    }
    tree_.end[cell] = tree_.size();
  }

 private:
  [[nodiscard]] Index first_above(Index begin, Index end, Index unit) const {
    while (begin < end) {
      const Index middle = begin + (end - begin) / 2;
      if (layout_.get(regions_.state(middle), unit) == 0) begin = middle + 1;
      else end = middle;
    }
    return begin;
  }

  const RegionList& regions_;
  const StateLayout& layout_;
  Tree& tree_;
};

class Simulation {
 public:
  Simulation(const Tree& tree, int threads, const Costs& costs, const Policy& policy)
      : tree_(tree), costs_(costs), policy_(policy), threads_(static_cast<std::size_t>(threads)) {}

  Outcome run() {
    segments_.push_back({0, tree_.size(), State::pending, {}});
    pending_ = 1;
    acquire(0, costs_.start);
    for (std::size_t t = 1; t < threads_.size(); ++t) begin(t);
    while (!events_.empty()) {
      const auto [now, thread] = events_.top();
      events_.pop();
      outcome_.seconds = std::max(outcome_.seconds, now);
      step(thread, now);
    }
    return outcome_;
  }

 private:
  enum class State { pending, running, searched };
  struct Segment {
    Index begin, end;
    State state;
    std::deque<Index> ready;  // regions of each batch that waits to be put into the list
  };
  enum class Doing { waiting, waking, searching, delivering };
  struct Thread {
    Doing doing = Doing::waiting;
    Segment* segment = nullptr;
    Index cell = 0;  // the next one
    Index cells_since_gift = 0;
    Index batch = 0;  // regions found and not handed over
  };

  // The other threads are woken up to search.
  void begin(std::size_t t) {
    threads_[t].doing = Doing::waking;
    ++waiting_;
    later(t, costs_.start + costs_.wake);
  }

  void later(std::size_t thread, double when) { events_.push({when, thread}); }

  void step(std::size_t t, double now) {
    Thread& thread = threads_[t];
    switch (thread.doing) {
      case Doing::waiting: break;
      case Doing::waking:
        --waiting_;
        acquire(t, now);
        break;
      case Doing::delivering:
        if (!deliver(t, now)) proceed(t, now);
        break;
      case Doing::searching:
        if (thread.batch == policy_.batch || thread.cell == thread.segment->end) hand_over(t, now);
        else search(t, now);
        break;
    }
  }

  // The first pending segment; else the thread waits until work is given away.
  void acquire(std::size_t t, double now) {
    Thread& thread = threads_[t];
    const auto found = std::find_if(segments_.begin(), segments_.end(),
                                    [](const Segment& s) { return s.state == State::pending; });
    if (pending_ == 0 || found == segments_.end()) {
      thread.doing = Doing::waiting;
      ++waiting_;
      return;
    }
    --pending_;
    found->state = State::running;
    thread.segment = &*found;
    thread.doing = Doing::searching;
    thread.cell = found->begin;
    thread.cells_since_gift =
        std::max<Index>(0, tree_.depth[found->begin] - 1);  // those on the way
    double way = 0.0;
    for (Index c = tree_.parent[found->begin]; c >= 0; c = tree_.parent[c]) way += tree_.cost[c];
    outcome_.retracing += way;
    later(t, now + way);
  }

  void search(std::size_t t, double now) {
    Thread& thread = threads_[t];
    const Index cell = thread.cell++;
    ++thread.cells_since_gift;
    const bool asked = waiting_ > pending_;
    if (asked && thread.cells_since_gift >= policy_.cells_before_sharing) {
      thread.cells_since_gift = 0;
      if (give_away(thread, cell, now)) now += costs_.gift;
    }
    if (tree_.is_leaf(cell)) ++thread.batch;
    outcome_.searching += tree_.cost[cell];
    later(t, now + tree_.cost[cell]);
  }

  // The shallowest cut whose upper part is still to come.
  bool give_away(Thread& thread, Index cell, double now) {
    Index first = -1;
    for (Index c = cell; tree_.parent[c] >= 0; c = tree_.parent[c]) {
      const bool lower = c == tree_.parent[c] + 1;
      if (lower && tree_.end[c] < thread.segment->end) first = tree_.end[c];
    }
    if (first < 0) return false;
    const auto at = std::find_if(segments_.begin(), segments_.end(),
                                 [&](const Segment& s) { return &s == thread.segment; });
    const Index end = std::exchange(thread.segment->end, first);
    segments_.insert(std::next(at), {first, end, State::pending, {}});
    ++pending_;
    ++outcome_.gifts;
    wake_one(now);
    return true;
  }

  void wake_one(double now) {
    for (std::size_t t = 0; t < threads_.size(); ++t) {
      if (threads_[t].doing != Doing::waiting) continue;
      threads_[t].doing = Doing::waking;
      later(t, now + costs_.gift + costs_.wake);
      return;
    }
  }

  // A full batch, or the last one of a segment.
  void hand_over(std::size_t t, double now) {
    Thread& thread = threads_[t];
    if (costs_.gather > 0.0 && thread.batch > 0) thread.segment->ready.push_back(thread.batch);
    thread.batch = 0;
    if (thread.cell == thread.segment->end) {
      thread.segment->state = State::searched;
      thread.segment = nullptr;
    }
    if (delivering_ || !deliver(t, now)) proceed(t, now);
  }

  // Puts the next batch in order into the list. False: there is none.
  bool deliver(std::size_t t, double now) {
    while (!segments_.empty() && segments_.front().ready.empty() &&
           segments_.front().state == State::searched) {
      segments_.pop_front();
    }
    delivering_ = !segments_.empty() && !segments_.front().ready.empty();
    if (!delivering_) return false;
    const double seconds = costs_.gather * static_cast<double>(segments_.front().ready.front());
    segments_.front().ready.pop_front();
    outcome_.gathering += seconds;
    threads_[t].doing = Doing::delivering;
    later(t, now + seconds);
    return true;
  }

  void proceed(std::size_t t, double now) {
    if (threads_[t].segment == nullptr) return acquire(t, now);
    threads_[t].doing = Doing::searching;
    later(t, now);
  }

  using Event = std::pair<double, std::size_t>;
  const Tree& tree_;
  Costs costs_;
  Policy policy_;
  std::vector<Thread> threads_;
  std::list<Segment> segments_;  // in order
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  Index waiting_ = 0;  // threads, with those that are about to wake
  Index pending_ = 0;  // segments
  bool delivering_ = false;
  Outcome outcome_;
};

}  // namespace

Tree tree_of(const RegionList& regions, const StateLayout& layout) {
  Tree tree;
  TreeBuilder(regions, layout, tree).add(0, regions.count, -1, 0);
  return tree;
}

Outcome simulate(const Tree& tree, int threads, const Costs& costs, const Policy& policy) {
  return Simulation(tree, threads, costs, policy).run();
}

}  // namespace benchmark
