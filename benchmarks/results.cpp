// What results cost beside the search that they follow from, called from C++, one thread: processor
// seconds of the plain search and, on top of it, of volumes and totals, of moments, of halfspaces,
// of facets with neighbours. Used by results_speed.py.
//
//   facetry_results FILE [--seconds S] [--exactness float|safe] [--threads T] [--only
//   plain|volumes|moments|halfspaces|neighbours]
//
// FILE as network_file.hpp reads it. Prints regions, then the seconds of: the plain search (as a
// partition needs it), the search with volumes, with moments, the folds of volumes and weights and
// of integrals, halfspaces, the table of facets and neighbours; each the least of several runs; and
// the volumes' sum. --only: that alone, for a profiler
// (plain: regions and seconds).
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "facetry/facetry.hpp"
#include "network_file.hpp"
#include "search/subdivision.hpp"

namespace {

using namespace facetry;

template <class Call>
double least_seconds(const Call& call, double seconds) {
  double least = 1e300;
  double spent = 0.0;
  while (spent < seconds || least > 1e299) {
    const std::clock_t before = std::clock();
    call();
    const double own = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
    least = std::min(least, own);
    spent += std::max(own, 1e-6);
  }
  return least;
}

}  // namespace

int main(int count, char** arguments) {
  const std::vector<std::string> words(arguments + 1, arguments + count);
  SubdivisionOptions options;
  double seconds = 1.0;
  std::string only;
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i] == "--seconds") seconds = std::stod(words.at(++i));
    else if (words[i] == "--threads") options.control.threads = std::stoi(words.at(++i));
    else if (words[i] == "--only") only = words.at(++i);
    else if (words[i] == "--exactness") {
      options.exactness = words.at(++i) == "safe" ? Exactness::safe : Exactness::floating;
    } else {
      std::fprintf(stderr, "facetry_results does not know %s\n", words[i].c_str());
      return 2;
    }
  }
  const benchmark::Problem problem = benchmark::read_network(words.at(0));
  const auto search = [&](Measures measures, bool outputs) {
    SubdivisionOptions own = options;
    own.measures = measures;
    own.keep_outputs = outputs;
    return subdivide(*problem.form, *problem.space, own);
  };
  if (only == "plain") {
    const double own = least_seconds([&] { search(Measures::none, false); }, seconds);
    const Index found = search(Measures::none, false).regions.count;
    std::printf("%lld %.9g\n", static_cast<long long>(found), own);
    return 0;
  }
  if (only == "volumes" || only == "moments") {
    const Measures what = only == "volumes" ? Measures::volumes : Measures::moments;
    std::printf("%.9g\n", least_seconds([&] { search(what, false); }, seconds));
    return 0;
  }
  const Partition partition(problem.form, problem.space, search(Measures::volumes, false));
  const Index regions = partition.size();
  const int threads = options.control.threads;
  std::vector<double> kept(static_cast<std::size_t>(regions));
  partition.volumes({0, regions}, threads, kept.data());
  double sum = 0.0;
  for (const double volume : kept) sum += volume;
  const auto facets = static_cast<std::size_t>(partition.regions().facet_offsets[regions]);
  std::vector<double> A(facets * static_cast<std::size_t>(problem.form->input_size())), b(facets);
  const auto halfspaces_of = [&] {
    partition.halfspaces({0, regions}, threads, A.data(), b.data());
  };
  const auto neighbours_of = [&] { (void)partition.facet_table({0, regions}, threads); };
  if (only == "halfspaces" || only == "neighbours") {
    const double own = only == "halfspaces" ? least_seconds(halfspaces_of, seconds)
                                            : least_seconds(neighbours_of, seconds);
    std::printf("%.9g\n", own);
    return 0;
  }
  const double halfspaces = least_seconds(halfspaces_of, seconds);
  const double neighbours = least_seconds(neighbours_of, seconds);
  const double plain = least_seconds([&] { search(Measures::none, false); }, seconds);
  const double volumes = least_seconds([&] { search(Measures::volumes, false); }, seconds);
  const double moments = least_seconds([&] { search(Measures::moments, false); }, seconds);
  const auto fold = [&](bool integrals) {
    FoldOptions own;
    own.take(options);
    own.integrals = integrals;
    (void)fold_regions(*problem.form, *problem.space, own);
  };
  const double totals = least_seconds([&] { fold(false); }, seconds);
  const double integrals = least_seconds([&] { fold(true); }, seconds);
  std::printf("%lld %.9g %.9g %.9g %.9g %.9g %.9g %.9g %.17g\n", static_cast<long long>(regions),
              plain, volumes, moments, totals, integrals, halfspaces, neighbours, sum);
}
