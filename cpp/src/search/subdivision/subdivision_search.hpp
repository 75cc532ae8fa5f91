// The depth-first search itself, for one thread and one family of cells.
#pragma once

#include <array>
#include <atomic>
#include <limits>
#include <memory>
#include <vector>

#include "kernels/kernels.hpp"
#include "facetry/base/rounding.hpp"
#include "facetry/geometry/cell_family.hpp"
#include "facetry/regions/region_list.hpp"
#include "search/path/cut_planes.hpp"
#include "search/path/exact_path.hpp"
#include "search/goal/goal_bounds.hpp"
#include "search/path/path_rows.hpp"
#include "search/path/search_path.hpp"
#include "search/plan/search_plan.hpp"

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

// Who runs a search for the largest of something: of the goal's only target, or of a property of cells.
class ObjectiveHost {
 public:
  virtual ~ObjectiveHost() = default;
  // Nothing up to this value is of interest any more.
  [[nodiscard]] virtual double enough() const = 0;
  // A part that was left out, or a region: the target is nowhere above `bound` on it.
  virtual void bounded(double bound) = 0;
  // A subtree that may wait, and its bound.
  virtual void postpone(TreePath&& subtree, double bound) = 0;
  // A region, with a point (k numbers) where the target is largest on it.
  virtual void reached(const double* point) { static_cast<void>(point); }

  // Is a property of cells to be large, instead of the goal's only target? Then these are asked, and the goal says
  // which regions count.
  [[nodiscard]] virtual bool measures_cells() const { return false; }
  // The largest it can be on the part of a cell where a row (k+1 numbers, whose values are off by no more than
  // `error`) is not negative; null: on the whole cell.
  [[nodiscard]] virtual double promise(const CutPlanes& cell, const double* row, double error) {
    static_cast<void>(cell), static_cast<void>(row), static_cast<void>(error);
    return std::numeric_limits<double>::infinity();
  }
  // Narrows ranges of rows to where the objective can be more than enough().
  virtual void narrow(const RowPlanes& rows, double* low, double* high) const {
    static_cast<void>(rows), static_cast<void>(low), static_cast<void>(high);
  }
  // A region that counts, with its state and a point inside.
  virtual void reached_cell(const CutPlanes& cell, const StateWord* state, const double* inside) {
    static_cast<void>(cell), static_cast<void>(state), static_cast<void>(inside);
  }
};

struct DescentOptions {
  Index batch = 0;            // regions after which the host is told
  const std::atomic<int>* idle = nullptr;  // threads without work: then some is given away
  Index cells_before_sharing = 1;          // but not more often than this
  bool keep_outputs = false;  // the affine maps of the outputs, in free coordinates
  SearchRecorder* recorder = nullptr;
  bool keep_facets = true;
  const GoalPlan* goal = nullptr;  // what is wanted, if not everything
  ObjectiveHost* objective = nullptr;  // with a goal: look for the largest value, list no regions
};

template <class F>
class SubdivisionSearch {
 public:
  // REQUIRES: all references outlive the search.
  SubdivisionSearch(const SearchPlan& plan, SearchHost& host, const DescentOptions& options);

  // Appends the regions of an interval to `found`, in order. True: all of them. False: the host
  // stopped it; then remaining() is what is left, and nothing of that has been noted in `found`.
  bool run(const Interval& interval, RegionList& found);
  [[nodiscard]] Interval remaining() const;
  // Cells that were made by cuts.
  [[nodiscard]] Index cells_made() const { return cells_made_; }

 private:
  using Cell = typename F::Cell;

  struct OpenUnit {
    std::int32_t unit;      // in the stage
    std::int32_t boundary;  // the first breakpoint that may cut the cell
    double length;   // of the row's gradient
    double error;    // safe: what the normalised row's values may be off by
    double largest;  // its largest gradient entry
  };
  // Units that may cut a cell, in order.
  struct OpenUnits {
    OpenUnit* units = nullptr;
    double* rows = nullptr;  // planes: normalised, for their first boundary; maxima have none
    Index stride = 0;        // of the planes
    Index count = 0;
    double error = 0.0;      // the largest of theirs
  };
  struct Node {
    static constexpr std::int32_t kMostPending = 4;
    Cell cell;
    OpenUnits open;                // of the stage
    const double* sums = nullptr;  // of the next stage, as far as units are decided: planes
    RowScale scale;                // of the next stage's inputs, as far as decided
    const GoalView* goal = nullptr;  // of this cell or one around it
    Index stage = 0;
    Index place = 0;               // the next of the open units
    std::array<std::int32_t, kMostPending> pending;  // decided units whose rows are still to be added
    std::int32_t pending_count = 0;
    bool fresh = false;            // is the cell smaller than the one the open units were asked on?
    bool promised = false;         // has the objective been asked about this cell?
    bool sure = false;             // do the ranges of all open units on this cell say that they cut it?
    bool own = false;              // may `sums` be written?
    std::int32_t certain_count = 0;  // of those marked in `certain`
    std::uint64_t certain = 0;       // of the goal's first targets: is it reached on the whole cell?

