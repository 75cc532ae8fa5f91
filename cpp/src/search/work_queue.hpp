// Shares a search out among threads and puts what they find in order. The tree is a list of
// segments, in order; each is searched by one thread at a time. A thread without work makes a busy
// one give away the last part of its segment, which becomes the next segment of the list. So the
// list depends on timing, and what it holds, read in order, does not.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <list>
#include <mutex>

#include "facetry/base/control.hpp"
#include "search/subdivision.hpp"

namespace facetry {

class WorkQueue {
 public:
  struct Segment {
    Interval undelivered;  // what of it the sink has not taken
    Interval work;         // what the next search of it has to do
    enum class State { pending, running, searched } state = State::pending;
    std::deque<RegionList> ready;       // found, for the sink
    Index published = 0;                // regions that were ready at some time
    Index delivered = 0;                // and of those, the ones that the sink took
    std::atomic<double> position{0.0};  // of its search in the tree
  };

  // REQUIRES: the references outlive the queue.
  WorkQueue(const StreamOptions& options, StopSignal& signal, const RegionSink& sink);

  // Threads that wait for work; while it is not 0, searches give some away.
  [[nodiscard]] const std::atomic<int>& idle() const { return idle_; }

  // The next segment to search; waits for one. Null: nothing is left to do.
  [[nodiscard]] Segment* acquire();
  // Takes a full batch of a running segment. False: the search of it must stop for now.
  [[nodiscard]] bool publish(Segment& segment, RegionList& batch);
  // Takes the last part of a running segment.
  void give_away(Segment& segment, Interval&& rest);
  // The search of a segment has ended: all of it was searched, or `rest` is left.
  void release(Segment& segment, RegionList& batch, bool finished, Interval&& rest);
  // Ends the search because of an error; every waiting thread returns.
  void abandon();

  // After all threads have returned: delivers what is left, and says how it ended. Throws what the
  // sink threw.
  [[nodiscard]] StreamEnd finish();

  // For progress; thread-safe.
  [[nodiscard]] Progress progress() const;

 private:
  using Lock = std::unique_lock<std::mutex>;

  void enqueue(Segment& segment, RegionList& batch);
  void deliver(Lock& lock);
  void deliver_front(Lock& lock, Segment& segment);
  [[nodiscard]] Segment* next_to_deliver();
  [[nodiscard]] Segment* next_pending();
  void update_idle();
  [[nodiscard]] static bool is_done(const Segment& segment) {
    return segment.state == Segment::State::searched && segment.delivered == segment.published;
  }
  [[nodiscard]] bool is_head(const Segment& segment) const {
    return &segment == &segments_.front();
  }
  [[nodiscard]] bool over_budget() const;
  [[nodiscard]] Frontier frontier() const;
  [[nodiscard]] double share_done() const;

  const StreamOptions& options_;
  StopSignal& signal_;
  const RegionSink& sink_;
  Index limit_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Segment> segments_;  // in order; fully delivered ones are removed
  Index running_ = 0;
  Index waiting_ = 0;        // threads in acquire()
  Index waiting_bytes_ = 0;  // of ready batches
  bool delivering_ = false;
  RegionList spare_;     // memory of a batch that was delivered, for the next one
  bool closed_ = false;  // the sink wants no more
  std::exception_ptr failure_;
  Index delivered_ = 0;
  Index undecided_ = 0;
  std::atomic<Index> found_{0};
  std::atomic<int> idle_{0};
};

}  // namespace facetry
