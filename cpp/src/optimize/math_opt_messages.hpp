// Programs and solutions as the bytes that OR-Tools' MathOpt takes and gives: protobuf messages of
// the kinds ModelProto and SolveResultProto. The library is not needed for this.
#pragma once

#include <string>
#include <string_view>

#include "facetry/optimize/mixed_integer_program.hpp"

namespace facetry {

// The program as a ModelProto. The same bytes as Python's
// `model.export_model().SerializeToString()` for the same variables and rows, up to the order of
// indicators, which protobuf leaves open.
[[nodiscard]] std::string model_bytes(const MixedIntegerProgram& program);

// A SolveResultProto, for a program of so many variables. Throws SolverError for bytes that are
// none, and where the solver reports that it failed (imprecise, numerical trouble, other errors).
[[nodiscard]] MipSolution read_result(std::string_view bytes, Index variables);

}  // namespace facetry