    [[nodiscard]] bool is_certain(Index target) const { return target < 64 && ((certain >> target) & 1) != 0; }
    void set_certain(Index target) {
      if (target >= 64) return;
      certain |= std::uint64_t{1} << target;
      ++certain_count;
    }
  };
  // A boundary at hand: the cell is asked about its row.
  struct Question {
    Index unit = 0;
    Index boundary = 0;
    double length = 0.0;
    const double* row = nullptr;
    double error = 0.0;
    double largest = 0.0;  // of an open ReLU: its largest gradient entry
    bool constant = false;  // safe: the exact function has no gradient
  };

  // A side of the region or a cut, counted through, that may be a facet of the region at hand, and where.
  struct Doubtful {
    Index constraint = 0;
    std::vector<double> place;
  };

  void start();
  void descend(Node& node);

  // A cell enters a stage (subdivision_entry.hpp).
  void enter_stage(Node& node, Index stage);
  void classify(const Node& node, Index stage);
  void carry_values(Index stage);
  void clear_rounding(Index stage, const std::uint64_t* doubtful);
  void settle_quickly(Node& node, Index stage);
  void open_quickly(Node& node, Index stage, Index unit);
  void make_room(Node& node, Index open_count);
  void settle_carefully(Node& node, Index stage, Index unit);
  void settle_piecewise(Node& node, Index stage, Index unit);
  void settle(Node& node, Index stage, Index unit, Index piece);
  double* list_value(Index number);
  void keep_open(Node& node, const OpenUnit& unit, const double* row);
  void add_settled(Node& node, Index stage);

  // A part of a cell sorts its open units again (subdivision_filter.hpp).
  void filter_open(Node& node);
  bool settle_thin(Node& node, Index place);
  void settle_open(Node& node, Index place, Index piece);
  void add_settled_open(Node& node);
  void keep_ranges(const Node& node, Index first, const std::uint64_t* across, Index words);
  void keep_across(Node& node, Index first, Index kept);

  [[nodiscard]] static bool is_open(const Node& node, Index unit) {
    for (Index p = node.place; p < node.open.count; ++p) {
      if (node.open.units[p].unit == unit) return true;
    }
    return false;
  }
  // A unit that depends on another one, which is decided: is it asked?
  [[nodiscard]] bool is_asked(Index s, const PlannedUnit& unit) const {
    if (unit.only_if < 0) return true;
    const std::int32_t other = plan_.stage(s).units[unit.only_if].number;
    return plan_.layout().get(rows_.state().data(), other) == unit.only_state;
  }

  // The open units are decided (subdivision_search.cpp).
  Question question_at(const Node& node, Index place);
  [[nodiscard]] bool surely_cuts(const Node& node, const Question& question) const;
  [[nodiscard]] bool cuts_at_first(const Node& node, Question& question);
  bool advance_piecewise(Node& node);
  void split(Node& node, Question& question);
  bool cuts(const Cell& cell, Index stage, Question& question);
  void branch(Node& part, Index choice, Index arity, Index towards);
  void share_work();

  // Maxima (subdivision_maximum.hpp).
  void settle_maximum(Node& node, Index stage, Index unit);
  [[nodiscard]] Index contest(const Node& node, Index stage, Index unit, bool by_ranges);
  void drop_by_ranges(Index stage, Index unit);
  void list_pairs(const Node& node, Index stage, Index unit);
  void drop_by_differences(const Node& node, Index stage, Index unit);
  [[nodiscard]] bool is_certainly_behind(const Node& node, Index row) const;
  [[nodiscard]] double room_of(Index stage, Index row) const;
  [[nodiscard]] char* contenders(Index stage, Index unit) {
    return rows_.stage(stage).contends.data() + plan_.stage(stage).units[unit].first_row;
  }
  [[nodiscard]] bool compares_only(Index stage) const;
  bool advance_maximum(Node& node);
  enum class Side { all, part, none };
  Side clip_to_winner(Cell& cell, Index stage, Index unit, Index winner);

  // What is written (subdivision_sums.hpp).
  void write_state(const StagePlan& stage, Index unit, Index piece);
  void decide(Node& node, const Question& question, Index piece);
  void add_relu(Node& node, const Question& question);
  void add_value(Node& node, Index unit, Index piece);
  void add_pending(Node& node);
  double* own_sums(Node& node);
  void emit(Node& node);
  void write_outputs(Node& node, double* out);
  void note_undecided(const Cell& cell, Index stage, const Question& question, const Reach& reach);

