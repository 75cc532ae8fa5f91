// The only door to OpenMP. No exception crosses a parallel region: the first one is kept and thrown
// again on the calling thread, once.
#pragma once

#include <functional>

#include "facetry/base/control.hpp"
#include "facetry/base/index.hpp"

namespace facetry {

// Calls body(i, thread) for i in [0, count), dynamically scheduled in ascending order over at most
// `threads` threads; thread 0 is the calling thread. After an exception no further index is
// started. Runs serially where OpenMP is absent, and in a child process made by fork (an OpenMP
// runtime does not survive a fork).
// REQUIRES: threads >= 1; body is safe to call from several threads.
void parallel_for(Index count, int threads, const std::function<void(Index, int)>& body);

// As parallel_for over contiguous chunks: body(begin, end, thread). REQUIRES: chunk >= 1.
void parallel_chunks(Index count, Index chunk, int threads,
                     const std::function<void(Index, Index, int)>& body);

// Runs `body` on another thread while the calling thread calls `watch` about 20 times a second,
// until body ends. An exception of either reaches the caller, once body has ended; what `watch`
// throws must go with its own way of telling body to stop, `on_failure`, which must not throw.
void run_watched(const std::function<void()>& body, const std::function<void()>& watch,
                 const std::function<void()>& on_failure);

// Runs a search's `body` under its control: if control.keep_going is set it is told `progress()`
// about 20 times a second on the calling thread, as run_watched() says, and once it says no the
// signal stops body, and it is not asked again. What it throws stops body too. Deadlines are the
// signal's.
void run_controlled(const Control& control, StopSignal& signal, const std::function<void()>& body,
                    const std::function<Progress()>& progress);

// The number of processors this process may use; at least 1.
[[nodiscard]] int available_threads();

}  // namespace facetry
