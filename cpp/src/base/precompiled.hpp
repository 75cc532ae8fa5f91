// What is parsed once for all files of the library (CMake: target_precompile_headers). No file
// relies on it: each includes what it uses, and the library builds without it.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/exact_row.hpp"
#include "base/products.hpp"
#include "facetry/base/linear_algebra.hpp"
