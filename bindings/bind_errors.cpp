// The one table from C++ errors to Python's, most derived first.
#include "bindings.hpp"

namespace facetry::bindings {

namespace {

void raise(const char* python_name, const std::exception& error) {
  const py::object type = py::module_::import("facetry.errors").attr(python_name);
  PyErr_SetString(type.ptr(), error.what());
}

}  // namespace

void bind_errors(py::module_&) {
  py::register_exception_translator([](std::exception_ptr thrown) {
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const RegionError& error) {
      raise("RegionError", error);
    } catch (const InvalidInput& error) {
      raise("InvalidInputError", error);
    } catch (const FileFormatError& error) {
      raise("FileFormatError", error);
    } catch (const MissingLibrary& error) {
      raise("MissingDependencyError", error);
    } catch (const SolverError& error) {
      raise("SolverError", error);
    } catch (const NumericalError& error) {
      raise("NumericalError", error);
    } catch (const Error& error) {
      raise("FacetryError", error);
    }
  });
}

}  // namespace facetry::bindings
