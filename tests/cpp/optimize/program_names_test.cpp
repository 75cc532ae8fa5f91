// Names that fit every format, none twice; numbers with all their digits.
#include "optimize/program_names.hpp"

#include <doctest/doctest.h>

#include <cctype>
#include <charconv>
#include <cmath>
#include <set>

#include "random.hpp"

using namespace facetry;
using facetry::testing::Random;

TEST_CASE("A name that fits stays, an empty one gets the fallback and its number") {
  NameList names;
  CHECK(names.unique("width_2", "x", 7) == "width_2");
  CHECK(names.unique("", "x", 7) == "x7");
  CHECK(names.unique("_", "x", 8) == "_");
}

TEST_CASE("Characters that formats do not take are replaced, and words of theirs are no names") {
  NameList names;
  CHECK(names.unique("a b-c.d", "x", 0) == "a_b_c_d");
  CHECK(names.unique("gr\xc3\xb6\xc3\x9f", "x", 0) == "gr____");
  for (const char* word : {"free", "FREE", "Bounds", "st", "End", "inf", "semi", "semis", "obj"}) {
    CHECK(names.unique(word, "x", 0) == std::string("_").append(word));
  }
  // What starts like a number.
  CHECK(names.unique("3d", "x", 0) == "_3d");
  CHECK(names.unique("e1", "x", 0) == "_e1");
  CHECK(names.unique("E", "x", 0) == "_E");
  CHECK(names.unique("frees", "x", 0) == "frees");
}

TEST_CASE("No name is given twice, whatever is wanted") {
  Random random(421);
  NameList names;
  std::set<std::string> given;
  const char* wanted[] = {"a", "a_1", "a 1", "a_1_1", "", "x1", "free", "_free", "1", "_1"};
  for (Index number = 0; number < 2000; ++number) {
    const std::string name = names.unique(wanted[random.below(10)], "x", random.below(5));
    REQUIRE(given.insert(name).second);
    REQUIRE(!std::isdigit(static_cast<unsigned char>(name.front())));
    for (const char c : name) {
      REQUIRE((c == '_' || std::isalnum(static_cast<unsigned char>(c))));
    }
  }
}

TEST_CASE("Numbers read back as the same double, in the shortest text") {
  Random random(422);
  CHECK(number_text(0.1) == "0.1");
  CHECK(number_text(-2.0) == "-2");
  CHECK(number_text(0.0) == "0");
  for (int round = 0; round < 1000; ++round) {
    const double value =
        std::ldexp(random.uniform(-1.0, 1.0), static_cast<int>(random.between(-1070, 1020)));
    const std::string text = number_text(value);
    double back = 0.0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), back);
    REQUIRE(end.ptr == text.data() + text.size());
    REQUIRE(back == value);
    REQUIRE(text.size() <= 24);
  }
}
