// How a caller steers a running search: threads, a deadline, cancellation, progress. Passed in; the
// core keeps no global state and never reads the environment.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>

#include "facetry/base/index.hpp"
#include "facetry/base/termination.hpp"

namespace facetry {

// What a running search tells its caller.
struct Progress {
  Index regions = 0;       // found so far
  double share_done = 0.0;  // of the search's subtrees, from 0 to 1
};

// Options of any long computation. Defaults: one thread, no limits.
struct Control {
  using Clock = std::chrono::steady_clock;

  int threads = 1;                           // REQUIRES >= 1
  std::optional<Clock::time_point> deadline;  // stop at this time
  // Called now and then (about 20 times a second) on the calling thread only; returns false to
  // cancel. May be empty.
  std::function<bool(const Progress&)> keep_going;

  // Throws InvalidInput that names the field.
  void validate() const;
};

// Shared by the threads of one computation: the first reason to stop wins. Thread-safe.
class StopSignal {
 public:
  explicit StopSignal(const Control& control) : control_(control) {}

  [[nodiscard]] bool stopped() const { return stopped_.load(std::memory_order_relaxed); }
  [[nodiscard]] Termination reason() const { return reason_.load(); }

  // Stops for `reason`, unless another reason came first.
  void stop(Termination reason);

  // Looks at the clock; on the calling thread (`thread` 0) also asks the caller. Cheap enough to
  // be called every few hundred microseconds, not at every node.
  void poll(int thread, const Progress& progress);

 private:
  const Control& control_;
  std::atomic<bool> stopped_{false};
  std::atomic<Termination> reason_{Termination::complete};
  Control::Clock::time_point last_call_{};  // touched by thread 0 only
};

}  // namespace facetry
