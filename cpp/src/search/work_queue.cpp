// Segments of the tree: taken, split, released, and listed in order.
#include "search/work_queue.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace facetry {

WorkQueue::WorkQueue(const StreamOptions& options, StopSignal& signal, const RegionSink& sink)
    : options_(options),
      signal_(signal),
      sink_(sink),
      limit_(options.search.max_regions.value_or(std::numeric_limits<Index>::max() - 1)) {
  const Frontier whole(1);
  for (const Interval& interval : options.start.empty() ? whole : options.start) {
    Segment& segment = segments_.emplace_back();
    segment.undelivered = interval;
    segment.work = interval;
    segment.position = interval.start_position;
  }
}

bool WorkQueue::over_budget() const {
  return options_.ordered && waiting_bytes_ > options_.run_ahead;
}

WorkQueue::Segment* WorkQueue::next_pending() {
  for (Segment& segment : segments_) {
    if (segment.state == Segment::State::pending) {
      return over_budget() && !is_head(segment) ? nullptr : &segment;
    }
  }
  return nullptr;
}

// Waiting threads that no pending segment is there for.
void WorkQueue::update_idle() {
  const Index pending = std::count_if(segments_.begin(), segments_.end(), [](const Segment& s) {
    return s.state == Segment::State::pending;
  });
  idle_ = over_budget() ? 0 : static_cast<int>(std::max<Index>(0, waiting_ - pending));
}

WorkQueue::Segment* WorkQueue::acquire() {
  Lock lock(mutex_);
  ++waiting_;
  Segment* found = nullptr;
  while (!signal_.stopped()) {
    found = next_pending();
    if (found != nullptr || running_ == 0) break;
    update_idle();
    changed_.wait(lock);
  }
  --waiting_;
  if (found != nullptr) {
    found->state = Segment::State::running;
    ++running_;
  } else {
    changed_.notify_all();
  }
  update_idle();
  return found;
}

void WorkQueue::give_away(Segment& segment, Interval&& rest) {
  const Lock lock(mutex_);
  for (Interval* own : {&segment.work, &segment.undelivered}) {
    own->end = rest.from;
    own->end_position = rest.start_position;
  }
  auto at = std::find_if(segments_.begin(), segments_.end(),
                         [&](const Segment& other) { return &other == &segment; });
  Segment& fresh = *segments_.emplace(std::next(at));
  fresh.position = rest.start_position;
  fresh.undelivered = rest;
  fresh.work = std::move(rest);
  update_idle();
  changed_.notify_one();
}

void WorkQueue::enqueue(Segment& segment, RegionList& batch) {
  const bool worth = batch.count > 0 || batch.undecided_count > 0;
  if (!worth) return;
  segment.published += batch.count;
  found_ += batch.count;
  waiting_bytes_ += batch.bytes();
  RegionList fresh = std::exchange(spare_, {});
  fresh.restart_as(batch);
  segment.ready.push_back(std::exchange(batch, std::move(fresh)));
}

bool WorkQueue::publish(Segment& segment, RegionList& batch) {
  Lock lock(mutex_);
  enqueue(segment, batch);
  deliver(lock);
  if (signal_.stopped() || segment.published > limit_) return false;
  // Far ahead of what can be delivered: help with what comes first.
  return !over_budget() || is_head(segment);
}

void WorkQueue::release(Segment& segment, RegionList& batch, bool finished, Interval&& rest) {
  Lock lock(mutex_);
  enqueue(segment, batch);
  --running_;
  const bool enough = segment.published > limit_;
  // One that has more than is wanted is not searched on; its last batch cannot be delivered whole.
  segment.state = finished || enough ? Segment::State::searched : Segment::State::pending;
  if (!finished) {
    segment.position = rest.start_position;
    segment.work = std::move(rest);
  }
  deliver(lock);
  changed_.notify_all();
}

void WorkQueue::abandon() {
  const Lock lock(mutex_);
  signal_.stop(Termination::cancelled);
  --running_;
  changed_.notify_all();
}

