// The parallel driver: the root is split into a list of subtrees, in order; threads take them from
// the front; the results are joined in order. The list does not depend on timing, and neither does
// what is found in a subtree, so the result is the same for any number of threads.
#include "facetry/partition/subdivision.hpp"

#include <algorithm>
#include <atomic>
#include <limits>
#include <mutex>
#include <new>

#include "facetry/base/error.hpp"
#include "facetry/base/parallel.hpp"
#include "facetry/geometry/lp_cell.hpp"
#include "facetry/geometry/vertex_cell.hpp"
#include "partition/subdivision_search.hpp"

namespace facetry {

void SubdivisionOptions::validate() const {
  control.validate();
  if (max_regions && *max_regions < 1) throw InvalidInput("max_regions must be at least 1");
}

namespace {

// The same for any number of threads: the order of undecided cuts, and which of them a limited
// search sees, follow from it.
constexpr Index kSubtrees = 512;

template <class C>
class ParallelSubdivision {
 public:
  ParallelSubdivision(const NormalForm& form, const FreeSpace& space,
                      const SubdivisionOptions& options)
      : form_(form), space_(space), options_(options), layout_(form), signal_(options.control) {}

  SubdivisionResult run() {
    const auto& keep_going = options_.control.keep_going;
    if (!keep_going) {
      search();
    } else {
      run_watched([&] { search(); },
                  [&] {
                    if (!keep_going({found_.load(), share_done()})) {
                      signal_.stop(Termination::cancelled);
                    }
                  },
                  [&] { signal_.stop(Termination::cancelled); });
    }
    return join();
  }

 private:
  void search() {
    make_subtrees();
    results_.assign(subtrees_.size(), empty_list());
    finished_.assign(subtrees_.size(), 0);
    last_needed_ = size_of(subtrees_) - 1;
    subtree_count_ = size_of(subtrees_);
    parallel_for(size_of(subtrees_), options_.control.threads,
                 [&](Index i, int) { search_subtree(i); });
  }

  RegionList empty_list() const {
    RegionList list;
    list.words = layout_.words();
    list.dimension = space_.dimension();
    return list;
  }

  Index limit() const {
    return options_.max_regions.value_or(std::numeric_limits<Index>::max() - 1);
  }

  // Splits the front of the tree, level by level, until there are enough subtrees to share out.
  void make_subtrees() {
    undecided_ = empty_list();
    SubdivisionSearch<C> search(form_, space_, layout_, options_.tolerances);
    Subtree<C> root{C(space_, options_.tolerances),
                    std::vector<StateWord>(static_cast<std::size_t>(layout_.words()), 0), 0,
                    std::nullopt};
    subtrees_.push_back(std::move(root));
    bool growing = true;
    while (growing && size_of(subtrees_) < kSubtrees) {
      std::vector<Subtree<C>> next;
      for (Subtree<C>& subtree : subtrees_) {
        if (subtree.stage == size_of(form_.stages())) {
          next.push_back(std::move(subtree));
        } else {
          search.split_once(subtree, next, undecided_);
        }
      }
      growing = next.size() > subtrees_.size() && !signal_.stopped();
      subtrees_ = std::move(next);
    }
  }

  void search_subtree(Index i) {
    RegionList& found = results_[i];
    const auto keep_going = [&] {
      return !signal_.stopped() && i <= last_needed_.load(std::memory_order_relaxed) &&
             found.count <= limit();
    };
    if (!keep_going()) return;
    try {
      SubdivisionSearch<C> search(form_, space_, layout_, options_.tolerances);
      search.enumerate(subtrees_[i], found, keep_going);
      found_ += found.count;
    } catch (const std::bad_alloc&) {
      signal_.stop(Termination::memory_limit);
    }
    subtrees_[i] = {};
    mark_finished(i);
  }

  double share_done() const {
    const Index count = subtree_count_.load();
    return count == 0 ? 0.0 : static_cast<double>(done_.load()) / static_cast<double>(count);
  }

