// The partition of a continuous piecewise-linear map is face to face: on a facet every
// pre-activation has the same value from both sides, so only units whose pre-activation is on a
// breakpoint along the whole facet (tight or flat ones) can change. Those are decided, stage by
// stage, by the sign of their derivative along the outward normal.
#include "partition/adjacency.hpp"

#include <algorithm>
#include <cmath>

#include "base/lengths.hpp"
#include "state/fixed_state_pass.hpp"

namespace facetry {

namespace {}  // namespace

Adjacency::Adjacency(const NormalForm& form, const FreeSpace& space, const StateLayout& layout,
                     const BoundaryIds& ids, const Tolerances& tolerances)
    : form_(form),
      space_(space),
      layout_(layout),
      ids_(ids),
      tolerances_(tolerances),
      predicates_(form, tolerances),
      pass_(std::make_unique<FixedStatePass>(form, tolerances)) {
  pass_->start_in(space);
}

Adjacency::~Adjacency() = default;

void Adjacency::find_flat(const StateWord* state) {
  flat_.clear();
  for (Index s = 0; s < size_of(form_.stages()); ++s) {
    for (Index u = 0; u < size_of(form_.stages()[s].units); ++u) find_flat_unit(state, s, u);
  }
}

void Adjacency::find_flat_unit(const StateWord* state, Index s, Index u) {
  const Index k = space_.dimension();
  const Stage& stage = form_.stages()[s];
  const Unit& unit = stage.units[u];
  const Index piece = layout_.get(state, stage.first_unit + u);
  const double* own = pass_->pre_row(s, unit.first_row);
  if (unit.kind == UnitKind::piecewise) {
    if (!predicates_.zero_gradient(stage, unit.first_row, own, pass_->inputs(s), pass_->scale(s)))
      return;
    const double noise = predicates_.offset_noise(stage, unit.first_row, pass_->scale(s));
    bool flat = false;
    const Index boundary = predicates_.constant_piece(unit, own[k], noise, &flat);
    if (flat) flat_.push_back({s, u, boundary, {}});
    return;
  }
  FlatOrTight equal{s, u, 0, {piece}};
  std::vector<double> row(static_cast<std::size_t>(k + 1));
  for (Index a = 0; a < unit.row_count; ++a) {
    if (a == piece) continue;
    const Index first = unit.first_row + piece;
    const Index second = unit.first_row + a;
    for (Index i = 0; i <= k; ++i) row[i] = pass_->pre(s)(first, i) - pass_->pre(s)(second, i);
    if (!predicates_.zero_difference(stage, first, second, row.data(), pass_->inputs(s),
                                     pass_->scale(s))) {
      continue;
    }
    const double noise = predicates_.offset_noise(stage, first, pass_->scale(s)) +
                         predicates_.offset_noise(stage, second, pass_->scale(s));
    if (std::abs(row[k]) <= noise) equal.arguments.push_back(a);
  }
  if (equal.arguments.size() > 1) flat_.push_back(std::move(equal));
}

std::vector<Index> Adjacency::tied_arguments(const StateWord* state, Index unit) {
  pass_->run(layout_, state);
  flat_.clear();
  const Index s = form_.stage_of(unit);
  find_flat_unit(state, s, unit - form_.stages()[s].first_unit);
  if (flat_.empty()) return {};
  return {flat_.front().arguments.begin() + 1, flat_.front().arguments.end()};
}

std::vector<Index> Adjacency::flat_units(const StateWord* state) {
  pass_->run(layout_, state);
  find_flat(state);
  std::vector<Index> units;
  for (const FlatOrTight& flat : flat_) {
    units.push_back(form_.stages()[flat.stage].first_unit + flat.unit);
  }
  return units;
}

// Does this boundary have a hyperplane on the region (a gradient that is not zero)?
bool Adjacency::usable(Index s, Index u, Index boundary, Index piece) const {
  const Stage& stage = form_.stages()[s];
  const Unit& unit = stage.units[u];
  if (unit.kind == UnitKind::piecewise) {
    const double* raw = pass_->pre_row(s, unit.first_row);
    return !predicates_.zero_gradient(stage, unit.first_row, raw, pass_->inputs(s),
                                      pass_->scale(s));
  }
  const Index first = unit.first_row + piece;
  const Index second = unit.first_row + boundary;
  const RowVector difference = pass_->pre(s).row(first) - pass_->pre(s).row(second);
  return !predicates_.zero_difference(stage, first, second, difference.data(), pass_->inputs(s),
                                      pass_->scale(s));
}

// The normalised row of a boundary, positive on the region whose unit has `piece`.
void Adjacency::boundary_row(Index s, Index u, Index piece, Index boundary,
                             std::vector<double>& row) const {
  const Unit& unit = form_.stages()[s].units[u];
  const Index k = space_.dimension();
  row.resize(static_cast<std::size_t>(k + 1));
  if (unit.kind == UnitKind::maximum) {
    for (Index i = 0; i <= k; ++i) {
      row[i] =
          pass_->pre(s)(unit.first_row + piece, i) - pass_->pre(s)(unit.first_row + boundary, i);
    }
  } else {
    const double sign = piece > boundary ? 1.0 : -1.0;
    for (Index i = 0; i <= k; ++i) row[i] = sign * pass_->pre(s)(unit.first_row, i);
    row[k] -= sign * form_.function(unit).breakpoints()[boundary];
  }
  const double length = gradient_length(row.data(), k);
  for (double& entry : row) entry /= length;
}

void Adjacency::facet_row(const StateWord* state, const Boundary& facet,
                          std::vector<double>& row) const {
  const Index k = space_.dimension();
  if (!facet.is_side()) {
    const Index s = form_.stage_of(facet.unit);
    const Index u = facet.unit - form_.stages()[s].first_unit;
    boundary_row(s, u, layout_.get(state, facet.unit), facet.boundary, row);
    return;
  }
  const auto& sides = space_.sides();
  const Index c = std::find(sides.begin(), sides.end(), facet.boundary) - sides.begin();
  Vector gradient;
  space_.constraints().gradient(c, gradient);
  row.assign(gradient.data(), gradient.data() + k);
  row.push_back(space_.constraints().slack(c, Vector::Zero(k)));
}

void Adjacency::find_tight(const StateWord* state, const std::vector<double>& row,
                           FacetAcross& facet, std::vector<FlatOrTight>& open) const {
  open = flat_;
  std::vector<double> other;
  const auto same = [&] {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (std::abs(row[i] - other[i]) > tolerances_.same_hyperplane) return false;
    }
    return true;
  };
  for (Index s = 0; s < size_of(form_.stages()); ++s) {
    const Stage& stage = form_.stages()[s];
    for (Index u = 0; u < size_of(stage.units); ++u) {
      const Unit& unit = stage.units[u];
      const Index piece = layout_.get(state, stage.first_unit + u);
      FlatOrTight tight{s, u, 0, {}};
      bool found = false;
      const auto try_boundary = [&](Index boundary, Index to) {
        if (!usable(s, u, boundary, piece)) return;
        boundary_row(s, u, piece, boundary, other);
        if (!same()) return;
        facet.tight.push_back({stage.first_unit + u, piece, to});
        found = true;
        tight.boundary = boundary;
        tight.arguments.push_back(boundary);
      };
      if (unit.kind == UnitKind::piecewise) {
        if (piece > 0) try_boundary(piece - 1, piece - 1);
        if (piece + 1 < form_.piece_count(unit)) try_boundary(piece, piece + 1);
      } else {
        for (Index a = 0; a < unit.row_count; ++a) {
          if (a != piece) try_boundary(a, a);
        }
      }
      if (!found) continue;
      const auto flat = std::find_if(open.begin(), open.end(), [&](const FlatOrTight& f) {
        return f.stage == s && f.unit == u;
      });
      if (flat !=
          open.end()) {  // a maximum with arguments that coincide everywhere, and others here
        flat->arguments.insert(flat->arguments.end(), tight.arguments.begin(),
                               tight.arguments.end());
      } else {
        tight.arguments.push_back(piece);
        open.push_back(std::move(tight));
      }
    }
  }
}

