// The parallel driver: threads search segments of the tree (work_queue.hpp) until none is left.
#include "search/subdivision.hpp"

#include <algorithm>
#include <atomic>
#include <limits>
#include <new>

#include "base/parallel.hpp"
#include "facetry/base/error.hpp"
#include "geometry/face_recursion.hpp"
#include "network/input_check.hpp"
#include "search/cell_choice.hpp"
#include "search/goal/goal_plan.hpp"
#include "search/single_point.hpp"
#include "search/subdivision/subdivision_search.hpp"
#include "search/work_queue.hpp"

namespace facetry {

void SubdivisionOptions::validate() const {
  ListOptions::validate();
  if (recorder != nullptr && (control.threads != 1 || exactness != Exactness::safe)) {
    throw InvalidInput("a search that is recorded needs threads = 1 and exactness = safe");
  }
  if (cells_before_sharing < 1) throw InvalidInput("cells_before_sharing must be at least 1");
}

void StreamOptions::validate() const {
  search.validate();
  if (batch < 1) throw InvalidInput("batch must be at least 1");
  if (run_ahead < 0) throw InvalidInput("run_ahead must not be negative");
}

namespace {

// One thread's side of the queue.
class Worker : public SearchHost {
 public:
  Worker(WorkQueue& queue, StopSignal& signal) : queue_(queue), signal_(signal) {}

  template <class F>
  void work(SubdivisionSearch<F>& search, const RegionList& empty) {
    RegionList found = empty;
    while ((segment_ = queue_.acquire()) != nullptr) {
      bool finished = false;
      try {
        const Interval interval = segment_->work;
        finished = search.run(interval, found);
      } catch (const std::bad_alloc&) {
        signal_.stop(Termination::memory_limit);
        found.truncate(found.count);
      } catch (...) {
        queue_.abandon();
        throw;
      }
      queue_.release(*segment_, found, finished, search.remaining());
    }
  }

  bool keep_going(double position) override {
    segment_->position.store(position, std::memory_order_relaxed);
    return !signal_.stopped();
  }
  void take_work(Interval&& rest) override { queue_.give_away(*segment_, std::move(rest)); }
  bool batch_full(RegionList& batch) override { return queue_.publish(*segment_, batch); }

 private:
  WorkQueue& queue_;
  StopSignal& signal_;
  WorkQueue::Segment* segment_ = nullptr;
};

Index measure_size_of(const SubdivisionOptions& options, Index k) {
  const Measures measures = options.measured();
  return measures == Measures::none ? 0 : measure_size(k, measures == Measures::moments);
}

template <class F>
Index search_all(const SearchPlan& plan, const StreamOptions& options, WorkQueue& queue,
                 StopSignal& signal) {
  std::atomic<Index> cells{1};
  RegionList empty;
  empty.words = plan.layout().words();
  empty.dimension = plan.dimension();
  DescentOptions own;
  own.keep_outputs = options.search.keep_outputs;
  own.recorder = options.search.recorder;
  own.keep_facets = options.search.keep_facets;
  own.measures = options.search.measured();
  empty.measure_size = measure_size_of(options.search, plan.dimension());
  std::optional<GoalPlan> goal;
  if (!options.search.goal.empty()) {
    own.goal =
        &goal.emplace(plan, targets_of(plan.form(), options.search.goal), options.search.goal);
  }
  empty.contacts_known = plan.safe() && options.search.goal.empty();
  if (own.keep_outputs) empty.output_size = plan.form().output_size();
  own.idle = &queue.idle();
  own.cells_before_sharing = options.search.cells_before_sharing;
  own.batch = options.batch;
  // A limited search looks for one region more, to know whether there are more.
  if (options.search.max_regions) own.batch = std::min(own.batch, *options.search.max_regions + 1);
  const int threads = options.search.control.threads;
  parallel_for(threads, threads, [&](Index, int) {
    Worker worker(queue, signal);
    SubdivisionSearch<F> search(plan, worker, own);
    worker.work(search, empty);
    cells += search.cells_made();
  });
  return cells;
}

using SearchAll = Index (*)(const SearchPlan&, const StreamOptions&, WorkQueue&, StopSignal&);

SearchAll search_with(CellKind kind, Index dimension) {
  return with_cells(kind, dimension, []<class F>() -> SearchAll { return &search_all<F>; });
}

void check_interval(const Interval& interval, const NormalForm& form, const StateLayout& layout) {
  const auto require = [](bool condition) {
    if (!condition) throw InvalidInput("the frontier does not fit the model");
  };
  for (const TreePath* path : {&interval.from, &interval.end}) {
    require(
        std::all_of(path->begin(), path->end(), [](std::int32_t choice) { return choice >= 0; }));
  }
  if (interval.after.empty()) return;
  require(interval.from.empty() && size_of(interval.after) == layout.words());
  const std::vector<Index> pieces = form.piece_counts();
  for (Index u = 0; u < layout.units(); ++u) {
    require(layout.get(interval.after.data(), u) < pieces[u]);
  }
}

}  // namespace

void check_stream(const NormalForm& form, const FreeSpace& space, const StreamOptions& options) {
  options.validate();
  require_searchable(form, space);
  options.search.goal.validate(form);
  if (options.search.measured() != Measures::none) require_measurable(space.dimension());
  if (space.dimension() > 0) (void)search_with(options.search.cell, space.dimension());
  const StateLayout layout(form);
  for (const Interval& interval : options.start) check_interval(interval, form, layout);
}

StreamEnd enumerate(const NormalForm& form, const FreeSpace& space, const StreamOptions& options,
                    const RegionSink& sink) {
  check_stream(form, space, options);
  if (space.dimension() == 0) {
    sink({single_point(form, space, options.search), {}, 1.0});
    StreamEnd end;
    end.cells = 1;
    return end;
  }
  const SearchAll search = search_with(options.search.cell, space.dimension());
  const SearchPlan plan(form, space, options.search.tolerances, options.search.exactness);
  StopSignal signal(options.search.control);
  WorkQueue queue(options, signal, sink);
  Index cells = 0;
  run_controlled(
      options.search.control, signal, [&] { cells = search(plan, options, queue, signal); },
      [&] { return queue.progress(); });
  StreamEnd end = queue.finish();
  end.cells = cells;
  return end;
}

namespace {

constexpr Index kBatch = 1024;  // small enough to be still in a cache when it is joined to the rest

}  // namespace

SubdivisionResult subdivide(const NormalForm& form, const FreeSpace& space,
                            const SubdivisionOptions& options) {
  StreamOptions stream;
  stream.search = options;
  stream.batch = kBatch;
  stream.run_ahead = std::numeric_limits<Index>::max();
  SubdivisionResult result;
  result.regions.words = StateLayout(form).words();
  result.regions.dimension = space.dimension();
  if (options.keep_outputs) result.regions.output_size = form.output_size();
  result.regions.measure_size = measure_size_of(options, space.dimension());
  bool full = false;
  const StreamEnd end = enumerate(form, space, stream, [&](RegionBatch&& batch) {
    if (result.regions.count == 0) {
      std::swap(result.regions, batch.regions);  // often all there is
    } else {
      result.regions.append(batch.regions);
    }
    full = options.memory_limit && result.regions.bytes() > *options.memory_limit;
    return !full;
  });
  result.termination = full ? Termination::memory_limit : end.termination;
  result.frontier = end.frontier;
  result.exactness = options.exactness;
  result.cells = end.cells;
  return result;
}

}  // namespace facetry
