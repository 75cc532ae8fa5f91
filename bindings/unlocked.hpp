// The interpreter's lock, let go while the core works; and how that ends when the interpreter does.
#pragma once

namespace facetry::bindings {

// Lets other Python threads run while it lives. As py::gil_scoped_release, but fit for threads that
// still work when the interpreter ends: one that asked for the lock back after that would be
// unwound by force through C++ that cannot be unwound, and the process would abort.
// 1. While it lives without the lock, close() waits for its end.
// 2. Once close() was called it keeps the lock.
// 3. If close() was not called or did not wait, a thread that comes too late sleeps for good.
class Unlocked {
 public:
  Unlocked();  // REQUIRES the lock
  ~Unlocked();
  Unlocked(const Unlocked&) = delete;
  Unlocked& operator=(const Unlocked&) = delete;

 private:
  void* state_ = nullptr;
};

// The interpreter ends: searches of other threads shall stop. Waits until no thread is in the core
// without the lock; Ctrl-C ends the wait. Called once, by the thread that ends the interpreter.
void close();

// A process was forked: the threads that were in the core are those of its parent.
void forked();

// Shall a search of the calling thread stop, because the interpreter ends?
[[nodiscard]] bool closing();

}  // namespace facetry::bindings
