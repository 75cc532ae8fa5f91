// Measures a search with one and with two threads, and simulates it with more (task_graph.hpp).
// Used by scaling.py.
//
//   facetry_scaling FILE [--seconds S]
//
// FILE as network_file.hpp reads it. A search is timed in two ways: "alone", which leaves its
// regions to a sink that drops them, and "list", as subdivide() returns them. The tree of cells is
// taken from the states of the regions; the seconds of a cell from the moments at which one thread
// hands over each 64 regions, the least of several runs, scaled so that all cells take as long as
// the search.
//
// Prints lines of words and numbers; MODE is alone or list:
//   tree REGIONS CELLS DEEPEST
//   costs START GIFT WAKE GATHER CELL       seconds; CELL is the mean
//   MODE measured CPU1 WALL2 CPU2 QUEUED2 PARTS
//     one thread: least processor seconds; two: wall seconds, processor seconds and those that
//     threads stood in line for a core, of the middle one of the runs that hardly did, or of the
//     fastest if most did; how many parts changed hands, in the median (alone only)
//   MODE simulated SHARING P SPEEDUP PARTS SEARCHING RETRACING GATHERING
//     for each number of cells before sharing and of threads P; the last three are shares of the
//     seconds of all threads together, and what they lack to 1 is waiting
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "facetry/facetry.hpp"
#include "network_file.hpp"
#include "search/region_stream.hpp"
#include "search/subdivision.hpp"
#include "task_graph.hpp"

namespace {

using namespace facetry;
using benchmark::Costs;
using benchmark::Problem;
using benchmark::Tree;
using Clock = std::chrono::steady_clock;

double since(Clock::time_point then) {
  return std::chrono::duration<double>(Clock::now() - then).count();
}

double quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

StreamOptions stream_of(int threads, Index batch) {
  StreamOptions options;
  options.search.control.threads = threads;
  options.search.keep_outputs = true;
  options.batch = batch;
  options.ordered = false;
  return options;
}

constexpr Index kBatch = 1024;  // as subdivide() has it
constexpr Index kSharing[] = {1024, 256, 64};
constexpr int kThreads[] = {1, 2, 4, 8, 16, 32, 64, 128};
constexpr Index kStretch = 64;  // regions whose cells are timed together

// Least seconds of a search in stretches: the moments of their ends, from the call.
std::vector<double> stretches(const Problem& problem, double seconds) {
  std::vector<double> least;
  const auto start = Clock::now();
  for (int run = 0; run < 3 || since(start) < seconds; ++run) {
    std::vector<double> spent;
    auto before = Clock::now();
    (void)enumerate(*problem.form, *problem.space, stream_of(1, kStretch), [&](RegionBatch&&) {
      spent.push_back(since(before));
      before = Clock::now();
      return true;
    });
    if (least.empty()) least = spent;
    for (std::size_t i = 0; i < spent.size(); ++i) least[i] = std::min(least[i], spent[i]);
  }
  return least;
}

// The seconds of each cell. The first stretch holds the start as well: its cells get the mean.
void set_costs(Tree& tree, const std::vector<double>& spent, double total) {
  std::vector<Index> cells(spent.size() + 1);
  std::vector<std::size_t> stretch(static_cast<std::size_t>(tree.size()));
  Index leaves = 0;
  for (Index cell = 0; cell < tree.size(); ++cell) {
    stretch[cell] = std::min(static_cast<std::size_t>(leaves / kStretch), spent.size() - 1);
    ++cells[stretch[cell]];
    if (tree.is_leaf(cell)) ++leaves;
  }
  double sum = 0.0;
  for (std::size_t i = 1; i < spent.size(); ++i) sum += spent[i];
  const Index rest = tree.size() - cells[0];
  const double mean = rest > 0 ? sum / static_cast<double>(rest) : 1.0;
  const double scale = total / (sum + mean * static_cast<double>(cells[0]));
  tree.cost.resize(static_cast<std::size_t>(tree.size()));
  for (Index cell = 0; cell < tree.size(); ++cell) {
    const std::size_t i = stretch[cell];
    tree.cost[cell] = scale * (i == 0 ? mean : spent[i] / static_cast<double>(cells[i]));
  }
}

// Seconds of waking a thread that waits for a condition, and of the call that does so: medians.
void measure_hand_over(Costs& costs) {
  constexpr int kRounds = 2000;
  std::mutex mutex;
  std::condition_variable changed;
  int turn = 0;
  std::thread other([&] {
    std::unique_lock lock(mutex);
    for (int i = 0; i < kRounds; ++i) {
      changed.wait(lock, [&] { return turn == 1; });
      turn = 0;
      changed.notify_one();
    }
  });
  std::vector<double> calls, rounds;
  for (int i = 0; i < kRounds; ++i) {
    std::unique_lock lock(mutex);
    const auto before = Clock::now();
    turn = 1;
    changed.notify_one();
    calls.push_back(since(before));
    changed.wait(lock, [&] { return turn == 0; });
    rounds.push_back(since(before));
  }
  other.join();
  costs.gift = quantile(calls, 0.5);
  costs.wake = quantile(rounds, 0.5) / 2.0;
}

// Seconds that the process's threads have stood in line for a core; 0 where it is not known.
double queued_seconds() {
  double nanoseconds = 0.0;
  std::error_code none;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task", none)) {
    std::ifstream in(task.path() / "schedstat");
    double ran = 0.0, queued = 0.0;
    if (in >> ran >> queued) nanoseconds += queued;
  }
  return nanoseconds / 1e9;
}

