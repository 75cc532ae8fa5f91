// Names cleaned of what the formats do not take, kept different from each other; numbers with all
// their digits.
#include "optimize/program_names.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace facetry {

namespace {

bool plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// In LP files words of this kind start sections or stand for bounds, and a name may not start like
// a number.
bool clashes(const std::string& name) {
  static constexpr const char* kWords[] = {
      "max",     "maximize", "maximise", "maximum",  "min",    "minimize", "minimise",
      "minimum", "st",       "such",     "subject",  "bounds", "bound",    "free",
      "inf",     "infinity", "general",  "generals", "gen",    "integer",  "integers",
      "int",     "bin",      "binary",   "binaries", "end",    "semi",     "semis",
      "sos",     "sos1",     "sos2",     "rhs",      "obj",    "nan"};
  const char first = name.front();
  if ((first >= '0' && first <= '9') || first == 'e' || first == 'E') return true;
  std::string lower = name;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::any_of(std::begin(kWords), std::end(kWords),
                     [&](const char* word) { return lower == word; });
}

}  // namespace

std::string NameList::unique(const std::string& wanted, const char* fallback, Index number) {
  std::string name = wanted.empty() ? fallback + std::to_string(number) : wanted;
  std::replace_if(name.begin(), name.end(), [](char c) { return !plain(c); }, '_');
  if (clashes(name)) name.insert(name.begin(), '_');
  std::string result = name;
  for (Index copy = number; !taken_.insert(result).second; ++copy) {
    result = name + "_" + std::to_string(copy);
  }
  return result;
}

std::string number_text(double value) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value).ptr;
  return {buffer, end};
}

}  // namespace facetry
