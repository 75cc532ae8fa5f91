#include "base/parallel.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#ifndef _WIN32
#include <sys/wait.h>
#include <unistd.h>
#endif

using namespace facetry;

TEST_CASE("parallel_for visits each index once, for any number of threads") {
  for (const int threads : {1, 2, 3, 4, 16}) {
    for (const Index count : {0, 1, 2, 5, 1000}) {
      std::vector<std::atomic<int>> visits(static_cast<std::size_t>(count));
      std::atomic<bool> thread_in_range{true};
      parallel_for(count, threads, [&](Index i, int thread) {
        ++visits[i];
        if (thread < 0 || thread >= threads) thread_in_range = false;
      });
      CHECK(thread_in_range);
      for (const auto& visit : visits) REQUIRE(visit == 1);
    }
  }
}

TEST_CASE("Thread 0 of parallel_for is the calling thread") {
  const auto caller = std::this_thread::get_id();
  std::atomic<int> wrong{0};
  parallel_for(64, 4, [&](Index, int thread) {
    if ((thread == 0) != (std::this_thread::get_id() == caller)) ++wrong;
  });
  CHECK(wrong == 0);
}

TEST_CASE("One exception of parallel_for reaches the caller, and no further index is started") {
  for (const int threads : {1, 2, 4}) {
    std::atomic<Index> started{0};
    int caught = 0;
    try {
      parallel_for(100000, threads, [&](Index i, int) {
        ++started;
        if (i >= 3) throw std::runtime_error("at " + std::to_string(i));
      });
    } catch (const std::runtime_error&) {
      ++caught;
    }
    CHECK(caught == 1);
    CHECK(started < 100000);
  }
}

#ifndef _WIN32
TEST_CASE("parallel_for works, on one thread, in a child made by fork") {
  parallel_for(8, 4, [](Index, int) {});  // the parent's OpenMP has started
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    Index visits = 0;
    bool serial = true;
    parallel_for(100, 4, [&](Index, int thread) {
      ++visits;
      serial = serial && thread == 0;
    });
    _exit(visits == 100 && serial ? 0 : 1);
  }
  int status = 1;
  for (int tick = 0; tick < 500 && waitpid(child, &status, WNOHANG) == 0; ++tick) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}
#endif

TEST_CASE("parallel_chunks covers the range once with chunks of at most the wanted size") {
  for (const int threads : {1, 3}) {
    for (const Index count : {0, 1, 7, 8, 100}) {
      for (const Index chunk : {1, 3, 8, 1000}) {
        std::vector<std::atomic<int>> visits(static_cast<std::size_t>(count));
        std::atomic<bool> sizes_fit{true};
        parallel_chunks(count, chunk, threads, [&](Index begin, Index end, int) {
          if (begin >= end || end - begin > chunk) sizes_fit = false;
          for (Index i = begin; i < end; ++i) ++visits[i];
        });
        CHECK(sizes_fit);
        for (const auto& visit : visits) REQUIRE(visit == 1);
      }
    }
  }
}

TEST_CASE("run_watched calls watch on the calling thread while body runs") {
  const auto caller = std::this_thread::get_id();
  int calls = 0;
  bool here = true;
  bool failed = false;
  std::atomic<bool> ended{false};
  run_watched(
      [&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(400));
        ended = true;
      },
      [&] {
        ++calls;
        here = here && std::this_thread::get_id() == caller;
      },
      [&] { failed = true; });
  CHECK(ended);
  CHECK(here);
  CHECK_FALSE(failed);
  CHECK(calls >= 2);
  CHECK(calls <= 40);
}

TEST_CASE("run_watched passes on what body throws") {
  bool failed = false;
  CHECK_THROWS_WITH_AS(
      run_watched([] { throw std::runtime_error("body"); }, [] {}, [&] { failed = true; }), "body",
      std::runtime_error);
}

TEST_CASE("run_watched passes on what watch throws, after body was told and has ended") {
  std::atomic<bool> stop{false};
  std::atomic<bool> ended{false};
  int calls = 0;
  int told = 0;
  const auto run = [&] {
    run_watched(
        [&] {
          while (!stop) std::this_thread::sleep_for(std::chrono::milliseconds(1));
          std::this_thread::sleep_for(std::chrono::milliseconds(120));  // watch is not called again
          ended = true;
        },
        [&] {
          ++calls;
          throw std::runtime_error("watch");
        },
        [&] {
          ++told;
          stop = true;
        });
  };
  CHECK_THROWS_WITH_AS(run(), "watch", std::runtime_error);
  CHECK(ended);
  CHECK(calls == 1);
  CHECK(told == 1);
}

TEST_CASE("There is at least one processor") { CHECK(available_threads() >= 1); }

TEST_CASE(
    "A controlled run is told of progress, stops when it is told to, and is not asked again") {
  Control control;
  StopSignal free(control);
  bool ran = false;
  run_controlled(control, free, [&] { ran = true; }, [] { return Progress{}; });
  CHECK(ran);

  int asked = 0;
  control.keep_going = [&](const Progress& state) {
    CHECK(state.regions == 7);
    return ++asked < 2;
  };
  StopSignal signal(control);
  run_controlled(
      control, signal,
      [&] {
        while (!signal.stopped()) std::this_thread::yield();
      },
      [] { return Progress{7, 0.5}; });
  CHECK(asked == 2);
  CHECK(signal.reason() == Termination::cancelled);

  control.keep_going = [](const Progress&) -> bool { throw std::runtime_error("no more"); };
  StopSignal failing(control);
  CHECK_THROWS_WITH(run_controlled(
                        control, failing,
                        [&] {
                          while (!failing.stopped()) std::this_thread::yield();
                        },
                        [] { return Progress{}; }),
                    "no more");
}
