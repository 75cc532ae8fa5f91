// Forward, on demand: a row asks for the values that it is a sum of, and these for their rows.
#include "partition/shared_rows.hpp"

#include <algorithm>
#include <bit>
#include <limits>

namespace facetry {

SharedRows::SharedRows(const NormalForm& form, const StateLayout& layout)
    : form_(form),
      layout_(layout),
      m_(form.input_size()),
      width_((form.input_size() + 2) / 2 * 2),
      stages_(form.stages().size()),
      state_(static_cast<std::size_t>(layout.words()), 0),
      own_(static_cast<std::size_t>(width_)) {
  for (Index s = 0; s < size_of(stages_); ++s) {
    const Stage& stage = form.stages()[s];
    StageRows& own = stages_[s];
    own.rows.resize(static_cast<std::size_t>(stage.map.rows() * width_));
    own.row_epochs.assign(static_cast<std::size_t>(stage.map.rows()), 0);
    own.scaled.resize(own.rows.size());
    own.scale_epochs.assign(own.row_epochs.size(), 0);
    own.values.resize(static_cast<std::size_t>(stage.width()));
    own.value_epochs.assign(static_cast<std::size_t>(stage.width()), 0);
    own.mask.assign(static_cast<std::size_t>(layout.words()), 0);
    for (Index u = 0; u < size_of(stage.units); ++u) {
      layout.set(own.mask.data(), stage.first_unit + u, layout.most(stage.first_unit + u));
      stage_of_.push_back(s);
    }
    own.only_relus = only_relus(stage);
  }
}

// Nothing but ReLUs, their states single bits in order?
bool SharedRows::only_relus(const Stage& stage) const {
  if (!stage.carried.empty() || stage.units.empty()) return false;
  for (Index u = 0; u < size_of(stage.units); ++u) {
    const Unit& unit = stage.units[u];
    const bool is_relu = unit.kind == UnitKind::piecewise && form_.function(unit).is_relu();
    if (!is_relu || !layout_.is_single_bit(stage.first_unit + u)) return false;
  }
  return true;
}

void SharedRows::move_to(const StateWord* state) {
  const auto differs = [&](const StageRows& stage) {
    StateWord found = 0;
    for (Index w = 0; w < layout_.words(); ++w) found |= (state[w] ^ state_[w]) & stage.mask[w];
    return found != 0;
  };
  bool changed = !begun_;
  for (StageRows& stage : stages_) {
    changed = changed || differs(stage);
    if (changed) ++stage.epoch;
  }
  begun_ = true;
  std::copy_n(state, layout_.words(), state_.begin());
}

void SharedRows::boundary(const Boundary& boundary, double* out) {
  const Index s = stage_of_[boundary.unit];
  const Stage& stage = form_.stages()[s];
  const Unit& unit = stage.units[boundary.unit - stage.first_unit];
  const Index piece = layout_.get(state_.data(), boundary.unit);
  if (unit.kind == UnitKind::maximum) {
    const double* winner = row(s, unit.first_row + piece);
    const double* loser = row(s, unit.first_row + boundary.boundary);
    for (Index c = 0; c <= m_; ++c) out[c] = winner[c] - loser[c];
    return;
  }
  const double sign = piece > boundary.boundary ? 1.0 : -1.0;
  const double* own = row(s, unit.first_row);
  for (Index c = 0; c <= m_; ++c) out[c] = sign * own[c];
  out[m_] -= sign * form_.function(unit).breakpoints()[boundary.boundary];
}

// Units with one breakpoint keep theirs: it stays while the row does.
SharedRows::Unscaled SharedRows::unscaled(const Boundary& facet) {
  const Index s = stage_of_[facet.unit];
  const Unit& unit = form_.stages()[s].units[facet.unit - form_.stages()[s].first_unit];
  if (unit.kind == UnitKind::maximum || form_.function(unit).pieces() != 2) {
    boundary(facet, own_.data());
    own_epoch_ = 0;
    return {own_.data(), &own_epoch_, 1, 1.0};
  }
  StageRows& own = stages_[s];
  const Index r = unit.first_row;
  const double sign = layout_.get(state_.data(), facet.unit) > 0 ? 1.0 : -1.0;
  const Unscaled found{own.scaled.data() + r * width_, &own.scale_epochs[r], rows_epoch(s), sign};
  if (own.scale_epochs[r] != found.now) {
    std::copy_n(row(s, r), width_, found.row);
    found.row[m_] -= form_.function(unit).breakpoints()[0];
  }
  return found;
}

void SharedRows::scale(double* row, double length) const {
  if (length < std::numeric_limits<double>::min()) {  // its inverse may be infinite
    for (Index c = 0; c <= m_; ++c) row[c] /= length;
    return;
  }
  const double inverse = 1.0 / length;
  for (Index c = 0; c <= m_; ++c) row[c] *= inverse;
}

const double* SharedRows::row(Index stage, Index number) {
  StageRows& own = stages_[stage];
  double* out = own.rows.data() + number * width_;
  if (own.row_epochs[number] == rows_epoch(stage)) return out;
  own.row_epochs[number] = rows_epoch(stage);
  const AffineMap& map = form_.stages()[stage].map;
  std::fill_n(out, width_, 0.0);
  out[m_] = map.bias()[number];
  if (stage > 0 && map.is_dense()) {
    add_active(map.dense_row(number), stage - 1, out);
    return out;
  }
  map.for_row(number, [&](Index position, double weight) {
    if (stage == 0) {
      out[position] += weight;
    } else {
      add_value(weight, stage - 1, position, out);
    }
  });
  return out;
}

namespace {

// out += the sum of weight x slope x row, of W numbers: in registers, in sums that do not wait for
// each other.
template <int W>
void add_rows(const double* weights, const SharedRows::Active* active, Index count, double* out) {
  constexpr int kSums = W <= 4 ? 4 : 2;
  double sums[kSums][W] = {};
  const auto add = [&](const SharedRows::Active& value, double* sum) {
    const double factor = weights[value.position] * value.slope;
    for (int c = 0; c < W; ++c) sum[c] += factor * value.row[c];
  };
  Index i = 0;
  for (; i + kSums <= count; i += kSums) {
    for (int s = 0; s < kSums; ++s) add(active[i + s], sums[s]);
  }
  for (; i < count; ++i) add(active[i], sums[0]);
  for (int s = 0; s < kSums; ++s) {
    for (int c = 0; c < W; ++c) out[c] += sums[s][c];
  }
}

void add_rows_of(Index width, const double* weights, const SharedRows::Active* active, Index count,
                 double* out) {
  switch (width) {
    case 2: return add_rows<2>(weights, active, count, out);
    case 4: return add_rows<4>(weights, active, count, out);
    case 6: return add_rows<6>(weights, active, count, out);
    case 8: return add_rows<8>(weights, active, count, out);
    default: break;
  }
  for (Index i = 0; i < count; ++i) {
    const double factor = weights[active[i].position] * active[i].slope;
    for (Index c = 0; c < width; ++c) out[c] += factor * active[i].row[c];
  }
}

}  // namespace

// The values of a stage that are more than a constant, listed once for all rows that read them. All
// of their rows are computed for it: of a dense map nearly every row needs them.
void SharedRows::list_active(Index stage) {
  StageRows& own = stages_[stage];
  own.active_epoch = own.epoch;
  own.active.clear();
  own.others.clear();
  if (own.only_relus) return list_active_relus(stage);
  for (Index position = 0; position < form_.stages()[stage].width(); ++position) {
    const Value& added = value(stage, position);
    if (added.row != nullptr) own.active.push_back({added.row, added.slope, position});
    if (added.intercept != 0.0 || added.input >= 0) own.others.push_back(position);
  }
}

// Each reads its own row, and is on or off.
void SharedRows::list_active_relus(Index stage) {
  const Stage& relus = form_.stages()[stage];
  StageRows& own = stages_[stage];
  for (Index w = 0; w < layout_.words(); ++w) {
    StateWord bits = state_[w] & own.mask[w];
    while (bits != 0) {
      const int leading = std::countl_zero(bits);
      bits &= ~(StateWord{1} << (63 - leading));
      const Index u = w * 64 + leading - relus.first_unit;
      own.active.push_back({row(stage, relus.units[u].first_row), 1.0, u});
    }
  }
}

void SharedRows::add_active(const double* weights, Index stage, double* out) {
  StageRows& own = stages_[stage];
  if (own.active_epoch != own.epoch) list_active(stage);
  add_rows_of(width_, weights, own.active.data(), size_of(own.active), out);
  for (const Index position : own.others) {
    const Value& added = own.values[position];
    if (added.input >= 0) out[added.input] += weights[position];
    out[m_] += weights[position] * added.intercept;
  }
}

inline void SharedRows::add_value(double weight, Index stage, Index position, double* out) {
  const Value& added = value(stage, position);
  if (added.row != nullptr) {
    const double factor = weight * added.slope;
    for (Index c = 0; c <= m_; ++c) out[c] += factor * added.row[c];
  } else if (added.input >= 0) {
    out[added.input] += weight;
  }
  out[m_] += weight * added.intercept;
}

const SharedRows::Value& SharedRows::value(Index stage, Index position) {
  StageRows& own = stages_[stage];
  if (own.value_epochs[position] != own.epoch) {
    own.values[position] = look_up(stage, position);
    own.value_epochs[position] = own.epoch;
  }
  return own.values[position];
}

SharedRows::Value SharedRows::look_up(Index stage, Index position) {
  const Stage& own = form_.stages()[stage];
  if (position >= size_of(own.units)) {
    const Index carried = own.carried[position - size_of(own.units)];
    if (stage == 0) return {nullptr, 0.0, 0.0, carried};
    return value(stage - 1, carried);
  }
  const Unit& unit = own.units[position];
  const Index piece = layout_.get(state_.data(), own.first_unit + position);
  if (unit.kind == UnitKind::maximum) return {row(stage, unit.first_row + piece), 1.0, 0.0, -1};
  const PiecewiseFunction& function = form_.function(unit);
  Value result{nullptr, function.slope(piece), function.intercept(piece), -1};
  if (result.slope != 0.0) result.row = row(stage, unit.first_row);
  return result;
}

}  // namespace facetry
