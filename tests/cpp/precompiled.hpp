// What is parsed once for all test files (CMake: target_precompile_headers). No test relies on it.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "base/products.hpp"
#include "facetry/base/linear_algebra.hpp"
