#include "facetry/base/control.hpp"

#include "facetry/base/error.hpp"

namespace facetry {

namespace {
constexpr std::chrono::milliseconds kCallInterval{50};
}

void Control::validate() const {
  if (threads < 1) throw InvalidInput("threads must be at least 1, got " + std::to_string(threads));
}

void StopSignal::stop(Termination reason) {
  Termination none = Termination::complete;
  reason_.compare_exchange_strong(none, reason);
  stopped_.store(true, std::memory_order_relaxed);
}

void StopSignal::poll(int thread, const Progress& progress) {
  const auto now = Control::Clock::now();
  if (control_.deadline && now >= *control_.deadline) stop(Termination::time_limit);
  if (thread != 0 || !control_.keep_going || now - last_call_ < kCallInterval) return;
  last_call_ = now;
  if (!control_.keep_going(progress)) stop(Termination::cancelled);
}

}  // namespace facetry
