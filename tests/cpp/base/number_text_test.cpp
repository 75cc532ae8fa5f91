#include "base/number_text.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <random>
#include <vector>

#include "facetry/base/error.hpp"

using namespace facetry;

namespace {

std::string text_of(double value) {
  char text[kLongestDouble];
  return {text, write_double(value, text)};
}

}  // namespace

TEST_CASE("Doubles are laid out as Python writes them") {
  CHECK(text_of(0.0) == "0.0");
  CHECK(text_of(-0.0) == "-0.0");
  CHECK(text_of(1.0) == "1.0");
  CHECK(text_of(-12.5) == "-12.5");
  CHECK(text_of(0.1) == "0.1");
  CHECK(text_of(0.0001) == "0.0001");
  CHECK(text_of(0.00001) == "1e-05");
  CHECK(text_of(-0.000012345) == "-1.2345e-05");
  CHECK(text_of(1e15) == "1000000000000000.0");
  CHECK(text_of(1e16) == "1e+16");
  CHECK(text_of(9007199254740993.0) == "9007199254740992.0");
  CHECK(text_of(1234567890123456.5) == "1234567890123456.5");
  CHECK(text_of(0.30000000000000004) == "0.30000000000000004");
  CHECK(text_of(1e23) == "1e+23");
  CHECK(text_of(5e-324) == "5e-324");
  CHECK(text_of(std::numeric_limits<double>::max()) == "1.7976931348623157e+308");
  CHECK(text_of(-std::numeric_limits<double>::min()) == "-2.2250738585072014e-308");
}

TEST_CASE("Every double is read back as the same") {
  std::mt19937_64 random(1);
  for (int i = 0; i < 100000; ++i) {
    const double any = std::bit_cast<double>(random());
    const double value = i % 2 == 0 ? any : std::ldexp(any, static_cast<int>(i % 60) - 30);
    if (!std::isfinite(value)) continue;
    const std::string text = text_of(value);
    REQUIRE(text.size() <= kLongestDouble);
    REQUIRE(std::bit_cast<std::uint64_t>(std::strtod(text.c_str(), nullptr)) ==
            std::bit_cast<std::uint64_t>(value));
  }
}

TEST_CASE("Arrays of any shape are nested lists") {
  const std::vector<double> values{1, 2.5, 0, -1e-7, 3, 4};
  const auto list = [&](std::vector<Index> shape) { return json_list(values.data(), shape); };
  CHECK(list({3}) == "[1.0, 2.5, 0.0]");
  CHECK(list({2, 2}) == "[[1.0, 2.5], [0.0, -1e-07]]");
  CHECK(list({1, 3, 2}) == "[[[1.0, 2.5], [0.0, -1e-07], [3.0, 4.0]]]");
  CHECK(list({0}) == "[]");
  CHECK(list({2, 0}) == "[[], []]");
  CHECK(list({0, 2}) == "[]");
  CHECK_THROWS_AS((void)list({}), InvalidInput);
  const std::vector<Index> counts{-1, std::numeric_limits<Index>::min(), 7};
  CHECK(json_list(counts.data(), std::vector<Index>{3}) == "[-1, -9223372036854775808, 7]");
}

TEST_CASE("What JSON cannot hold is refused, or null where it says so") {
  const std::vector<double> values{1, std::nan(""), std::numeric_limits<double>::infinity()};
  const std::vector<Index> two{2}, three{3};
  CHECK(json_list(values.data(), two, NanText::null) == "[1.0, null]");
  CHECK_THROWS_AS((void)json_list(values.data(), two), InvalidInput);
  CHECK_THROWS_AS((void)json_list(values.data(), three, NanText::null), InvalidInput);
}
