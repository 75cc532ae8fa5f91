// The one file that calls OR-Tools. Its interface: ortools/math_opt/core/c_api/solver.h.
#include "facetry/optimize/ortools_library.hpp"

#include <cstddef>

#include "facetry/base/error.hpp"
#include "optimize/math_opt_messages.hpp"

#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
#define NOMINMAX
#include <windows.h>
#else
#include <dlfcn.h>
#endif

namespace facetry {

namespace {

constexpr const char* kInstall = "; install it with: pip install 'ortools>=9.12,<10'";

#ifdef _WIN32
void* open_library(const std::string& path, std::string& problem) {
  // Its own folder is searched for the libraries that it needs.
  HMODULE handle = LoadLibraryExA(path.c_str(), nullptr, LOAD_WITH_ALTERED_SEARCH_PATH);
  if (handle == nullptr) problem = "error " + std::to_string(GetLastError());
  return handle;
}
void* find_symbol(void* library, const char* symbol) {
  return reinterpret_cast<void*>(GetProcAddress(static_cast<HMODULE>(library), symbol));
}
#else
// Local: its symbols must not meet those of other libraries in the process.
void* open_library(const std::string& path, std::string& problem) {
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    const char* why = dlerror();
    problem = why == nullptr ? "unknown error" : why;
  }
  return handle;
}
void* find_symbol(void* library, const char* symbol) { return dlsym(library, symbol); }
#endif

// SolverTypeProto.
int solver_number(MathOptSolver solver) { return solver == MathOptSolver::highs ? 10 : 1; }

}  // namespace

struct OrtoolsLibrary::Functions {
  int (*solve)(const void* model, std::size_t model_size, int solver, void* interrupter,
               void** result, std::size_t* result_size, char** message) = nullptr;
  void (*free)(void* memory) = nullptr;
};

OrtoolsLibrary::OrtoolsLibrary(const std::string& path, MathOptSolver solver)
    : functions_(std::make_unique<Functions>()), solver_(solver) {
  if (path.empty()) {
    throw MissingLibrary(std::string("the MILP engine needs the package ortools") + kInstall);
  }
  std::string problem;
  void* library = open_library(path, problem);
  if (library == nullptr) {
    throw MissingLibrary("the library of ortools cannot be loaded (" + problem + ")" + kInstall);
  }
  functions_->solve =
      reinterpret_cast<decltype(functions_->solve)>(find_symbol(library, "MathOptSolve"));
  functions_->free =
      reinterpret_cast<decltype(functions_->free)>(find_symbol(library, "MathOptFree"));
  if (functions_->solve == nullptr || functions_->free == nullptr) {
    throw MissingLibrary(path + " is not the library of ortools, or too old" + kInstall);
  }
}

OrtoolsLibrary::~OrtoolsLibrary() = default;

std::string OrtoolsLibrary::solve_bytes(const std::string& model, MathOptSolver solver) const {
  // Freed by the library that allocated them, whatever happens in between.
  const auto release = [this](void* memory) {
    if (memory != nullptr) functions_->free(memory);
  };
  void* raw_result = nullptr;
  std::size_t size = 0;
  char* raw_message = nullptr;
  const int status = functions_->solve(model.data(), model.size(), solver_number(solver), nullptr,
                                       &raw_result, &size, &raw_message);
  const std::unique_ptr<void, decltype(release)> result(raw_result, release);
  const std::unique_ptr<void, decltype(release)> message(raw_message, release);
  if (status != 0) {
    throw SolverError("the solver refused the model: " +
                      std::string(raw_message == nullptr ? "no reason given" : raw_message));
  }
  if (size == 0) return {};
  return {static_cast<const char*>(raw_result), size};
}

// HiGHS gives up on a few programs in a million (a status "kError"); the other solver then answers.
MipSolution OrtoolsLibrary::solve(const MixedIntegerProgram& program) const {
  const std::string model = model_bytes(program);
  const Index variables = size_of(program.variables);
  if (solver_ == MathOptSolver::highs && program.indicators.empty()) {
    try {
      return read_result(solve_bytes(model, MathOptSolver::highs), variables);
    } catch (const SolverError&) {  // the other one's error is what the caller sees
    }
  }
  return read_result(solve_bytes(model, MathOptSolver::gscip), variables);
}

}  // namespace facetry
