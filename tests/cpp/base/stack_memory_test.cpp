// Stack memory: what is taken is aligned and its own, and is used again after a release.
#include "base/stack_memory.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "random.hpp"

using namespace facetry;
using facetry::testing::Random;

namespace {

struct Taken {
  unsigned char* bytes;
  Index count;
  unsigned char sign;
};

bool is_whole(const Taken& taken) {
  return std::all_of(taken.bytes, taken.bytes + taken.count,
                     [&](unsigned char byte) { return byte == taken.sign; });
}

bool is_aligned(const void* address) {
  return reinterpret_cast<std::uintptr_t>(address) % StackMemory::kAlignment == 0;
}

}  // namespace

TEST_CASE("Nothing that is held is written to by others, at any depth") {
  Random random(331);
  StackMemory memory;
  std::vector<Taken> held;
  std::vector<StackMemory::Mark> marks;
  for (int step = 0; step < 3000; ++step) {
    if (!held.empty() && random.chance(0.45)) {
      // Back to some mark: all that was taken since is given back.
      const Index to = random.chance(0.05) ? random.below(size_of(held)) : size_of(held) - 1;
      for (const Taken& taken : held) REQUIRE(is_whole(taken));
      memory.release(marks[to]);
      held.resize(static_cast<std::size_t>(to));
      marks.resize(static_cast<std::size_t>(to));
      continue;
    }
    const Index count = random.chance(0.1) ? random.between(20000, 60000) : random.below(2000);
    marks.push_back(memory.mark());
    auto* bytes = memory.take<unsigned char>(count);
    REQUIRE(is_aligned(bytes));
    held.push_back({bytes, count, static_cast<unsigned char>(step)});
    std::fill_n(bytes, count, held.back().sign);
  }
  for (const Taken& taken : held) REQUIRE(is_whole(taken));
}

TEST_CASE("The same path takes the same memory again, and no more from the system") {
  StackMemory memory;
  CHECK(memory.held() == 0);
  const StackMemory::Mark root = memory.mark();
  std::vector<double*> first, second;
  for (auto* places : {&first, &second}) {
    for (const Index count : {10, 3000, 8, 100000, 1}) {
      places->push_back(memory.take<double>(count));
    }
    memory.release(root);
    if (places == &first) CHECK(memory.held() >= 8 * 103019);
  }
  CHECK(first == second);
  const std::size_t held = memory.held();
  CHECK(held < 4 * 8 * 103019);
  (void)memory.take<double>(100);
  CHECK(memory.held() == held);
}

TEST_CASE("Chunks too small are left out, and come back after a release below them") {
  StackMemory memory;
  const StackMemory::Mark root = memory.mark();
  auto* small = memory.take<char>(64);
  const StackMemory::Mark above = memory.mark();
  auto* large = memory.take<char>(1 << 20);
  CHECK(large != small + 64);
  memory.release(above);
  CHECK(memory.take<char>(64) == small + 64);
  memory.release(root);
  CHECK(memory.take<char>(1 << 20) == large);
  memory.release(root);
  CHECK(memory.take<char>(1) == small);
}

TEST_CASE("Taking nothing takes no room") {
  StackMemory memory;
  auto* first = memory.take<double>(8);
  (void)memory.take<double>(0);
  CHECK(memory.take<double>(1) == first + 8);
}
