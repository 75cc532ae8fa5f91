// The driver: threads take the first open node, in the order of states, and put its children back.
// Regions that no open node precedes are listed. So a region limit gets the first regions, and what
// is held is little more than one path of nodes per thread. Idle threads sleep: a solve takes
// milliseconds.
#include "facetry/milp/milp_engine.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <vector>

#include "base/parallel.hpp"
#include "facetry/base/error.hpp"
#include "milp/milp_node.hpp"
#include "milp/milp_search.hpp"
#include "milp/thin_regions.hpp"
#include "network/input_check.hpp"
#include "search/single_point.hpp"

namespace facetry {

void MilpOptions::validate() const {
  ListOptions::validate();
  if (exactness != Exactness::floating)
    throw InvalidInput("the MILP engine searches with exactness = floating");
  if (samples < 0) throw InvalidInput("samples must not be negative");
  if (window < 1) throw InvalidInput("window must be at least 1 unit");
}

namespace {

// A node's place: its state, 0 behind the prefix, is the lowest of its subtree, and subtrees are
// disjoint.
using Place = std::vector<StateWord>;

class MilpEngine {
 public:
  MilpEngine(const NormalForm& form, const FreeSpace& space, const MipSolver& solver,
             const MilpOptions& options)
      : form_(form),
        space_(space),
        solver_(solver),
        options_(options),
        layout_(form),
        signal_(options.control) {
    result_.regions.words = layout_.words();
    result_.regions.dimension = space.dimension();
    MilpNode root;
    root.state.assign(static_cast<std::size_t>(layout_.words()), 0);
    keep(std::move(root));
  }

  void run() {
    const int threads = options_.control.threads;
    parallel_for(threads, threads, [this](Index, int) {
      try {
        MilpExpansion expansion(form_, space_, layout_, solver_, options_, counts_);
        work(expansion);
      } catch (...) {
        const std::lock_guard<std::mutex> lock(mutex_);
        failed_ = true;
        changed_.notify_all();
        throw;
      }
    });
    complete_ = open_.empty() && !limited_;
    // After a stop: regions behind open nodes are some subset too.
    MilpExpansion expansion(form_, space_, layout_, solver_, options_, counts_);
    if (!limited_) list_before(nullptr, expansion);
    if (complete_ && !limited_) {
      add_thin_regions(form_, space_, options_.tolerances, options_.goal, result_.regions);
    }
    if (options_.max_regions && result_.regions.count > *options_.max_regions) {
      result_.regions.truncate(*options_.max_regions);
      limit(Termination::region_limit);
      complete_ = false;
    }
  }

  MilpResult finish() {
    result_.termination = complete_ ? Termination::complete : signal_.reason();
    result_.solves = counts_.solves;
    result_.rejected = counts_.rejected;
    return std::move(result_);
  }

  [[nodiscard]] Progress progress() const { return {regions_.load(), share_.load()}; }
  [[nodiscard]] StopSignal& signal() { return signal_; }

 private:
  void work(MilpExpansion& expansion) {
    std::unique_lock<std::mutex> lock(mutex_);
    while (!failed_ && !signal_.stopped()) {
      if (open_.empty() && busy_.empty()) break;
      if (open_.empty()) {
        changed_.wait(lock);
        continue;
      }
      MilpNode node = std::move(open_.extract(open_.begin()).mapped());
      const auto place = busy_.insert(node.state).first;
      lock.unlock();
      std::vector<MilpNode> children = expansion.expand(node, signal_);
      lock.lock();
      busy_.erase(place);
      for (MilpNode& child : children) {
        if (child.is_region || !signal_.stopped()) keep(std::move(child));
      }
      // A node that was stopped in stays, so that the search is not taken for complete.
      if (signal_.stopped()) keep(std::move(node));
      list_ready(expansion);
      changed_.notify_all();
    }
    changed_.notify_all();
  }

  void keep(MilpNode&& node) {
    Place place = node.state;
    (node.is_region ? found_ : open_).emplace(std::move(place), std::move(node));
  }

  void list_ready(const MilpExpansion& expansion) {
    const Place* first = open_.empty() ? nullptr : &open_.begin()->first;
    if (!busy_.empty() && (first == nullptr || *busy_.begin() < *first)) first = &*busy_.begin();
    if (!signal_.stopped()) list_before(first, expansion);
  }

  // Lists the regions before a place, or all; up to a limit.
  void list_before(const Place* place, const MilpExpansion& expansion) {
    while (!found_.empty() && !limited_ && (place == nullptr || found_.begin()->first < *place)) {
      const MilpNode region = std::move(found_.extract(found_.begin()).mapped());
      expansion.list(region, result_.regions);
      regions_ = result_.regions.count;
      share_ = share_ + region.share;
      if (options_.memory_limit && result_.regions.bytes() > *options_.memory_limit) {
        limit(Termination::memory_limit);
      }
      if (options_.max_regions && result_.regions.count > *options_.max_regions) {
        limit(Termination::region_limit);
      }
    }
  }

  void limit(Termination reason) {
    limited_ = true;
    signal_.stop(reason);
  }

  const NormalForm& form_;
  const FreeSpace& space_;
  const MipSolver& solver_;
  const MilpOptions& options_;
  StateLayout layout_;
  StopSignal signal_;
  MilpCounts counts_;
  std::mutex mutex_;  // of all that follows
  std::condition_variable changed_;
  std::map<Place, MilpNode> open_;
  std::map<Place, MilpNode> found_;  // regions that are not listed yet
  std::set<Place> busy_;             // nodes that are being expanded
  MilpResult result_;
  bool failed_ = false;
  bool limited_ = false;
  bool complete_ = false;
  std::atomic<Index> regions_{0};  // for progress, read by another thread
  std::atomic<double> share_{0.0};
};

}  // namespace

MilpResult enumerate_by_milp(const NormalForm& form, const FreeSpace& space,
                             const MipSolver& solver, const MilpOptions& options) {
  options.validate();
  require_searchable(form, space);
  options.goal.validate(form);
  for (const Unit& unit :
       form.stages().empty() ? std::vector<Unit>{} : form.stages().back().units) {
    if (unit.only_if >= 0) {
      throw InvalidInput("the MILP engine compares outputs for one top class at a time: name it");
    }
  }
  if (space.dimension() == 0) {
    MilpResult result;
    SubdivisionOptions same;
    same.goal = options.goal;
    same.exactness = Exactness::floating;
    result.regions = single_point(form, space, same);
    return result;
  }
  MilpEngine engine(form, space, solver, options);
  run_controlled(
      options.control, engine.signal(), [&] { engine.run(); }, [&] { return engine.progress(); });
  return engine.finish();
}

MilpPartition partition_by_milp(const std::shared_ptr<const NormalForm>& form,
                                const std::shared_ptr<const FreeSpace>& space,
                                const MipSolver& solver, const MilpOptions& options) {
  MilpResult found = enumerate_by_milp(*form, *space, solver, options);
  SubdivisionResult result;
  result.regions = std::move(found.regions);
  result.termination = found.termination;
  result.exactness = Exactness::floating;
  auto partition = std::make_shared<Partition>(form, space, std::move(result));
  return {partition, found.solves, found.rejected};
}

}  // namespace facetry