  // Safe searches (subdivision_safe.hpp).
  enum class Place { above, below, across };
  [[nodiscard]] double row_error(Index stage, Index row, double t, double length,
                                 const double* normalised) const;
  [[nodiscard]] Place place_safely(const Cell& cell, const ExactBoundary& boundary,
                                   Question& question);
  [[nodiscard]] Place place_exactly(const Cell& cell, const ExactBoundary& boundary,
                                    Question& question, const Reach& reach);
  [[nodiscard]] Place clip_safely(Cell& cell, Index stage, Index unit, Index winner, Index loser);
  [[nodiscard]] int refine(const ExactBoundary& boundary, Question& question);
  [[nodiscard]] ExactBoundary boundary_of(Index stage, const Question& question) const;
  [[nodiscard]] double shift_of(const Question& question, Origin origin) const {
    return outward_shift(question.row, k_, question.error, plan_.outward().stray,
                         origin.number());
  }
  void follow_cut(const ExactBoundary& boundary, Origin origin, const Question& question, bool above);
  void turn_cut();
  void forget_cuts(Index count);
  [[nodiscard]] bool prove_interior(const Cell& cell, RegionList::Place& place, Index& facets);
  void decide_facets(const Cell& cell, const ExactPath::Path& path, const double* inside);
  [[nodiscard]] bool is_facet(const Doubtful& doubtful);
  [[nodiscard]] ExactPath& exact();

  // With a goal (subdivision_goal.hpp).
  class RangesOfCell;
  [[nodiscard]] GoalBounds::Cell seen_by_goal(const Node& node);
  [[nodiscard]] bool hopeless(Node& node);
  [[nodiscard]] bool ask_together(Node& node);
  [[nodiscard]] bool contradicts(const Node& node) const;
  [[nodiscard]] bool look(Node& node, bool measured);
  void measure_open(const Node& node);
  [[nodiscard]] Index only_winner(Index stage, Index unit) const;
  [[nodiscard]] double most_of_target(Node& node, Index target, double enough,
                                      double* point = nullptr);
  [[nodiscard]] bool promises_little(Node& node, bool measured);
  [[nodiscard]] double promise(Node& node);
  void split_best_first(Node& node, Question& question);
  void report_cell(Node& node);
  void report_value(Node& node);

  // For a recorder (subdivision_record.hpp).
  void record_piece(const Cell& cell, Index stage, Index unit, Index piece);
  void record_side(const Cell& cell, Origin boundary, const double* row, bool above);
  void record_passed(const Cell& cell, Index stage, const Question& question);
  void record_bits(const Cell& cell, Index stage, const std::uint64_t* bits, Index piece);

  [[nodiscard]] bool recording() const { return options_.recorder != nullptr; }
  [[nodiscard]] bool wants_sums(Index stage) const { return stage < stages_with_sums_; }

  const SearchPlan& plan_;
  SearchHost& host_;
  DescentOptions options_;
  F cells_;
  const Kernels& kernels_ = kernels();
  Index k_;
  Index stages_with_sums_;  // all but the last one, if the outputs are not wanted
  SearchPath path_;
  PathRows rows_;
  WorkArray<double> low_, high_, largest_;  // of a stage's rows, while a cell enters it
  WorkArray<std::uint64_t> bits_;           // what is known about them
  RowScale above_scale_;                    // of the rows above their breakpoints
  std::vector<Index> settled_;              // values that are decided then, with their rows
  std::vector<const double*> settled_values_;
  std::vector<double> settled_rows_;
  Index settled_count_ = 0;   // of those listed by settle()
  Index direct_count_ = 0;    // of those whose value is the row of the same number
  WorkArray<std::int32_t> direct_;
  bool marked_ = false;  // are such values marked in bits_, those above, instead of listed in direct_?
  std::vector<const double*> columns_;
  std::vector<double> row_, value_;
  // Pairs of arguments, or targets; their rows' differences (planes); the ranges of these.
  std::vector<std::array<Index, 2>> pairs_;
  std::vector<Index> asked_;
  std::vector<double> errors_;
  WorkArray<double> differences_, difference_low_, difference_high_;
  std::vector<double> point_;  // of report_value()
  std::vector<Origin> facets_, basis_;
  bool safe_;
  bool follows_;  // are cuts_ and planes_ written?
  std::vector<PathCut> cuts_;        // on the way to the cell at hand
  CutPlanes planes_;                 // the same as rows, with the sides of the region
  std::vector<Index> touching_;      // those that may touch the region at hand, redundant ones left out
  std::vector<Index> others_;
  std::vector<char> proven_;         // are they facets?
  std::vector<Doubtful> doubtful_;
  std::unique_ptr<ExactPath> exact_;  // once it is needed
  const GoalPlan* goal_;
  std::unique_ptr<GoalBounds> goal_bounds_;
  std::vector<std::int32_t> open_numbers_;  // of seen_by_goal()
  WorkArray<double> open_low_, open_high_;  // of measure_open()
  bool compares_only_ = false;  // the last stage, see compares_only()
  bool measured_ = false;  // with a goal: do low_ and high_ bound the open units' rows on the cell at hand?

  RegionList* found_ = nullptr;
  Index found_before_ = 0;       // regions of the list that are not of this search
  std::vector<StateWord> last_;  // the state of the last region of the last batch, if there was one
  double last_position_ = 0.0;   // about there
  RegionList::Mark noted_;       // what was noted when that region was found
  bool stopped_ = false;
  Index cells_made_ = 0;
  Index cells_at_gift_ = 0;  // when work was given away last
};

}  // namespace facetry
