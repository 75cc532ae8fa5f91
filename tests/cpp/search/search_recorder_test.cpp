// What a recorder is told is enough to rebuild the result: every region's state follows from the
// cuts and the fixed units on its path, and every proof names constraints of that path.
#include "search/search_recorder.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "facetry/base/error.hpp"
#include "facetry/state/activation_state.hpp"
#include "networks.hpp"
#include "polytopes.hpp"
#include "search/subdivision.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

// Keeps what holds on the path at hand, and checks every leaf against it.
class PathRecorder : public SearchRecorder {
 public:
  PathRecorder(const NormalForm& form, const FreeSpace& space)
      : form_(form), layout_(form), ids_(form), dimension_(space.dimension()) {
    for (const Index side : space.sides()) sides_.push_back(Origin::side(side));
  }

  void begin_part(Origin boundary, bool above) override {
    marks_.push_back(claims_.size());
    claims_.push_back({boundary, above});
    cuts_.push_back(boundary);
  }
  void end_part() override {
    claims_.resize(marks_.back());
    marks_.pop_back();
    cuts_.pop_back();
  }
  void fixed(Origin boundary, bool above, std::span<const Origin> basis) override {
    claims_.push_back({boundary, above});
    ++proofs;
    CHECK((basis.empty() || static_cast<Index>(basis.size()) == dimension_));
    for (const Origin constraint : basis) {
      const bool side = std::find(sides_.begin(), sides_.end(), constraint) != sides_.end();
      const bool cut = std::find(cuts_.begin(), cuts_.end(), constraint) != cuts_.end();
      REQUIRE((side || cut));
    }
  }
  void leaf(const StateWord* state, const double*) override {
    ++leaves;
    std::map<Origin, bool> known;
    for (const auto& [boundary, above] : claims_) known[boundary] = above;
    Index number = 0;
    for (const Stage& stage : form_.stages()) {
      for (const Unit& unit : stage.units) {
        const Index piece = layout_.get(state, number);
        check_unit(known, unit, number, piece);
        ++number;
      }
    }
  }

  Index leaves = 0;
  Index proofs = 0;
  [[nodiscard]] bool closed() const { return marks_.empty(); }

 private:
  void check_unit(const std::map<Origin, bool>& known, const Unit& unit, Index number,
                  Index piece) {
    CAPTURE(number);
    const auto holds = [&](Index boundary, bool above) {
      const auto found = known.find(ids_.of(number, boundary));
      return found != known.end() && found->second == above;
    };
    if (unit.kind == UnitKind::maximum) {
      for (Index other = 0; other < unit.row_count; ++other) {
        if (other != piece) REQUIRE(holds(other, true));
      }
      return;
    }
    if (piece > 0) REQUIRE(holds(piece - 1, true));
    if (piece + 1 < form_.piece_count(unit)) REQUIRE(holds(piece, false));
  }

  const NormalForm& form_;
  StateLayout layout_;
  BoundaryIds ids_;
  Index dimension_;
  std::vector<Origin> sides_, cuts_;
  std::vector<std::pair<Origin, bool>> claims_;
  std::vector<std::size_t> marks_;
};

}  // namespace

TEST_CASE("The recorded path of every region decides all of its units") {
  Random random(171);
  for (const Kind kind : {Kind::relu, Kind::leaky, Kind::clip, Kind::stairs, Kind::maximum}) {
    for (Index k = 1; k <= 3; ++k) {
      for (const CellKind cell :
           {CellKind::automatic, CellKind::vertices, CellKind::linear_programs}) {
        const NormalForm form = random_network(random, {k, 5, 2, 2, k == 2, false}, {kind});
        const FreeSpace space(cube(k));
        PathRecorder recorder(form, space);
        SubdivisionOptions options;
        options.cell = cell;
        options.recorder = &recorder;
        const SubdivisionResult found = subdivide(form, space, options);
        CHECK(recorder.leaves == found.regions.count);
        CHECK(recorder.closed());
        options.recorder = nullptr;
        CHECK(found.regions.states == subdivide(form, space, options).regions.states);
      }
    }
  }
}

TEST_CASE("A recorder needs one thread and a safe search") {
  Random random(172);
  const NormalForm form = random_network(random, {2, 3, 1, 1, false, false}, {Kind::relu});
  const FreeSpace space(cube(2));
  PathRecorder recorder(form, space);
  SubdivisionOptions options;
  options.recorder = &recorder;
  options.control.threads = 2;
  CHECK_THROWS_AS((void)subdivide(form, space, options), InvalidInput);
  options.control.threads = 1;
  options.exactness = Exactness::floating;
  CHECK_THROWS_AS((void)subdivide(form, space, options), InvalidInput);
}
