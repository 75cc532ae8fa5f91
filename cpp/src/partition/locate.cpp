// Points are looked up by their state where it is proven; the others unit by unit, in exact
// arithmetic where rounding leaves a unit open.
#include "partition/locate.hpp"

#include <algorithm>
#include <cmath>

namespace facetry {

namespace {

int sign_of(double lead, double room) { return lead > room ? 1 : (lead < -room ? -1 : 0); }

}  // namespace

Locator::Locator(const NormalForm& form, const StateLayout& layout, const RegionView& regions,
                 bool complete)
    : form_(form), layout_(layout), regions_(regions), complete_(complete), pass_(form) {}

Index Locator::find(const VectorView& x) {
  if (regions_.count == 0) return -1;
  Index found = -1;
  for (const bool lenient : {false, true}) {
    if (found >= 0) break;
    lenient_ = lenient;
    pass_.start(x);
    found = descend(0, regions_.count, 0, 0);
  }
  return found;
}

// The sign of a pre-activation minus a breakpoint, or of a lead over another one; 0 where nothing
// is to be proven and it is within rounding.
int Locator::sign_to(Index s, Index row, double t) {
  if (!lenient_) return pass_.sign_to(s, row, t);
  return sign_of(pass_.pre(s, row) - t, room(s, row));
}

int Locator::sign_between(Index s, Index row, Index other) {
  if (!lenient_) return pass_.sign_between(s, row, other);
  return sign_of(pass_.pre(s, row) - pass_.pre(s, other), room(s, row) + room(s, other));
}

double Locator::room(Index s, Index row) const {
  const AffineMap& map = form_.stages()[s].map;
  return tolerances_.on_boundary *
         (map.row_norms()[row] * pass_.scale(s) + std::abs(map.bias()[row]));
}

// Does the point allow this piece?
bool Locator::holds(Index s, Index u, Index piece) {
  const Unit& unit = form_.stages()[s].units[u];
  if (unit.kind == UnitKind::maximum) {
    if (!pass_.is_asked(s, unit)) return piece == 0;
    const Index own = unit.first_row + piece;
    for (Index a = unit.first_row; a < unit.first_row + unit.row_count; ++a) {
      if (a != own && sign_between(s, own, a) < 0) return false;
    }
    return true;
  }
  const auto& t = form_.function(unit).breakpoints();
  if (piece > 0 && sign_to(s, unit.first_row, t[piece - 1]) < 0) return false;
  return piece == size_of(t) || sign_to(s, unit.first_row, t[piece]) <= 0;
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
        pass_.decide(s, u, first);
        continue;
      }
      while (begin < end) {
        const Index piece = piece_of(begin, unit);
        const Index part = end_of_piece(begin, end, unit, piece);
        if (holds(s, u, piece)) {
          pass_.decide(s, u, piece);
          const Index found = descend(begin, part, s, u + 1);
          if (found >= 0) return found;
        }
        begin = part;
      }
      return -1;
    }
    pass_.finish_stage(s);
    ++s;
    u = 0;
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
  pass_.find_proven_states(X, begin, count);
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
