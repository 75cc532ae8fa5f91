// A number that tells two searches apart: what is kept of a search (a frontier) may only go on with
// the network, the region and the options that it came from.
#pragma once

#include <cstdint>

#include "search/subdivision.hpp"

namespace facetry {

// The version of the search tree: raised whenever a release may cut the same cells in another order
// or round their rows differently.
inline constexpr std::uint64_t kTreeVersion = 1;

// A 64-bit hash (FNV-1a) of everything the search tree follows from: all numbers of the normal form
// and of the region, the kind of cell, the exactness, the goal, the tolerances that cuts depend on
// (those of rounding bounds and of facets change no cut) and kTreeVersion.
// Not of limits, threads or batches. Different by chance with probability 2^-64; no protection
// against forgery.
[[nodiscard]] std::uint64_t fingerprint(const NormalForm& form, const FreeSpace& space,
                                        const SubdivisionOptions& options);

}  // namespace facetry
