// The driver: nodes stand in the order of their states; in each round the first few are expanded in
// parallel, and regions that no open node precedes are listed. So a region limit gets the first regions,
// and what is held is little more than one path of nodes per thread.
#include "facetry/partition/milp_engine.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include "facetry/base/error.hpp"
#include "facetry/base/parallel.hpp"
#include "partition/milp_node.hpp"
#include "partition/single_point.hpp"

namespace facetry {

void MilpOptions::validate() const {
  control.validate();
  if (max_regions && *max_regions < 1) throw InvalidInput("max_regions must be at least 1");
  if (memory_limit && *memory_limit < 1) throw InvalidInput("memory_limit must be at least 1 byte");
  if (samples < 0) throw InvalidInput("samples must not be negative");
  if (window < 1) throw InvalidInput("window must be at least 1 unit");
}

namespace {

constexpr Index kNodesPerThread = 8;  // in a round: enough that no thread waits long for another

class MilpEngine {
 public:
  MilpEngine(const NormalForm& form, const FreeSpace& space, const MipSolver& solver,
             const MilpOptions& options)
      : options_(options), layout_(form), signal_(options.control) {
    result_.regions.words = layout_.words();
    result_.regions.dimension = space.dimension();
    for (int thread = 0; thread < options.control.threads; ++thread) {
      threads_.push_back(
          std::make_unique<MilpExpansion>(form, space, layout_, solver, options, counts_));
    }
    MilpNode root;
    root.state.assign(static_cast<std::size_t>(layout_.words()), 0);
    line_.push_back(std::move(root));
  }

  void run() {
    while (!line_.empty() && !signal_.stopped()) {
      expand_first();
      list_first();
    }
    // After a stop: regions behind open nodes are some subset too.
    const bool limited = full_ || (options_.max_regions && over_limit());
    for (auto node = line_.rbegin(); !limited && node != line_.rend(); ++node) {
      if (node->is_region) list(*node);
    }
    if (options_.max_regions && over_limit()) {
      result_.regions.truncate(*options_.max_regions);
      signal_.stop(Termination::region_limit);
    }
  }

  MilpResult finish() {
    result_.termination = line_.empty() && !full_ ? Termination::complete : signal_.reason();
    result_.solves = counts_.solves;
    result_.rejected = counts_.rejected;
    return std::move(result_);
  }

  [[nodiscard]] Progress progress() const { return {regions_.load(), share_.load()}; }
  void cancel() { signal_.stop(Termination::cancelled); }

 private:
  [[nodiscard]] bool over_limit() const { return result_.regions.count > *options_.max_regions; }

  // Replaces the first nodes of the line (its end) by their children.
  void expand_first() {
    const Index threads = options_.control.threads;
    std::vector<MilpNode> first;
    while (!line_.empty() && size_of(first) < kNodesPerThread * threads) {
      first.push_back(std::move(line_.back()));
      line_.pop_back();
    }
    std::vector<std::vector<MilpNode>> children(first.size());
    parallel_for(size_of(first), options_.control.threads, [&](Index i, int thread) {
      if (first[i].is_region || signal_.stopped()) {
        children[i].push_back(std::move(first[i]));
        return;
      }
      std::vector<MilpNode> found = threads_[thread]->expand(first[i], signal_);
      // A node that was not finished stays, so that what is left is known not to be empty.
      if (signal_.stopped()) found.push_back(std::move(first[i]));
      children[i] = std::move(found);
    });
    for (auto part = children.rbegin(); part != children.rend(); ++part) {
      std::move(part->rbegin(), part->rend(), std::back_inserter(line_));
    }
  }

  void list_first() {
    while (!line_.empty() && line_.back().is_region) {
      list(line_.back());
      line_.pop_back();
      full_ = options_.memory_limit && result_.regions.bytes() > *options_.memory_limit;
      if (full_) signal_.stop(Termination::memory_limit);
      if (options_.max_regions && over_limit()) signal_.stop(Termination::region_limit);
      if (signal_.stopped()) return;
    }
  }

  void list(const MilpNode& region) {
    threads_.front()->list(region, result_.regions);
    regions_ = result_.regions.count;
    share_ = share_ + region.share;
  }

  const MilpOptions& options_;
  StateLayout layout_;
  StopSignal signal_;
  MilpCounts counts_;
  std::vector<std::unique_ptr<MilpExpansion>> threads_;
  std::vector<MilpNode> line_;  // the first node stands at the end
  MilpResult result_;
  bool full_ = false;
  std::atomic<Index> regions_{0};  // for progress, read by another thread
  std::atomic<double> share_{0.0};
};

}  // namespace

MilpResult enumerate_by_milp(const NormalForm& form, const FreeSpace& space,
                             const MipSolver& solver, const MilpOptions& options) {
  options.validate();
  if (form.input_size() != space.input_size()) {
    throw InvalidInput("the analysis region has " + std::to_string(space.input_size()) +
                       " features, the model takes " + std::to_string(form.input_size()));
  }
  if (space.dimension() == 0) {
    MilpResult result;
    result.regions = single_point(form, space, {});
    return result;
  }
  MilpEngine engine(form, space, solver, options);
  const auto& keep_going = options.control.keep_going;
  if (!keep_going) {
    engine.run();
  } else {
    run_watched([&] { engine.run(); },
                [&] {
                  if (!keep_going(engine.progress())) engine.cancel();
                },
                [&] { engine.cancel(); });
  }
  return engine.finish();
}

}  // namespace facetry
