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
  };

  void follow(const StateWord* state, Index stage);
  [[nodiscard]] const ExactRow& row(const StateWord* state, Index stage, Index number);
  [[nodiscard]] const ExactRow& value(const StateWord* state, Index stage, Index number);
  [[nodiscard]] ExactRow computed_row(const StateWord* state, Index stage, Index number);
  [[nodiscard]] ExactRow computed_value(const StateWord* state, Index stage, Index number);
  [[nodiscard]] ExactRow computed_function(const StateWord* state, const ExactBoundary& boundary);

  const SearchPlan& plan_;
  const ExactRegion& region_;
  Index width_;
  std::vector<StageCache> stages_;  // `values`: of the stage before
  ExactProgram program_;
  std::vector<ExactRow> constraints_;  // of a path
  ExactRow function_;
};

}  // namespace facetry
