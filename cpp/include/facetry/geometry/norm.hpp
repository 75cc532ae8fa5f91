// How distances are measured.
#pragma once

namespace facetry {

enum class Norm { one, two, infinity };

}  // namespace facetry
