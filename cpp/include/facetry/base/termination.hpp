// Why a search stopped, apart from what it found.
#pragma once

namespace facetry {

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

}  // namespace facetry