// Walks the derivative along the outward normal through the network, deciding the open units.
void Adjacency::step_across(const StateWord* state, const std::vector<double>& row,
                            const std::vector<FlatOrTight>& open, FacetAcross& facet) const {
  const Index k = space_.dimension();
  facet.state.assign(state, state + layout_.words());
  Matrix slopes(space_.input_size(), 1);
  slopes.col(0) = -space_.basis() * Eigen::Map<const Vector>(row.data(), k);
  Matrix pre;
  for (Index s = 0; s < size_of(form_.stages()); ++s) {
    const Stage& stage = form_.stages()[s];
    stage.map.multiply(slopes, pre);
    const double largest = slopes.rows() > 0 ? slopes.cwiseAbs().maxCoeff() : 0.0;
    const auto zero = [&](Index r) {
      return tolerances_.zero_gradient * stage.map.row_norms()[r] * largest;
    };
    for (Index r = 0; r < pre.rows(); ++r) {  // as FixedStatePass does
      if (std::abs(pre(r, 0)) <= zero(r)) pre(r, 0) = 0.0;
    }
    for (const FlatOrTight& unit_here : open) {
      if (unit_here.stage != s) continue;
      const Unit& unit = stage.units[unit_here.unit];
      const Index number = stage.first_unit + unit_here.unit;
      Index piece = 0;
      if (unit.kind == UnitKind::piecewise) {
        const bool rises = pre(unit.first_row, 0) > zero(unit.first_row);
        piece = rises ? unit_here.boundary + 1 : unit_here.boundary;
      } else {
        std::vector<Index> arguments = unit_here.arguments;
        std::sort(arguments.begin(), arguments.end());
        piece = arguments.front();
        for (const Index a : arguments) {
          const double lead = pre(unit.first_row + a, 0) - pre(unit.first_row + piece, 0);
          if (lead > zero(unit.first_row + a) + zero(unit.first_row + piece)) piece = a;
        }
      }
      if (piece != layout_.get(state, number)) facet.changes.push_back(number);
      layout_.set(facet.state.data(), number, piece);
    }
    Matrix next(stage.width(), 1);
    for (Index u = 0; u < size_of(stage.units); ++u) {
      const Unit& unit = stage.units[u];
      const Index piece = layout_.get(facet.state.data(), stage.first_unit + u);
      next(u, 0) = unit.kind == UnitKind::maximum
                       ? pre(unit.first_row + piece, 0)
                       : form_.function(unit).slope(piece) * pre(unit.first_row, 0);
    }
    for (Index c = 0; c < size_of(stage.carried); ++c) {
      next(size_of(stage.units) + c, 0) = slopes(stage.carried[c], 0);
    }
    slopes = std::move(next);
  }
  std::sort(facet.changes.begin(), facet.changes.end());
}

FacetAcross Adjacency::across_one(const StateWord* state, const Boundary& facet) {
  FacetAcross result;
  std::vector<double> row;
  std::vector<FlatOrTight> open;
  facet_row(state, facet, row);
  find_tight(state, row, result, open);
  if (!facet.is_side()) step_across(state, row, open, result);
  return result;
}

std::vector<FacetAcross> Adjacency::across(const StateWord* state,
                                           const std::vector<Origin>& facets) {
  pass_->run(layout_, state);
  find_flat(state);
  std::vector<FacetAcross> result;
  for (const Origin facet : facets) result.push_back(across_one(state, ids_.at(facet)));
  return result;
}

}  // namespace facetry
