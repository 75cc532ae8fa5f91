// The tree of cells of a search as a task graph, and threads that search it by the rules of
// cpp/src/partition/work_queue.hpp and SearchPath::split, simulated event by event. Used by
// scaling.cpp.
//
// Cells are numbered in depth-first order, the root is 0, so a segment of the search is a range of
// cells. What is not simulated: waiting for the queue's lock, and what threads take from each other
// in caches and memory.
#pragma once

#include <deque>
#include <list>
#include <queue>
#include <vector>

#include "facetry/facetry.hpp"
#include "search/search_recorder.hpp"
#include "search/subdivision.hpp"

namespace benchmark {

using facetry::Index;

struct Tree {
  std::vector<Index> end;     // the first cell behind the cell's subtree
  std::vector<Index> parent;  // of the root: -1
  std::vector<Index> depth;
  std::vector<double> cost;  // seconds of searching the cell itself

  [[nodiscard]] Index size() const { return facetry::size_of(end); }
  [[nodiscard]] bool is_leaf(Index cell) const { return end[cell] == cell + 1; }
};

// The tree that listed these regions, without costs. REQUIRES: all regions, in order, of a network
// with units of two pieces: then a range of regions that differ first at unit u is a cell that u
// cut.
Tree tree_of(const facetry::RegionList& regions, const facetry::StateLayout& layout);

struct Costs {
  double start = 0.0;  // before the threads search
  double gift = 0.0;   // for the thread that gives
  double wake = 0.0;   // until a waiting thread has what was given
  double gather =
      0.0;  // for each region that is put into one list, by one thread at a time; 0: none
};

struct Policy {
  Index cells_before_sharing = 1024;
  Index batch = 1024;  // regions that are handed over at once
};

struct Outcome {
  double seconds = 0.0;
  Index gifts = 0;
  double searching = 0.0;  // seconds of all threads together: of cells, each once,
  double retracing = 0.0;  // of finding the way to what was given,
  double gathering = 0.0;  // and of putting regions into one list
};

Outcome simulate(const Tree& tree, int threads, const Costs& costs, const Policy& policy);

}  // namespace benchmark
