// Sums over all linear regions, taken as the search finds them: volumes, weights by volume,
// integrals of outputs [CEE section VI-E; METHOD section 3, "Totals"]. No region is held.
#pragma once

#include <vector>

#include "facetry/base/linear_algebra.hpp"
#include "facetry/explain/query.hpp"
#include "facetry/geometry/free_space.hpp"
#include "facetry/network/normal_form.hpp"
#include "facetry/search/search_options.hpp"

namespace facetry {

// What regions are told apart by.
enum class FoldKey {
  none,    // one group of all, key 0
  choice,  // the output that is chosen, which cuts regions where it changes; for a threshold 0 or 1
  top_feature,  // the free input with the largest |weight| times scale; of equal ones the first
};

struct FoldOptions : SearchOptions {
  FoldKey key = FoldKey::none;
  // Of `choice`: how outputs become one.
  Query::Decision decision = Query::Decision::highest;
  double threshold = 0.0;
  // Of `top_feature`: the output whose weights count, and what each input's weight is multiplied
  // by.
  Index output = 0;
  Vector scales;  // m numbers, or none: all 1

  bool integrals = false;     // of outputs and of products of outputs: takes moments
  std::vector<double> edges;  // of histograms of weights, ascending: two or more, or none

  // Throws InvalidInput that names what does not fit such a network.
  void validate(Index inputs, Index outputs) const;
};

// Sums over the regions of one group. Volumes V are k-dimensional, in input units; weights w are
// the gradients of outputs along the free directions, with respect to the inputs: zero for a fixed
// one.
struct FoldSums {
  Index key = 0;
  Index regions = 0;
  double volume = 0.0;
  Matrix weights;           // n x m: sum of V w
  Matrix absolute_weights;  // n x m: sum of V |w|
  Matrix lowest_weights;    // n x m: the least w of any region
  Matrix highest_weights;   // n x m
  Vector outputs;           // n: the integral of each output; empty unless asked for
  Matrix products;          // n x n: the integral of the product of two outputs; likewise
  // By output, then input: volumes with w below the first edge, in each bin (a bin holds its lower
  // edge, the last one both), above the last edge: edges + 1 numbers each.
  std::vector<double> histograms;
};

struct FoldResult {
  Termination termination = Termination::complete;
  Exactness exactness = Exactness::safe;
  Index undecided_count = 0;
  Index cells = 0;               // that were visited
  std::vector<FoldSums> groups;  // those with regions, by key, ascending
};

// Sums over all regions of a network on an analysis region.
//
// Guarantees, numbered as the tests are:
//  1. With termination `complete` the sums are over all regions, each once; the numbers of a region
//  are as
//     accurate as Partition::volumes and the linear models; sums are pairwise, in the order of the
//     states.
//  2. The same bits for any number of threads.
//  3. A limit or a cancellation leaves the sums over the regions that were found up to then, in
//  order.
// REQUIRES: form.input_size() == space.input_size(), else InvalidInput; no more than
// kMostVolumeDimensions free dimensions, else InvalidInput. k = 0 is one region of volume 1. Cost:
// the search, the measure of every region (FaceRecursion), and n times m operations. Memory: one
// path of cells for each thread, and what waits for earlier regions.
[[nodiscard]] FoldResult fold_regions(const NormalForm& form, const FreeSpace& space,
                                      const FoldOptions& options = {});

}  // namespace facetry
