// Names and numbers as the text formats for programs allow them.
#pragma once

#include <string>
#include <unordered_set>

#include "facetry/base/index.hpp"

namespace facetry {

// Gives out names: letters, digits and "_", none twice, none that a format takes for something
// else.
class NameList {
 public:
  // `wanted`, or `fallback` with the number if it is empty; made to fit.
  [[nodiscard]] std::string unique(const std::string& wanted, const char* fallback, Index number);

 private:
  std::unordered_set<std::string> taken_;
};

// The shortest text that reads back as the same double; REQUIRES it is finite.
[[nodiscard]] std::string number_text(double value);

}  // namespace facetry
