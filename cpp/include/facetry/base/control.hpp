// How a caller steers a running search: threads, a deadline, cancellation, progress. Passed in; the
// core keeps no global state and never reads the environment.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>

#include "facetry/base/index.hpp"

namespace facetry {

// Why a search stopped, apart from what it found.
enum class Termination {
  complete,      // everything was found
  time_limit,    // the deadline passed
  region_limit,  // the first N regions in order were found, and there are more
  memory_limit,  // memory ran out
  cancelled,     // the caller asked to stop
};

// The name that users read, e.g. "time_limit".
[[nodiscard]] constexpr const char* name(Termination reason) {
  switch (reason) {
    case Termination::complete: return "complete";
    case Termination::time_limit: return "time_limit";
    case Termination::region_limit: return "region_limit";
    case Termination::memory_limit: return "memory_limit";
    case Termination::cancelled: return "cancelled";
  }
  return "unknown";
}

// What a running search tells its caller.
struct Progress {
  Index regions = 0;        // found so far
  double share_done = 0.0;  // an estimate from 0 to 1: each cut of the search counts as halves
};

// Options of any long computation. Defaults: one thread, no limits.
struct Control {
  using Clock = std::chrono::steady_clock;

  int threads = 1;                            // REQUIRES >= 1
  std::optional<Clock::time_point> deadline;  // stop at this time
  // Called about 20 times a second on the calling thread, whatever the search is doing; returns
  // false to cancel. May be empty; may throw, which cancels too and reaches the caller.
  std::function<bool(const Progress&)> keep_going;

  // Throws InvalidInput that names the field.
  void validate() const;
};

// Shared by the threads of one computation: the first reason to stop wins. Thread-safe.
class StopSignal {
 public:
  explicit StopSignal(const Control& control) : deadline_(control.deadline) {}

  // Has someone asked to stop, or has the deadline passed?
  [[nodiscard]] bool stopped();
  [[nodiscard]] Termination reason() const { return reason_.load(); }

  // Stops for `reason`, unless another reason came first.
  void stop(Termination reason);

 private:
  std::optional<Control::Clock::time_point> deadline_;
  std::atomic<bool> stopped_{false};
  std::atomic<Termination> reason_{Termination::complete};
};

}  // namespace facetry
