#include "base/checksum.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <vector>

using namespace facetry;

namespace {

std::vector<unsigned char> counting(std::size_t size) {
  std::vector<unsigned char> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<unsigned char>(7 * i + 1);
  return bytes;
}

}  // namespace

TEST_CASE("Checksums are part of the format of files: they never change") {
  const std::vector<unsigned char> bytes = counting(1000);
  CHECK(checksum(nullptr, 0) == 0xf716634a1c0c171du);
  CHECK(checksum(bytes.data(), 1) == 0xc25af009bde36436u);
  CHECK(checksum(bytes.data(), 1000) == 0x11fa688403523a8u);
  CHECK(checksum(bytes.data(), 1000, 5) == 0x3ecd391892a8f25au);
}

TEST_CASE("Any bit, the length and the start are told") {
  for (const std::size_t size : {1u, 8u, 63u, 64u, 65u, 200u}) {
    std::vector<unsigned char> bytes = counting(size);
    std::set<std::uint64_t> sums{checksum(bytes.data(), size), checksum(bytes.data(), size - 1),
                                 checksum(bytes.data(), size, 1)};
    CHECK(sums.size() == 3);
    for (std::size_t bit = 0; bit < 8 * size; ++bit) {
      bytes[bit / 8] ^= static_cast<unsigned char>(1u << (bit % 8));
      sums.insert(checksum(bytes.data(), size));
      bytes[bit / 8] ^= static_cast<unsigned char>(1u << (bit % 8));
    }
    CHECK(sums.size() == 3 + 8 * size);
  }
}

TEST_CASE("Zeros at the end count, and so does the order of words") {
  const unsigned char zeros[256] = {};
  std::set<std::uint64_t> sums;
  for (std::size_t size = 0; size <= 256; ++size) sums.insert(checksum(zeros, size));
  CHECK(sums.size() == 257);
  std::vector<unsigned char> bytes = counting(128);
  const std::uint64_t before = checksum(bytes.data(), 128);
  std::swap_ranges(bytes.begin(), bytes.begin() + 8, bytes.begin() + 8);  // neighbouring lanes
  CHECK(checksum(bytes.data(), 128) != before);
  bytes = counting(128);
  std::swap_ranges(bytes.begin(), bytes.begin() + 8, bytes.begin() + 64);  // the same lane
  CHECK(checksum(bytes.data(), 128) != before);
}