  // Once the finished subtrees at the front hold more regions than wanted, the rest is not needed.
  void mark_finished(Index i) {
    ++done_;
    if (!options_.max_regions) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    finished_[i] = 1;
    Index total = 0;
    for (Index s = 0; s < size_of(subtrees_) && finished_[s]; ++s) {
      total += results_[s].count;
      if (total > limit()) {
        last_needed_ = std::min<Index>(last_needed_.load(), s);
        return;
      }
    }
  }

  SubdivisionResult join() {
    SubdivisionResult result{std::move(undecided_), signal_.reason()};
    try {
      for (RegionList& part : results_) {
        part.truncate(part.count);
        result.regions.append(part);
        part = {};
        if (result.regions.count > limit()) break;
      }
    } catch (const std::bad_alloc&) {
      result.regions.truncate(result.regions.count);
      result.termination = Termination::memory_limit;
    }
    if (result.regions.count > limit()) {
      result.regions.truncate(limit());
      // Searches that were stopped early may have left gaps: then these are not the first regions.
      if (result.termination == Termination::complete) result.termination = Termination::region_limit;
    }
    return result;
  }

  const NormalForm& form_;
  const FreeSpace& space_;
  const SubdivisionOptions& options_;
  StateLayout layout_;
  StopSignal signal_;
  std::vector<Subtree<C>> subtrees_;
  std::vector<RegionList> results_;
  RegionList undecided_;
  std::vector<char> finished_;
  std::mutex mutex_;
  std::atomic<Index> last_needed_{0};
  std::atomic<Index> found_{0};
  std::atomic<Index> done_{0};
  std::atomic<Index> subtree_count_{0};
};

// A single point: its region is the point itself. The state is the canonical one of a network whose
// every unit is constant.
SubdivisionResult single_point(const NormalForm& form, const FreeSpace& space,
                               const SubdivisionOptions& options) {
  const StateLayout layout(form);
  const UnitPredicates predicates(form, options.tolerances);
  std::vector<StateWord> state(static_cast<std::size_t>(layout.words()), 0);
  Matrix values = space.origin();
  Matrix pre;
  for (const Stage& stage : form.stages()) {
    stage.map.compose(values, pre);
    const RowScale scale = scale_of(values);
    Matrix next(stage.width(), 1);
    for (Index u = 0; u < size_of(stage.units); ++u) {
      const Unit& unit = stage.units[u];
      Index piece = 0;
      if (unit.kind == UnitKind::piecewise) {
        const double q = pre(unit.first_row, 0);
        piece = predicates.constant_piece(unit, q,
                                          predicates.offset_noise(stage, unit.first_row, scale));
        next(u, 0) = form.function(unit).slope(piece) * q + form.function(unit).intercept(piece);
      } else {
        for (Index a = 1; a < unit.row_count; ++a) {
          const double lead = pre(unit.first_row + a, 0) - pre(unit.first_row + piece, 0);
          if (lead > predicates.offset_noise(stage, unit.first_row + a, scale)) piece = a;
        }
        next(u, 0) = pre(unit.first_row + piece, 0);
      }
      layout.set(state.data(), stage.first_unit + u, piece);
    }
    for (Index c = 0; c < size_of(stage.carried); ++c) {
      next(size_of(stage.units) + c, 0) = values(stage.carried[c], 0);
    }
    values = std::move(next);
  }
  SubdivisionResult result;
  result.regions.words = layout.words();
  result.regions.add(state.data(), nullptr, {});
  return result;
}

}  // namespace

SubdivisionResult subdivide(const NormalForm& form, const FreeSpace& space,
                            const SubdivisionOptions& options) {
  options.validate();
  if (form.input_size() != space.input_size()) {
    throw InvalidInput("the analysis region has " + std::to_string(space.input_size()) +
                       " features, the model takes " + std::to_string(form.input_size()));
  }
  if (space.dimension() == 0) return single_point(form, space, options);
  const bool few = space.dimension() <= SubdivisionOptions::kMostVertexDimensions;
  const bool vertices = options.cell == CellKind::vertices ||
                        (options.cell == CellKind::automatic && few);
  if (vertices) return ParallelSubdivision<VertexCell>(form, space, options).run();
  return ParallelSubdivision<LpCell>(form, space, options).run();
}

}  // namespace facetry
