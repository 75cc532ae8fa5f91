// The value that says "no bound": one name for the files that speak of it often.
#pragma once

#include <limits>

namespace facetry {

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace facetry
