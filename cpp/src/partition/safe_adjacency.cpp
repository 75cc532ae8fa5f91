// On a facet every pre-activation has the same value from both sides, so behind it only units can
// change that are on a breakpoint along all of it; their gradient there is a multiple of the
// facet's normal, so its sign is that of any one entry.
#include "partition/safe_adjacency.hpp"

#include <algorithm>
#include <cmath>

#include "base/rounding.hpp"

namespace facetry {

namespace {

Matrix inputs_of(const SearchPlan& plan) {
  return Eigen::Map<const Matrix>(plan.inputs(), plan.space().input_size(), plan.dimension() + 1);
}

}  // namespace

SafeAdjacency::SafeAdjacency(const SearchPlan& plan, const BoundaryIds& ids)
    : plan_(plan),
      ids_(ids),
      k_(plan.dimension()),
      pass_(plan),
      slope_(plan, true),
      here_(plan),
      there_(plan),
      row_(static_cast<std::size_t>(k_ + 1)),
      other_(static_cast<std::size_t>(k_ + 1)) {
  pass_.inputs(0) = inputs_of(plan);
  pass_.input_errors(0).assign(static_cast<std::size_t>(plan.space().input_size()),
                               plan.exact_region().input_error());
}

ExactRow SafeAdjacency::exact_row(const StateWord* state, const Candidate& candidate) {
  if (candidate.number < 0) return plan_.exact_region().sides()[candidate.argument];
  ExactRow row = here_.function({state, {}}, candidate.boundary);
  if (candidate.sign < 0.0) row.negate();
  return row;
}

void SafeAdjacency::begin_list(const StateWord* state) {
  pass_.run(state);
  candidates_.clear();
  rows_.clear();
  flat_.clear();
}

// The boundaries that may touch the region, and the flat units.
void SafeAdjacency::list_boundaries(const StateWord* state) {
  begin_list(state);
  for (Index s = 0; s < plan_.stage_count(); ++s) {
    for (Index u = 0; u < size_of(plan_.stage(s).units); ++u) list_boundaries_of(state, s, u);
  }
}

void SafeAdjacency::list_boundaries_of(const StateWord* state, Index s, Index u) {
  const PlannedUnit& unit = plan_.stage(s).units[u];
  const Index piece = plan_.layout().get(state, unit.number);
  if (unit.function == nullptr) {
    for (Index a = 0; a < unit.row_count; ++a) {
      if (a == piece) continue;
      add_boundary(state,
                   {{s, unit.first_row + piece, unit.first_row + a, 0.0}, u, unit.number, a, a});
    }
    return;
  }
  const auto& breakpoints = unit.function->breakpoints();
  for (const Index b : {piece - 1, piece}) {
    if (b < 0 || b >= size_of(breakpoints)) continue;
    const bool above = piece > b;
    add_boundary(state, {{s, unit.first_row, -1, breakpoints[b]},
                         u,
                         unit.number,
                         b,
                         above ? b : b + 1,
                         above ? 1.0 : -1.0});
  }
}

std::vector<Index> SafeAdjacency::tied_arguments(const StateWord* state, Index unit) {
  begin_list(state);
  const Index s = plan_.form().stage_of(unit);
  list_boundaries_of(state, s, unit - plan_.stage(s).first_unit);
  if (flat_.empty()) return {};
  return {flat_.front().arguments.begin() + 1, flat_.front().arguments.end()};
}

void SafeAdjacency::add_boundary(const StateWord* state, Candidate candidate) {
  const ExactBoundary& boundary = candidate.boundary;
  const double* first = pass_.pre(boundary.stage, boundary.first);
  double error = pass_.error(boundary.stage, boundary.first);
  double sum = 0.0;
  if (boundary.second >= 0) error += pass_.error(boundary.stage, boundary.second);
  for (Index c = 0; c <= k_; ++c) {
    row_[c] = candidate.sign * first[c];
    if (boundary.second >= 0) row_[c] -= pass_.pre(boundary.stage, boundary.second)[c];
    if (c == k_) row_[c] -= candidate.sign * boundary.t;
    const double size = std::abs(row_[c]);
    error += rounding_of(2) * size;
    if (c < k_) sum += size;
  }
  const double entries = static_cast<double>(k_ + 1);
  if (std::abs(row_[k_]) > 1.02 * (sum + entries * error)) return;  // it passes the region by
  double length = gradient_length(row_.data(), k_);
  if (error > plan_.tolerances().row_error * length ||
      length == 0.0) {  // as computed it says too little
    const ExactRow exact = exact_row(state, candidate);
    if (exact.is_constant()) {
      if (exact.offset_sign() == 0)
        add_flat(candidate, plan_.layout().get(state, candidate.number));
      return;
    }
    exact.scaled(row_.data());
    length = gradient_length(row_.data(), k_);
    error = 0.0;
  }
  normalise(row_.data(), k_, 0.0, length, row_.data());
  const double size = 1.0 + std::abs(row_[k_]);
  candidate.error =
      (1.02 * error / length * std::sqrt(entries) + rounding_of(2 * k_ + 8)) * 2.0 * size;
  candidates_.push_back(candidate);
  rows_.insert(rows_.end(), row_.begin(), row_.end());
}

void SafeAdjacency::add_flat(const Candidate& candidate, Index piece) {
  const ExactBoundary& boundary = candidate.boundary;
  const bool known =
      !flat_.empty() && flat_.back().stage == boundary.stage && flat_.back().unit == candidate.unit;
  if (!known) flat_.push_back({boundary.stage, candidate.unit, candidate.argument, {}});
  if (boundary.second < 0) return;
  if (!known) flat_.back().arguments.push_back(piece);
  flat_.back().arguments.push_back(candidate.argument);
}

std::vector<Index> SafeAdjacency::flat_units(const StateWord* state) {
  list_boundaries(state);
  std::vector<Index> units;
  for (const Open& flat : flat_) units.push_back(plan_.stage(flat.stage).units[flat.unit].number);
  return units;
}

std::vector<FacetAcross> SafeAdjacency::across(const StateWord* state,
                                               const std::vector<Origin>& facets) {
  list_boundaries(state);
  std::vector<FacetAcross> result;
  for (const Origin facet : facets) result.push_back(across_one(state, facet));
  return result;
}

Index SafeAdjacency::candidate_of(Origin facet) const {
  const Boundary boundary = ids_.at(facet);
  for (Index i = 0; i < size_of(candidates_); ++i) {
    if (candidates_[i].number == boundary.unit && candidates_[i].argument == boundary.boundary)
      return i;
  }
  return -1;
}

// A side of the region, as a candidate of no unit behind the others.
void SafeAdjacency::add_side(Origin facet) {
  const auto& sides = plan_.space().sides();
  Candidate side;
  side.number = -1;
  side.argument = std::find(sides.begin(), sides.end(), facet.number()) - sides.begin();
  plan_.exact_region().sides()[side.argument].scaled(row_.data());
  normalise(row_.data(), k_, 0.0, gradient_length(row_.data(), k_), row_.data());
  side.error = 2.0 * rounding_of(2 * k_ + 8) * (1.0 + std::abs(row_[k_]));
  candidates_.push_back(side);
  rows_.insert(rows_.end(), row_.begin(), row_.end());
}

// Multiples of each other as the network has them? REQUIRES: near each other.
bool SafeAdjacency::are_copies(Index a, Index b) const {
  if (candidates_[a].number < 0 || candidates_[b].number < 0) return false;
  const ExactBoundary& first = candidates_[a].boundary;
  const ExactBoundary& second = candidates_[b].boundary;
  if (first.stage != second.stage || first.second >= 0 || second.second >= 0) return false;
  if (first.t != 0.0 || second.t != 0.0) return false;
  const RowCopies& copies = plan_.stage(first.stage).copies;
  return copies.any() && copies.first(first.first) == copies.first(second.first);
}

bool SafeAdjacency::same_hyperplane(const StateWord* state, Index a, Index b) {
  const double* first = rows_.data() + a * (k_ + 1);
  const double* second = rows_.data() + b * (k_ + 1);
  const double error = candidates_[a].error + candidates_[b].error;
  for (Index c = 0; c <= k_; ++c) {
    if (std::abs(first[c] - second[c]) > error) return false;
  }
  if (a == b || are_copies(a, b)) return true;
  return exact_row(state, candidates_[a]).sign_of_quotient(exact_row(state, candidates_[b])) > 0;
}

FacetAcross SafeAdjacency::across_one(const StateWord* state, Origin facet) {
  FacetAcross result;
  const Index count = size_of(candidates_);
  if (facet.is_side()) add_side(facet);
  const Index own = facet.is_side() ? count : candidate_of(facet);
  if (own < 0) return result;  // it does not touch the region: the list is not of this network
  open_ = flat_;
  for (Index i = 0; i < count; ++i) {
    if (!same_hyperplane(state, own, i)) continue;
    const Candidate& candidate = candidates_[i];
    const Index stage = candidate.boundary.stage;
    const Index piece = plan_.layout().get(state, candidate.number);
    result.tight.push_back({candidate.number, piece, candidate.to});
    auto at = std::find_if(open_.begin(), open_.end(), [&](const Open& open) {
      return open.stage == stage && open.unit == candidate.unit;
    });
    if (at == open_.end()) {
      at = open_.insert(open_.end(), {stage, candidate.unit, candidate.argument, {piece}});
    }
    at->arguments.push_back(candidate.argument);
  }
  if (facet.is_side()) {
    candidates_.pop_back();
    rows_.resize(rows_.size() - static_cast<std::size_t>(k_ + 1));
  } else {
    step_across(state, own, result);
  }
  return result;
}

// Stage by stage from the first with an open unit, whose inputs are those of the region, to the
// last.
void SafeAdjacency::step_across(const StateWord* state, Index facet, FacetAcross& result) {
  result.state.assign(state, state + plan_.layout().words());
  const double* row = rows_.data() + facet * (k_ + 1);
  Index axis = 0;
  for (Index c = 0; c < k_; ++c) {
    other_[c] = -row[c];
    if (std::abs(row[c]) > std::abs(row[axis])) axis = c;
  }
  const int outward = row[axis] > 0.0 ? -1 : 1;
  std::stable_sort(open_.begin(), open_.end(),
                   [](const Open& a, const Open& b) { return a.stage < b.stage; });
  Index s = open_.front().stage;
  const Index first = s;
  std::size_t next = 0;
  while (true) {
    begin_stage(s, first, other_.data());
    for (; next < open_.size() && open_[next].stage == s; ++next) {
      const Index number = plan_.stage(s).units[open_[next].unit].number;
      const Index piece = piece_behind(open_[next], result.state.data(), axis, outward);
      if (piece != plan_.layout().get(state, number)) result.changes.push_back(number);
      plan_.layout().set(result.state.data(), number, piece);
    }
    if (next == open_.size()) break;
    slope_.finish_stage(s++, result.state.data());
  }
  std::sort(result.changes.begin(), result.changes.end());
}

// The derivatives of the stage's pre-activations (and, for the first stage, of its inputs: they are
// carried).
void SafeAdjacency::begin_stage(Index s, Index first, const double* direction) {
  if (s > first) {
    slope_.enter_stage(s);
    return;
  }
  double length = 0.0;
  for (Index c = 0; c < k_; ++c) length += std::abs(direction[c]);
  const auto along = [&](const double* row, double own_error, double& out, double& error) {
    double size = 0.0;
    out = 0.0;
    for (Index c = 0; c < k_; ++c) {
      out += row[c] * direction[c];
      size += std::abs(row[c] * direction[c]);
    }
    error = 1.01 * length * own_error + rounding_of(k_ + 4) * size;
  };
  const Index rows = plan_.stage(s).stage->map.rows();
  slope_.pre(s).resize(rows, 1);
  slope_.errors(s).ensure(rows);
  for (Index r = 0; r < rows; ++r) {
    along(pass_.pre(s, r), pass_.error(s, r), slope_.pre(s)(r, 0), slope_.errors(s)[r]);
  }
  if (open_.back().stage == s) return;
  const Matrix& inputs = pass_.inputs(s);
  slope_.inputs(s).resize(inputs.rows(), 1);
  slope_.input_errors(s).resize(static_cast<std::size_t>(inputs.rows()));
  for (Index j = 0; j < inputs.rows(); ++j) {
    along(inputs.data() + j * (k_ + 1), pass_.input_errors(s)[j], slope_.inputs(s)(j, 0),
          slope_.input_errors(s)[j]);
  }
}

// A rising unit takes the piece above its breakpoint, a maximum the steepest of its arguments, the
// lowest of those that are equal.
Index SafeAdjacency::piece_behind(const Open& open, const StateWord* state, Index axis,
                                  int outward) {
  const PlannedUnit& unit = plan_.stage(open.stage).units[open.unit];
  const Index s = open.stage;
  if (unit.function != nullptr) {
    const Index r = unit.first_row;
    const double t = unit.function->breakpoints()[open.boundary];
    const double slope = *slope_.pre(s, r);
    const bool certain =
        std::abs(slope) > slope_.error(s, r) || (slope == 0.0 && slope_.error(s, r) == 0.0);
    const bool rises = certain ? slope > 0.0 : slope_sign(state, {s, r, -1, t}, axis, outward) > 0;
    return rises ? open.boundary + 1 : open.boundary;
  }
  std::vector<Index> arguments = open.arguments;
  std::sort(arguments.begin(), arguments.end());
  Index best = arguments.front();
  for (const Index a : arguments) {
    if (a == best) continue;
    const Index r = unit.first_row + a;
    const Index other = unit.first_row + best;
    const double lead = *slope_.pre(s, r) - *slope_.pre(s, other);
    const double error =
        slope_.error(s, r) + slope_.error(s, other) + rounding_of(2) * std::abs(lead);
    const bool certain = std::abs(lead) > error || (lead == 0.0 && error == 0.0);
    if (certain ? lead > 0.0 : slope_sign(state, {s, r, other, 0.0}, axis, outward) > 0) best = a;
  }
  return best;
}

int SafeAdjacency::slope_sign(const StateWord* state, const ExactBoundary& boundary, Index axis,
                              int outward) {
  return outward * there_.function({state, {}}, boundary).entries[axis].sign();
}

}  // namespace facetry