// The first segment with a batch that may go out now.
WorkQueue::Segment* WorkQueue::next_to_deliver() {
  while (!segments_.empty() && segments_.front().ready.empty() && is_done(segments_.front())) {
    segments_.pop_front();
  }
  if (segments_.empty()) return nullptr;
  if (options_.ordered) {
    return segments_.front().ready.empty() ? nullptr : &segments_.front();
  }
  const auto at = std::find_if(segments_.begin(), segments_.end(),
                               [](const Segment& segment) { return !segment.ready.empty(); });
  return at == segments_.end() ? nullptr : &*at;
}

void WorkQueue::deliver(Lock& lock) {
  if (delivering_) return;  // who delivers looks again before leaving
  delivering_ = true;
  while (!closed_) {
    Segment* segment = next_to_deliver();
    if (segment == nullptr) break;
    deliver_front(lock, *segment);
  }
  delivering_ = false;
}

void WorkQueue::deliver_front(Lock& lock, Segment& segment) {
  RegionBatch batch{std::move(segment.ready.front()), {}, 0.0};
  segment.ready.pop_front();
  waiting_bytes_ -= batch.regions.bytes();
  if (delivered_ + batch.regions.count > limit_) {
    batch.regions.truncate(limit_ - delivered_);
    signal_.stop(Termination::region_limit);
    closed_ = true;
    if (batch.regions.count == 0) return;
  }
  delivered_ += batch.regions.count;
  segment.delivered += batch.regions.count;
  undecided_ += batch.regions.undecided_count;
  if (batch.regions.count > 0) {
    const StateWord* last = batch.regions.state(batch.regions.count - 1);
    segment.undelivered.from.clear();
    segment.undelivered.after.assign(last, last + batch.regions.words);
  }
  if (segment.ready.empty() && is_done(segment)) {
    segments_.remove_if([&](const Segment& other) { return &other == &segment; });
  }
  batch.frontier = frontier();
  batch.share_done = share_done();
  lock.unlock();
  bool wanted = false;
  std::exception_ptr failure;
  try {
    wanted = sink_(std::move(batch));
  } catch (...) {
    failure = std::current_exception();
  }
  lock.lock();
  spare_ = std::move(batch.regions);  // what the sink left of it
  if (failure && !failure_) failure_ = failure;
  if (!wanted) {
    closed_ = true;
    signal_.stop(Termination::cancelled);
  }
  changed_.notify_all();
}

// What has not been delivered; neighbouring parts joined.
Frontier WorkQueue::frontier() const {
  Frontier left;
  for (const Segment& segment : segments_) {
    if (is_done(segment)) continue;
    const Interval& own = segment.undelivered;
    const bool joins = !left.empty() && own.after.empty() && left.back().end == own.from;
    if (!joins) {
      left.push_back(own);
    } else {
      left.back().end = own.end;
      left.back().end_position = own.end_position;
    }
  }
  return left;
}

double WorkQueue::share_done() const {
  double left = 0.0;
  for (const Segment& segment : segments_) {
    if (segment.state == Segment::State::searched) continue;
    left += segment.undelivered.end_position - segment.position;
  }
  return std::clamp(1.0 - left, 0.0, 1.0);
}

Progress WorkQueue::progress() const {
  const Lock lock(mutex_);
  return {found_.load(), share_done()};
}

StreamEnd WorkQueue::finish() {
  Lock lock(mutex_);
  // A limit may have left gaps between the segments: what was found is delivered all the same.
  for (auto at = segments_.begin(); at != segments_.end() && !closed_;) {
    Segment& segment = *at++;
    while (!closed_ && !segment.ready.empty()) {
      const bool last = segment.ready.size() == 1;
      deliver_front(lock, segment);
      if (last) break;  // the segment may be gone
    }
  }
  if (failure_) std::rethrow_exception(failure_);
  StreamEnd end;
  end.termination = signal_.reason();
  end.frontier = frontier();
  end.undecided_count = undecided_;
  return end;
}

}  // namespace facetry