// A search by two threads: seconds.
struct Pair {
  double wall = 0.0, cpu = 0.0, queued = 0.0;
  [[nodiscard]] bool undisturbed() const { return queued < wall / 100; }
};

// One way to search, timed with one and with two threads in turns.
struct Measured {
  double cpu1 = 1e300;
  std::vector<Pair> pairs;
  std::vector<double> parts;

  template <class Search>
  void round(const Search& search) {
    const std::clock_t first = std::clock();
    search(1);
    const std::clock_t second = std::clock();
    cpu1 = std::min(cpu1, static_cast<double>(second - first) / CLOCKS_PER_SEC);
    Pair two;
    const double queued = queued_seconds();
    const auto start = Clock::now();
    search(2);
    two.wall = since(start);
    two.cpu = static_cast<double>(std::clock() - second) / CLOCKS_PER_SEC;
    two.queued = queued_seconds() - queued;
    pairs.push_back(two);
  }

  [[nodiscard]] Pair typical() const {
    std::vector<Pair> sorted = pairs;
    const auto faster = [](const Pair& a, const Pair& b) { return a.wall < b.wall; };
    std::sort(sorted.begin(), sorted.end(), faster);
    const auto last = std::stable_partition(sorted.begin(), sorted.end(),
                                            [](const Pair& pair) { return pair.undisturbed(); });
    const std::size_t good = static_cast<std::size_t>(last - sorted.begin());
    if (good >= 3) return sorted[good / 2];
    return *std::min_element(pairs.begin(), pairs.end(), faster);
  }

  void print(const char* mode) const {
    const Pair two = typical();
    std::printf("%s measured %.6g %.6g %.6g %.6g %.0f\n", mode, cpu1, two.wall, two.cpu, two.queued,
                parts.empty() ? 0.0 : quantile(parts, 0.5));
  }
};

// Parts that change hands with two threads: each is a batch of its own if batches have no end.
double count_parts(const Problem& problem) {
  double batches = 0.0;
  const StreamOptions options = stream_of(2, Index{1} << 40);
  (void)enumerate(*problem.form, *problem.space, options, [&](RegionBatch&& batch) {
    batches += batch.regions.count > 0 ? 1.0 : 0.0;
    return true;
  });
  return batches - 1.0;
}

// Of a search that ends with its first region.
double start_seconds(const Problem& problem) {
  StreamOptions options = stream_of(1, 1);
  options.search.max_regions = 1;
  double least = 1e300;
  for (int run = 0; run < 20; ++run) {
    const auto before = Clock::now();
    (void)enumerate(*problem.form, *problem.space, options, [](RegionBatch&&) { return true; });
    least = std::min(least, since(before));
  }
  return least;
}

void simulate_all(const char* mode, const Tree& tree, const Costs& costs) {
  for (const Index sharing : kSharing) {
    const benchmark::Policy policy{sharing, kBatch};
    const double one = simulate(tree, 1, costs, policy).seconds;
    for (const int threads : kThreads) {
      const benchmark::Outcome out = simulate(tree, threads, costs, policy);
      const double all = out.seconds * threads;
      std::printf("%s simulated %lld %d %.4f %lld %.4f %.4f %.4f\n", mode,
                  static_cast<long long>(sharing), threads, one / out.seconds,
                  static_cast<long long>(out.gifts), out.searching / all, out.retracing / all,
                  out.gathering / all);
    }
  }
}

struct Measurements {
  Measured alone, list;
  RegionList regions;
};

Measurements measure(const Problem& problem, double seconds) {
  Measurements result;
  const auto alone = [&](int threads) {
    (void)enumerate(*problem.form, *problem.space, stream_of(threads, kBatch),
                    [](RegionBatch&&) { return true; });
  };
  const auto list = [&](int threads) {
    SubdivisionOptions options;
    options.keep_outputs = true;
    options.control.threads = threads;
    result.regions = {};  // its memory is the next one's
    result.regions = subdivide(*problem.form, *problem.space, options).regions;
  };
  alone(2);  // starts the threads
  const auto start = Clock::now();
  for (int run = 0; run < 5 || since(start) < seconds; ++run) {
    result.alone.round(alone);
    result.list.round(list);
    if (run < 15) result.alone.parts.push_back(count_parts(problem));
  }
  return result;
}

}  // namespace

int main(int count, char** arguments) {
  const std::vector<std::string> words(arguments + 1, arguments + count);
  const double seconds = words.size() > 2 && words[1] == "--seconds" ? std::stod(words[2]) : 1.0;
  const Problem problem = benchmark::read_network(words.at(0));
  const Measurements found = measure(problem, 4 * seconds);

  Tree tree = benchmark::tree_of(found.regions, StateLayout(*problem.form));
  const Index deepest = *std::max_element(tree.depth.begin(), tree.depth.end());
  Costs costs;
  costs.start = start_seconds(problem);
  const double searched = found.alone.cpu1 - costs.start;
  set_costs(tree, stretches(problem, seconds), searched);
  measure_hand_over(costs);
  const double more = std::max(0.0, found.list.cpu1 - found.alone.cpu1);
  const double gather = more / static_cast<double>(found.regions.count);
  std::printf("tree %lld %lld %lld\n", static_cast<long long>(found.regions.count),
              static_cast<long long>(tree.size()), static_cast<long long>(deepest));
  std::printf("costs %.6g %.6g %.6g %.6g %.6g\n", costs.start, costs.gift, costs.wake, gather,
              searched / static_cast<double>(tree.size()));
  found.alone.print("alone");
  found.list.print("list");
  simulate_all("alone", tree, costs);
  costs.gather = gather;
  simulate_all("list", tree, costs);
}
