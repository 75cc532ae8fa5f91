// Loops over threads, by OpenMP or the standard library: exceptions are kept and thrown again
// behind the loop, and in a process that was forked everything runs on one thread.
#include "base/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#if defined(_OPENMP) && !defined(FACETRY_STD_THREADS)
#define FACETRY_OPENMP
#include <omp.h>
#endif
#ifndef _WIN32
#include <sched.h>
#include <unistd.h>
#endif

namespace facetry {

namespace {

#ifndef _WIN32
const pid_t kProcessAtLoad = getpid();
bool forked() { return getpid() != kProcessAtLoad; }
#else
bool forked() { return false; }
#endif

// Keeps the first exception of a team of threads.
class FirstException {
 public:
  template <class Body>
  void run(Body&& body) {
    if (raised_.load(std::memory_order_relaxed)) return;
    try {
      body();
    } catch (...) {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (!first_) first_ = std::current_exception();
      raised_.store(true, std::memory_order_relaxed);
    }
  }
  void rethrow() const {
    if (first_) std::rethrow_exception(first_);
  }

 private:
  std::mutex mutex_;
  std::exception_ptr first_;
  std::atomic<bool> raised_{false};
};

}  // namespace

void parallel_for(Index count, int threads, const std::function<void(Index, int)>& body) {
  if (threads <= 1 || count <= 1 || forked()) {
    for (Index i = 0; i < count; ++i) body(i, 0);
    return;
  }
  FirstException failure;
  const int team = static_cast<int>(std::min<Index>(threads, count));
#if defined(FACETRY_OPENMP)
#pragma omp parallel for schedule(dynamic, 1) num_threads(team)
  for (Index i = 0; i < count; ++i) {
    failure.run([&] { body(i, omp_get_thread_num()); });
  }
#elif defined(FACETRY_STD_THREADS)
  std::atomic<Index> next{0};
  const auto work = [&](int thread) {
    for (Index i = next++; i < count; i = next++) failure.run([&] { body(i, thread); });
  };
  std::vector<std::thread> others;
  for (int thread = 1; thread < team; ++thread) others.emplace_back(work, thread);
  work(0);
  for (std::thread& other : others) other.join();
#else
  static_cast<void>(team);
  for (Index i = 0; i < count; ++i) failure.run([&] { body(i, 0); });
#endif
  failure.rethrow();
}

void parallel_chunks(Index count, Index chunk, int threads,
                     const std::function<void(Index, Index, int)>& body) {
  const Index chunks = (count + chunk - 1) / chunk;
  parallel_for(chunks, threads, [&](Index c, int thread) {
    body(c * chunk, std::min(count, (c + 1) * chunk), thread);
  });
}

void run_watched(const std::function<void()>& body, const std::function<void()>& watch,
                 const std::function<void()>& on_failure) {
  constexpr std::chrono::milliseconds kInterval{50};
  FirstException failure;
  std::mutex mutex;
  std::condition_variable ended;
  bool done = false;
  std::thread worker([&] {
    failure.run(body);
    const std::lock_guard<std::mutex> lock(mutex);
    done = true;
    ended.notify_one();
  });
  std::unique_lock<std::mutex> lock(mutex);
  bool watching = true;
  while (!ended.wait_for(lock, kInterval, [&] { return done; })) {
    if (!watching) continue;
    lock.unlock();
    watching = false;
    failure.run([&] {
      watch();
      watching = true;
    });
    if (!watching) on_failure();
    lock.lock();
  }
  lock.unlock();
  worker.join();
  failure.rethrow();
}

void run_controlled(const Control& control, StopSignal& signal, const std::function<void()>& body,
                    const std::function<Progress()>& progress) {
  if (!control.keep_going) return body();
  const auto cancel = [&] { signal.stop(Termination::cancelled); };
  bool cancelled = false;  // asked once more, it might change its mind
  const auto watch = [&] {
    cancelled = cancelled || !control.keep_going(progress());
    if (cancelled) cancel();
  };
  run_watched(body, watch, cancel);
}

int available_threads() {
#ifdef __linux__
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) == 0) return std::max(1, CPU_COUNT(&set));
#endif
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace facetry
