// Maps arranged for products over blocks of points, and the two passes over a block.
#include "state/block_network.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/rounding.hpp"

namespace facetry {

BlockMap::BlockMap(const AffineMap& map)
    : rows_(map.rows()), columns_(map.columns()), bias_(map.bias()) {
  if (map.is_dense()) {
    fill_dense(map);
  } else {
    fill_sparse(map);
  }
}

void BlockMap::fill_dense(const AffineMap& map) {
  forward_.weights.resize(static_cast<std::size_t>(rows_ * columns_));
  backward_.weights.resize(static_cast<std::size_t>(rows_ * columns_));
  for (Index i = 0; i < rows_; ++i) {
    map.for_row(i, [&](Index j, double weight) {
      forward_.weights[i * columns_ + j] = weight;
      backward_.weights[j * rows_ + i] = weight;
    });
  }
}

void BlockMap::fill_sparse(const AffineMap& map) {
  forward_.offsets.assign(1, 0);
  backward_.offsets.assign(static_cast<std::size_t>(columns_ + 1), 0);
  for (Index i = 0; i < rows_; ++i) {
    map.for_row(i, [&](Index j, double weight) {
      forward_.columns.push_back(j);
      forward_.weights.push_back(weight);
      ++backward_.offsets[j + 1];
    });
    forward_.offsets.push_back(size_of(forward_.columns));
  }
  for (Index j = 0; j < columns_; ++j) backward_.offsets[j + 1] += backward_.offsets[j];
  backward_.columns.resize(forward_.columns.size());
  backward_.weights.resize(forward_.columns.size());
  std::vector<Index> next(backward_.offsets.begin(), backward_.offsets.end() - 1);
  for (Index i = 0; i < rows_; ++i) {
    map.for_row(i, [&](Index j, double weight) {
      backward_.columns[next[j]] = i;
      backward_.weights[next[j]++] = weight;
    });
  }
}

BlockKernels::Weights BlockMap::weights(const Entries& entries, Index rows, Index width) {
  if (entries.offsets.empty()) return {rows, width, entries.weights.data(), nullptr, nullptr};
  return {rows, width, entries.weights.data(), entries.offsets.data(), entries.columns.data()};
}

namespace {

// Read off the layout: from a state of ones, and from where a one is written.
std::vector<BlockNetwork::Field> fields_of(const StateLayout& layout) {
  std::vector<StateWord> ones(static_cast<std::size_t>(layout.words()), ~StateWord{0});
  std::vector<StateWord> state(ones.size(), 0);
  std::vector<BlockNetwork::Field> fields;
  Index word = 0;  // units fill words in ascending order
  for (Index unit = 0; unit < layout.units(); ++unit) {
    const auto mask = static_cast<StateWord>(layout.get(ones.data(), unit));
    layout.set(state.data(), unit, 1);
    while (state[word] == 0) ++word;
    fields.push_back({word, std::countr_zero(state[word]), mask});
    layout.set(state.data(), unit, 0);
  }
  return fields;
}

}  // namespace

BlockNetwork::BlockNetwork(const NormalForm& form, const StateLayout& layout)
    : form_(form), layout_(layout), fields_(fields_of(layout)), most_values_(form.input_size()) {
  for (const Stage& stage : form.stages()) {
    maps_.emplace_back(stage.map);
    most_values_ = std::max(most_values_, stage.width());
    most_rows_ = std::max(most_rows_, stage.map.rows());
  }
  for (const PiecewiseFunction& f : form.functions()) {
    functions_.push_back(
        {f.pieces(), f.breakpoints().data(), f.slopes().data(), f.intercepts().data()});
  }
}

BlockPass::BlockPass(const BlockNetwork& network)
    : network_(network),
      kernels_(block_kernels()),
      values_(memory_.take<double>(network.most_values() * kMost)),
      next_(memory_.take<double>(network.most_values() * kMost)),
      rows_(memory_.take<double>(network.most_rows() * kMost)),
      offset_(memory_.take<double>(kMost)),
      scale_(memory_.take<double>(kMost)),
      error_(memory_.take<double>(kMost)),
      words_(memory_.take<StateWord>(network.layout().words() * kMost)),
      doubt_(memory_.take<StateWord>(kMost)),
      zeros_(static_cast<std::size_t>(network.most_values()), 0.0) {
  for (const Stage& stage : network.form().stages()) {
    Rounding& rounding = rounding_.emplace_back();
    rounding.share = rounding_of(stage.map.columns() + 8);
    auto& rooms = rooms_.emplace_back();
    for (Index row = 0; row < stage.map.rows(); ++row) {
      const double norm = stage.map.row_norms()[row];
      const double bias = norm > 0.0 ? std::abs(stage.map.bias()[row]) : 0.0;  // else it is exact
      rooms.push_back({scale_, doubt_, rounding.share * norm, rounding.share * bias});
      rounding.norm = std::max(rounding.norm, norm);
      rounding.bias = std::max(rounding.bias, std::abs(stage.map.bias()[row]));
    }
    for (const Unit& unit : stage.units) {
      if (unit.kind != UnitKind::piecewise) continue;
      const PiecewiseFunction& f = network.form().function(unit);
      for (const double slope : f.slopes())
        rounding.slope = std::max(rounding.slope, std::abs(slope));
      for (const double intercept : f.intercepts())
        rounding.intercept = std::max(rounding.intercept, std::abs(intercept));
    }
  }
}

void BlockPass::find_states(const MatrixView& X, Index begin, Index count) {
  start_block(count);
  load(X, begin);
  forward(false);
}

void BlockPass::find_proven_states(const MatrixView& X, Index begin, Index count) {
  start_block(count);
  load(X, begin);
  std::fill_n(doubt_, lanes_, StateWord{0});
  std::fill_n(error_, lanes_, 0.0);
  forward(true);
}

void BlockPass::set_states(const StateWord* states, Index count) {
  start_block(count);
  const Index words = network_.layout().words();
  for (Index p = 0; p < count; ++p) {
    for (Index w = 0; w < words; ++w) words_[w * lanes_ + p] = states[p * words + w];
  }
}

void BlockPass::start_block(Index count) {
  count_ = count;
  lanes_ = (count + kBlockLanes - 1) / kBlockLanes * kBlockLanes;
  std::fill_n(words_, network_.layout().words() * lanes_, StateWord{0});
}

// Lanes behind the last point repeat it.
void BlockPass::load(const MatrixView& X, Index begin) {
  for (Index first = 0; first < lanes_; first += kBlockLanes) {
    const double* points[kBlockLanes];
    for (Index q = 0; q < kBlockLanes; ++q) {
      points[q] = X.data() + (begin + std::min(first + q, count_ - 1)) * X.outerStride();
    }
    for (Index j = 0; j < X.cols(); ++j) {
      double* out = values_ + j * lanes_ + first;
      for (Index q = 0; q < kBlockLanes; ++q) out[q] = points[q][j];
    }
  }
}

BlockKernels::Field BlockPass::field(Index unit) const {
  const BlockNetwork::Field& place = network_.field(unit);
  return {words_ + place.word * lanes_, place.shift, place.mask};
}

void BlockPass::forward(bool prove) {
  for (Index s = 0; s < size_of(network_.form().stages()); ++s) forward_stage(s, prove);
}

void BlockPass::forward_stage(Index s, bool prove) {
  const Stage& stage = network_.form().stages()[s];
  const BlockMap& map = network_.map(s);
  kernels_.multiply(map.forward(), map.bias(), values_, rows_, lanes_);
  if (prove) add_rounding(s);
  for (Index u = 0; u < size_of(stage.units); ++u) {
    const Unit& unit = stage.units[u];
    const double* pre = rows_ + unit.first_row * lanes_;
    const BlockKernels::Room* rooms = prove ? &rooms_[s][unit.first_row] : nullptr;
    const BlockKernels::Field place = field(stage.first_unit + u);
    double* out = next_ + u * lanes_;
    if (unit.kind == UnitKind::maximum) {
      kernels_.maximum(pre, unit.row_count, rooms, place, out, lanes_);
    } else {
      kernels_.piecewise(pre, network_.function(unit), rooms, place, out, lanes_);
    }
  }
  for (Index c = 0; c < size_of(stage.carried); ++c) {
    std::copy_n(values_ + stage.carried[c] * lanes_, lanes_,
                next_ + (size_of(stage.units) + c) * lanes_);
  }
  std::swap(values_, next_);
  if (prove) pass_rounding(s);
}

// Magnitudes of the stage's values as the rooms of its rows read them: what the values are off by
// counts as a rounding of them.
void BlockPass::add_rounding(Index s) {
  kernels_.largest(values_, network_.map(s).columns(), scale_, lanes_);
  for (Index p = 0; p < lanes_; ++p) scale_[p] += error_[p] / rounding_[s].share;
}

// What the values of the stage's units may be off by, and those that are carried on.
void BlockPass::pass_rounding(Index s) {
  const Rounding& r = rounding_[s];
  const bool carries = !network_.form().stages()[s].carried.empty();
  for (Index p = 0; p < lanes_; ++p) {
    const double rows = r.norm * scale_[p] + r.bias;
    const double units =
        r.slope * (1.01 * r.share + rounding_of(4)) * rows + rounding_of(4) * r.intercept;
    error_[p] = carries ? std::max(error_[p], units) : units;
  }
}

void BlockPass::models(double* coef, double* intercept) {
  for (Index o = 0; o < network_.form().output_size(); ++o) {
    back_from(o);
    for (Index s = size_of(network_.form().stages()) - 1; s >= 0; --s) {
      back_through_units(s);
      back_through_map(s);
    }
    store(o, coef, intercept);
  }
}

void BlockPass::back_from(Index output) {
  const AffineMap& map = network_.form().output();
  std::fill_n(values_, map.columns() * lanes_, 0.0);
  map.for_row(output,
              [&](Index j, double weight) { std::fill_n(values_ + j * lanes_, lanes_, weight); });
  std::fill_n(offset_, lanes_, map.bias()[output]);
}

void BlockPass::back_through_units(Index s) {
  const Stage& stage = network_.form().stages()[s];
  for (Index u = 0; u < size_of(stage.units); ++u) {
    const Unit& unit = stage.units[u];
    const double* left = values_ + u * lanes_;
    double* out = rows_ + unit.first_row * lanes_;
    const BlockKernels::Field place = field(stage.first_unit + u);
    if (unit.kind == UnitKind::maximum) {
      kernels_.through_maximum(left, unit.row_count, place, out, lanes_);
    } else {
      kernels_.through_piecewise(left, network_.function(unit), place, out, offset_, lanes_);
    }
  }
}

void BlockPass::back_through_map(Index s) {
  const Stage& stage = network_.form().stages()[s];
  const BlockMap& map = network_.map(s);
  if (stage.carried.empty()) {
    kernels_.multiply(map.backward(), zeros_.data(), rows_, next_, lanes_);
  } else {
    std::fill_n(next_, map.columns() * lanes_, 0.0);
    for (Index c = 0; c < size_of(stage.carried); ++c) {
      const double* left = values_ + (size_of(stage.units) + c) * lanes_;
      double* out = next_ + stage.carried[c] * lanes_;
      for (Index p = 0; p < lanes_; ++p) out[p] += left[p];
    }
    kernels_.multiply(map.backward(), nullptr, rows_, next_, lanes_);
  }
  kernels_.multiply(map.bias_row(), nullptr, rows_, offset_, lanes_);
  std::swap(values_, next_);
}

void BlockPass::store(Index output, double* coef, double* intercept) const {
  const Index n = network_.form().output_size();
  const Index m = network_.form().input_size();
  for (Index first = 0; first < count_; first += kBlockLanes) {
    const Index points = std::min(kBlockLanes, count_ - first);
    double* out = coef + (first * n + output) * m;
    for (Index j = 0; j < m; ++j) {
      const double* plane = values_ + j * lanes_ + first;
      for (Index q = 0; q < points; ++q) out[q * n * m + j] = plane[q];
    }
  }
  for (Index p = 0; p < count_; ++p) intercept[p * n + output] = offset_[p];
}

}  // namespace facetry
