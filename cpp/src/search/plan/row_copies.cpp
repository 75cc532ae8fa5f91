// Multiples have the same quotients by their first entries, also as rounded: rows with one hash are
// compared, products against products without rounding.
#include "search/plan/row_copies.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <unordered_map>

namespace facetry {

namespace {

struct Entry {
  Index column;
  double weight;
};

constexpr double kLeast = 0x1p-300;
constexpr double kMost = 0x1p+300;

// The entries that are not zero, the bias last.
std::vector<Entry> entries_of(const AffineMap& map, Index row) {
  std::vector<Entry> entries;
  map.for_row(row, [&](Index column, double weight) {
    if (weight != 0.0) entries.push_back({column, weight});
  });
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.column < b.column; });
  if (map.bias()[row] != 0.0) entries.push_back({map.columns(), map.bias()[row]});
  return entries;
}

bool in_range(const std::vector<Entry>& entries) {
  return std::all_of(entries.begin(), entries.end(), [](const Entry& entry) {
    return std::abs(entry.weight) > kLeast && std::abs(entry.weight) < kMost;
  });
}

std::uint64_t hash_of(const std::vector<Entry>& entries) {
  std::uint64_t hash = entries.size();
  const auto add = [&](std::uint64_t word) {
    hash = (hash ^ word) * 0x9E3779B97F4A7C15ull;
    hash ^= hash >> 29;
  };
  for (const Entry& entry : entries) {
    add(static_cast<std::uint64_t>(entry.column));
    add(std::bit_cast<std::uint64_t>(entry.weight / entries.front().weight));
  }
  return hash;
}

// a b = c d without rounding. REQUIRES: in range.
bool same_product(double a, double b, double c, double d) {
  const double first = a * b;
  return first == c * d && std::fma(a, b, -first) == std::fma(c, d, -first);
}

bool is_multiple(const std::vector<Entry>& a, const std::vector<Entry>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].column != b[i].column) return false;
    if (!same_product(a[i].weight, b[0].weight, b[i].weight, a[0].weight)) return false;
  }
  return true;
}

}  // namespace

RowCopies::RowCopies(const AffineMap& map) {
  std::unordered_multimap<std::uint64_t, Index> known;
  for (Index row = 0; row < map.rows(); ++row) {
    const std::vector<Entry> own = entries_of(map, row);
    const bool constant = own.empty() || own.front().column == map.columns();
    if (constant || !in_range(own)) continue;
    const std::uint64_t hash = hash_of(own);
    bool found = false;
    for (auto [at, end] = known.equal_range(hash); at != end && !found; ++at) {
      const std::vector<Entry> other = entries_of(map, at->second);
      if (!is_multiple(own, other)) continue;
      found = true;
      if (first_.empty()) {
        for (Index r = 0; r < map.rows(); ++r) first_.push_back(static_cast<std::int32_t>(r));
        positive_.assign(first_.size(), char{1});
        shared_.assign(first_.size(), char{0});
      }
      first_[row] = static_cast<std::int32_t>(at->second);
      positive_[row] = (own[0].weight > 0.0) == (other[0].weight > 0.0) ? 1 : 0;
      shared_[row] = shared_[at->second] = 1;
    }
    if (!found) known.emplace(hash, row);
  }
}

}  // namespace facetry
