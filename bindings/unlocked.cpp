// How it works: threads without the lock are counted, under the lock. Ending the interpreter first
// says that it ends, which their searches hear, and then waits for the count to be zero.
#include "unlocked.hpp"

#include <atomic>
#include <chrono>
#include <thread>

#include "bindings.hpp"

namespace facetry::bindings {

namespace {

std::atomic<bool> ends{false};
std::atomic<unsigned long> ending_thread{0};
Index inside = 0;  // threads in the core without the lock; changed with the lock alone

bool interpreter_is_gone() {
#if PY_VERSION_HEX >= 0x030D0000
  return Py_IsFinalizing() != 0;
#else
  return _Py_IsFinalizing() != 0;
#endif
}

void rest() { std::this_thread::sleep_for(std::chrono::milliseconds(2)); }

}  // namespace

Unlocked::Unlocked() {
  if (ends) return;
  ++inside;
  state_ = PyEval_SaveThread();
}

Unlocked::~Unlocked() {
  if (state_ == nullptr) return;
  while (interpreter_is_gone()) rest();  // until the process ends
  PyEval_RestoreThread(static_cast<PyThreadState*>(state_));
  --inside;
}

void close() {
  ending_thread = PyThread_get_thread_ident();
  ends = true;
  while (inside > 0 && PyErr_CheckSignals() == 0) {
    const py::gil_scoped_release release;
    rest();
  }
  PyErr_Clear();  // of a signal: whoever sends it wants the end, and that comes
}

void forked() { inside = 0; }

bool closing() { return ends && ending_thread != PyThread_get_thread_ident(); }

void bind_exit(py::module_& module) {
  module.def("close", &close);
  py::module_::import("atexit").attr("register")(module.attr("close"));
  const py::object os = py::module_::import("os");
  if (py::hasattr(os, "register_at_fork")) {
    os.attr("register_at_fork")(py::arg("after_in_child") = py::cpp_function(&forked));
  }
}

}  // namespace facetry::bindings
