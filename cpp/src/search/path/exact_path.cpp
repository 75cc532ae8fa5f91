// The functions of a path's stages in exact integers, made as far as they are asked for, and the
// programs over them.
#include "search/path/exact_path.hpp"

#include <algorithm>

#include "base/infinity.hpp"

namespace facetry {

ExactPath::ExactPath(const SearchPlan& plan, std::function<bool()> keep_going)
    : plan_(plan),
      region_(plan.exact_region()),
      width_(plan.dimension() + 1),
      stages_(static_cast<std::size_t>(plan.stage_count() + 1)),
      program_(plan.dimension(), std::move(keep_going)) {
  for (Index s = 0; s <= plan.stage_count(); ++s) {
    const AffineMap& map = map_into(s);
    stages_[s].rows.resize(static_cast<std::size_t>(map.rows()));
    stages_[s].has_row.resize(stages_[s].rows.size());
    stages_[s].values.resize(static_cast<std::size_t>(map.columns()));
    stages_[s].has_value.resize(stages_[s].values.size());
  }
}

// The map that makes a stage's pre-activations, or the outputs.
const AffineMap& ExactPath::map_into(Index stage) const {
  return stage == plan_.stage_count() ? plan_.form().output() : plan_.stage(stage).stage->map;
}

// Forgets what was computed for other states of the stages before.
void ExactPath::follow(const StateWord* state, Index stage) {
  for (Index s = 1; s <= stage; ++s) {
    StageCache& cache = stages_[s];
    const Index units =
        s == plan_.stage_count() ? plan_.layout().units() : plan_.stage(s).stage->first_unit;
    cache.pieces.resize(static_cast<std::size_t>(units), -1);
    bool same = true;
    for (Index u = 0; u < units; ++u) {
      const Index piece = plan_.layout().get(state, u);
      same = same && cache.pieces[u] == piece;
      cache.pieces[u] = piece;
    }
    if (same) continue;
    ++cache.epoch;
    std::fill(cache.has_row.begin(), cache.has_row.end(), char{0});
    std::fill(cache.has_value.begin(), cache.has_value.end(), char{0});
  }
}

// REQUIRES follow(state, stage).
const ExactRow& ExactPath::row(const StateWord* state, Index stage, Index number) {
  StageCache& cache = stages_[stage];
  if (!cache.has_row[number]) {
    cache.rows[number] = computed_row(state, stage, number);
    cache.has_row[number] = 1;
  }
  return cache.rows[number];
}

ExactRow ExactPath::computed_row(const StateWord* state, Index stage, Index number) {
  const AffineMap& map = map_into(stage);
  ExactRow sum = ExactRow::zero(width_);
  map.for_row(number, [&](Index j, double weight) {
    if (weight != 0.0) sum.add(weight, stage == 0 ? region_.inputs()[j] : value(state, stage, j));
  });
  sum.add(map.bias()[number], region_.one());
  sum.reduce();
  return sum;
}

// Value number j of the stage before `stage`.
const ExactRow& ExactPath::value(const StateWord* state, Index stage, Index number) {
  StageCache& cache = stages_[stage];
  if (!cache.has_value[number]) {
    cache.values[number] = computed_value(state, stage, number);
    cache.has_value[number] = 1;
  }
  return cache.values[number];
}

ExactRow ExactPath::computed_value(const StateWord* state, Index stage, Index number) {
  const StagePlan& before = plan_.stage(stage - 1);
  const Index units = size_of(before.units);
  if (number >= units) {
    const Index from = before.stage->carried[number - units];
    return stage == 1 ? region_.inputs()[from] : value(state, stage - 1, from);
  }
  const PlannedUnit& unit = before.units[number];
  const Index piece = plan_.layout().get(state, unit.number);
  if (unit.function == nullptr) return row(state, stage - 1, unit.first_row + piece);
  ExactRow result = ExactRow::zero(width_);
  const double slope = unit.function->slope(piece);
  if (slope != 0.0) result.add(slope, row(state, stage - 1, unit.first_row));
  result.add(unit.function->intercept(piece), region_.one());
  return result;
}

ExactRow ExactPath::computed_function(const StateWord* state, const ExactBoundary& boundary) {
  ExactRow result = row(state, boundary.stage, boundary.first);
  if (boundary.second >= 0) {
    result.add(-1.0, row(state, boundary.stage, boundary.second));
  } else {
    result.add(-boundary.t, region_.one());
  }
  return result;
}

const ExactRow& ExactPath::function(const Path& path, const ExactBoundary& boundary) {
  follow(path.state, boundary.stage);
  function_ = computed_function(path.state, boundary);
  return function_;
}

// The sides of the region, and the cuts: from one path to the next most stay.
void ExactPath::load(const Path& path) {
  const Index sides = size_of(region_.sides());
  if (constraints_.empty()) constraints_ = region_.sides();
  Index last = -1;
  for (const PathCut& cut : path.cuts) last = std::max(last, cut.boundary.stage);
  if (last >= 0) follow(path.state, last);
  const Index count = size_of(path.cuts);
  constraints_.resize(static_cast<std::size_t>(sides + count));
  loaded_.resize(static_cast<std::size_t>(count));
  for (Index i = 0; i < count; ++i) {
    const PathCut& cut = path.cuts[i];
    const Loaded wanted{cut.boundary, stages_[cut.boundary.stage].epoch, cut.above};
    Loaded& own = loaded_[i];
    ExactRow& row = constraints_[sides + i];
    if (own.boundary == wanted.boundary && own.epoch == wanted.epoch) {
      if (own.above != cut.above) row.negate();
    } else {
      row = computed_function(path.state, cut.boundary);
      if (!cut.above) row.negate();
    }
    own = wanted;
  }
}

Origin ExactPath::origin_of(const Path& path, Index constraint) const {
  const std::vector<Index>& sides = plan_.space().sides();
  if (constraint >= size_of(sides)) return path.cuts[constraint - size_of(sides)].origin;
  return Origin::side(sides[constraint]);
}

bool ExactPath::reaches(const Path& path, const ExactBoundary& boundary, bool above,
                        std::span<const Origin> near) {
  ExactRow own = function(path, boundary);
  if (own.is_constant()) return above ? own.offset_sign() > 0 : own.offset_sign() < 0;
  if (!above) own.negate();
  load(path);
  std::vector<char> is_near(constraints_.size(), char{0});
  for (Index i = 0; i < size_of(constraints_); ++i) {
    is_near[i] = std::find(near.begin(), near.end(), origin_of(path, i)) != near.end() ? 1 : 0;
    if (!is_near[i] || constraints_[i].is_constant()) continue;
    if (own.sign_of_quotient(constraints_[i]) < 0) return false;  // it is that one's other side
  }
  const Index first = 0;
  for (const bool all : {false, true}) {
    program_.clear();
    program_.refer_to(own);
    for (Index i = 0; i < size_of(constraints_); ++i) {
      if (all || is_near[i]) program_.refer_to(constraints_[i]);
    }
    if (!program_.has_interior({&first, 1})) return false;
  }
  return true;
}

ExactRow ExactPath::objective_of(const StateWord* state, const Vector& weights) {
  const Index last = plan_.stage_count();
  follow(state, last);
  ExactRow sum = ExactRow::zero(width_);
  for (Index i = 0; i < weights.size(); ++i) {
    if (weights[i] != 0.0) sum.add(weights[i], row(state, last, i));
  }
  sum.reduce();
  return sum;
}

// Of constraints that bound one coordinate each: the bound that counts, coordinate by coordinate.
ExactProgram::Extreme ExactPath::most_in_box(const ExactRow& objective,
                                             std::span<const Index> asked, double* point) const {
  using Kind = ExactProgram::Extreme::Kind;
  const Index k = width_ - 1;
  struct Limit {
    Integer top, below = 0;  // top / below; below = 0: there is none
  };
  std::vector<Limit> low(static_cast<std::size_t>(k)), high(low);
  for (const Index i : asked) {
    const ExactRow& row = constraints_[i];
    Index c = 0;
    while (row.entries[c].is_zero()) ++c;
    const Integer below = abs(row.entries[c]);
    const Integer top = row.entries[c].sign() > 0 ? -row.entries[k] : row.entries[k];
    Limit& limit = row.entries[c].sign() > 0 ? low[c] : high[c];
    const bool better = limit.below.is_zero() ||
                        (row.entries[c].sign() > 0 ? top * limit.below > limit.top * below
                                                   : top * limit.below < limit.top * below);
    if (better) limit = {top, below};
  }
  ExactProgram::Extreme most{Kind::found, objective.entries[k], 1};
  for (Index c = 0; c < k; ++c) {
    if (!low[c].below.is_zero() && !high[c].below.is_zero() &&
        low[c].top * high[c].below > high[c].top * low[c].below) {
      return {Kind::infeasible};
    }
    const int sign = objective.entries[c].sign();
    const Limit& limit = sign > 0 || low[c].below.is_zero() ? high[c] : low[c];
    if (limit.below.is_zero()) {
      if (sign != 0) return {Kind::unbounded};
      point[c] = 0.0;
      continue;
    }
    point[c] = quotient_of(limit.top, limit.below);
    if (sign == 0) continue;
    most.numerator =
        most.numerator * limit.below + objective.entries[c] * limit.top * most.denominator;
    most.denominator *= limit.below;
    const Integer shared = gcd(most.numerator, most.denominator);
    most.numerator /= shared;
    most.denominator /= shared;
  }
  return most;
}

double ExactPath::most(const Path& path, const Vector& weights, std::span<const Index> near,
                       bool all, double* point) {
  using Kind = ExactProgram::Extreme::Kind;
  const ExactRow objective = objective_of(path.state, weights);
  load(path);
  std::vector<Index> asked(near.begin(), near.end());
  for (Index i = 0; all && i < size_of(constraints_); ++i) {
    if (std::find(near.begin(), near.end(), i) == near.end()) asked.push_back(i);
  }
  std::erase_if(asked, [&](Index i) {  // a constraint without a gradient says nothing, or all
    return constraints_[i].is_constant() && constraints_[i].offset_sign() >= 0;
  });
  const bool is_box = std::all_of(asked.begin(), asked.end(),
                                  [&](Index i) { return constraints_[i].bounds_one_variable(); });
  if (!is_box && width_ - 1 > kMostExact) return kInfinity;
  ExactProgram::Extreme most;
  if (is_box) {
    most = most_in_box(objective, asked, point);
  } else {
    program_.clear();
    std::vector<Index> first;
    for (const Index i : asked) {
      const Index number = program_.refer_to(constraints_[i]);
      if (number < size_of(near)) first.push_back(number);
    }
    most = program_.maximise(objective, first, point);
  }
  if (most.kind == Kind::infeasible) return -kInfinity;
  if (most.kind == Kind::unbounded) return kInfinity;
  const ExactRow& one = region_.one();
  return quotient_above(most.numerator, most.denominator * one.entries.back(),
                        objective.exponent - one.exponent);
}

bool ExactPath::has_interior(const Path& path, double* point) {
  load(path);
  program_.clear();
  for (const ExactRow& constraint : constraints_) program_.refer_to(constraint);
  return program_.has_interior({}, point);
}

bool ExactPath::is_needed(Index constraint, std::span<const Index> others) {
  program_.clear();
  ExactRow beyond = constraints_[constraint];
  beyond.negate();
  const Index first = program_.refer_to(beyond);
  for (const Index other : others) program_.refer_to(constraints_[other]);
  return program_.has_interior({&first, 1});
}

}  // namespace facetry
