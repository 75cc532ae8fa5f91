// Random walks within a cell, and the states of its units on the way.
#include "milp/milp_samples.hpp"

#include <algorithm>
#include <random>
#include <set>

namespace facetry {

namespace {

// The part of the line point + t direction where row . (u, 1) >= 0.
void clip(const double* row, const Vector& point, const Vector& direction, Range& chord) {
  const Index k = point.size();
  double value = row[k];
  double rate = 0.0;
  for (Index j = 0; j < k; ++j) {
    value += row[j] * point[j];
    rate += row[j] * direction[j];
  }
  if (rate > 0.0) chord.low = std::max(chord.low, -value / rate);
  if (rate < 0.0) chord.high = std::min(chord.high, -value / rate);
}

class Walk {
 public:
  Walk(const FreeSpace& space, const std::vector<double>& rows, Vector start)
      : sides_(space.constraints()),
        rows_(rows),
        point_(std::move(start)),
        direction_(point_.size()) {}

  const Vector& step() {
    const Index k = point_.size();
    for (Index j = 0; j < k; ++j) direction_[j] = uniform() - 0.5;
    Range chord{-kFar, kFar};
    for (Index j = 0; j < k; ++j) {
      if (direction_[j] == 0.0) continue;
      const double to_low = (sides_.low[j] - point_[j]) / direction_[j];
      const double to_high = (sides_.high[j] - point_[j]) / direction_[j];
      chord.low = std::max(chord.low, std::min(to_low, to_high));
      chord.high = std::min(chord.high, std::max(to_low, to_high));
    }
    const std::size_t length = static_cast<std::size_t>(k + 1);
    for (Index r = 0; r < sides_.row_count(); ++r) clip(sides_.row(r), point_, direction_, chord);
    for (std::size_t at = 0; at < rows_.size(); at += length) {
      clip(rows_.data() + at, point_, direction_, chord);
    }
    if (chord.low < chord.high) {
      point_ += (chord.low + uniform() * (chord.high - chord.low)) * direction_;
    }
    return point_;
  }

 private:
  static constexpr double kFar = 1000.0;  // cells fit [-1, 1]^k

  // The same on every machine, unlike the library's distributions.
  double uniform() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }

  const BoxedRows& sides_;
  const std::vector<double>& rows_;
  Vector point_;
  Vector direction_;
  std::mt19937_64 engine_;  // its default seed
};

bool is_above(const OpenBoundary& boundary, const Vector& point) {
  double value = boundary.row.back();
  for (Index j = 0; j < point.size(); ++j)
    value += boundary.row[static_cast<std::size_t>(j)] * point[j];
  return value > 0.0;
}

Index piece_at(const UnitOnCell& unit, const Vector& point) {
  Index piece = unit.pieces.front();
  for (const OpenBoundary& boundary : unit.boundaries) {
    if (!unit.is_maximum) {
      piece += is_above(boundary, point) ? 1 : 0;
    } else if (boundary.below == piece || boundary.above == piece) {
      // Pairs ascend, so the best so far meets every later argument.
      piece = is_above(boundary, point) ? boundary.above : boundary.below;
    }
  }
  return piece;
}

}  // namespace

std::vector<std::vector<Index>> sampled_states(const FreeSpace& space,
                                               const std::vector<double>& rows,
                                               const std::vector<UnitOnCell>& units,
                                               const Vector& start, Index count) {
  Walk walk(space, rows, start);
  std::set<std::vector<Index>> states;
  for (Index i = 0; i < count; ++i) {
    const Vector& point = walk.step();
    std::vector<Index> state;
    for (const UnitOnCell& unit : units) state.push_back(piece_at(unit, point));
    states.insert(std::move(state));
  }
  return {states.begin(), states.end()};
}

}  // namespace facetry
