// The checks of a control, and the first reason to stop.
#include "facetry/base/control.hpp"

#include "facetry/base/error.hpp"

namespace facetry {

void Control::validate() const {
  if (threads < 1) throw InvalidInput("threads must be at least 1, got " + std::to_string(threads));
}

void StopSignal::stop(Termination reason) {
  Termination none = Termination::complete;
  reason_.compare_exchange_strong(none, reason);
  stopped_.store(true, std::memory_order_relaxed);
}

bool StopSignal::stopped() {
  if (stopped_.load(std::memory_order_relaxed)) return true;
  if (!deadline_ || Control::Clock::now() < *deadline_) return false;
  stop(Termination::time_limit);
  return true;
}

}  // namespace facetry
