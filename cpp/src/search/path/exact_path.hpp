// The constraints along a search's path without rounding, as the stored numbers of the network and
// the analysis region say, and the questions that double precision leaves open.
#pragma once

#include <span>
#include <vector>

#include "base/exact_row.hpp"
#include "optimize/exact_program.hpp"
#include "search/path/exact_region.hpp"
#include "search/plan/search_plan.hpp"

namespace facetry {

// A hyperplane: where pre-activation `first` of a stage equals the number t, or another one.
struct ExactBoundary {
  [[nodiscard]] bool operator==(const ExactBoundary&) const = default;

  Index stage = 0;
  Index first = 0;    // row of the stage
  Index second = -1;  // another one, or -1: then
  double t = 0.0;     // a breakpoint
};

// A boundary that was split along, and the side that the path took.
struct PathCut {
  ExactBoundary boundary;
  Origin origin;  // the same, as cells call it
  bool above = false;
};

class ExactPath {
 public:
  // A linear program in integers takes seconds beyond so many dimensions.
  static constexpr Index kMostExact = 40;

  // REQUIRES the plan outlives it. `keep_going` (may be empty) is asked now and then; if it says
  // no, the question under way ends in ExactProgram::Interrupted.
  explicit ExactPath(const SearchPlan& plan, std::function<bool()> keep_going = {});

  // What follows is about the cell of these states (those of the stages before the boundary's are
  // read) and cuts.
  struct Path {
    const StateWord* state = nullptr;
    std::span<const PathCut> cuts;
  };

  // The function that is zero on the boundary. Valid until the next call.
  [[nodiscard]] const ExactRow& function(const Path& path, const ExactBoundary& boundary);

  // Has the cell a part with interior where that function has the given sign (> 0 or < 0)? `near`:
  // those among the constraints that probably say no, if any do; they are asked first.
  [[nodiscard]] bool reaches(const Path& path, const ExactBoundary& boundary, bool above,
                             std::span<const Origin> near);

  // Has the cell interior? If so, `point` (k numbers) becomes one deep inside, rounded once.
  [[nodiscard]] bool has_interior(const Path& path, double* point);

  // The largest value of weights . outputs on the cell, its boundary included, where the network is
  // taken for linear with all these states: not below it, one rounding away. -infinity if no point
  // fulfils the constraints, +infinity if those that are asked leave it open, or if it would take
  // too long: more than kMostExact dimensions. `point`: k numbers, where it is reached (rounded
  // once), if it is. `near`: constraints, counted through, that are probably tight there. Only
  // these are asked, or `all`: an answer to some of them is not below the answer to all. REQUIRES:
  // the states of all units. Cost: a linear program in integers; where every constraint that is
  // asked bounds one coordinate (in any number of dimensions), a look at each.
  [[nodiscard]] double most(const Path& path, const Vector& weights, std::span<const Index> near,
                            bool all, double* point);

  // The constraints of a path: the sides of the region, then the cuts, counted through. To be
  // loaded before is_needed() is asked about them.
  void load(const Path& path);
  [[nodiscard]] Origin origin_of(const Path& path, Index constraint) const;

  // Is there a point where a constraint is negative and `others` are positive? REQUIRES that load()
  // was the last call but for this one. Cost: a linear program.
  [[nodiscard]] bool is_needed(Index constraint, std::span<const Index> others);

 private:
  struct StageCache {
    std::vector<Index> pieces;  // of the units of the stages before, for which it holds
    std::vector<ExactRow> rows, values;
    std::vector<char> has_row, has_value;
    Index epoch = 0;  // counts the times that it was forgotten
  };
  // A cut's function as load() had it last.
  struct Loaded {
    ExactBoundary boundary;
    Index epoch = -1;  // of its stage
    bool above = false;
  };

  void follow(const StateWord* state, Index stage);
  [[nodiscard]] const ExactRow& row(const StateWord* state, Index stage, Index number);
  [[nodiscard]] const ExactRow& value(const StateWord* state, Index stage, Index number);
  [[nodiscard]] ExactRow computed_row(const StateWord* state, Index stage, Index number);
  [[nodiscard]] ExactRow computed_value(const StateWord* state, Index stage, Index number);
  [[nodiscard]] const AffineMap& map_into(Index stage) const;
  [[nodiscard]] ExactRow objective_of(const StateWord* state, const Vector& weights);
  [[nodiscard]] ExactProgram::Extreme most_in_box(const ExactRow& objective,
                                                  std::span<const Index> asked,
                                                  double* point) const;
  [[nodiscard]] ExactRow computed_function(const StateWord* state, const ExactBoundary& boundary);

  const SearchPlan& plan_;
  const ExactRegion& region_;
  Index width_;
  std::vector<StageCache> stages_;  // `values`: of the stage before; the last one: the outputs
  ExactProgram program_;
  std::vector<ExactRow> constraints_;  // of a path: those of loaded_ stand behind the sides
  std::vector<Loaded> loaded_;
  ExactRow function_;
};

}  // namespace facetry
