// The extension module `facetry._core`.
#include "bindings.hpp"

PYBIND11_MODULE(_core, module) {
  module.doc() = "The C++ core of facetry. Use the package `facetry`, not this module.";
  facetry::bindings::bind_exit(module);
  facetry::bindings::bind_errors(module);
  facetry::bindings::bind_network(module);
  facetry::bindings::bind_model_file(module);
  facetry::bindings::bind_region(module);
  facetry::bindings::bind_search_options(module);
  facetry::bindings::bind_program(module);
  facetry::bindings::bind_partition(module);
  facetry::bindings::bind_milp(module);
  facetry::bindings::bind_stream(module);
  facetry::bindings::bind_query(module);
  facetry::bindings::bind_fold(module);
  facetry::bindings::bind_optimise(module);
  facetry::bindings::bind_verify(module);
  facetry::bindings::bind_text(module);
}
