// Times the engine alone, called from C++, on a ReLU network read from a file; tiny networks are
// enumerated many times over. Used by engine_speed.py.
//
//   facetry_engine FILE [--seconds S] [--threads T] [--cell auto|polygons|vertices|lp] [--exactness float|safe]
//                       [--no-outputs]
//
// FILE holds numbers as text: k, low, high, the number of layers; for each layer rows and columns,
// then the weights row by row, then the biases. Prints regions, calls, the least and the median
// seconds of a call, the least processor seconds, the fused multiply-adds a second of one core (the
// best of runs between the calls), and the peak memory in MiB (0 where it is not known).
//
// Calls are timed in batches of at least a millisecond.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <numeric>
#include <string>
#include <vector>

#include "facetry/facetry.hpp"
#include "peak.hpp"

namespace {

using namespace facetry;

struct Problem {
  NormalForm form;
  FreeSpace space;
};

Problem read(const std::string& path) {
  std::ifstream in(path);
  Index k = 0, layers = 0;
  double low = 0.0, high = 0.0;
  in >> k >> low >> high >> layers;
  NeuralGraph graph(k);
  std::vector<Index> ids;
  for (Index i = 0; i < k; ++i) ids.push_back(i);
  for (Index l = 0; l < layers; ++l) {
    Index rows = 0, columns = 0;
    in >> rows >> columns;
    AffineOperation layer;
    layer.rows.weights.resize(static_cast<std::size_t>(rows * columns));
    layer.bias.resize(static_cast<std::size_t>(rows));
    for (double& weight : layer.rows.weights) in >> weight;
    for (double& bias : layer.bias) in >> bias;
    for (Index i = 0; i < rows; ++i) {
      layer.rows.columns.insert(layer.rows.columns.end(), ids.begin(), ids.end());
      layer.rows.offsets.push_back(size_of(layer.rows.columns));
    }
    ids.resize(static_cast<std::size_t>(rows));
    std::iota(ids.begin(), ids.end(), graph.add(std::move(layer)));
    if (l + 1 == layers) break;
    PiecewiseOperation relu{ids, {PiecewiseFunction::relu()}, std::vector<Index>(ids.size(), 0)};
    std::iota(ids.begin(), ids.end(), graph.add(std::move(relu)));
  }
  if (!in) throw InvalidInput("cannot read " + path);
  const InputPolytope box{Vector::Constant(k, low), Vector::Constant(k, high), Matrix(0, k), Vector(0)};
  return {NormalForm(graph, ids), FreeSpace(box)};
}

// The process's own peak: getrusage() would count what started it as well.
double peak_mebibytes() {
  std::ifstream in("/proc/self/status");
  for (std::string word; in >> word;) {
    double kibibytes = 0.0;
    if (word == "VmHWM:" && in >> kibibytes) return kibibytes / 1024.0;
  }
  return 0.0;
}

}  // namespace

int main(int count, char** arguments) {
  const std::vector<std::string> words(arguments + 1, arguments + count);
  SubdivisionOptions options;
  options.keep_outputs = true;
  double seconds = 1.0;
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i] == "--seconds") seconds = std::stod(words[++i]);
    else if (words[i] == "--threads") options.control.threads = std::stoi(words[++i]);
    else if (words[i] == "--no-outputs") options.keep_outputs = false;
    else if (words[i] == "--exactness") {
      if (words[++i] == "safe") options.exactness = Exactness::safe;
    }
    else if (words[i] == "--cell") {
      const std::string kind = words[++i];
      if (kind == "polygons") options.cell = CellKind::polygons;
      if (kind == "vertices") options.cell = CellKind::vertices;
      if (kind == "lp") options.cell = CellKind::linear_programs;
    }
  }
  const Problem problem = read(words.at(0));
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  const auto since = [](Clock::time_point then) {
    return std::chrono::duration<double>(Clock::now() - then).count();
  };
  std::vector<double> times;
  double least_cpu = 0.0, peak_rate = 0.0;
  std::size_t calls = 0;
  Index regions = 0;
  for (std::size_t batch = 1; times.empty() || since(start) < seconds;) {
    peak_rate = std::max(peak_rate, peak::multiply_adds_per_second());
    const auto before = Clock::now();
    const std::clock_t cpu = std::clock();
    for (std::size_t call = 0; call < batch; ++call) {
      regions = subdivide(problem.form, problem.space, options).regions.count;
    }
    const auto per_call = 1.0 / static_cast<double>(batch);
    const double own = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC * per_call;
    const double wall = since(before) * per_call;
    calls += batch;
    least_cpu = times.empty() ? own : std::min(least_cpu, own);
    times.push_back(wall);
    if (batch == 1 && wall < 1.0 / 1000) {  // tiny: again, in batches
      batch = static_cast<std::size_t>(1.0 / 1000 / wall) + 1;
      times.clear();
    }
  }
  std::sort(times.begin(), times.end());
  std::printf("%lld %zu %.9g %.9g %.9g %.9g %.9g\n", static_cast<long long>(regions), calls,
              times.front(), times[times.size() / 2], least_cpu, peak_rate, peak_mebibytes());
}
