// Times the engine alone, called from C++, on a ReLU network read from a file; tiny networks are
// enumerated many times over. Used by engine_speed.py and its neighbours.
//
//   facetry_engine FILE [--seconds S] [--threads T] [--cell auto|polygons|vertices|lp]
//                       [--exactness float|safe] [--no-outputs] [--no-facets] [--models]
//
// FILE as network_file.hpp reads it. Prints regions, calls, the least and the median seconds of a
// call, the least processor seconds, the fused multiply-adds a second of one core (the best of runs
// between the calls), the peak memory in MiB (0 where it is not known), and with --models the least
// processor seconds of all regions' linear models in all inputs, computed right after the searches
// (else 0). A word it does not know ends it with code 2.
//
// Calls are timed in batches of at least a millisecond.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "facetry/facetry.hpp"
#include "network_file.hpp"
#include "peak.hpp"
#include "search/subdivision.hpp"

namespace {

using namespace facetry;

// The process's own peak: getrusage() would count what started it as well.
double peak_mebibytes() {
  std::ifstream in("/proc/self/status");
  for (std::string word; in >> word;) {
    double kibibytes = 0.0;
    if (word == "VmHWM:" && in >> kibibytes) return kibibytes / 1024.0;
  }
  return 0.0;
}

using Clock = std::chrono::steady_clock;

double since(Clock::time_point then) {
  return std::chrono::duration<double>(Clock::now() - then).count();
}

struct Timing {
  std::vector<double> walls;  // of a call, ascending
  double cpu = 0.0;           // the least
  double peak = 0.0;
  std::size_t calls = 0;
};

// Calls `call` for about so many seconds, at least once.
template <class Call>
Timing timed(const Call& call, double seconds) {
  Timing timing;
  const auto start = Clock::now();
  for (std::size_t batch = 1; timing.walls.empty() || since(start) < seconds;) {
    timing.peak = std::max(timing.peak, peak::multiply_adds_per_second());
    const auto before = Clock::now();
    const std::clock_t cpu = std::clock();
    for (std::size_t i = 0; i < batch; ++i) call();
    const auto per_call = 1.0 / static_cast<double>(batch);
    const double own = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC * per_call;
    const double wall = since(before) * per_call;
    timing.calls += batch;
    timing.cpu = timing.walls.empty() ? own : std::min(timing.cpu, own);
    timing.walls.push_back(wall);
    if (batch == 1 && wall < 1.0 / 1000) {  // tiny: again, in batches
      batch = static_cast<std::size_t>(1.0 / 1000 / wall) + 1;
      timing.walls.clear();
    }
  }
  std::sort(timing.walls.begin(), timing.walls.end());
  return timing;
}

// Of all linear models, into memory that is there already.
double models_seconds(const benchmark::Problem& problem, const SubdivisionOptions& options,
                      double seconds) {
  const Partition partition(problem.form, problem.space,
                            subdivide(*problem.form, *problem.space, options));
  const Index count = partition.size(), outputs = problem.form->output_size();
  std::vector<double> coef(static_cast<std::size_t>(count * outputs * problem.form->input_size()));
  std::vector<double> intercept(static_cast<std::size_t>(count * outputs));
  const auto models = [&] {
    partition.models({0, count}, options.control.threads, coef.data(), intercept.data());
  };
  return timed(models, seconds).cpu;
}

}  // namespace

int main(int count, char** arguments) {
  const std::vector<std::string> words(arguments + 1, arguments + count);
  const std::map<std::string, CellKind> kinds{{"auto", CellKind::automatic},
                                              {"polygons", CellKind::polygons},
                                              {"vertices", CellKind::vertices},
                                              {"lp", CellKind::linear_programs}};
  const std::map<std::string, Exactness> levels{{"float", Exactness::floating},
                                                {"safe", Exactness::safe}};
  SubdivisionOptions options;
  options.keep_outputs = true;
  double seconds = 1.0;
  bool models = false;
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i] == "--seconds") seconds = std::stod(words.at(++i));
    else if (words[i] == "--threads") options.control.threads = std::stoi(words.at(++i));
    else if (words[i] == "--no-outputs") options.keep_outputs = false;
    else if (words[i] == "--no-facets") options.keep_facets = false;
    else if (words[i] == "--exactness") options.exactness = levels.at(words.at(++i));
    else if (words[i] == "--models") models = true;
    else if (words[i] == "--cell") options.cell = kinds.at(words.at(++i));
    else {
      std::fprintf(stderr, "facetry_engine does not know %s\n", words[i].c_str());
      return 2;
    }
  }
  const benchmark::Problem problem = benchmark::read_network(words.at(0));
  Index regions = 0;
  const Timing timing = timed(
      [&] { regions = subdivide(*problem.form, *problem.space, options).regions.count; }, seconds);
  const double peak_mib = peak_mebibytes();
  const double of_models = models ? models_seconds(problem, options, seconds) : 0.0;
  std::printf("%lld %zu %.9g %.9g %.9g %.9g %.9g %.9g\n", static_cast<long long>(regions),
              timing.calls, timing.walls.front(), timing.walls[timing.walls.size() / 2], timing.cpu,
              timing.peak, peak_mib, of_models);
}
