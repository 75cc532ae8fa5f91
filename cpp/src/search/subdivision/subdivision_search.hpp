// The depth-first search itself, for one thread and one family of cells: the descent from the
// analysis region to the linear regions. What there is to know on the way it asks its parts, each
// in a file of its own beside this one.
#pragma once

#include <atomic>
#include <memory>

#include "geometry/cell_family.hpp"
#include "regions/region_list.hpp"
#include "search/path/path_rows.hpp"
#include "search/path/search_path.hpp"
#include "search/plan/search_plan.hpp"
#include "search/subdivision/cut_test.hpp"
#include "search/subdivision/dive.hpp"
#include "search/subdivision/exact_follower.hpp"
#include "search/subdivision/goal_watch.hpp"
#include "search/subdivision/leaf_measure.hpp"
#include "search/subdivision/listing.hpp"
#include "search/subdivision/maximum_contest.hpp"
#include "search/subdivision/node.hpp"
#include "search/subdivision/objective_guide.hpp"
#include "search/subdivision/open_filter.hpp"
#include "search/subdivision/recording.hpp"
#include "search/subdivision/stage_entry.hpp"
#include "search/subdivision/sum_writer.hpp"

namespace facetry {

// Who runs a search: asked and told as it goes.
class SearchHost {
 public:
  virtual ~SearchHost() = default;
  // Asked every few cells, with the search's place in the tree (SearchPath::position): go on?
  [[nodiscard]] virtual bool keep_going(double position) = 0;
  // Takes the last part of the search's interval.
  virtual void take_work(Interval&& rest) = 0;
  // The list has reached its batch size: it may be taken, and must be empty afterwards. Go on?
  [[nodiscard]] virtual bool batch_full(RegionList& batch) = 0;
};

// What one descent is for.
struct DescentOptions {
  Index batch = 0;                         // regions after which the host is told
  const std::atomic<int>* idle = nullptr;  // threads without work: then some is given away
  Index cells_before_sharing = 1;          // but not more often than this
  bool keep_outputs = false;               // the affine maps of the outputs, in free coordinates
  SearchRecorder* recorder = nullptr;
  bool keep_facets = true;
  Measures measures = Measures::none;
  bool only_start = false;         // list the region `after` of an interval, and nothing else
  const GoalPlan* goal = nullptr;  // what is wanted, if not everything
  // With a goal, one of these: look for the best, list no regions. The dive is told what is found.
  const ValueObjective* value_objective = nullptr;
  const CellObjective* cell_objective = nullptr;
  Dive* dive = nullptr;

  [[nodiscard]] bool has_objective() const {
    return value_objective != nullptr || cell_objective != nullptr;
  }
};

template <class F>
class SubdivisionSearch {
 public:
  // REQUIRES: all references outlive the search.
  SubdivisionSearch(const SearchPlan& plan, SearchHost& host, const DescentOptions& options);
  SubdivisionSearch(const SubdivisionSearch&) = delete;
  SubdivisionSearch& operator=(const SubdivisionSearch&) = delete;

  // Appends the regions of an interval to `found`, in order. True: all of them. False: the host
  // stopped it; then remaining() is what is left, and nothing of that has been noted in `found`.
  bool run(const Interval& interval, RegionList& found);
  [[nodiscard]] Interval remaining() const { return listing_.remaining(path_.interval()); }
  // Cells that were made by cuts.
  [[nodiscard]] Index cells_made() const { return cells_made_; }

 private:
  using Cell = typename F::Cell;
  using Node = facetry::Node<Cell>;

  // Where a split began: what it made and followed since is dropped at its end.
  struct Before {
    StackMemory::Mark memory;
    Index cuts;
    Index depth;
  };

  void start();
  void descend(Node& node);
  [[nodiscard]] bool hopeless(Node& node);
  void emit(Node& node);
  Index describe(const Cell& cell, RegionList::Place& place);
  [[nodiscard]] bool finds_facets() const { return options_.keep_facets || measure_.on(); }

  // The open unit at hand is decided on the cell (true), or the cell is split and its parts are
  // searched.
  bool advance(Node& node);
  bool advance_piecewise(Node& node);
  bool advance_maximum(Node& node);
  void decide(Node& node, const Question& question, Index piece);

  void split(Node& node, Question& question);
  void search_below(Node& node, const PlannedUnit& unit, const Question& question);
  [[nodiscard]] bool enter_above(const PlannedUnit& unit, Question& question);
  void search_rest(Node& node, const Question& question);
  void leave_above(Index depth);

  void split_best_first(Node& node, const Question& question);
  void enter_part(Node& part, const PlannedUnit& unit, const Question& question, Index piece);

  void search_winner(Node& part, Index unit, Index winner);
  Side clip_to_winner(Cell& cell, Index stage, Index unit, Index winner);

  void branch(Node& part, Index choice, Index arity, Index towards);
  void share_work();
  [[nodiscard]] Before here() { return {cells_.memory().mark(), exact_.count(), path_.depth()}; }
  void forget(const Before& before) {
    exact_.keep(before.cuts);
    cells_.memory().release(before.memory);
  }
  [[nodiscard]] const PlannedUnit& unit_of(const Node& node, const Question& question) const {
    return plan_.stage(node.stage).units[question.unit];
  }
  // The state that a unit has where the search is on its way to.
  [[nodiscard]] Index state_ahead(const PlannedUnit& unit) const {
    return plan_.layout().get(path_.after().data(), unit.number);
  }

  const SearchPlan& plan_;
  SearchHost& host_;
  DescentOptions options_;
  F cells_;
  SearchPath path_;
  PathRows rows_;
  RowRanges ranges_;
  SumWriter sums_;
  ExactFollower<F> exact_;
  LeafMeasure<F> measure_;
  Recording<F> recording_;
  CutTest<F> test_;
  MaximumContest<F> contest_;
  GoalWatch<F> watch_;
  StageEntry<F> entry_;
  OpenFilter<F> filter_;
  std::unique_ptr<ObjectiveGuide<F>> guide_;  // with an objective
  Listing listing_;
  bool stopped_ = false;
  Index cells_made_ = 0;
  Index cells_at_gift_ = 0;  // when work was given away last
};

}  // namespace facetry
