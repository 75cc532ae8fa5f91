// Points are looked up by their state; where a value is on a boundary up to rounding, by every
// state that it may have.
#include "partition/locate.hpp"

#include <algorithm>
#include <cmath>

namespace facetry {

Locator::Locator(const NormalForm& form, const StateLayout& layout, const RegionView& regions,
                 bool complete)
    : form_(form),
      layout_(layout),
      regions_(regions),
      complete_(complete),
      pre_(form.stages().size()),
      values_(form.stages().size() + 1),
      scale_(form.stages().size() + 1) {
  for (Index s = 0; s < size_of(form.stages()); ++s) {
    values_[s + 1].resize(form.stages()[s].width(), 1);
  }
}

Index Locator::find(const VectorView& x) {
  values_[0] = x;
  if (!form_.stages().empty()) enter_stage(0);
  return regions_.count == 0 ? -1 : descend(0, regions_.count, 0, 0);
}

void Locator::enter_stage(Index s) {
  form_.stages()[s].map.compose(values_[s], pre_[s]);
  scale_[s] = values_[s].rows() > 0 ? values_[s].cwiseAbs().maxCoeff() : 0.0;
}

// Does the point allow this piece, up to rounding?
bool Locator::holds(Index s, Index u, Index piece) const {
  const Stage& stage = form_.stages()[s];
  const Unit& unit = stage.units[u];
  const auto room = [&](Index row) {
    return tolerances_.on_boundary *
           (stage.map.row_norms()[row] * scale_[s] + std::abs(stage.map.bias()[row]));
  };
  if (unit.kind == UnitKind::maximum) {
    const Index own = unit.first_row + piece;
    for (Index a = unit.first_row; a < unit.first_row + unit.row_count; ++a) {
      if (pre_[s](own, 0) < pre_[s](a, 0) - room(own) - room(a)) return false;
    }
    return true;
  }
  const double q = pre_[s](unit.first_row, 0);
  const auto& t = form_.function(unit).breakpoints();
  const double slack = room(unit.first_row);
  if (piece > 0 && q < t[piece - 1] - slack) return false;
  return piece == size_of(t) || q <= t[piece] + slack;
}

void Locator::decide(Index s, Index u, Index piece) {
  const Unit& unit = form_.stages()[s].units[u];
  if (unit.kind == UnitKind::maximum) {
    values_[s + 1](u, 0) = pre_[s](unit.first_row + piece, 0);
  } else {
    const PiecewiseFunction& function = form_.function(unit);
    values_[s + 1](u, 0) =
        function.slope(piece) * pre_[s](unit.first_row, 0) + function.intercept(piece);
  }
}

// The end of the regions in [begin, end) whose `unit` has `piece`; they come first.
Index Locator::end_of_piece(Index begin, Index end, Index unit, Index piece) const {
  while (begin < end) {
    const Index middle = begin + (end - begin) / 2;
    if (piece_of(middle, unit) == piece) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return begin;
}

Index Locator::descend(Index begin, Index end, Index s, Index u) {
  while (s < size_of(form_.stages())) {
    const Stage& stage = form_.stages()[s];
    for (; u < size_of(stage.units); ++u) {
      const Index unit = stage.first_unit + u;
      const Index first = piece_of(begin, unit);
      const Index last = piece_of(end - 1, unit);
      if (first == last) {
        if (!complete_ && !holds(s, u, first)) return -1;
        decide(s, u, first);
        continue;
      }
      while (begin < end) {
        const Index piece = piece_of(begin, unit);
        const Index part = end_of_piece(begin, end, unit, piece);
        if (holds(s, u, piece)) {
          decide(s, u, piece);
          const Index found = descend(begin, part, s, u + 1);
          if (found >= 0) return found;
        }
        begin = part;
      }
      return -1;
    }
    for (Index c = 0; c < size_of(stage.carried); ++c) {
      values_[s + 1](size_of(stage.units) + c, 0) = values_[s](stage.carried[c], 0);
    }
    ++s;
    u = 0;
    if (s < size_of(form_.stages())) enter_stage(s);
  }
  return begin;
}

BlockLocator::BlockLocator(const BlockNetwork& network, const FreeSpace& space,
                           const RegionView& regions, bool complete)
    : space_(space),
      regions_(regions),
      pass_(network),
      descent_(network.form(), network.layout(), regions, complete) {}

void BlockLocator::find(const MatrixView& X, Index begin, Index count, Index* out) {
  if (regions_.count == 0) {
    std::fill_n(out, count, Index{-1});
    return;
  }
  pass_.find_states_up_to_rounding(X, begin, count);
  look_up(count, out);
  for (Index p = 0; p < count; ++p) {
    const auto x = X.row(begin + p).transpose();
    if (!inside(x)) {
      out[p] = -1;
    } else if (pass_.doubt(p) || !equal(out[p], p)) {
      out[p] = descent_.find(x);
    } else {
      regions_.require_state(out[p]);
    }
  }
}

bool BlockLocator::inside(const VectorView& x) const { return x.allFinite() && space_.contains(x); }

// For each point the last region whose state is not above the point's, or region 0: a binary search
// for all points at once, so that their memory accesses overlap.
void BlockLocator::look_up(Index count, Index* out) const {
  std::fill_n(out, count, Index{0});
  for (Index length = regions_.count; length > 1;) {
    const Index half = length / 2;
    length -= half;
    if (regions_.words != 1) {
      for (Index p = 0; p < count; ++p) out[p] += less_or_equal(out[p] + half, p) ? half : 0;
      continue;
    }
    const StateWord* states = regions_.states.data();  // no loop over words: nothing to predict
    for (Index p = 0; p < count; ++p)
      out[p] += states[out[p] + half] <= pass_.word(0, p) ? half : 0;
  }
}

bool BlockLocator::less_or_equal(Index region, Index p) const {
  const StateWord* state = regions_.state(region);
  for (Index w = 0; w < regions_.words; ++w) {
    if (state[w] != pass_.word(w, p)) return state[w] < pass_.word(w, p);
  }
  return true;
}

bool BlockLocator::equal(Index region, Index p) const {
  const StateWord* state = regions_.state(region);
  for (Index w = 0; w < regions_.words; ++w) {
    if (state[w] != pass_.word(w, p)) return false;
  }
  return true;
}

}  // namespace facetry
