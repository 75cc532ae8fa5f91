#include "facetry/base/control.hpp"

#include <doctest/doctest.h>

#include <string>
#include <thread>

#include "facetry/base/error.hpp"
#include "facetry/base/tolerances.hpp"

using namespace facetry;

TEST_CASE("Control names the field that is wrong") {
  Control control;
  CHECK_NOTHROW(control.validate());
  for (const int threads : {0, -1}) {
    control.threads = threads;
    try {
      control.validate();
      FAIL("accepted");
    } catch (const InvalidInput& error) {
      CHECK(std::string(error.what()).find("threads") != std::string::npos);
      CHECK(std::string(error.what()).find(std::to_string(threads)) != std::string::npos);
    }
  }
}

TEST_CASE("StopSignal keeps the first reason") {
  StopSignal signal{Control{}};
  CHECK_FALSE(signal.stopped());
  CHECK(signal.reason() == Termination::complete);
  signal.stop(Termination::cancelled);
  signal.stop(Termination::memory_limit);
  CHECK(signal.stopped());
  CHECK(signal.reason() == Termination::cancelled);
}

TEST_CASE("StopSignal stops at the deadline, not before") {
  Control control;
  control.deadline = Control::Clock::now() + std::chrono::hours(1);
  StopSignal later{control};
  CHECK_FALSE(later.stopped());
  control.deadline = Control::Clock::now() - std::chrono::milliseconds(1);
  StopSignal passed{control};
  CHECK(passed.stopped());
  CHECK(passed.reason() == Termination::time_limit);
  passed.stop(Termination::cancelled);
  CHECK(passed.reason() == Termination::time_limit);
}

TEST_CASE("One of many threads gives the reason, and all see it") {
  StopSignal signal{Control{}};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      signal.stop(i % 2 == 0 ? Termination::cancelled : Termination::memory_limit);
      CHECK(signal.stopped());
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(signal.reason() != Termination::complete);
}

TEST_CASE("Every reason to stop has a name") {
  CHECK(std::string(name(Termination::complete)) == "complete");
  CHECK(std::string(name(Termination::time_limit)) == "time_limit");
  CHECK(std::string(name(Termination::region_limit)) == "region_limit");
  CHECK(std::string(name(Termination::memory_limit)) == "memory_limit");
  CHECK(std::string(name(Termination::cancelled)) == "cancelled");
}

TEST_CASE("Tolerances stand in the order that their reasons need") {
  const Tolerances tolerances;
  CHECK(tolerances.on_hyperplane < tolerances.cut);
  CHECK(tolerances.same_hyperplane <= tolerances.cut);
  CHECK(tolerances.zero_gradient < tolerances.on_boundary);
  CHECK(tolerances.simplex_pivot < tolerances.on_hyperplane);
}
